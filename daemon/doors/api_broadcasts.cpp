// /v1/broadcasts.
#include "daemon/doors/api_call.h"

namespace klaxon::doors {

namespace json = boost::json;

namespace {

json::object shown(store::Reader& reader, const BroadcastRecord& row) {
  return broadcast_json(row, std::max(row.recipients, row.expanded), reader.broadcast_counts(row.id));
}

}  // namespace

void Api::post_broadcasts(const CallRef& call) {
  if (auto refusal = no_query(*call)) return give(call->asker, std::move(*refusal));
  if (asked_lane(call->body->root()) == "alert" && !call->caller.may(kAlert)) {
    return give(call->asker, forbidden("alert"));
  }
  if (with_key(call, &Api::send_broadcast, &Api::replay_broadcast)) return;
  send_broadcast(call);
}

void Api::send_broadcast(const CallRef& call) {
  FieldErrors errors;
  BroadcastRequest request = read_broadcast(call->body->root(), rules(), errors);
  if (!errors.empty()) return give(call->asker, invalid(errors));
  request.form.owner = request.form.form.owner = call->caller.token;
  request.key = call->key;
  wait_for(face_.broadcast(std::move(request)), call->asker,
           [this](const AskerRef& asker, const Answer& answer) { broadcast_accepted(asker, answer); });
}

void Api::broadcast_accepted(const AskerRef& asker, const Answer& answer) {
  const auto& accepted = std::get<Accepted>(answer.result);
  if (!accepted.made) return show_broadcast(asker, accepted.broadcast);
  json::object out = broadcast_json(*accepted.made, accepted.total, {});
  if (!accepted.durable) out["durable"] = false;
  give(asker, json_response(202, out));
}

// The 202 of a repeated key: as it was at acceptance, when all of it was queued.
void Api::show_broadcast(const AskerRef& asker, Id id) {
  read_rows(store::Reading::brief, asker, [id](store::Reader& reader) {
    const auto row = reader.broadcast(id);
    if (!row) return busy(503, "the broadcast of this key can't be read now", 5);
    return json_response(202, broadcast_json(*row, std::max(row->recipients, row->expanded), {}));
  });
}

void Api::get_broadcasts(const CallRef& call) {
  FieldErrors errors;
  Query query(call->target, errors);
  const PageAsked asked = page_asked(query);
  const Id after = after_id(query, asked, 'b');
  query.close();
  if (!errors.empty()) return give(call->asker, invalid(errors));
  read_rows(store::Reading::lengthy, call->asker, [after, limit = asked.limit](store::Reader& reader) {
    return list_response(
        reader.broadcasts({after, limit + 1, 0}), limit,
        [&](const BroadcastRecord& row) { return shown(reader, row); },
        [](const BroadcastRecord& row) { return id_text('b', row.id); });
  });
}

void Api::get_broadcast(const CallRef& call) {
  if (auto refusal = no_query(*call)) return give(call->asker, std::move(*refusal));
  const auto id = parse_id('b', call->captured[0]);
  if (!id) return give(call->asker, not_found());
  read_rows(store::Reading::brief, call->asker, [id = *id](store::Reader& reader) {
    const auto row = reader.broadcast(id);
    if (!row) return not_found();
    return json_response(200, shown(reader, *row));
  });
}

}  // namespace klaxon::doors
