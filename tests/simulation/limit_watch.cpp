#include "tests/simulation/limit_watch.h"

#include <algorithm>
#include <cmath>
#include <set>

namespace simulation {

using config::Quota;

namespace {

constexpr std::int64_t kMinute = 60'000, kHour = 60 * kMinute, kDay = 24 * kHour;

}  // namespace

std::size_t LimitWatch::given(const std::string& iccid, Id message, std::size_t part, Lane lane, std::int64_t unix_ms) {
  given_.push_back({iccid, message, part, lane, unix_ms});
  return given_.size() - 1;
}

void LimitWatch::on_air(std::size_t number, bool from_memory) {
  given_[number].aired = true;
  given_[number].from_memory = from_memory;
}

void LimitWatch::ended() {
  given_.emplace_back().kill = true;
}

void LimitWatch::lifted() { limited_ = std::min(limited_, given_.size()); }

// The others may use what is not kept for alerts, but one segment at least; and what was begun is sent whole, as far as the limit goes.
void LimitWatch::hold(const Given& given, Quota quota, Window* window, const std::string& name) {
  const auto limit = rig_.settings.sim_defaults.limits[index_of(quota)].value_or(0);
  if (limit == 0) return;
  const double part = given.lane == Lane::alert || given.part > 0 ? 1 : 1 - rig_.settings.sim_defaults.alert_reserve.value_or(0);
  const auto most = std::max<std::int64_t>(1, static_cast<std::int64_t>(std::floor(static_cast<double>(limit) * part)));
  if (++window->all <= most || window->told) return;
  window->told = true;
  verdicts_.wrong("sim " + given.iccid + " went beyond " + std::string(config::quota_key(quota)) + " " + std::to_string(most) + ": segment " +
                  std::to_string(window->all) + " in " + name + ", m" + std::to_string(given.message) + " lane " +
                  std::to_string(static_cast<int>(given.lane)));
}

void LimitWatch::judge_sims() {
  struct Sim {
    std::map<std::int64_t, Window> hours, days, abroad;
    std::map<std::int64_t, std::int64_t> last_hour, last_aired;  // by day: what a kill leaves of it
    std::int64_t minute = -1, last_minute = -1;      // of what left, and of what was given at all
    Window in_minute;
  };
  std::map<std::string, Sim> sims;
  for (std::size_t k = 0; k < std::min(given_.size(), limited_); ++k) {
    const Given& given = given_[k];
    if (given.kill) {
      for (auto& [iccid, sim] : sims) {
        if (sim.last_minute != sim.minute) sim.in_minute = {};
        std::erase_if(sim.hours, [&sim = sim](const auto& hour) {
          const std::int64_t day = hour.first * kHour / kDay;
          return sim.last_hour[day] != hour.first || sim.last_aired[day] != hour.first;
        });
      }
      continue;
    }
    Sim& sim = sims[given.iccid];
    const std::int64_t minute = given.unix_ms / kMinute, hour = given.unix_ms / kHour, day = given.unix_ms / kDay;
    sim.last_hour[day] = hour;
    sim.last_minute = minute;
    if (!given.aired || given.from_memory) continue;  // and what never left may not have been on disk
    sim.last_aired[day] = hour;
    if (minute != sim.minute) sim.in_minute = {};
    sim.minute = minute;
    hold(given, Quota::minute, &sim.in_minute, "minute " + std::to_string(minute));
    hold(given, Quota::hour, &sim.hours[hour], "hour " + std::to_string(hour));
    hold(given, Quota::day, &sim.days[day], "day " + std::to_string(day));
    if (config::is_abroad(given.to, "44")) hold(given, Quota::abroad, &sim.abroad[0], "its month");
  }
}

// Different numbers in a month: a life and its clock stay within one, or begin a new one with a new count.
void LimitWatch::judge_recipients() {
  const auto limit = rig_.settings.sim_defaults.limits[index_of(Quota::recipients)].value_or(0);
  if (limit == 0) return;
  std::map<std::string, std::set<std::string>> met;
  for (std::size_t k = 0; k < std::min(given_.size(), limited_); ++k)
    if (const Given& given = given_[k]; given.aired && !given.from_memory) met[given.iccid].insert(given.to);
  for (const auto& [iccid, numbers] : met)
    if (static_cast<std::int64_t>(numbers.size()) > limit)
      verdicts_.wrong("sim " + iccid + " went beyond recipients_limit: " + std::to_string(numbers.size()) + " numbers");
}

void LimitWatch::judge() {
  judge_sims();
  judge_recipients();
}

}  // namespace simulation
