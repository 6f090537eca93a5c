#include "daemon/doors/render.h"

#include <algorithm>
#include <array>

#include "at/ucs2.h"
#include "daemon/doors/content_body.h"
#include "daemon/doors/push_json.h"
#include "daemon/doors/target.h"
#include "daemon/doors/time_text.h"

namespace klaxon::doors {

namespace json = boost::json;

namespace {

constexpr std::size_t kMessageFields = 36;  // at most, with what is added to them; it only saves time
constexpr std::array<std::string_view, 8> kStates{"queued", "submitting", "submitted", "delivered",
                                                  "failed", "expired",    "cancelled", "unknown"};

json::value time_or_null(std::int64_t ms) {
  return ms == 0 ? json::value(nullptr) : json::value(rfc3339(ms));
}
json::value text_or_null(const std::string& text) {
  return text.empty() ? json::value(nullptr) : json::value(text);
}
json::value id_or_null(char letter, Id id) {
  return id == 0 ? json::value(nullptr) : json::value(id_text(letter, id));
}

json::value context_or_null(const std::string& context) {
  boost::system::error_code error;
  json::value value = context.empty() ? json::value(nullptr) : json::parse(context, error);
  return error ? json::value(nullptr) : value;
}

std::string hex_of(const std::string& octets) {
  return at::hex_encode(reinterpret_cast<const std::uint8_t*>(octets.data()), octets.size());
}

std::string lookup(const std::map<std::string, std::string>& names, const std::string& key) {
  const auto found = names.find(key);
  return found == names.end() ? std::string() : found->second;
}

json::object part_json(const PartRecord& part) {
  json::object out;
  out["state"] = state_name(part.state);
  out["sim"] = text_or_null(part.iccid);
  out["modem"] = text_or_null(part.modem);
  out["tp_mr"] = part.tp_mr < 0 ? json::value(nullptr) : json::value(part.tp_mr);
  out["submitted_at"] = time_or_null(part.submitted_ms);
  out["delivered_at"] = time_or_null(part.delivered_ms);
  return out;
}

// The part that was on a SIM last: it names the message's SIM and modem.
const PartRecord* latest_part(const MessageRecord& message) {
  const PartRecord* latest = nullptr;
  for (const PartRecord& part : message.parts) {
    if (!part.iccid.empty() && (latest == nullptr || part.started_ms >= latest->started_ms)) latest = &part;
  }
  return latest;
}

void put_content(json::object& out, const std::string& text, const std::string& octets) {
  if (octets.empty()) {
    out["text"] = text;
  } else {
    out["data"] = hex_of(octets);
  }
}

// What the body of a message says, but for `to`. A sensitive text is shown to nobody, whether it is still
// there or not.
void put_request(json::object& out, const MessageRecord& m) {
  if (m.sensitive) {
    out["text"] = nullptr;
  } else {
    put_content(out, m.text, m.octets);
  }
  out["sensitive"] = m.sensitive;
  out["lane"] = lane_name(m.lane);
  constexpr std::array<std::string_view, 3> kEncodings{"auto", "gsm7", "ucs2"};
  out["encoding"] = kEncodings[static_cast<std::size_t>(m.encoding)];
  out["national_tables"] = language_names(m.languages);
  out["national"] = tables_json(m.locking, m.single);
  out["flash"] = m.flash;
  out["replace_type"] = m.replace_type == 0 ? json::value(nullptr) : json::value(m.replace_type);
  out["report"] = m.report;
  out["valid_for"] = m.valid_for_ms == 0 ? json::value(nullptr) : json::value(duration_text(m.valid_for_ms));
  out["send_at"] = time_or_null(m.send_at_ms);
  out["in_doubt"] = m.in_doubt == DoubtPolicy::lane
                        ? json::value(nullptr)
                        : json::value(m.in_doubt == DoubtPolicy::hold ? "hold" : "repeat");
  out["ref"] = text_or_null(m.ref);
  out["context"] = context_or_null(m.context);
}

// `sim` is the ICCID that carried it, or the one that was asked for while none has.
void put_sim(json::object& out, const MessageRecord& m, const SimLabels& sims) {
  const PartRecord* latest = latest_part(m);
  std::string iccid = latest == nullptr ? std::string() : latest->iccid;
  std::string label;
  if (iccid.empty() && !m.sim.empty()) {
    iccid = lookup(sims.iccid_of, m.sim);
    if (iccid.empty() && sims.label_of.contains(m.sim)) iccid = m.sim;
    if (iccid.empty()) label = m.sim;  // a SIM of the configuration that was never seen yet
  }
  if (!iccid.empty()) label = lookup(sims.label_of, iccid);
  out["sim"] = text_or_null(iccid);
  out["sim_label"] = text_or_null(label);
  out["modem"] = latest == nullptr ? json::value(nullptr) : text_or_null(latest->modem);
}

json::object counts_json(const std::array<std::int64_t, kMessageStates>& counts) {
  json::object out;
  for (std::size_t i = 0; i < kStates.size(); ++i) out[kStates[i]] = counts[i];
  return out;
}

json::array strings(const std::vector<std::string>& list) {
  json::array out;
  for (const std::string& text : list) out.emplace_back(text);
  return out;
}

// Whole numbers as such: the library writes 1.0 as 1E0.
json::value plain_number(double value) {
  const auto whole = static_cast<std::int64_t>(value);
  return static_cast<double>(whole) == value ? json::value(whole) : json::value(value);
}

json::object sourced(json::value value, Source source) {
  constexpr std::array<const char*, 3> kNames{"default", "file", "override"};
  return {{"value", std::move(value)}, {"source", kNames[static_cast<std::size_t>(source)]}};
}

}  // namespace

std::string_view state_name(MessageState state) {
  const auto index = static_cast<std::size_t>(state);
  return index < kStates.size() ? kStates[index] : "queued";
}

std::optional<MessageState> parse_state(std::string_view name) {
  for (std::size_t i = 0; i < kStates.size(); ++i) {
    if (kStates[i] == name) return static_cast<MessageState>(i);
  }
  return std::nullopt;
}

std::shared_ptr<const SimLabels> SimLabels::from(const std::vector<SimView>& sims) {
  auto out = std::make_shared<SimLabels>();
  for (const SimView& sim : sims) {
    if (sim.iccid.empty()) continue;
    out->label_of[sim.iccid] = sim.label;
    if (!sim.label.empty()) out->iccid_of[sim.label] = sim.iccid;
  }
  return out;
}

json::object message_json(const MessageRecord& m, const SimLabels& sims) {
  json::object out;
  out.reserve(kMessageFields);
  out["id"] = id_text('m', m.id);
  out["state"] = state_name(m.state);
  out["to"] = m.to;
  put_request(out, m);
  out["segments"] = m.parts.size();
  json::array parts;
  for (const PartRecord& part : m.parts) parts.push_back(part_json(part));
  out["parts"] = std::move(parts);
  put_sim(out, m, sims);
  out["created_at"] = rfc3339(m.created_ms);
  out["submitted_at"] = time_or_null(m.submitted_ms);
  out["delivered_at"] = time_or_null(m.delivered_ms);
  out["in_doubt_at"] = time_or_null(m.in_doubt_ms);
  out["attempts"] = m.attempts;
  out["why"] = text_or_null(m.why);
  out["error"] = nullptr;
  if (!m.error_code.empty()) out["error"] = json::object{{"code", m.error_code}, {"text", m.error_text}};
  if (m.unconfirmed) out["unconfirmed"] = true;
  if (m.broadcast != 0) out["broadcast"] = id_text('b', m.broadcast);
  if (m.instead_of != 0) out["instead_of"] = id_text('m', m.instead_of);
  if (m.durable_late) out["durable_late"] = true;
  return out;
}

MessageRecord as_accepted(MessageRecord m) {
  m.state = MessageState::queued;
  for (PartRecord& part : m.parts) part = PartRecord{};
  m.attempts = 0;
  m.submitted_ms = m.delivered_ms = m.in_doubt_ms = 0;
  m.unconfirmed = m.durable_late = false;
  m.error_code.clear();
  m.error_text.clear();
  m.why.clear();
  return m;
}

json::object inbox_json(const InboxRecord& item, const SimLabels& sims) {
  json::object out;
  out["id"] = id_text('i', item.id);
  out["from"] = item.from;
  out["to_sim"] = text_or_null(item.iccid);
  out["to_sim_label"] = text_or_null(lookup(sims.label_of, item.iccid));
  put_content(out, item.text, item.octets);
  put_push(item, &out);
  out["received_at"] = rfc3339(item.received_ms);
  out["sent_at"] = time_or_null(item.sent_ms);
  out["segments"] = item.segments;
  out["complete"] = item.complete;
  if (!item.complete) {
    json::array missing;
    for (const int part : item.missing) missing.emplace_back(part);
    out["missing"] = std::move(missing);
  }
  if (item.replaces != 0) out["replaces"] = id_text('i', item.replaces);
  out["keyword"] = text_or_null(item.keyword);
  out["conversation"] = text_or_null(item.conversation);
  out["context"] = context_or_null(item.context);
  json::array defects;
  if (!item.defects.empty()) defects.emplace_back(item.defects);
  out["defects"] = std::move(defects);
  if (item.durable_late) out["durable_late"] = true;
  return out;
}

namespace {

// Named one by one: a field that is added some day is not told by mistake.
json::object without_text(const json::object& item) {
  json::object out;
  for (const char* name :
       {"id", "from", "to_sim", "to_sim_label", "received_at", "sent_at", "segments", "complete", "missing",
        "replaces", "keyword", "conversation", "defects", "durable_late"}) {
    if (const auto* value = item.if_contains(name)) out[name] = *value;
  }
  return out;
}

}  // namespace

json::object conversation_json(const ConversationRecord& one) {
  return {{"id", id_text('c', one.id)},
          {"number", one.number},
          {"last_in", id_or_null('i', one.last_in)},
          {"last_out", id_or_null('m', one.last_out)},
          {"last_at", time_or_null(one.last_ms)}};
}

json::object conversation_item_json(const ConversationItem& item, const SimLabels& sims) {
  json::object out = item.message ? message_json(*item.message, sims) : inbox_json(*item.inbox, sims);
  out["direction"] = item.message ? "out" : "in";
  return out;
}

json::object event_json(const EventRecord& event, const SimLabels& sims, bool with_texts) {
  json::object out;
  out["id"] = id_text('e', event.id);
  out["type"] = event_type(event);
  out["at"] = rfc3339(event.at_ms);
  if (event.message) out["message"] = message_json(*event.message, sims);
  if (event.inbox) {
    out["inbox"] = with_texts ? inbox_json(*event.inbox, sims) : without_text(inbox_json(*event.inbox, sims));
  }
  if (event.modem) {
    out["modem"] = json::object{{"id", event.modem->modem},
                                {"state", event.modem->state},
                                {"why", text_or_null(event.modem->why)},
                                {"iccid", text_or_null(event.modem->iccid)},
                                {"sim_label", text_or_null(lookup(sims.label_of, event.modem->iccid))}};
  }
  return out;
}

std::string_view event_type(const EventRecord& event) {
  return event.message ? "message" : event.inbox ? "inbox" : event.modem ? "modem" : "gone";
}

json::object broadcast_json(const BroadcastRecord& b, std::size_t total, const StateCounts& counts) {
  std::array<std::int64_t, kMessageStates> by_state{};
  std::int64_t sum = 0;
  for (std::size_t i = 0; i < kStates.size() && i < counts.size(); ++i) {
    by_state[i] = counts[i];
    sum += counts[i];
  }
  if (sum < static_cast<std::int64_t>(total)) by_state[0] += static_cast<std::int64_t>(total) - sum;
  json::object out;
  out["id"] = id_text('b', b.id);
  out["created_at"] = rfc3339(b.created_ms);
  out["group"] = text_or_null(b.group);
  out["keyword"] = text_or_null(b.keyword);
  out["from"] = text_or_null(b.from);
  put_request(out, b.form);
  out["segments"] = b.form.parts.size();
  out["total"] = std::max(total, static_cast<std::size_t>(sum));
  out["counts"] = counts_json(by_state);
  return out;
}

json::object modem_json(const ModemView& m) {
  json::object out;
  out["id"] = m.id;
  out["port"] = m.port;
  out["state"] = m.state;
  out["why"] = text_or_null(m.why);
  out["since"] = time_or_null(m.since_ms);
  out["driver"] = text_or_null(m.driver);
  out["family"] = text_or_null(m.family);
  out["manufacturer"] = text_or_null(m.manufacturer);
  out["model"] = text_or_null(m.model);
  out["revision"] = text_or_null(m.revision);
  out["imei"] = text_or_null(m.imei);
  out["iccid"] = text_or_null(m.iccid);
  out["sim_label"] = text_or_null(m.sim_label);
  out["registered"] = m.registered;
  out["roaming"] = m.roaming;
  out["operator"] = text_or_null(m.oper);
  out["technology"] = text_or_null(m.technology);
  // 27.007 8.5: 99 is not known or not detectable.
  out["signal_dbm"] = m.rssi < 0 || m.rssi > 31 ? json::value(nullptr) : json::value(-113 + 2 * m.rssi);
  out["overdue"] = m.overdue;
  out["message"] = id_or_null('m', m.message);
  out["submitted"] = m.submitted;
  out["failed"] = m.failed;
  out["in_doubt"] = m.in_doubt;
  out["received"] = m.received;
  out["recoveries"] = m.recoveries;
  out["storage"] = json::object{
      {"mem", text_or_null(m.storage_mem)}, {"used", m.storage_used}, {"total", m.storage_total}};
  return out;
}

json::object sim_json(const SimView& sim) {
  json::object out;
  out["iccid"] = text_or_null(sim.iccid);
  out["label"] = text_or_null(sim.label);
  out["number"] = text_or_null(sim.number);
  out["imsi"] = text_or_null(sim.imsi);
  out["modem"] = text_or_null(sim.modem);
  out["state"] = sim.state;
  constexpr PerQuota<std::string_view> kCounts{
      "sent_this_minute", "sent_this_hour",         "sent_today",
      "sent_this_month",  "sent_abroad_this_month", "recipients_this_month"};
  for (const Quota quota : kQuotas) {
    const SimView::Limit& limit = sim.limits[index_of(quota)];
    // Nobody counts the recipients of a SIM that is not limited to so many.
    out[kCounts[index_of(quota)]] =
        quota == Quota::recipients && limit.most.value == 0 ? json::value(nullptr) : json::value(limit.sent);
    out[config::quota_key(quota)] = sourced(limit.most.value, limit.most.source);
  }
  out["month_starts"] = sim.month_starts;
  out["weight"] = sourced(plain_number(sim.weight.value), sim.weight.source);
  out["open_doubts"] = sim.open_doubts;
  return out;
}

json::object contact_json(const ContactRecord& contact) {
  return {{"name", contact.name}, {"numbers", strings(contact.numbers)}, {"tags", strings(contact.tags)}};
}

json::object group_json(const GroupRecord& group) {
  return {{"name", group.name}, {"members", strings(group.members)}};
}

json::object keyword_json(const KeywordRecord& k) {
  json::object out;
  out["word"] = k.word;
  out["from"] = k.from_given ? json::value(strings(k.from)) : json::value(nullptr);
  out["secret"] = text_or_null(k.secret);
  out["action"] = k.action;
  out["group"] = text_or_null(k.group);
  out["text"] = k.text;
  out["lane"] = lane_name(k.lane);
  out["report"] = k.report;
  out["cooldown"] = duration_text(k.cooldown_ms);
  return out;
}

json::object token_json(const TokenRecord& token) {
  json::object out;
  out["id"] = id_text('t', token.id);
  out["name"] = token.name;
  out["team"] = token.team;
  out["scopes"] = strings(token.scopes);
  out["created_at"] = rfc3339(token.created_ms);
  out["revoked_at"] = time_or_null(token.revoked_ms);
  return out;
}

json::object audit_json(const AuditRecord& line) {
  return {{"id", id_text('a', line.id)},
          {"at", rfc3339(line.at_ms)},
          {"actor", line.actor},
          {"action", line.action},
          {"detail", line.detail}};
}

HttpResponse json_response(int status, const json::value& body) {
  HttpResponse out;
  out.status = status;
  out.content_type = "application/json";
  out.body = json::serialize(body);
  return out;
}

ListText::ListText() {
  body_ = "{\"items\":[";
}

void ListText::add(const json::object& item) {
  if (body_.back() != '[') body_ += ',';
  body_ += json::serialize(item);
}

void ListText::add(std::string_view own, std::string_view rest) {
  if (body_.back() != '[') body_ += ',';
  body_.append(own, 0, own.size() - 1);
  body_ += ',';
  body_ += rest;
}

HttpResponse ListText::response(int status, const json::object& more) && {
  body_ += ']';
  for (const auto& field : more) {
    body_ += ',';
    body_ += json::serialize(field.key());
    body_ += ':';
    body_ += json::serialize(field.value());
  }
  body_ += '}';
  HttpResponse out;
  out.status = status;
  out.content_type = "application/json";
  out.body = std::move(body_);
  return out;
}

HttpResponse empty_response() {
  HttpResponse out;
  out.status = 204;
  return out;
}

}  // namespace klaxon::doors
