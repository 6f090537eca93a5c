// Submits that were written to the SIM before they were sent (27.005 3.5.3): their slots are held, released
// and deleted as those of texts are, but no one is told of them as texts.
#include "drivers/intake.h"

namespace drivers {

namespace {
constexpr int kStoSent = 3;  // 27.005 3.1
}

void Intake::hold_own(const StoredAt& at, std::string hex, bool sent, at::Instant now) {
  if (storages_.own.empty()) return;
  held_[at] = Held{.hex = std::move(hex),
                   .read_at = now,
                   .submits = submits_,
                   .compare = sent && !marks_known_,
                   .own = true,
                   .to_be_marked = sent && !marks_known_,
                   .not_before = now};
}

Storing Intake::storing() const {
  if (storages_.own.empty() || own_failed_) return Storing::off;
  if (!own_known_) return Storing::waiting;
  for (const auto& [at, held] : held_)
    if (held.own) return held.tries < kTries ? Storing::waiting : Storing::off;
  return Storing::ready;
}

void Intake::own_listed(const StoredAt& at, int stat, const std::string& hex, at::Instant now) {
  if (at.mem != storages_.own) return;
  if (const auto ghost = erased_.find(at); ghost != erased_.end() && ghost->second.hex == hex) {
    // Deleted and still there: what the list says is worth nothing.
    own_failed_ = own_failed_ || ghost->second.times >= kTries;
    if (own_failed_) return;
  }
  if (held_.size() >= kMaxHeld) {
    crowded_ = true;
    return;
  }
  held_[at] = Held{.hex = hex, .read_at = now, .submits = submits_, .own = true, .not_before = now};
  own_seen_.push_back({at, stat == kStoSent, hex});
}

// A firmware that does not mark what it sent can't be asked about it after a crash.
void Intake::verify_own(std::map<StoredAt, Held>::iterator held, int stat, const std::string& hex,
                        at::Instant now, Events& events) {
  Held& ours = held->second;
  if (std::exchange(ours.to_be_marked, false)) {
    marks_known_ = stat == kStoSent;
    own_failed_ = own_failed_ || !marks_known_;
    if (!marks_known_)
      events.emplace_back(Trouble{"what was sent is not marked in " + held->first.mem +
                                  ": submits are no longer stored first"});
  }
  ours.compare = false;
  ours.hex = hex;
  ours.read_at = now;
  ours.submits = submits_;
}

}  // namespace drivers
