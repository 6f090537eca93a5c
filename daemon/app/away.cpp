// While a commit fails or hangs: what lane alert may do without it, and what of that its rows say later.
#include <algorithm>
#include <utility>

#include "daemon/app/admission.h"

namespace klaxon {

namespace {

const store::Op kNothing = store::MarkPartsReleased{};

// The counts that a batch writes are of its rows: without this one, should a crash leave just that batch.
void uncount_in(store::Batch& batch, Id id) {
  const MessageRecord* last = nullptr;
  for (const store::Op& op : batch) {
    if (const auto* insert = std::get_if<store::InsertMessage>(&op)) last = insert->message.id == id ? &insert->message : last;
    if (const auto* update = std::get_if<store::UpdateMessage>(&op)) last = update->message.id == id ? &update->message : last;
  }
  if (!last) return;
  const std::size_t cell =
      static_cast<std::size_t>(last->lane) * kMessageStates + static_cast<std::size_t>(last->state);
  for (store::Op& op : batch)
    if (auto* counts = std::get_if<store::SaveCounts>(&op)) --counts->counts[cell];
}

}  // namespace

bool Appliance::disk_away() const {
  const auto since = turn_.stalled_since();
  return since && now_.mono - *since > settings_.policy.disk_deadline;
}

void Appliance::watch_disk() {
  if (!disk_away()) return;
  if (!disk_told_) {
    disk_told_ = true;
    const std::string why = disk_reason_.empty() ? "a write hangs" : disk_reason_;
    note(Note::Level::error, "disk: cannot write (" + why + "); only lane alert goes out");
    tell_from_memory();
    tell_operator("Klaxon: the disk cannot be written (" + why + "). Only alerts go out.");
  }
  withdraw_unwritten();
}

// These rows are not on disk, and from now on somebody may be told of them: readers get them from memory, and
// they are marked as soon as they are written.
void Appliance::told_from_memory(Id first, Id last) {
  const Gate gate = turn_.append(Line::alert, store::MarkDurableLate{first, last});
  for (Id id = first; id <= last; ++id) {
    Held* held = messages_.find(id);
    if (!held) continue;
    held->record.durable_late = true;
    held->row = gate;
  }
  mark_failed_batch();
}

// What is tried again says it itself: a kill may come right behind that commit.
void Appliance::mark_failed_batch() {
  store::Batch* batch = turn_.failed_batch();
  if (!batch) return;
  for (store::Op& op : *batch) {
    auto* insert = std::get_if<store::InsertMessage>(&op);
    const Held* held = insert ? messages_.find(insert->message.id) : nullptr;
    if (held) insert->message.durable_late = insert->message.durable_late || held->record.durable_late;
  }
}

// The disk has just turned out to be away. What of lane alert was accepted a moment ago is in the commit that
// hangs or has failed, or behind it.
void Appliance::tell_from_memory() {
  for (const auto& [id, gate] : unlisted_) {
    const bool whole = gate.ordinal != UINT64_MAX;  // else a list under way, which is marked when it is whole
    if (gate.line == Line::alert && whole && !turn_.open(gate)) told_from_memory(id, id);
  }
  for (const Pending& waiting : pending_) {
    const auto* accepted = std::get_if<Accepted>(&waiting.answer.result);
    const bool list = accepted && (waiting.asked || (accepted->alike && waiting.gate.line == Line::alert)) && !turn_.open(waiting.gate);
    if (list) told_from_memory(accepted->first, accepted->first + accepted->count - 1);
  }
}

// Of a list only its first few hundred are in memory; its answer names them all, those that are alike by what they have in common.
void Appliance::answer_from_memory(Pending& waiting) {
  auto& accepted = std::get<Accepted>(waiting.answer.result);
  accepted.durable = false;
  if (!waiting.asked) return;
  for (std::size_t i = 0; i < waiting.asked->to.size(); ++i) {
    const Held* held = messages_.find(accepted.first + i);
    accepted.rows.push_back(
        held ? held->record : make_message(waiting.asked->form, waiting.asked->to[i], accepted.first + i));
  }
}

// While the disk is away nothing but alerts may wait for it: a 503 goes out only for what is gone from batch and memory. What
// is in a commit that runs is not; it is answered when that ends.
void Appliance::withdraw_unwritten() {
  auto& waiting = admissions_[static_cast<std::size_t>(Line::work)];
  const Refused away{503, "", "the disk cannot be written; only lane alert is taken", 10};
  while (!waiting.empty() && waiting.back().first == 0) {
    const SendRequest& request = waiting.back().request;
    if (!waiting.back().broadcast)
      messages_.count_segments(-static_cast<std::int64_t>(cutter_.segments(request.form, request.to)));
    if (waiting.back().key) keys_.erase(waiting.back().key->key_hash);
    give_answer({waiting.back().ticket, away});
    waiting.pop_back();
  }
  std::deque<Pending> left;
  for (Pending& pending : pending_) {
    const auto* accepted = std::get_if<Accepted>(&pending.answer.result);
    const bool may = pending.withdrawable && pending.gate.line == Line::work && !turn_.open(pending.gate);
    if (!may || !withdraw(pending, accepted->first)) {
      left.push_back(std::move(pending));
      continue;
    }
    keys_.erase(pending.key_hash);
    give_answer({pending.ticket, away});
  }
  pending_ = std::move(left);
}

// False: its row is in a commit that runs.
bool Appliance::withdraw(const Pending& pending, Id id) {
  const auto inserts = [id](const store::Op& op) {
    const auto* insert = std::get_if<store::InsertMessage>(&op);
    return insert && insert->message.id == id;
  };
  store::Batch* batch = turn_.failed_batch();
  auto& queue = turn_.queue(Line::work);
  const bool there = std::any_of(queue.begin(), queue.end(), inserts) ||
                     (batch && std::any_of(batch->begin(), batch->end(), inserts));
  if (!there) return false;
  const auto mine = [&](const store::Op& op) {
    if (const auto* update = std::get_if<store::UpdateMessage>(&op)) return update->message.id == id;
    const auto* key = std::get_if<store::SaveIdempotency>(&op);
    return inserts(op) || (key && !pending.key_hash.empty() && key->record.key_hash == pending.key_hash);
  };
  if (batch) {
    uncount_in(*batch, id);
    std::replace_if(batch->begin(), batch->end(), mine, kNothing);
  }
  std::replace_if(queue.begin(), queue.end(), mine, kNothing);
  const MessageRecord& gone = *std::get<Accepted>(pending.answer.result).message;
  Held* held = messages_.find(id);
  turn_.append(Line::work, kNothing);  // so that the counts are written anew, too
  messages_.count(gone.lane, held ? held->record.state : MessageState::queued, -1);
  if (!held || held->record.state == MessageState::queued)
    messages_.count_segments(-static_cast<std::int64_t>(gone.parts.size()));
  if (!held) return true;
  for (auto& slot : slots_)
    if (slot->claim && slot->claim->message == id && slot->modem.revoke(slot->claim->token)) take_back(*slot);
  for (PartRecord& part : held->record.parts) part.state = MessageState::cancelled;
  held->record.state = MessageState::cancelled;
  if (held->record.sensitive) held->record.forget_text();
  held->gate = {};
  messages_.retire(id);
  return true;
}

}  // namespace klaxon
