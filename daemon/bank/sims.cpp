#include "daemon/bank/sims.h"

#include <algorithm>

namespace klaxon {

namespace {
constexpr std::size_t kRefusalsInARow = 3;   // to different people: then it is the SIM
constexpr std::int64_t kMinuteMs = 60'000;
constexpr std::size_t kDays = 70;              // a month's, and what a clock that was wrong has made
constexpr std::int64_t kSuspensionMs[] = {5 * kMinuteMs, 15 * kMinuteMs, 60 * kMinuteMs};
}  // namespace

std::string Sim::label() const { return settings ? settings->label : std::string{}; }

bool LocalTime::same(Span span, const LocalTime& other) const {
  constexpr std::size_t kMonth = 7;  // of "2026-11-22"
  if (span == Span::hour) return hour == other.hour;
  return span == Span::day ? day == other.day : day.compare(0, kMonth, other.day, 0, kMonth) == 0;
}

namespace {

// Of one key: what a person set, the SIM's own line, the line for all, nothing.
template <class T>
Sourced<T> strongest(const std::optional<T>& set, const std::optional<T>* own, const std::optional<T>& for_all, T none) {
  if (set) return {*set, Source::override};
  if (own && *own) return {**own, Source::file};
  return for_all ? Sourced<T>{*for_all, Source::file} : Sourced<T>{none, Source::fallback};
}

template <class Keys>
const std::optional<std::int64_t>& limit_of(Span span, const Keys& keys) {
  if (span == Span::hour) return keys.hourly_limit;
  return span == Span::day ? keys.daily_limit : keys.monthly_limit;
}

}  // namespace

Sourced<std::int64_t> Sim::limit(Span span, const config::Settings& s) const {
  const auto* own = settings ? &limit_of(span, *settings) : nullptr;
  return strongest(limit_of(span, overrides), own, limit_of(span, s.sim_defaults), std::int64_t{0});
}

Sourced<double> Sim::weight(const config::Settings& s) const {
  return strongest(overrides.weight, settings ? &settings->weight : nullptr, s.sim_defaults.weight, 1.0);
}

bool Sim::at_limit(const config::Settings& s) const {
  return std::any_of(kSpans.begin(), kSpans.end(), [&](Span span) {
    const std::int64_t most = limit(span, s).value;
    return most > 0 && sent_in(span) >= most;
  });
}

void Sims::restore(const std::vector<SimRecord>& records, const std::vector<SimDayRecord>& days,
                   const std::vector<SimOverrideRecord>& overrides) {
  for (const SimRecord& record : records) {
    Sim& sim = sims_[record.iccid];
    sim.record = record;
    sim.settings = settings_for(record.iccid, record.imsi, record.modem);
  }
  for (const SimDayRecord& day : days) {
    Sim& sim = sims_[day.iccid];
    sim.record.iccid = day.iccid;
    sim.days[day.day] = {day.segments, day.hour, day.in_hour};
    roll_over(sim, {day.hour, day.day});
  }
  for (const SimOverrideRecord& row : overrides) {
    Sim& sim = sims_[row.iccid];
    sim.record.iccid = row.iccid;
    sim.overrides = row;
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

void Sims::roll_over(Sim& sim, const LocalTime& now) {
  if (now.same(Span::hour, sim.counted_at) && now.same(Span::day, sim.counted_at)) return;
  if (!sim.counted_at.day.empty())
    sim.days[sim.counted_at.day] = {sim.sent_in(Span::day), sim.counted_at.hour, sim.sent_in(Span::hour)};
  std::int64_t month = 0;
  for (const auto& [day, count] : sim.days)
    if (now.same(Span::month, {0, day})) month += count.segments;
  const auto known = sim.days.extract(now.day);
  const Sim::DayCount today = known ? known.mapped() : Sim::DayCount{};
  sim.sent = {today.hour == now.hour ? today.in_hour : 0, today.segments, month};
  sim.counted_at = now;
  if (sim.days.size() > kDays) sim.days.erase(sim.days.begin());
}

void Sims::begin_submit(Sim& sim, const LocalTime& now) {
  roll_over(sim, now);
  for (std::int64_t& count : sim.sent) ++count;
  sim.used += 1 / sim.weight(settings_).value;
}

void Sims::undo_submit(Sim& sim, const LocalTime& now) {
  for (const Span span : kSpans) {
    std::int64_t& count = sim.sent[static_cast<std::size_t>(span)];
    if (now.same(span, sim.counted_at) && count > 0) --count;
  }
  sim.used -= 1 / sim.weight(settings_).value;
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
