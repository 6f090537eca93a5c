// /v1/conversations: what goes to a number and what comes from it, in one list.
#include "daemon/doors/api_call.h"

namespace klaxon::doors {

namespace {

std::string item_id(const ConversationItem& item) {
  return item.message ? id_text('m', item.message->id) : id_text('i', item.inbox->id);
}

}  // namespace

void Api::get_conversations(const CallRef& call) {
  FieldErrors errors;
  Query query(call->target, errors);
  const PageAsked asked = page_asked(query);
  const Id after = after_id(query, asked, 'c');
  query.close();
  if (!errors.empty()) return give(call->asker, invalid(errors));
  const store::Page page{after, asked.limit + 1, 0};
  read_rows(store::Reading::lengthy, call->asker, [page, limit = asked.limit](store::Reader& reader) {
    return list_response(reader.conversations(page), limit, conversation_json,
                         [](const ConversationRecord& row) { return id_text('c', row.id); });
  });
}

void Api::get_conversation(const CallRef& call) {
  FieldErrors errors;
  Query query(call->target, errors);
  const PageAsked asked = page_asked(query);
  store::ConversationPage page;
  const auto message = parse_id('m', asked.after), text = parse_id('i', asked.after);
  if (!asked.after.empty() && !message && !text) query.refuse("after", "must be an id of this list");
  query.close();
  if (!errors.empty()) return give(call->asker, invalid(errors));
  page.after_message = message.value_or(0);
  page.after_inbox = text.value_or(0);
  page.limit = asked.limit + 1;
  page.before = face_.visible_before();
  // A sender that is no number is looked for as it stands.
  const std::string& named = call->captured[0];
  const std::string number =
      config::normalise_number(named, face_.settings().policy.default_country).value_or(named);
  read_rows(store::Reading::lengthy, call->asker,
            [number, page, limit = asked.limit, sims = SimLabels::from(face_.sims())](store::Reader& reader) {
              return list_response(
                  reader.conversation(number, page), limit,
                  [&](const ConversationItem& item) { return conversation_item_json(item, *sims); }, item_id);
            });
}

}  // namespace klaxon::doors
