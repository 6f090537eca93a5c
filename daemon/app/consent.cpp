// Whoever asked not to be written to: what is refused, what is cancelled, and the one confirmation.
#include <algorithm>
#include <utility>

#include "daemon/app/admission.h"

namespace klaxon {

namespace {
constexpr std::size_t kCancelledAtOnce = 1'000;  // rows on disk per question
}

std::optional<OptOutRecord> Appliance::opted_out(const std::string& number) const {
  const OptOutRecord* row = consent_.find(number);
  return row ? std::optional(*row) : std::nullopt;
}

// Our own texts answer what that person has just asked, or tell an operator. A broadcast is nobody's answer.
bool Appliance::forbidden_to(const MessageRecord& record) const {
  if (record.lane == Lane::alert || (record.owner == 0 && record.broadcast == 0)) return false;
  return consent_.opted_out(record.to);
}

void Appliance::mark_opted_out(MessageRecord& record) {
  for (PartRecord& part : record.parts) part.state = MessageState::cancelled;
  record.state = MessageState::cancelled;
  record.due_ms = 0;
  record.why.clear();
  if (record.sensitive) record.forget_text();
  record.error_code = kOptedOutCode;
  record.error_text = kOptedOutText;
}

// Who cannot be written to has nothing to opt out of.
void Appliance::consent_asked(const InboxRecord& item) {
  if (!settings_.policy.opt_out) return;
  const Wish wish = read_wish(item.text);
  const auto number = config::normalise_number(item.from, settings_.policy.default_country);
  if (wish == Wish::none || !number) return;
  if (wish == Wish::stop) {
    const auto row = consent_.stop(*number, "text", now_.unix_ms);
    if (!row) return;
    stop_writing_to(*row);
    audit(shorten_number(*number), "number.opted_out", "by text");
  } else {
    if (!consent_.start(*number)) return;
    turn_.append(Line::work, store::DeleteOptOut{*number});
    audit(shorten_number(*number), "number.opted_in", "by text");
  }
  const bool stop = wish == Wish::stop;
  note(Note::Level::info, shorten_number(*number) + (stop ? " has opted out" : " has opted in again"));
  answer_text(*number, item.iccid, stop ? settings_.policy.stop_reply : settings_.policy.start_reply,
              Lane::urgent);
}

Gate Appliance::stop_writing_to(const OptOutRecord& row) {
  const Gate gate = turn_.append(Line::work, store::SaveOptOut{row});
  cancel_opted_out(row.number);
  return gate;
}

// What waits in memory at once, what waits on disk alone as soon as it is read. Whatever slips through both
// (a row that is not committed yet) is dropped when its turn comes.
void Appliance::cancel_opted_out(const std::string& number) {
  messages_.each([&](Held& held) {
    if (held.record.to == number) drop_opted_out(held);
  });
  ++row_reads_;
  read(store::Reading::brief, [this, number](store::Reader& rows) -> std::function<void()> {
    store::MessageFilter waiting;
    waiting.state = MessageState::queued;
    waiting.to = number;
    auto found = rows.messages(waiting, {0, kCancelledAtOnce, 0});
    return [this, number, found = std::move(found)]() mutable {
      --row_reads_;
      if (!consent_.opted_out(number)) return;
      for (MessageRecord& record : found) {
        if (messages_.find(record.id) || !forbidden_to(record)) continue;
        Held& held = messages_.hold(std::move(record));
        drop_opted_out(held);
        messages_.retire(held.record.id);
      }
    };
  });
}

// What has begun to be sent is sent whole: half a text is of no use to anybody.
bool Appliance::drop_opted_out(Held& held) {
  MessageRecord& record = held.record;
  const bool waits = record.state == MessageState::queued || record.state == MessageState::submitting;
  if (!waits || !forbidden_to(record)) return false;
  std::string code = std::exchange(record.error_code, std::string(kOptedOutCode));
  std::string text = std::exchange(record.error_text, std::string(kOptedOutText));
  const Answer answer = cancel_now(held);
  if (std::holds_alternative<Changed>(answer.result)) {
    if (const auto at = broadcasts_.find(record.broadcast); at != broadcasts_.end()) ++at->second.opted_out;
    return true;
  }
  record.error_code = std::move(code);
  record.error_text = std::move(text);
  return false;
}

std::optional<std::int64_t> Appliance::quiet_until(const MessageRecord& record, std::int64_t from_ms) const {
  constexpr std::int64_t kMinuteMs = 60'000;
  if (record.lane != Lane::bulk || !settings_.policy.quiet_hours.any()) return std::nullopt;
  if (record.owner == 0 && record.broadcast == 0) return std::nullopt;  // an answer: that person is awake
  const std::int64_t from = std::max(from_ms, record.due_ms);
  const auto* span = settings_.policy.quiet_hours.span_for(record.to);
  const int left = span ? span->minutes_left(local_minute(from, span->zone)) : 0;
  if (left == 0) return std::nullopt;
  return from - from % kMinuteMs + left * kMinuteMs;
}

// It waits on disk alone: however many do, the room for what waits for its own hour stays free.
bool Appliance::wait_for_quiet_end(Held& held) {
  MessageRecord& record = held.record;
  if (!bound_sim(record).empty()) return false;  // some of it went out already
  const auto end = quiet_until(record, now_.unix_ms);
  if (!end) return false;
  leave_until(held, *end, std::string(kQuietWhy));
  return true;
}

// It got as many messages as one number may get.
bool Appliance::wait_for_room(Held& held) {
  constexpr std::int64_t kMinuteMs = 60'000;
  MessageRecord& record = held.record;
  const Caps::Limits limits = caps_limits();
  if (!limits.any() || record.lane == Lane::alert || record.attempts > 0) return false;
  const std::int64_t minute = local_minutes(now_.unix_ms);
  const auto free = caps_.free_at(recipient_key(record.to), minute, limits);
  if (!free) return false;
  leave_until(held, now_.unix_ms - now_.unix_ms % kMinuteMs + (*free - minute) * kMinuteMs,
              "as many messages to this number as it may get for now");
  return true;
}

void Appliance::leave_until(Held& held, std::int64_t due_ms, std::string why) {
  MessageRecord& record = held.record;
  record.due_ms = due_ms;
  record.why = std::move(why);
  save(held);
  held.left = true;
  messages_.retire(record.id);
  leave_on_disk(record.lane, record.due_ms);
}

Caps::Limits Appliance::caps_limits() const {
  return {settings_.policy.recipient_hourly_limit, settings_.policy.recipient_daily_limit};
}

// An alert reaches whoever opted out, and says so.
void Appliance::note_exempt(const std::vector<std::string>& numbers, Lane lane, Id owner,
                            const std::string& what) {
  if (lane != Lane::alert || consent_.size() == 0) return;
  const auto is_out = [this](const std::string& number) { return consent_.opted_out(number); };
  const auto count = std::count_if(numbers.begin(), numbers.end(), is_out);
  if (count == 0) return;
  const std::string first = shorten_number(*std::find_if(numbers.begin(), numbers.end(), is_out));
  audit(owner == 0 ? "klaxond" : token_name(owner), "opt_out.overridden",
        what + ": alert to " + first + (count > 1 ? " and " + std::to_string(count - 1) + " more" : ""),
        Line::alert);
}

Ticket Appliance::opt_out(const std::string& number, Id token) {
  if (const auto refused = refuse_while_away()) return *refused;
  if (consent_.opted_out(number)) return answer_when(turn_.here(Line::work), {});
  if (consent_.size() >= Consent::kMost) return refuse({409, "", "there are a million opt-outs already", 0});
  audit(token_name(token), "number.opted_out", shorten_number(number));
  const Gate gate = stop_writing_to(*consent_.stop(number, token_name(token), now_.unix_ms));
  return answer_when(gate, {{}, true, 0});
}

Ticket Appliance::opt_in(const std::string& number, Id token) {
  if (const auto refused = refuse_while_away()) return *refused;
  if (!consent_.start(number)) return refuse({404, "", "this number has not opted out", 0});
  audit(token_name(token), "number.opted_in", shorten_number(number));
  return answer_when(turn_.append(Line::work, store::DeleteOptOut{number}), {});
}

}  // namespace klaxon
