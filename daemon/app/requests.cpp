// Requests of the doors: taken in the order of their coming, answered when they are on disk.
#include <algorithm>
#include <utility>

#include "daemon/app/admission.h"

namespace klaxon {

namespace {

constexpr std::int64_t kQueueBound = 1'000'000;      // segments
constexpr std::int64_t kAlertsBeyond = 100'000;      // no alert is refused because of what others have queued
constexpr std::size_t kAdmissions = 10'000;          // requests that wait to be taken
constexpr std::size_t kSlice = 1'000;                // rows of lists per turn
constexpr std::size_t kAlertOpsAway = 100'000;       // of the alert lane, while the disk is away
constexpr std::size_t kKeysInMemory = 20'000;
constexpr std::size_t kKnownReferences = 10'000;

std::size_t lane_index(Line line) { return static_cast<std::size_t>(line); }

}  // namespace

Ticket Appliance::refuse(Refused refused) {
  ready_answers_.push_back({next_ticket_, std::move(refused)});
  return next_ticket_++;
}

std::optional<Ticket> Appliance::refuse_while_away() {
  if (!disk_away()) return std::nullopt;
  return refuse({503, "", "the disk cannot be written; only lane alert is taken", 10});
}

Ticket Appliance::answer_when(Gate gate, Changed changed) {
  pending_.push_back({next_ticket_, gate, {next_ticket_, std::move(changed)}, false, {}});
  return next_ticket_++;
}

Ticket Appliance::queue_admission(Admission admission) {
  const Lane lane = admission.broadcast ? admission.broadcast->form.lane : admission.request.form.lane;
  if (stopping_) return refuse({503, "", "the daemon is stopping", 10});
  if (disk_away() && lane != Lane::alert) return refuse({503, "", "the disk cannot be written; only lane alert is taken", 10});
  auto& line = admissions_[lane_index(line_of(lane))];
  if (line.size() >= kAdmissions) return refuse({503, "", "too many requests wait", 2});
  admission.ticket = next_ticket_++;
  if (admission.key) remember_key(*admission.key, admission.ticket);
  line.push_back(std::move(admission));
  return line.back().ticket;
}

bool Appliance::queue_full_for(Lane lane, std::int64_t segments) const {
  return messages_.queued_segments() + segments > kQueueBound + (lane == Lane::alert ? kAlertsBeyond : 0);
}

Ticket Appliance::send(SendRequest request) {
  if (!request.list && request.form.lane != Lane::alert && consent_.opted_out(request.to.front()))
    return refuse({422, "/to", std::string(kOptedOutText) + " (opted out); only lane alert reaches it", 0});
  const auto segments = static_cast<std::int64_t>(cutter_.segments(request.form, request.to));
  if (queue_full_for(request.form.lane, segments)) return refuse({429, "", "the queue is full", 60});
  messages_.count_segments(segments);
  Admission admission;
  admission.key = request.key;
  admission.request = std::move(request);
  const Ticket ticket = queue_admission(std::move(admission));
  if (!ready_answers_.empty() && ready_answers_.back().ticket == ticket) messages_.count_segments(-segments);
  return ticket;
}

Ticket Appliance::broadcast(BroadcastRequest request) {
  Admission admission;
  admission.key = request.key;
  if (!request.form.group.empty()) {
    const GroupRecord* group = keywords_.group(request.form.group);
    if (!group) return refuse({422, "/group", "no such group", 0});
    Recipients people = keywords_.recipients_of(*group);
    request.form.numbers = std::move(people.numbers);
    request.form.further = std::move(people.further);
  }
  if (request.form.numbers.empty()) return refuse({422, "/group", "nobody is in it", 0});
  const auto segments = static_cast<std::int64_t>(cutter_.segments(request.form.form, request.form.numbers));
  if (queue_full_for(request.form.form.lane, segments)) return refuse({429, "", "the queue is full", 60});
  admission.broadcast = std::move(request.form);
  return queue_admission(std::move(admission));
}

// Alerts never wait for the room that other work takes; while the disk is away they may pile up.
bool Appliance::room_in(Line line) const {
  if (line == Line::work) return turn_.waiting() < Turn::kMaxOps;
  return turn_.queue(Line::alert).size() < (disk_away() ? kAlertOpsAway : Turn::kMaxOps);
}

// A list has its ids from its first slice on, and enters the queue with its last. Its first id; 0: there is none.
Id Appliance::list_under_way(Lane lane, Id owner) const {
  const auto& waiting = admissions_[lane_index(line_of(lane))];
  if (waiting.empty() || waiting.front().first == 0) return 0;
  const MessageRecord& form = waiting.front().request.form;
  return form.lane == lane && form.owner == owner ? waiting.front().first : 0;
}

// Takes what there is room for in this turn: alerts first, each line in its order.
void Appliance::admit() {
  std::size_t budget = kSlice;
  for (const Line line : {Line::alert, Line::work}) {
    auto& waiting = admissions_[lane_index(line)];
    while (!waiting.empty() && budget > 0 && room_in(line)) {
      Admission& front = waiting.front();
      const bool done = front.broadcast      ? admit_broadcast(front)
                        : front.request.list ? admit_slice(front, &budget)
                                             : admit_single(front);
      if (!done) break;
      if (budget > 0) --budget;
      waiting.pop_front();
    }
  }
  while (!unlisted_.empty() && unlisted_.front().second.ordinal != UINT64_MAX && turn_.open(unlisted_.front().second))
    unlisted_.pop_front();
}

MessageRecord Appliance::make_message(const MessageRecord& form, const std::string& to, Id id) {
  MessageRecord record = form;
  record.id = id;
  record.to = to;
  record.created_ms = form.created_ms != 0 ? form.created_ms : now_.unix_ms;
  record.due_ms = form.send_at_ms > now_.unix_ms ? form.send_at_ms : 0;
  if (const auto end = quiet_until(record, record.created_ms)) {
    record.due_ms = *end;
    record.why = kQuietWhy;
  }
  record.durable_late = disk_away();
  cutter_.cut(record);
  if (record.parts.empty()) record.parts.resize(1);
  if (record.parts.size() > 1) {
    record.concat_reference = static_cast<std::uint8_t>(id);
  }
  return record;
}

// Two long texts to one person never share a reference while a phone still waits for parts.
std::uint8_t Appliance::fresh_reference(const std::string& to, std::uint8_t first) {
  if (last_reference_.size() > kKnownReferences) last_reference_.clear();
  const auto [at, fresh] = last_reference_.try_emplace(to, first);
  if (!fresh) ++at->second;
  return at->second;
}

// The message is (about to be) on disk; memory takes it only if its place in the order allows it.
void Appliance::enter_queue(MessageRecord&& record) {
  const Lane lane = record.lane;
  const Id owner = record.owner, id = record.id;
  if (record.due_ms > now_.unix_ms) {
    const bool quiet = record.due_ms != record.send_at_ms;
    if (quiet || record.due_ms > later_horizon_ms_ || !queue_.wait_until(record.due_ms, id)) return leave_on_disk(lane, record.due_ms);
  } else if (record.instead_of != 0) {
    queue_.put_back(lane, owner, id);  // its place is that of the one before; the window's marks may stand before a list
  } else if (!queue_.accept(lane, owner, id)) {
    return;
  }
  messages_.hold(std::move(record));
}

// A new row, and its place in the queue.
void Appliance::put_message(MessageRecord record) {
  if (record.parts.size() > 1) record.concat_reference = fresh_reference(record.to, record.concat_reference);
  const Id id = record.id;
  ++counters_.accepted[static_cast<std::size_t>(record.lane)];
  if (record.lane == Lane::alert) alert_waits_ = true;
  const Gate gate = turn_.append(line_of(record.lane), store::InsertMessage{record});
  messages_.count(record.lane, record.state, 1);
  unlisted_.emplace_back(id, gate);
  if (record.final()) {  // its number has opted out
    if (record.broadcast != 0) broadcast_moved(record.broadcast, MessageState::queued, record.state);
    return;
  }
  enter_queue(std::move(record));
  if (Held* held = messages_.find(id)) {
    held->gate = gate;
    if (disk_away()) held->row = gate;
  }
}

bool Appliance::admit_single(Admission& admission) {
  const SendRequest& request = admission.request;
  MessageRecord record = make_message(request.form, request.to.front(), next_message_++);
  const Line line = line_of(record.lane);
  Accepted accepted{record.id, 1, 0, record, {}, 1, true, {}, {}};
  if (record.sensitive) accepted.message->forget_text();
  note_exempt(request.to, record.lane, record.owner, "message m" + std::to_string(record.id));
  put_message(std::move(record));
  if (admission.key) {
    admission.key->first_id = accepted.first;
    admission.key->count = 1;
    turn_.append(line, store::SaveIdempotency{*admission.key});
    remember_key(*admission.key, admission.ticket);
  }
  const std::string key_hash = admission.key ? admission.key->key_hash : "";
  pending_.push_back({admission.ticket, turn_.here(line), {admission.ticket, std::move(accepted)}, true, key_hash});
  return true;
}

bool Appliance::admit_slice(Admission& admission, std::size_t* budget) {
  const SendRequest& request = admission.request;
  const Lane lane = request.form.lane;
  const Line line = line_of(lane);
  const std::size_t total = request.to.size();
  if (admission.first == 0) {
    admission.request.form.created_ms = now_.unix_ms;
    admission.first = next_message_;
    next_message_ += total;
    unlisted_.emplace_back(admission.first, Gate{line, UINT64_MAX});
    turn_.append(line, store::OpenList{admission.first});
  }
  const std::size_t upto = std::min(total, admission.taken + *budget);
  for (std::size_t i = admission.taken; i < upto; ++i) {
    MessageRecord record = make_message(request.form, request.to[i], admission.first + i);
    record.state = MessageState::accepting;
    turn_.append(line, store::InsertMessage{std::move(record)});
    messages_.count(lane, MessageState::accepting, 1);
  }
  *budget -= upto - admission.taken;
  admission.taken = upto;
  if (upto < total) return false;

  const Id last = admission.first + total - 1;
  store::CloseList close{admission.first, last, lane, {}};
  for (std::size_t i = 0; i < total; ++i) {
    if (lane == Lane::alert || !consent_.opted_out(request.to[i])) continue;
    MessageRecord& record = close.cancelled.emplace_back(make_message(request.form, request.to[i], admission.first + i));
    mark_opted_out(record);
    messages_.count_segments(-static_cast<std::int64_t>(record.parts.size()));
  }
  note_exempt(request.to, lane, request.form.owner, "messages from m" + std::to_string(admission.first) + " on");
  const int dropped = static_cast<int>(close.cancelled.size());
  turn_.append(line, std::move(close));
  messages_.count(lane, MessageState::accepting, -static_cast<int>(total));
  messages_.count(lane, MessageState::queued, static_cast<int>(total) - dropped);
  messages_.count(lane, MessageState::cancelled, dropped);
  if (admission.key) {
    admission.key->first_id = admission.first;
    admission.key->count = total;
    turn_.append(line, store::SaveIdempotency{*admission.key});
    remember_key(*admission.key, admission.ticket);
  }
  counters_.accepted[static_cast<std::size_t>(lane)] += total;
  // Of one hour, or of many: where hours are quiet, each country has its own.
  const bool one_hour = lane != Lane::bulk || !settings_.policy.quiet_hours.any();
  bool full = false;
  for (std::size_t i = 0; i < total && !(full && one_hour); ++i) {
    const Id id = admission.first + i;
    const bool later = request.form.send_at_ms > now_.unix_ms;
    if (one_hour && later && queue_.later_full()) {  // nor does the rest
      leave_on_disk(lane, request.form.send_at_ms);
      break;
    }
    MessageRecord record = make_message(request.form, request.to[i], id);
    record.state = MessageState::queued;
    if (forbidden_to(record)) continue;  // cancelled by then
    const bool due = record.due_ms <= now_.unix_ms;
    full = full || (due && !queue_.has_room(lane, request.form.owner, id));
    if (!due || !full) enter_queue(std::move(record));
  }
  // None of the rest fits either: only the newest id matters.
  if (full) queue_.accept(lane, request.form.owner, last);
  for (auto& [first, gate] : unlisted_)
    if (first == admission.first) gate = turn_.here(line);
  if (disk_away()) told_from_memory(admission.first, last);
  Accepted accepted{admission.first, total, 0, {}, {}, total, true, {}, alike(admission)};
  const bool may_have_to_ask = lane == Lane::alert && !accepted.alike;
  pending_.push_back({admission.ticket, turn_.here(line), {admission.ticket, std::move(accepted)}, false,
                      admission.key ? admission.key->key_hash : ""});
  if (may_have_to_ask) pending_.back().asked = std::move(admission.request);
  return true;
}

// Its numbers are taken from it. Null where each country has its own cut.
std::shared_ptr<const Alike> Appliance::alike(Admission& admission) {
  SendRequest& request = admission.request;
  if (cutter_.depends(request.form)) return nullptr;
  Alike all{make_message(request.form, request.to.front(), admission.first), std::move(request.to)};
  if (all.form.sensitive) all.form.forget_text();
  return std::make_shared<const Alike>(std::move(all));
}

bool Appliance::admit_broadcast(Admission& admission) {
  BroadcastRecord record = std::move(*admission.broadcast);
  record.id = next_broadcast_++;
  record.created_ms = now_.unix_ms;
  record.form.broadcast = record.id;
  const Line line = line_of(record.form.lane);
  if (admission.key) {
    admission.key->broadcast = record.id;
    turn_.append(line, store::SaveIdempotency{*admission.key});
    remember_key(*admission.key, admission.ticket);
  }
  Accepted accepted{0, 0, record.id, {}, record, record.numbers.size(), true, {}, {}};
  accepted.made->numbers.clear();
  if (record.form.sensitive) accepted.made->form.forget_text();
  accepted.made->further.clear();
  if (record.form.lane == Lane::alert) alert_waits_ = true;
  audit(token_name(record.owner), "broadcast.started",
        "b" + std::to_string(record.id) + " to " + std::to_string(record.numbers.size()), line);
  start_broadcast(std::move(record), disk_away());
  pending_.push_back({admission.ticket, turn_.here(line), {admission.ticket, std::move(accepted)}, false,
                      admission.key ? admission.key->key_hash : ""});
  return true;
}

// Also to those who asked the same with the same key meanwhile.
Ticket Appliance::reset_modem(const std::string& modem, Id token) {
  if (const auto refused = refuse_while_away()) return *refused;
  if (stopping_) return refuse({503, "", "the daemon is stopping", 10});
  const auto at = std::find_if(slots_.begin(), slots_.end(), [&](const auto& slot) { return slot->view.id == modem; });
  if (at == slots_.end()) return refuse({404, "", "there is no such modem", 0});
  Slot& slot = **at;
  if (slot.reset || !slot.modem.can_restart()) {
    const bool asked = slot.reset || slot.modem.state() == drivers::State::ready;
    return refuse({409, "", asked ? "its reset was asked for already" : "the modem is " + slot.view.state, 0});
  }
  const store::Op line = store::InsertAudit{{next_audit_++, now_.unix_ms, token_name(token), "modem.reset", modem}};
  slot.reset = turn_.append(Line::work, line);
  return answer_when(*slot.reset, {});
}

void Appliance::give_answer(Answer answer) {
  const auto [begin, end] = joined_.equal_range(answer.ticket);
  for (auto at = begin; at != end; ++at) ready_answers_.push_back({at->second, answer.result});
  joined_.erase(begin, end);
  ready_answers_.push_back(std::move(answer));
}

void Appliance::remember_key(const IdempotencyRecord& record, Ticket ticket) {
  auto [at, fresh] = keys_.try_emplace(record.key_hash);
  at->second.record = record;
  at->second.ticket = ticket;
  if (!fresh) return;
  keys_by_age_.push_back(record.key_hash);
  while (keys_by_age_.size() > kKeysInMemory) {
    keys_.erase(keys_by_age_.front());
    keys_by_age_.pop_front();
  }
}

std::optional<Face::Remembered> Appliance::remembered_key(const std::string& key_hash) const {
  const auto at = keys_.find(key_hash);
  if (at == keys_.end()) return std::nullopt;
  return Remembered{at->second.record, at->second.answered ? 0 : at->second.ticket};
}

Ticket Appliance::join(Ticket waits_with) {
  joined_.emplace(waits_with, next_ticket_);
  return next_ticket_++;
}

}  // namespace klaxon
