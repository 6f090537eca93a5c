// The SIMs that could send now, as the choice sees them: health, limits, pace, and who is free for which
// lane.
#include <algorithm>
#include <utility>

#include "daemon/app/admission.h"

namespace klaxon {

LocalTime Appliance::local_time(std::int64_t unix_ms) const {
  return {local_minutes(unix_ms), local_day(unix_ms)};
}

// It counts where the clock stood when it was given out, and that may have been stepped since.
void Appliance::uncount(const MessageRecord& record, std::size_t part) {
  const PartRecord& row = record.parts[part];
  if (Sim* sim = sims_.find(row.iccid)) sims_.undo_submit(*sim, record.to, local_time(row.started_ms));
}

namespace {

const char* limit_words(Quota quota) {
  constexpr PerQuota<const char*> kWords{"this minute's", "this hour's",  "today's",
                                         "this month's",  "this month's", "this month's"};
  return kWords[index_of(quota)];
}

// Of what keeps it back, or may explain why another was taken, the gravest.
Remark remark_of(const Candidate& candidate, const Sim& sim, const Slot& slot, double share,
                 at::Instant now) {
  constexpr int kNear = 90;
  if (sim.suspended(now)) return Remark::suspended;
  if (share >= 1) return Remark::at_limit;
  if (slot.modem.overdue()) return Remark::overdue;
  if (candidate.alerts_only) return Remark::kept_for_alerts;
  if (candidate.later) return Remark::pacing;
  if (candidate.share >= kNear) return Remark::near_limit;
  if (sim.poor()) return Remark::refused_lately;
  if (candidate.poor) return Remark::weak_signal;
  return candidate.roaming ? Remark::roaming : Remark::none;
}

}  // namespace

Candidate Appliance::candidate_of(const Sim& sim, std::size_t index) const {
  constexpr int kWeak = 3;  // 27.007 8.5: -107 dBm
  constexpr int kAll = 100;
  const Slot& slot = *slots_[index];
  Candidate candidate{.iccid = sim.record.iccid, .name = sim.name(), .slot = static_cast<int>(index)};
  candidate.idle = free_now(slot);
  const Sim::Used all = sim.most_used(settings_, true), others = sim.most_used(settings_, false);
  candidate.usable = !sim.suspended(now_.mono) && all.share < 1 && !slot.modem.overdue();
  candidate.alerts_only = others.share >= 1;
  candidate.share = static_cast<int>(others.share * kAll);
  candidate.limit = limit_words(others.quota);
  candidate.later = now_.mono < sim.paced_until(settings_, sim.counted_at).value_or(now_.mono);
  candidate.poor = sim.poor() || (slot.view.rssi >= 0 && slot.view.rssi <= kWeak);
  candidate.roaming = slot.view.roaming;
  candidate.cost = sim.cost(settings_);
  candidate.used = sim.used;
  candidate.prefers = sim.prefers(settings_);
  candidate.home = sim.home;
  candidate.abroad_full = {sim.used_of(Quota::abroad, settings_, false) >= 1,
                           sim.used_of(Quota::abroad, settings_, true) >= 1};
  candidate.recipients_full = {sim.used_of(Quota::recipients, settings_, false) >= 1,
                               sim.used_of(Quota::recipients, settings_, true) >= 1};
  candidate.met = sim.met_now;
  candidate.remark = remark_of(candidate, sim, slot, all.share, now_.mono);
  return candidate;
}

// Where submits are stored first, the last one's slot is empty again before the next is begun: so what is
// found on a SIM after a crash is about the one that was begun last. Alerts that leave from memory don't wait
// for it.
bool Appliance::free_now(const Slot& slot) const {
  if (slot.claim || !slot.modem.can_take()) return false;
  const Sim* sim = sims_.find(slot.iccid);
  if (!sim || !sim->stores_first(settings_) || disk_away()) return true;
  return slot.modem.storing() != drivers::Storing::waiting;
}

void Appliance::refresh_candidates() {
  candidates_.clear();
  next_pace_.reset();
  ++refreshes_;
  const LocalTime now = local_time(now_.unix_ms);
  for (std::size_t i = 0; i < slots_.size(); ++i) {
    const Slot& slot = *slots_[i];
    if (slot.modem.state() != drivers::State::ready || slot.iccid.empty()) continue;
    Sim* sim = sims_.find(slot.iccid);
    if (!sim) continue;
    sims_.roll_over(*sim, now);
    const Candidate& candidate = candidates_.emplace_back(candidate_of(*sim, i));
    sim->present_at = refreshes_;
    if (candidate.usable) sim->usable_ms = now_.unix_ms;
    if (const auto until = candidate.later ? sim->paced_until(settings_, now) : std::nullopt)
      next_pace_ = std::min(next_pace_.value_or(*until), *until);
    rotate(*sim, candidate.serves(true), candidate.serves(false));
  }
  for (auto& [iccid, sim] : sims_.all())
    if (sim.present_at != refreshes_) rotate(sim, false, false);
}

// Who waits for it is looked at anew: it can serve again, or others have to.
void Appliance::rotate(Sim& sim, bool for_alerts, bool for_all) {
  if (for_alerts == sim.in_rotation && for_all == sim.for_all) return;
  sim.in_rotation = for_alerts;
  sim.for_all = for_all;
  unpark(sim);
}

bool Appliance::nobody_free() const {
  return std::none_of(slots_.begin(), slots_.end(),
                      [this](const auto& slot) { return free_now(*slot); });
}

// What was parked for this SIM, by whichever name, is looked at again.
void Appliance::unpark(const Sim& sim) {
  if (queue_.parked() == 0) return;
  const auto owner = [this](Id id) { return owner_of(id); };
  queue_.unpark(sim.record.iccid, owner);
  if (!sim.label().empty()) queue_.unpark(sim.label(), owner);
}

Id Appliance::owner_of(Id id) const {
  const Held* held = messages_.find(id);
  return held ? held->record.owner : Id{0};
}

// How many could take one of this lane now. Some modems are left free for alerts, if others are there.
std::size_t Appliance::free_modems(Lane lane) const {
  const bool alert = lane == Lane::alert;
  std::size_t serve = 0, free = 0;
  for (const Candidate& candidate : candidates_) {
    serve += candidate.serves(alert);
    free += candidate.free_for(alert);
  }
  if (alert || serve == 0) return free;
  const std::size_t kept = std::min(static_cast<std::size_t>(settings_.policy.alert_modems), serve - 1);
  return free > kept ? free - kept : 0;
}

bool Appliance::serves_now(const std::string& iccid, bool alert) const {
  return std::any_of(candidates_.begin(), candidates_.end(), [&](const Candidate& candidate) {
    return candidate.iccid == iccid && candidate.serves(alert);
  });
}

}  // namespace klaxon
