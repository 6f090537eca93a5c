// /v1/inbox.
#include "daemon/doors/api_call.h"

namespace klaxon::doors {

void Api::get_inbox(const CallRef& call) {
  FieldErrors errors;
  Query query(call->target, errors);
  store::InboxFilter filter;
  if (const auto from = query.text("from")) {
    // An alphanumeric sender is no number and is looked for as it stands.
    filter.from = config::normalise_number(*from, face_.settings().policy.default_country).value_or(*from);
  }
  filter.since_ms = query.time("since").value_or(0);
  const PageAsked asked = page_asked(query);
  const Id after = after_id(query, asked, 'i');
  query.close();
  if (!errors.empty()) return give(call->asker, invalid(errors));
  const store::Page page{after, asked.limit + 1, 0};
  read_rows(store::Reading::lengthy, call->asker, [filter, page, limit = asked.limit,
                          sims = SimLabels::from(face_.sims())](store::Reader& reader) {
    return list_response(
        reader.inbox(filter, page), limit, [&](const InboxRecord& row) { return inbox_json(row, *sims); },
        [](const InboxRecord& row) { return id_text('i', row.id); });
  });
}

void Api::get_inbox_item(const CallRef& call) {
  if (auto refusal = no_query(*call)) return give(call->asker, std::move(*refusal));
  const auto id = parse_id('i', call->captured[0]);
  if (!id) return give(call->asker, not_found());
  read_rows(store::Reading::brief, call->asker, [id = *id, sims = SimLabels::from(face_.sims())](store::Reader& reader) {
    const auto row = reader.inbox_item(id);
    if (!row) return not_found();
    return json_response(200, inbox_json(*row, *sims));
  });
}

}  // namespace klaxon::doors
