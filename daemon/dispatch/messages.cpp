#include "daemon/dispatch/messages.h"

#include <algorithm>
#include <utility>

namespace klaxon {

namespace {

int badness(MessageState state) {
  switch (state) {
    case MessageState::unknown:
      return 8;
    case MessageState::failed:
      return 7;
    case MessageState::expired:
      return 6;
    case MessageState::cancelled:
      return 5;
    case MessageState::queued:
      return 4;
    case MessageState::accepting:
      return 4;
    case MessageState::submitting:
      return 3;
    case MessageState::submitted:
      return 2;
    case MessageState::delivered:
      return 1;
  }
  return 0;
}

bool owed(MessageState state) {
  return state == MessageState::queued || state == MessageState::accepting;
}

}  // namespace

MessageState worst_state(const std::vector<PartRecord>& parts) {
  MessageState worst = MessageState::delivered;
  for (const PartRecord& part : parts)
    if (badness(part.state) > badness(worst)) worst = part.state;
  return worst;
}

std::size_t next_part(const MessageRecord& message) {
  const auto queued = std::find_if(message.parts.begin(), message.parts.end(),
                                   [](const PartRecord& part) { return part.state == MessageState::queued; });
  return static_cast<std::size_t>(queued - message.parts.begin());
}

std::string bound_sim(const MessageRecord& message) {
  for (const PartRecord& part : message.parts)
    if (part.state == MessageState::submitted || part.state == MessageState::delivered) return part.iccid;
  return {};
}

std::int64_t valid_until(const MessageRecord& message) {
  if (message.valid_for_ms == 0) return INT64_MAX;
  return (message.send_at_ms != 0 ? message.send_at_ms : message.created_ms) + message.valid_for_ms;
}

Line line_of(Lane lane) {
  return lane == Lane::alert ? Line::alert : Line::work;
}

Messages::Held* Messages::find(Id id) {
  const auto at = held_.find(id);
  return at == held_.end() ? nullptr : &at->second;
}

const Messages::Held* Messages::find(Id id) const {
  const auto at = held_.find(id);
  return at == held_.end() ? nullptr : &at->second;
}

Messages::Held& Messages::hold(MessageRecord record) {
  const Id id = record.id;
  auto [at, fresh] = held_.try_emplace(id);
  if (fresh) {
    at->second.record = std::move(record);
    if (at->second.record.awaits_report()) awaiting_.push_back(id);
  }
  return at->second;
}

Gate Messages::save(Held& held) {
  MessageRecord& record = held.record;
  const MessageState before = record.state;
  record.state = worst_state(record.parts);
  if (record.sensitive && !record.needs_text()) record.forget_text();
  held.gate = turn_.append(line_of(record.lane), store::UpdateMessage{record});
  if (record.state != before) {
    count(record.lane, before, -1);
    count(record.lane, record.state, 1);
    if (owed(before) && !owed(record.state))
      queued_segments_ -= static_cast<std::int64_t>(record.parts.size());
    if (!owed(before) && owed(record.state))
      queued_segments_ += static_cast<std::int64_t>(record.parts.size());
    if (record.state == MessageState::submitted && record.awaits_report()) awaiting_.push_back(record.id);
    if (record.final() || record.state == MessageState::submitted) retired_.push_back(record.id);
  }
  return held.gate;
}

void Messages::count(Lane lane, MessageState state, int delta) {
  const std::size_t cell = static_cast<std::size_t>(lane) * kMessageStates + static_cast<std::size_t>(state);
  counts_[cell] += delta;
  const Gate gate = turn_.here(line_of(lane));
  auto& waiting = unsealed_[static_cast<std::size_t>(gate.line)];
  if (!waiting.empty() && waiting.back().ordinal == gate.ordinal && waiting.back().cell == cell)
    waiting.back().delta += delta;
  else
    waiting.push_back({gate.ordinal, cell, delta});
}

void Messages::restore_counts(StateCounts counts) {
  if (counts.size() != counts_.size()) return;
  counts_ = std::move(counts);
  sealed_counts_ = counts_;
}

std::optional<store::SaveCounts> Messages::take_counts() {
  bool changed = false;
  for (const Line line : {Line::alert, Line::work}) {
    auto& waiting = unsealed_[static_cast<std::size_t>(line)];
    for (; !waiting.empty() && waiting.front().ordinal <= turn_.sealed(line); waiting.pop_front()) {
      sealed_counts_[waiting.front().cell] += waiting.front().delta;
      changed = true;
    }
  }
  if (!changed) return std::nullopt;
  return store::SaveCounts{sealed_counts_};
}

void Messages::forget_settled(bool refill_under_way, std::size_t keep_awaiting) {
  if (refill_under_way) return;
  while (awaiting_.size() > keep_awaiting) {  // the oldest report is given up: the message stays submitted
    retired_.push_back(awaiting_.front());
    if (Held* held = find(awaiting_.front())) held->record.report = false;
    awaiting_.pop_front();
  }
  for (std::size_t left = retired_.size(); left > 0; --left) {
    const Id id = retired_.front();
    retired_.pop_front();
    const Held* held = find(id);
    if (!held) continue;
    const bool waits_on_disk = held->left && held->record.state == MessageState::queued;
    const bool settled =
        waits_on_disk || held->record.final() || held->record.state == MessageState::submitted;
    if (!settled) continue;  // it came back to the queue; it retires again later
    // One of its parts may have failed while the next is at a modem: what becomes of that is still to be written.
    if (!turn_.open(held->gate) || (held->token != 0 && !waits_on_disk)) {
      retired_.push_back(id);
      continue;
    }
    if (waits_on_disk || held->record.final() || !held->record.awaits_report()) held_.erase(id);
  }
  while (!awaiting_.empty()) {
    const Held* oldest = find(awaiting_.front());
    if (oldest && oldest->record.awaits_report()) break;
    awaiting_.pop_front();
  }
}

void Messages::each(const std::function<void(Held&)>& visit) {
  for (auto& [id, held] : held_) visit(held);
}

}  // namespace klaxon
