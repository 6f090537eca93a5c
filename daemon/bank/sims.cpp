#include "daemon/bank/sims.h"

#include <algorithm>
#include <chrono>
#include <cmath>

namespace klaxon {

namespace {
constexpr std::size_t kRefusalsInARow = 3;   // to different people: then it is the SIM
constexpr std::int64_t kMinuteMs = 60'000;
constexpr std::int64_t kSuspensionMs[] = {5 * kMinuteMs, 15 * kMinuteMs, 60 * kMinuteMs};
}  // namespace

namespace {
constexpr double kRemembered = 0.7;  // of what was before, at each result
}  // namespace

const std::string& Sim::name() const { return settings && !settings->label.empty() ? settings->label : record.iccid; }

std::string Sim::label() const { return settings ? settings->label : std::string{}; }

bool LocalTime::same(Span span, const LocalTime& other) const {
  constexpr std::size_t kMonth = 7;  // of "2026-11-22"
  if (span == Span::hour) return hour == other.hour;
  return span == Span::day ? day == other.day : day.compare(0, kMonth, other.day, 0, kMonth) == 0;
}

std::int64_t LocalTime::left_ms(Span span) const {
  using namespace std::chrono;
  constexpr std::int64_t kHour = 3'600'000, kDay = 24 * kHour;
  if (span == Span::hour) return kHour - of_day_ms % kHour;
  if (span == Span::day || day.size() != 10) return kDay - of_day_ms;
  const auto number = [&](std::size_t at, std::size_t digits) { return std::stoi(day.substr(at, digits)); };
  const year_month_day today{year(number(0, 4)), month(static_cast<unsigned>(number(5, 2))),
                             std::chrono::day(static_cast<unsigned>(number(8, 2)))};
  const sys_days next{(today.year() / today.month() + months(1)) / 1};
  return (next - sys_days(today)).count() * kDay - of_day_ms;
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

namespace {
template <class T>
T setting(const config::Sim* own, const config::Settings& s, std::optional<T> config::SimKeys::*key, T none) {
  if (own && own->*key) return *(own->*key);
  return (s.sim_defaults.*key).value_or(none);
}
}  // namespace

double Sim::cost(const config::Settings& s) const { return setting(settings, s, &config::SimKeys::cost, 0.0); }

bool Sim::paced(const config::Settings& s) const { return setting(settings, s, &config::SimKeys::pace, false); }

double Sim::alert_reserve(const config::Settings& s) const {
  return setting(settings, s, &config::SimKeys::alert_reserve, 0.0);
}

const std::vector<std::string>* Sim::prefers(const config::Settings& s) const {
  const auto& chosen = settings && settings->prefers ? settings->prefers : s.sim_defaults.prefers;
  return chosen && !chosen->empty() ? &*chosen : nullptr;
}

Sim::Used Sim::most_used(const config::Settings& s, bool alert) const {
  Used most;
  const double part = alert ? 1 : 1 - alert_reserve(s);
  for (const Span span : kSpans) {
    const auto allowed = static_cast<double>(limit(span, s).value);
    if (allowed <= 0) continue;
    const double share = static_cast<double>(sent_in(span)) / std::max(1.0, std::floor(allowed * part));
    if (share > most.share) most = {share, span};
  }
  return most;
}

bool Sim::at_limit(const config::Settings& s) const { return most_used(s, true).share >= 1; }

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
    if (day.day < sim.counted_at.day) continue;
    roll_over(sim, {day.hour, day.day});
    sim.sent[static_cast<std::size_t>(Span::hour)] = day.in_hour;
    sim.sent[static_cast<std::size_t>(Span::day)] = day.segments;
    sim.sent[static_cast<std::size_t>(Span::month)] += day.segments;
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
  for (const Span span : kSpans)
    if (!now.same(span, sim.counted_at)) sim.sent[static_cast<std::size_t>(span)] = 0;
  sim.counted_at = now;
}

void Sims::begin_submit(Sim& sim, const LocalTime& now, std::int64_t now_ms) {
  roll_over(sim, now);
  for (std::int64_t& count : sim.sent) ++count;
  sim.used += 1 / sim.weight(settings_).value;
  if (!sim.paced(settings_)) return;
  std::int64_t gap = 0;
  for (const Span span : kSpans) {
    const auto most = static_cast<std::int64_t>(static_cast<double>(sim.limit(span, settings_).value) *
                                                (1 - sim.alert_reserve(settings_)));
    if (most > sim.sent_in(span)) gap = std::max(gap, now.left_ms(span) / (most - sim.sent_in(span)));
  }
  sim.paced_until_ms = now_ms + gap;
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

void Sims::count_failure(Sim& sim) { sim.failing = kRemembered * sim.failing + (1 - kRemembered); }

bool Sims::count_refusal(Sim& sim, const std::string& to, std::int64_t now_ms) {
  count_failure(sim);
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
  sim.failing *= kRemembered;
}

}  // namespace klaxon
