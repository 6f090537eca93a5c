// What a port says of the submit that was cut off: at once where its SIM is known, else kept until it is.
#include <utility>

#include "daemon/app/admission.h"

namespace klaxon {

// A modem says it once, and whose SIM it has is not known yet: should this life end before it is, the row
// tells the next one.
void Appliance::keep_heard(Slot& slot) {
  Held* held = slot.last_begun ? messages_.find(slot.last_begun->message) : nullptr;
  if (!held) return;
  PartRecord& row = held->record.parts[slot.last_begun->part];
  if (row.state != MessageState::unknown || row.passed() || row.modem != slot.view.id) return;
  if (!slot.late_tp_mr && !slot.entry_may_be_open) return;
  row.hear(slot.late_tp_mr.value_or(PartRecord::kEntryOpen));
  save(*held);
}

// What was found at the port that this SIM's modem was taken over from, by this life or by one that did not
// get to know the SIM.
void Appliance::takeover_evidence(Slot& slot) {
  Sim* sim = sim_in(slot);
  if (!sim) return keep_heard(slot);
  auto late = std::exchange(slot.late_tp_mr, std::nullopt);
  bool open_entry = std::exchange(slot.data_entry_was_open, false) && slot.entry_may_be_open;
  const auto last = slot.last_begun;
  Held* held = last ? messages_.find(last->message) : nullptr;
  if (!held) return;
  PartRecord& row = held->record.parts[last->part];
  const auto heard = row.state == MessageState::unknown ? row.heard() : std::nullopt;
  if (heard == PartRecord::kEntryOpen) open_entry = true;
  if (heard && heard != PartRecord::kEntryOpen && !late) late = heard;
  if (row.stored_first()) open_entry = false;  // its slot knows better
  if (!late && !open_entry) return;
  slot.last_begun.reset();
  if (row.passed()) return;
  if (row.iccid !=
      slot.iccid) {  // another modem was plugged in, and what it says is about somebody else's text
    if (row.state != MessageState::unknown) return;
    row.pass();
    save(*held);
  } else if (late) {
    doubt_settled(*last, true, *late, "its +CMGS came late");
    sim->record.last_tp_mr = *late;
    turn_.append(line_of(held->record.lane), store::SaveSim{sim->record});
  } else if (row.modem == slot.view.id) {
    doubt_settled(*last, false, -1, "the modem was still in data entry");
  }
}

}  // namespace klaxon
