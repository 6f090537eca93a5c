#include "daemon/bank/sims.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <utility>

#include "config/countries.h"

namespace klaxon {

namespace {
constexpr std::size_t kRefusalsInARow = 3;  // to different people: then it is the SIM
constexpr std::chrono::minutes kSuspensions[] = {std::chrono::minutes(5), std::chrono::minutes(15),
                                                 std::chrono::minutes(60)};
}  // namespace

namespace {
constexpr double kRemembered = 0.7;  // of what was before, at each result
}  // namespace

SimDayRecord Sim::day_record() const {
  return {record.iccid,         counted_at.day,        sent_in(Quota::day),    counted_at.minute / 60,
          sent_in(Quota::hour), counted_at.minute,     sent_in(Quota::minute), abroad_today};
}

const std::string& Sim::name() const {
  return settings && !settings->label.empty() ? settings->label : record.iccid;
}

std::string Sim::label() const {
  return settings ? settings->label : std::string{};
}

namespace {

using Calendar = std::chrono::year_month_day;

std::optional<Calendar> calendar(const std::string& day) {
  if (day.size() != 10) return std::nullopt;
  const auto number = [&](std::size_t at, std::size_t digits) {
    return std::atoi(day.substr(at, digits).c_str());
  };
  const Calendar date{std::chrono::year(number(0, 4)),
                      std::chrono::month(static_cast<unsigned>(number(5, 2))),
                      std::chrono::day(static_cast<unsigned>(number(8, 2)))};
  return date.ok() ? std::optional(date) : std::nullopt;
}

// The first day of the month that this day is in, where months begin on that day.
Calendar begin_of_month(const Calendar& date, int starts) {
  const auto first = std::chrono::day(static_cast<unsigned>(starts));
  const Calendar here{date.year(), date.month(), first};
  return date.day() >= first ? here : here - std::chrono::months(1);
}

}  // namespace

std::string LocalTime::month(int month_starts) const {
  const auto date = calendar(day);
  if (!date) return {};
  const Calendar begun = begin_of_month(*date, month_starts);
  char text[16];
  std::snprintf(text, sizeof text, "%04d-%02u-%02u", static_cast<int>(begun.year()),
                static_cast<unsigned>(begun.month()), static_cast<unsigned>(begun.day()));
  return text;
}

bool LocalTime::same(Quota quota, const LocalTime& other, int month_starts) const {
  if (quota == Quota::minute) return minute == other.minute;
  if (quota == Quota::hour) return minute / 60 == other.minute / 60;
  if (quota == Quota::day || day == other.day) return day == other.day;
  return month(month_starts) == other.month(month_starts);
}

std::int64_t LocalTime::left_ms(Quota quota, int month_starts) const {
  constexpr std::int64_t kMinuteMs = 60'000, kHour = 60, kDay = 24 * kHour;
  if (quota == Quota::minute) return kMinuteMs;
  if (quota == Quota::hour) return (kHour - minute % kHour) * kMinuteMs;
  std::int64_t days = 1;
  const auto today = calendar(day);
  if (quota != Quota::day && today) {
    const std::chrono::sys_days next{begin_of_month(*today, month_starts) + std::chrono::months(1)};
    days = (next - std::chrono::sys_days(*today)).count();
  }
  return (days * kDay - minute % kDay) * kMinuteMs;
}

namespace {

// Of one key: what a person set, the SIM's own line, the line for all, nothing.
template <class T>
Sourced<T> strongest(const std::optional<T>& set, const std::optional<T>* own,
                     const std::optional<T>& for_all, T none) {
  if (set) return {*set, Source::override};
  if (own && *own) return {**own, Source::file};
  return for_all ? Sourced<T>{*for_all, Source::file} : Sourced<T>{none, Source::fallback};
}

}  // namespace

Sourced<std::int64_t> Sim::limit(Quota quota, const config::Settings& s) const {
  const std::size_t at = index_of(quota);
  return strongest(overrides.limits[at], settings ? &settings->limits[at] : nullptr,
                   s.sim_defaults.limits[at], std::int64_t{0});
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

double Sim::cost(const config::Settings& s) const {
  return setting(settings, s, &config::SimKeys::cost, 0.0);
}

bool Sim::paced(const config::Settings& s) const {
  return setting(settings, s, &config::SimKeys::pace, false);
}

double Sim::alert_reserve(const config::Settings& s) const {
  return setting(settings, s, &config::SimKeys::alert_reserve, 0.0);
}

bool Sim::stores_first(const config::Settings& s) const {
  return setting(settings, s, &config::SimKeys::submit, config::Submit::direct) ==
         config::Submit::store_first;
}

bool Sim::receives_directly(const config::Settings& s) const {
  return setting(settings, s, &config::SimKeys::receive, config::Receive::stored) == config::Receive::direct;
}

bool Sim::keeps_link(const config::Settings& s, bool family_does) const {
  const auto how = setting(settings, s, &config::SimKeys::link, config::Link::automatic);
  return how == config::Link::on || (how == config::Link::automatic && family_does);
}

const std::vector<std::string>* Sim::prefers(const config::Settings& s) const {
  const auto& chosen = settings && settings->prefers ? settings->prefers : s.sim_defaults.prefers;
  return chosen && !chosen->empty() ? &*chosen : nullptr;
}

int Sim::month_starts(const config::Settings& s) const {
  return setting(settings, s, &config::SimKeys::month_starts, 1);
}

double Sim::used_of(Quota quota, const config::Settings& s, bool alert) const {
  const auto allowed = static_cast<double>(limit(quota, s).value);
  if (allowed <= 0) return 0;
  const double part = alert ? 1 : 1 - alert_reserve(s);
  return static_cast<double>(sent_in(quota)) / std::max(1.0, std::floor(allowed * part));
}

Sim::Used Sim::most_used(const config::Settings& s, bool alert) const {
  Used most;
  for (const Quota quota : {Quota::minute, Quota::hour, Quota::day, Quota::month})
    if (const double share = used_of(quota, s, alert); share > most.share) most = {share, quota};
  return most;
}

bool Sim::at_limit(const config::Settings& s) const {
  return most_used(s, true).share >= 1;
}

std::int64_t Sim::room(const config::Settings& s) const {
  std::int64_t least = INT64_MAX;
  for (const Quota quota : {Quota::minute, Quota::hour, Quota::day, Quota::month})
    if (const std::int64_t allowed = limit(quota, s).value; allowed > 0)
      least = std::min(least, std::max<std::int64_t>(0, allowed - sent_in(quota)));
  return least;
}

std::optional<at::Instant> Sim::paced_until(const config::Settings& s, const LocalTime& now) const {
  if (!begun_at || !paced(s)) return std::nullopt;
  const int starts = month_starts(s);
  std::int64_t gap = 0;
  for (const Quota quota : {Quota::minute, Quota::hour, Quota::day, Quota::month}) {
    const auto most =
        static_cast<std::int64_t>(static_cast<double>(limit(quota, s).value) * (1 - alert_reserve(s)));
    if (most > sent_in(quota)) gap = std::max(gap, now.left_ms(quota, starts) / (most - sent_in(quota)));
  }
  return *begun_at + at::Millis(gap);
}

void Sims::restore(const std::vector<SimRecord>& records, const std::vector<SimDayRecord>& days,
                   const std::vector<SimOverrideRecord>& overrides,
                   const std::vector<SimRecipientRecord>& recipients) {
  for (const SimRecord& record : records) {
    Sim& sim = made(record.iccid);
    sim.record = record;
    sim.settings = settings_for(record.iccid, record.imsi, record.modem);
    sim.home = home_of(record.number);
  }
  for (const SimDayRecord& day : days) {
    Sim& sim = made(day.iccid);
    sim.record.iccid = day.iccid;
    sim.days[day.day] = {day.segments, day.abroad};
    sim.hours[day.hour] = day.in_hour;
    sim.minutes[day.minute] = day.in_minute;
  }
  for (const SimRecipientRecord& row : recipients) made(row.iccid).met[row.month].insert(row.recipient);
  for (const SimDayRecord& day : days)
    roll_over(made(day.iccid), {std::max(day.minute, day.hour * 60), day.day});
  for (const SimOverrideRecord& row : overrides) {
    Sim& sim = made(row.iccid);
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

// Of the SIM's own number; of the default country where that is not known.
std::string Sims::home_of(const std::string& number) const {
  const std::string_view own = config::e164_prefix(number);
  if (!own.empty()) return std::string(own);
  const config::Country* country = config::find_country(settings_.policy.default_country);
  return country ? std::string(country->calling_code) : std::string{};
}

Sim& Sims::seen(const std::string& iccid, const std::string& imsi, const std::string& number,
                const std::string& modem, std::int64_t now_ms) {
  Sim& sim = made(iccid);
  SimRecord& record = sim.record;
  if (record.first_seen_ms == 0) record.first_seen_ms = now_ms;
  record.iccid = iccid;
  if (!imsi.empty()) record.imsi = imsi;
  if (!number.empty()) record.number = number;
  record.modem = modem;
  record.last_seen_ms = now_ms;
  sim.settings = settings_for(iccid, record.imsi, modem);
  if (sim.settings && !sim.settings->number.empty()) record.number = sim.settings->number;
  sim.home = home_of(record.number);
  return sim;
}

Sim& Sims::made(const std::string& iccid) {
  const auto [at, fresh] = sims_.try_emplace(iccid);
  if (fresh) by_iccid_.emplace(iccid, &at->second);
  return at->second;
}

Sim* Sims::find(const std::string& iccid) {
  const auto at = by_iccid_.find(iccid);
  return at == by_iccid_.end() ? nullptr : at->second;
}

const Sim* Sims::find(const std::string& iccid) const {
  const auto at = by_iccid_.find(iccid);
  return at == by_iccid_.end() ? nullptr : at->second;
}

std::string Sims::resolve(const std::string& name) const {
  if (sims_.contains(name)) return name;
  for (const auto& [iccid, sim] : sims_)
    if (!sim.label().empty() && sim.label() == name) return iccid;
  for (const config::Sim& known : settings_.sims)
    if (!known.iccid.empty() && (known.iccid == name || known.label == name)) return known.iccid;
  return {};
}

namespace {

// The oldest go first: by then a clock that was wrong has been put right.
template <class Map>
void keep_newest(Map& map, std::size_t most) {
  while (map.size() > most) map.erase(map.begin());
}

void put_away(Sim& sim) {
  constexpr std::size_t kDays = 70, kHours = 48, kMinutes = 10;
  if (sim.counted_at.day.empty()) return;
  sim.days[sim.counted_at.day] = {sim.sent_in(Quota::day), sim.abroad_today};
  sim.hours[sim.counted_at.minute / 60] = sim.sent_in(Quota::hour);
  sim.minutes[sim.counted_at.minute] = sim.sent_in(Quota::minute);
  keep_newest(sim.days, kDays);
  keep_newest(sim.hours, kHours);
  keep_newest(sim.minutes, kMinutes);
}

}  // namespace

void Sims::roll_over(Sim& sim, const LocalTime& now) const {
  constexpr std::size_t kMonths = 4;
  if (now.minute == sim.counted_at.minute && now.day == sim.counted_at.day) return;
  const bool same_day = now.day == sim.counted_at.day;
  put_away(sim);
  const auto sent_then = [](const auto& map, std::int64_t time) {
    const auto at = map.find(time);
    return at == map.end() ? std::int64_t{0} : at->second;
  };
  sim.sent[index_of(Quota::minute)] = sent_then(sim.minutes, now.minute);
  sim.sent[index_of(Quota::hour)] = sent_then(sim.hours, now.minute / 60);
  sim.counted_at = now;
  if (same_day) return;
  const int starts = sim.month_starts(settings_);
  const auto today = sim.days.find(now.day);
  sim.sent[index_of(Quota::day)] = today == sim.days.end() ? 0 : today->second.segments;
  sim.abroad_today = today == sim.days.end() ? 0 : today->second.abroad;
  sim.sent[index_of(Quota::month)] = sim.sent[index_of(Quota::abroad)] = 0;
  for (const auto& [day, count] : sim.days) {
    if (!now.same(Quota::month, {0, day}, starts)) continue;
    sim.sent[index_of(Quota::month)] += count.segments;
    sim.sent[index_of(Quota::abroad)] += count.abroad;
  }
  keep_newest(sim.met, kMonths);
  const auto& met = sim.met[now.month(starts)];
  sim.met_now = &met;
  sim.sent[index_of(Quota::recipients)] = static_cast<std::int64_t>(met.size());
}

std::optional<SimRecipientRecord> Sims::begin_submit(Sim& sim, const std::string& to, const LocalTime& now,
                                                     at::Instant begun) {
  roll_over(sim, now);
  for (const Quota quota : {Quota::minute, Quota::hour, Quota::day, Quota::month})
    ++sim.sent[index_of(quota)];
  if (config::is_abroad(to, sim.home)) {
    ++sim.sent[index_of(Quota::abroad)];
    ++sim.abroad_today;
  }
  sim.used += 1 / sim.weight(settings_).value;
  sim.begun_before = std::exchange(sim.begun_at, begun);
  if (sim.limit(Quota::recipients, settings_).value == 0) return std::nullopt;
  auto& met = sim.met[now.month(sim.month_starts(settings_))];
  if (!met.insert(recipient_key(to)).second) return std::nullopt;
  sim.sent[index_of(Quota::recipients)] = static_cast<std::int64_t>(met.size());
  return SimRecipientRecord{sim.record.iccid, now.month(sim.month_starts(settings_)), recipient_key(to)};
}

// Whom it met stays met, and what a clock that was stepped has left behind stays counted there: that only costs a place.
void Sims::undo_submit(Sim& sim, const std::string& to, const LocalTime& begun) {
  const int starts = sim.month_starts(settings_);
  const auto undo = [&](Quota quota) {
    std::int64_t& count = sim.sent[index_of(quota)];
    if (begun.same(quota, sim.counted_at, starts) && count > 0) --count;
  };
  for (const Quota quota : {Quota::minute, Quota::hour, Quota::day, Quota::month}) undo(quota);
  if (config::is_abroad(to, sim.home)) {
    undo(Quota::abroad);
    if (begun.day == sim.counted_at.day && sim.abroad_today > 0) --sim.abroad_today;
  }
  sim.used -= 1 / sim.weight(settings_).value;
  sim.begun_at = sim.begun_before;
}

void Sims::join_rotation(Sim& sim) {
  double least = -1;
  for (const auto& [iccid, other] : sims_)
    if (&other != &sim && other.slot != kNoSlot && (least < 0 || other.used < least)) least = other.used;
  if (least >= 0) sim.used = least;
}

void Sims::count_failure(Sim& sim) {
  sim.failing = kRemembered * sim.failing + (1 - kRemembered);
}

bool Sims::count_refusal(Sim& sim, const std::string& to, at::Instant now) {
  count_failure(sim);
  sim.failed_to.insert(to);
  if (sim.failed_to.size() < kRefusalsInARow) return false;
  const std::size_t step = std::min<std::size_t>(static_cast<std::size_t>(sim.suspensions), 2);
  sim.suspended_until = now + kSuspensions[step];
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
