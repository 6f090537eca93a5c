#include "daemon/bank/sims.h"

#include <algorithm>

namespace klaxon {

namespace {
constexpr std::size_t kRefusalsInARow = 3;   // to different people: then it is the SIM
constexpr std::int64_t kMinuteMs = 60'000;
constexpr std::int64_t kSuspensionMs[] = {5 * kMinuteMs, 15 * kMinuteMs, 60 * kMinuteMs};
}  // namespace

std::string Sim::label() const { return settings ? settings->label : std::string{}; }

std::int64_t Sim::daily_limit(const config::Settings& s) const {
  if (settings && settings->daily_limit) return *settings->daily_limit;
  return s.sim_defaults.daily_limit.value_or(0);
}

double Sim::weight(const config::Settings& s) const {
  if (settings && settings->weight) return *settings->weight;
  return s.sim_defaults.weight.value_or(1);
}

void Sims::restore(const std::vector<SimRecord>& records, const std::vector<SimDayRecord>& days) {
  for (const SimRecord& record : records) {
    Sim& sim = sims_[record.iccid];
    sim.record = record;
    sim.settings = settings_for(record.iccid, record.imsi, record.modem);
  }
  for (const SimDayRecord& day : days) {
    Sim& sim = sims_[day.iccid];
    sim.record.iccid = day.iccid;
    if (day.day < sim.day) continue;
    sim.day = day.day;
    sim.sent_today = day.segments;
  }
}

const config::Sim* Sims::settings_for(const std::string& iccid, const std::string& imsi,
                                      const std::string& modem) const {
  for (const config::Sim& candidate : settings_.sims) {
    const bool fits = (!candidate.iccid.empty() && candidate.iccid == iccid) ||
                      (!candidate.imsi.empty() && candidate.imsi == imsi) ||
                      (!candidate.modem.empty() && candidate.modem == modem);
    if (fits) return &candidate;
  }
  return nullptr;
}

Sim& Sims::seen(const std::string& iccid, const std::string& imsi, const std::string& number,
                const std::string& modem, std::int64_t now_ms) {
  Sim& sim = sims_[iccid];
  SimRecord& record = sim.record;
  if (record.first_seen_ms == 0) record.first_seen_ms = now_ms;
  record.iccid = iccid;
  if (!imsi.empty()) record.imsi = imsi;
  if (!number.empty()) record.number = number;
  record.modem = modem;
  record.last_seen_ms = now_ms;
  sim.settings = settings_for(iccid, record.imsi, modem);
  if (sim.settings && !sim.settings->number.empty()) record.number = sim.settings->number;
  return sim;
}

Sim* Sims::find(const std::string& iccid) {
  const auto at = sims_.find(iccid);
  return at == sims_.end() ? nullptr : &at->second;
}

const Sim* Sims::find(const std::string& iccid) const {
  const auto at = sims_.find(iccid);
  return at == sims_.end() ? nullptr : &at->second;
}

std::string Sims::resolve(const std::string& name) const {
  if (sims_.contains(name)) return name;
  for (const auto& [iccid, sim] : sims_)
    if (!sim.label().empty() && sim.label() == name) return iccid;
  for (const config::Sim& known : settings_.sims)
    if (!known.iccid.empty() && (known.iccid == name || known.label == name)) return known.iccid;
  return {};
}

void Sims::roll_over(Sim& sim, const std::string& day) {
  if (sim.day == day) return;
  sim.day = day;
  sim.sent_today = 0;
}

void Sims::begin_submit(Sim& sim, const std::string& day) {
  roll_over(sim, day);
  ++sim.sent_today;
  sim.used += 1 / sim.weight(settings_);
}

void Sims::undo_submit(Sim& sim, const std::string& day) {
  if (sim.day == day && sim.sent_today > 0) --sim.sent_today;
  sim.used -= 1 / sim.weight(settings_);
}

void Sims::join_rotation(Sim& sim) {
  double least = -1;
  for (const auto& [iccid, other] : sims_)
    if (&other != &sim && other.slot != kNoSlot && (least < 0 || other.used < least)) least = other.used;
  if (least >= 0) sim.used = least;
}

bool Sims::count_refusal(Sim& sim, const std::string& to, std::int64_t now_ms) {
  sim.failed_to.insert(to);
  if (sim.failed_to.size() < kRefusalsInARow) return false;
  const std::size_t step = std::min<std::size_t>(static_cast<std::size_t>(sim.suspensions), 2);
  sim.suspended_until_ms = now_ms + kSuspensionMs[step];
  ++sim.suspensions;
  sim.failed_to.clear();
  return true;
}

void Sims::count_success(Sim& sim) {
  sim.failed_to.clear();
  sim.suspensions = 0;
}

}  // namespace klaxon
