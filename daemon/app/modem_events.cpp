// What the modems tell, and what they may be told once it is on disk.
#include <openssl/sha.h>

#include <algorithm>
#include <utility>

#include "at/ucs2.h"
#include "daemon/app/admission.h"
#include "drivers/family.h"

namespace klaxon {

namespace {
constexpr std::size_t kModemChangesWaiting = 10'000;
constexpr std::size_t kReceipts = 64;  // of one modem, which waits with few
constexpr std::size_t kPushedBeforeSim = 100;
}

void Appliance::modem_opened(std::size_t index) {
  slots_[index]->recorder.opened(now_.mono);
  marks_.open(slots_[index]->view.id);
  modem_events(index, slots_[index]->modem.port_opened(now_.mono));
}

void Appliance::modem_closed(std::size_t index, std::string_view why) {
  slots_[index]->recorder.lost(now_.mono);
  modem_events(index, slots_[index]->modem.port_closed(why, now_.mono));
}

void Appliance::modem_bytes(std::size_t index, std::string_view bytes) {
  slots_[index]->recorder.heard(bytes, now_.mono);
  modem_events(index, slots_[index]->modem.feed(bytes, now_.mono));
}

void Appliance::port_waits(std::size_t index, std::string_view why) {
  slots_[index]->view.why = std::string(why);
  note(Note::Level::warning, *slots_[index], std::string(why));
}

drivers::Output Appliance::modem_output(std::size_t index) {
  Slot& slot = *slots_[index];
  drivers::Output out = slot.modem.take_output(now_.mono);
  if (out.close_port) slot.recorder.closed(now_.mono);
  if (out.bytes.empty()) return out;
  slot.recorder.wrote(out.bytes, now_.mono);
  if (slot.claim && !slot.modem.claim_revocable() && slot.modem.claimed() == slot.claim->token)
    marks_.wrote(slot.view.id, {slot.claim->message, slot.claim->part},
                 slot.modem.pdu_handed_out() ? PortMarks::Wrote::pdu : PortMarks::Wrote::command);
  return out;
}

void Appliance::modem_events(std::size_t index, drivers::Events events) {
  for (const drivers::Event& event : events)
    std::visit([this, index](const auto& seen) { on(index, seen); }, event);
}

// The SIM is no longer (known to be) in this modem.
void Appliance::leave_slot(Slot& slot) {
  if (Sim* sim = sim_in(slot)) sim->slot = kNoSlot;
  if (slot.continuing != 0) {
    if (const Held* held = messages_.find(slot.continuing))
      queue_.put_back(held->record.lane, held->record.owner, held->record.id);
    slot.continuing = 0;
  }
  slot.receipts.clear();
  slot.kept.clear();  // the sweep finds them again, and they are known
  slot.pin.reset();
  slot.before_sim.clear();
}

// None: the port was opened and its SIM is not known yet, or it is elsewhere by now.
Sim* Appliance::sim_in(const Slot& slot) {
  Sim* sim = sims_.find(slot.iccid);
  return sim && sim->slot != kNoSlot && slots_[static_cast<std::size_t>(sim->slot)].get() == &slot ? sim : nullptr;
}

void Appliance::on(std::size_t index, const drivers::StateChanged& change) {
  Slot& slot = *slots_[index];
  slot.view.state = std::string(drivers::state_name(change.to));
  slot.view.why = change.why;
  slot.view.since_ms = now_.unix_ms;
  const bool worse = change.to == drivers::State::recovering || change.to == drivers::State::quarantined ||
                     (change.to == drivers::State::absent && change.from != drivers::State::absent);
  if (worse) ++slot.view.recoveries;
  note(worse ? Note::Level::warning : Note::Level::info,
       slot, std::string(drivers::state_name(change.from)) + " -> " + slot.view.state +
           (change.why.empty() ? "" : ": " + change.why));
  recorded_change(slot, change);
  // While the disk is away modems go on changing; what they went through meanwhile is not kept without end.
  if (turn_.waiting() < kModemChangesWaiting)
    turn_.append(Line::work, store::NoteModem{{slot.view.id, slot.view.state, slot.view.why, slot.iccid}});
  if (change.to == drivers::State::absent || change.to == drivers::State::probing) leave_slot(slot);
  if (change.to != drivers::State::ready) return;
  if (Sim* sim = sims_.find(slot.iccid)) {
    sims_.join_rotation(*sim);
    unpark(*sim);
  }
}

void Appliance::on(std::size_t index, const drivers::Identified& seen) {
  Slot& slot = *slots_[index];
  slot.view.manufacturer = seen.manufacturer;
  slot.view.model = seen.model;
  slot.view.revision = seen.revision;
  slot.view.imei = seen.imei;
  slot.view.family = seen.family;
  slot.mr_counts = slot.modem.family().mr_counts;
}

void Appliance::on(std::size_t index, const drivers::SimSeen& seen) {
  Slot& slot = *slots_[index];
  if (!slot.iccid.empty() && slot.iccid != seen.iccid) {
    note(Note::Level::warning, slot, "another SIM: " + seen.iccid + " instead of " + slot.iccid);
    leave_slot(slot);
  }
  slot.iccid = seen.iccid;
  slot.sc_address = seen.sc_address;
  Sim& sim = sims_.seen(seen.iccid, seen.imsi, seen.number, slot.view.id, now_.unix_ms);
  for (auto& other : slots_)  // it was moved: its old place no longer has it
    if (other.get() != &slot && other->iccid == seen.iccid) other->iccid.clear();
  sim.slot = static_cast<int>(index);
  slot.modem.receive_direct(sim.receives_directly(settings_));
  slot.modem.keep_link(sim.keeps_link(settings_, slot.modem.family().keeps_link));
  slot.modem.store_first(sim.stores_first(settings_) || std::any_of(sim.doubts.begin(), sim.doubts.end(), [&](const OpenDoubt& open) {
                           const Held* held = messages_.find(open.message);
                           return held && held->record.parts[open.part].stored_first();
                         }));
  turn_.append(Line::work, store::SaveSim{sim.record});
  takeover_evidence(slot);
  for (const auto& pushed : std::exchange(slot.before_sim, {})) take_pushed(slot, pushed);
}

// Field rule: with a known count at least two tries must be left; with none the pair (ICCID, PIN) is tried once in its life,
// and that is on disk before the command leaves. After a refusal never again until a person changes the PIN.
void Appliance::on(std::size_t index, const drivers::PinWanted& wanted) {
  Slot& slot = *slots_[index];
  Sim& sim = sims_.seen(wanted.iccid, "", "", slot.view.id, now_.unix_ms);
  slot.iccid = wanted.iccid;
  sim.slot = static_cast<int>(index);
  const auto leave = [&](const std::string& why) {
    note(Note::Level::error, slot, "SIM " + wanted.iccid + " asks for a PIN: " + why);
    slot.view.why = "PIN: " + why;
  };
  if (!sim.settings || (sim.settings->pin.empty() && sim.settings->pin_file.empty())) return leave("none is configured");
  const std::string pin = sim.settings->pin;
  if (pin.empty()) return leave("its file cannot be read");
  unsigned char digest[SHA256_DIGEST_LENGTH];
  const std::string pair = wanted.iccid + ":" + pin;
  SHA256(reinterpret_cast<const unsigned char*>(pair.data()), pair.size(), digest);
  const std::string tried = at::hex_encode(digest, sizeof digest);
  const bool same_as_before = sim.record.pin_tried_sha256 == tried;
  if (sim.record.pin_refused && same_as_before) return leave("the configured one was refused before");
  if (wanted.tries && *wanted.tries < 2) return leave("only " + std::to_string(*wanted.tries) + " tries are left");
  if (!wanted.tries && same_as_before) return leave("the tries left cannot be read, and it was tried once");
  sim.record.pin_tried_sha256 = tried;
  sim.record.pin_refused = false;
  audit("klaxond", "sim.pin_entered", wanted.iccid);
  slot.pin = {pin, turn_.append(Line::work, store::SaveSim{sim.record})};
}

void Appliance::on(std::size_t index, const drivers::PinRefused& refused) {
  Slot& slot = *slots_[index];
  note(Note::Level::error, slot, "SIM " + refused.iccid + ": PIN refused: " + refused.result);
  Sim& sim = sims_.seen(refused.iccid, "", "", slot.view.id, now_.unix_ms);
  sim.record.pin_refused = true;
  turn_.append(Line::work, store::SaveSim{sim.record});
  tell_operator("Klaxon: the PIN of SIM " + refused.iccid + " in " + slot.view.id + " was refused; it is not tried again.");
}

void Appliance::on(std::size_t index, const drivers::NetworkSeen& seen) {
  ModemView& view = slots_[index]->view;
  view.registered = seen.registered;
  view.roaming = seen.roaming;
  view.oper = seen.oper;
  view.technology = seen.technology;
}

void Appliance::on(std::size_t index, const drivers::SignalSeen& seen) { slots_[index]->view.rssi = seen.rssi; }

void Appliance::on(std::size_t index, const drivers::StorageSeen& seen) {
  ModemView& view = slots_[index]->view;
  view.storage_mem = seen.mem;
  view.storage_used = seen.used;
  view.storage_total = seen.total;
}

void Appliance::on(std::size_t index, const drivers::StoredPdu& seen) {
  Slot& slot = *slots_[index];
  const Gate gate = take_pdu(slot, seen.at.mem, seen.at.index, seen.hex);
  slot.kept.push_back({seen.at, gate});
}

// A report that was waiting in the port is the first that a modem says, and whose it is comes out later.
void Appliance::on(std::size_t index, const drivers::PushedPdu& seen) {
  Slot& slot = *slots_[index];
  if (sim_in(slot)) {
    take_pushed(slot, seen);
  } else if (slot.before_sim.size() < kPushedBeforeSim) {
    slot.before_sim.push_back(seen);
  }
}

void Appliance::take_pushed(Slot& slot, const drivers::PushedPdu& seen) {
  const Gate gate = take_pdu(slot, "", -1, seen.hex);
  if (seen.receipt == 0) return;
  if (slot.receipts.size() >= kReceipts) slot.receipts.pop_front();  // the modem has long given it up
  slot.receipts.push_back({seen.receipt, gate});
}

void Appliance::on(std::size_t index, const drivers::SubmitOverdue& seen) {
  went_wrong(*slots_[index], "a submit is overdue");
  overdue(index, seen.token);
}
void Appliance::on(std::size_t index, const drivers::SubmitDone& seen) {
  if (seen.verdict == drivers::Verdict::in_doubt && !stopping_) went_wrong(*slots_[index], "a submit is in doubt: " + seen.why);
  submit_done(index, seen);
  if (seen.stored) delete_submit(*slots_[index], *seen.stored);
}

void Appliance::on(std::size_t index, const drivers::StoredSubmits& seen) {
  Slot& slot = *slots_[index];
  evidence_by_slots(slot, seen);
  for (const drivers::StoredSubmit& submit : seen.all) delete_submit(slot, submit.at);
}

// Once what became of it is on disk, in whichever line: before that its slot is the only proof.
void Appliance::delete_submit(Slot& slot, const drivers::StoredAt& at) {
  slot.kept.push_back({at, turn_.here(Line::work), turn_.here(Line::alert)});
}

void Appliance::on(std::size_t index, const drivers::LateAccepted& seen) {
  Slot& slot = *slots_[index];
  slot.late_tp_mr = seen.tp_mr;
  takeover_evidence(slot);
}

void Appliance::on(std::size_t index, const drivers::DataEntryWasOpen&) {
  slots_[index]->data_entry_was_open = true;
  takeover_evidence(*slots_[index]);
}
void Appliance::on(std::size_t, const drivers::TakenOver&) {}

void Appliance::on(std::size_t index, const drivers::Trouble& trouble) {
  note(Note::Level::warning, *slots_[index], trouble.what);
}

// Durability is what lets the outputs go: claims to their modems, deletes to their SIMs, answers to their callers.
void Appliance::open_gates() {
  const bool away = disk_away();
  for (auto& held : slots_) {
    Slot& slot = *held;
    if (slot.claim && !slot.claim->told && (turn_.open(slot.claim->gate) || (away && slot.claim->lane == Lane::alert))) {
      slot.claim->told = true;
      slot.modem.committed(slot.claim->token, now_.mono);
    }
    while (!slot.kept.empty() && turn_.open(slot.kept.front().gate) && turn_.open(slot.kept.front().also)) {
      slot.modem.release(slot.kept.front().at, now_.mono);
      slot.kept.pop_front();
    }
    while (!slot.receipts.empty() && turn_.open(slot.receipts.front().gate)) {
      slot.modem.acknowledge(slot.receipts.front().number, now_.mono);
      slot.receipts.pop_front();
    }
    if (slot.reset && turn_.open(*slot.reset)) {
      slot.reset.reset();
      if (slot.modem.can_restart()) slot.modem.restart(now_.mono);
    }
    if (slot.pin && turn_.open(slot.pin->second)) {
      slot.modem.enter_pin(slot.pin->first, now_.mono);
      slot.pin.reset();
    }
  }
  errands_due();
  std::deque<Pending> left;
  for (Pending& waiting : pending_) {
    auto* accepted = std::get_if<Accepted>(&waiting.answer.result);
    const bool durable = turn_.open(waiting.gate);
    if (!durable && !(away && accepted && waiting.gate.line == Line::alert)) {
      left.push_back(std::move(waiting));
      continue;
    }
    if (accepted && !durable) answer_from_memory(waiting);
    if (const auto known = keys_.find(waiting.key_hash); known != keys_.end()) known->second.answered = true;
    give_answer(std::move(waiting.answer));
  }
  pending_ = std::move(left);
}

}  // namespace klaxon
