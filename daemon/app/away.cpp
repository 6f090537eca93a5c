// While a commit fails or hangs: what lane alert may do without it, and what of that its rows say later.
#include <algorithm>
#include <utility>

#include "daemon/app/admission.h"

namespace klaxon {

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

}  // namespace klaxon
