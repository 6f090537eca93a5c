// The flight recorders: what is kept of each port, and when it is worth a file.
#include <utility>

#include "daemon/app/admission.h"
#include "drivers/family.h"

namespace klaxon {

namespace {

constexpr at::Millis kAftermath{60'000};  // what a modem does after it went wrong belongs to it
constexpr std::size_t kRecordings = 64;   // that wait for the shell

// Leaving `ready` by itself for anything but a lost network or our own stop.
bool goes_wrong(const drivers::StateChanged& change) {
  if (change.why == drivers::kResetAsked || change.why == drivers::kCommandGiven) return false;
  using enum drivers::State;
  return change.from == ready && (change.to == recovering || change.to == quarantined ||
                                  change.to == absent || change.to == opening || change.to == initialising);
}

}  // namespace

std::string Appliance::chat_of(const Slot& slot, const std::string& why) const {
  const ModemView& view = slot.view;
  std::string who = view.manufacturer + " " + view.model + " " + view.revision + ", family " + view.family;
  if (view.family.empty()) who = "not identified";
  return slot.recorder.chat({"Recording of " + view.id + ": " + who,
                             "Now " + view.state + (why.empty() ? "" : "; " + why),
                             "Numbers and identities are shortened, texts are blank, PINs are gone."});
}

// At once, since nobody knows what comes next, and again with what came.
void Appliance::went_wrong(Slot& slot, const std::string& why) {
  slot.recorder.remark("went wrong: " + why, now_.mono);
  if (!slot.incident) {
    slot.incident = Slot::Incident{now_.unix_ms, now_.mono + kAftermath, why};
    note(Note::Level::warning, slot, why + "; recorded in " + recording_name(slot.view.id, now_.unix_ms));
  }
  keep_recording(slot);
}

void Appliance::keep_recording(Slot& slot) {
  slot.last_failure = chat_of(slot, slot.incident->why);
  if (recordings_.size() >= kRecordings) recordings_.erase(recordings_.begin());
  recordings_.push_back({slot.view.id, slot.incident->began_ms, slot.last_failure});
}

void Appliance::recorded_change(Slot& slot, const drivers::StateChanged& change) {
  slot.recorder.remark(std::string(drivers::state_name(change.from)) + " -> " +
                           std::string(drivers::state_name(change.to)) +
                           (change.why.empty() ? "" : ": " + change.why),
                       now_.mono);
  if (change.to == drivers::State::ready) slot.recorder.became_ready();
  if (goes_wrong(change) && !stopping_) return went_wrong(slot, change.why);
  const bool over = change.to == drivers::State::ready || change.to == drivers::State::quarantined;
  if (!slot.incident || !over) return;
  keep_recording(slot);
  slot.incident.reset();
}

void Appliance::recordings_due() {
  for (auto& slot : slots_) {
    if (!slot->incident || slot->incident->until > now_.mono) continue;
    keep_recording(*slot);
    slot->incident.reset();
  }
}

std::vector<Recording> Appliance::take_recordings() {
  return std::exchange(recordings_, {});
}

std::optional<std::string> Appliance::recording(const std::string& modem, bool of_last_failure) const {
  for (const auto& slot : slots_) {
    if (slot->view.id != modem) continue;
    if (!of_last_failure) return chat_of(*slot, slot->view.why);
    if (slot->last_failure.empty()) return std::nullopt;
    return slot->last_failure;
  }
  return std::nullopt;
}

}  // namespace klaxon
