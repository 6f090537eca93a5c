// /v1/messages and /v1/queue.
#include <array>

#include "daemon/doors/api_call.h"
#include "daemon/doors/directory_body.h"
#include "daemon/doors/preview.h"

namespace klaxon::doors {

namespace json = boost::json;

namespace {

bool alert_without_scope(const Call& call) {
  return asked_lane(call.body->root()) == "alert" && !call.caller.may(kAlert);
}

json::object accepted_json(const MessageRecord& message, const SimLabels& sims, bool durable) {
  json::object out = message_json(as_accepted(message), sims);
  if (!durable) out["durable"] = false;
  return out;
}

// rows as they are committed; memory: those that are not, by id.
HttpResponse accepted_response(const std::vector<MessageRecord>& rows, const SimLabels& sims, bool durable,
                               bool list) {
  if (!list) return json_response(202, accepted_json(rows.front(), sims, durable));
  ListText items;
  for (const MessageRecord& row : rows) items.add(accepted_json(row, sims, durable));
  json::object more;
  if (!durable) more["durable"] = false;
  return std::move(items).response(202, more);
}

// A list whose messages differ in id and number alone: the rest is written once and copied.
HttpResponse accepted_response(const Alike& list, Id first, const SimLabels& sims, bool durable) {
  json::object shared = accepted_json(list.form, sims, durable);
  shared.stable_erase("id");
  shared.stable_erase("to");
  const std::string rest = json::serialize(shared).substr(1);
  ListText items;
  Id id = first;
  for (const std::string& number : list.to)
    items.add(json::serialize(json::object{{"id", id_text('m', id++)}, {"to", number}}), rest);
  json::object more;
  if (!durable) more["durable"] = false;
  return std::move(items).response(202, more);
}

// Rows of a list that is not whole yet are nobody's to see, and nothing after them.
void cut_at_unfinished(std::vector<MessageRecord>& rows) {
  const auto first = std::find_if(rows.begin(), rows.end(), [](const MessageRecord& row) {
    return row.state == MessageState::accepting;
  });
  rows.erase(first, rows.end());
}

}  // namespace

void Api::post_messages(const CallRef& call) {
  if (auto refusal = no_query(*call)) return give(call->asker, std::move(*refusal));
  if (alert_without_scope(*call)) return give(call->asker, forbidden("alert"));
  if (with_key(call, &Api::send_messages, &Api::replay_messages)) return;
  send_messages(call);
}

void Api::send_messages(const CallRef& call) {
  FieldErrors errors;
  SendRequest request = read_message(call->body->root(), rules(), errors);
  if (!errors.empty()) return give(call->asker, invalid(errors));
  request.form.owner = call->caller.token;
  request.key = call->key;
  const bool list = request.list;
  wait_for(
      face_.send(std::move(request)), call->asker,
      [this, list](const AskerRef& asker, const Answer& answer) { messages_accepted(asker, answer, list); });
}

void Api::preview_message(const CallRef& call) {
  if (auto refusal = no_query(*call)) return give(call->asker, std::move(*refusal));
  if (alert_without_scope(*call)) return give(call->asker, forbidden("alert"));
  FieldErrors errors;
  const PreviewRequest asked = read_preview(call->body->root(), rules(), errors);
  const bool cut = asked.content.cut && asked.content.cut->has_value();
  const json::object shown = cut ? preview_json(asked, face_.settings().policy) : json::object{};
  if (errors.empty()) return give(call->asker, json_response(200, shown));
  // What is too long is refused as it would be when it is sent, with the figures besides.
  give(call->asker, cut ? invalid(errors, {{"preview", shown}}) : invalid(errors));
}

void Api::messages_accepted(const AskerRef& asker, const Answer& answer, bool list) {
  const auto& accepted = std::get<Accepted>(answer.result);
  if (!accepted.rows.empty())
    return give(asker, accepted_response(accepted.rows, *SimLabels::from(face_.sims()), false, list));
  const auto labels = [this](const MessageRecord& message) {
    return message.sim.empty() ? std::make_shared<const SimLabels>() : SimLabels::from(face_.sims());
  };
  if (list && accepted.alike)
    return give(asker, accepted_response(*accepted.alike, accepted.first, *labels(accepted.alike->form), accepted.durable));
  if (list || !accepted.message) return show_messages(asker, accepted.first, accepted.count, list);
  const auto sims = labels(*accepted.message);
  give(asker, json_response(202, accepted_json(*accepted.message, *sims, accepted.durable)));
}

// The 202 of a repeated key, or of a list whose messages are not alike: built from the rows, on the reader's
// thread; while the disk is away, from memory, without asking the reader.
void Api::show_messages(const AskerRef& asker, Id first, std::size_t count, bool list) {
  std::vector<MessageRecord> memory;
  for (Id id = first; id < first + count; ++id) {
    if (auto row = face_.unwritten(id)) memory.push_back(std::move(*row));
  }
  const auto sims = SimLabels::from(face_.sims());
  if (memory.size() == count) return give(asker, accepted_response(memory, *sims, false, list));
  read_rows(list ? store::Reading::lengthy : store::Reading::brief, asker, [memory = std::move(memory), sims, first, count, list](store::Reader& reader) {
    std::vector<MessageRecord> rows = reader.messages_between(first, first + count - 1);
    rows.insert(rows.end(), memory.begin(), memory.end());
    const auto by_id = [](const MessageRecord& a, const MessageRecord& b) { return a.id < b.id; };
    std::sort(rows.begin(), rows.end(), by_id);
    // A row that was written while this job waited is in both.
    const auto same_id = [](const MessageRecord& a, const MessageRecord& b) { return a.id == b.id; };
    rows.erase(std::unique(rows.begin(), rows.end(), same_id), rows.end());
    if (rows.size() != count) return busy(503, "the messages of this key can't be read now", 5);
    return accepted_response(rows, *sims, true, list);
  });
}

void Api::get_messages(const CallRef& call) {
  FieldErrors errors;
  Query query(call->target, errors);
  store::MessageFilter filter;
  if (const auto state = query.text("state")) {
    filter.state = parse_state(*state);
    if (!filter.state) query.refuse("state", "is no state of a message");
  }
  if (const auto to = query.text("to")) {
    const auto number = config::normalise_number(*to, face_.settings().policy.default_country);
    if (!number) query.refuse("to", "is no number");
    filter.to = number.value_or("");
  }
  filter.since_ms = query.time("since").value_or(0);
  filter.ref = query.text("ref", true).value_or("");
  const PageAsked asked = page_asked(query);
  const Id after = after_id(query, asked, 'm');
  query.close();
  if (!errors.empty()) return give(call->asker, invalid(errors));
  const store::Page page{after, asked.limit + 1, face_.visible_before()};
  read_rows(store::Reading::lengthy, call->asker,
            [filter, page, limit = asked.limit, sims = SimLabels::from(face_.sims())](store::Reader& reader) {
              std::vector<MessageRecord> rows = reader.messages(filter, page);
              cut_at_unfinished(rows);
              return list_response(
                  rows, limit, [&](const MessageRecord& row) { return message_json(row, *sims); },
                  [](const MessageRecord& row) { return id_text('m', row.id); });
            });
}

void Api::get_message(const CallRef& call) {
  if (auto refusal = no_query(*call)) return give(call->asker, std::move(*refusal));
  const auto id = parse_id('m', call->captured[0]);
  if (!id) return give(call->asker, not_found());
  const auto sims = SimLabels::from(face_.sims());
  if (const auto row = face_.unwritten(*id)) {
    json::object out = message_json(*row, *sims);
    out["durable"] = false;
    return give(call->asker, json_response(200, out));
  }
  read_rows(store::Reading::brief, call->asker, [id = *id, sims](store::Reader& reader) {
    const auto row = reader.message(id);
    if (!row || row->state == MessageState::accepting) return not_found();
    return json_response(200, message_json(*row, *sims));
  });
}

void Api::give_changed(const AskerRef& asker, const Answer& answer) {
  const auto* changed = std::get_if<Changed>(&answer.result);
  if (changed == nullptr || !changed->message) return give(asker, empty_response());
  give(asker, json_response(200, message_json(*changed->message, *SimLabels::from(face_.sims()))));
}

void Api::delete_message(const CallRef& call) {
  if (auto refusal = no_query(*call)) return give(call->asker, std::move(*refusal));
  const auto id = parse_id('m', call->captured[0]);
  if (!id) return give(call->asker, not_found());
  wait_for(face_.cancel(*id), call->asker,
           [this](const AskerRef& asker, const Answer& answer) { give_changed(asker, answer); });
}

void Api::settle_message(const CallRef& call) {
  if (auto refusal = no_query(*call)) return give(call->asker, std::move(*refusal));
  const auto id = parse_id('m', call->captured[0]);
  if (!id) return give(call->asker, not_found());
  FieldErrors errors;
  const auto as_sent = read_settle(call->body->root(), errors);
  if (!errors.empty() || !as_sent) return give(call->asker, invalid(errors));
  wait_for(face_.settle(*id, *as_sent), call->asker,
           [this](const AskerRef& asker, const Answer& answer) { give_changed(asker, answer); });
}

void Api::get_queue(const CallRef& call) {
  if (auto refusal = no_query(*call)) return give(call->asker, std::move(*refusal));
  read_rows(store::Reading::brief, call->asker, [counts = face_.counts(), now_ms = face_.unix_ms()](store::Reader& reader) {
    json::object lanes;
    for (std::size_t lane = 0; lane < kLanes; ++lane) {
      json::object of_lane;
      for (std::size_t state = 0; state < kMessageStates - 1; ++state) {
        const std::size_t at = lane * kMessageStates + state;
        of_lane[state_name(static_cast<MessageState>(state))] = at < counts.size() ? counts[at] : 0;
      }
      const auto oldest = reader.oldest_queued_ms(static_cast<Lane>(lane));
      of_lane["oldest_queued_s"] =
          oldest ? json::value(std::max<std::int64_t>(0, (now_ms - *oldest) / 1000)) : json::value(nullptr);
      lanes[lane_name(static_cast<Lane>(lane))] = std::move(of_lane);
    }
    return json_response(200, json::object{{"lanes", std::move(lanes)}});
  });
}

}  // namespace klaxon::doors
