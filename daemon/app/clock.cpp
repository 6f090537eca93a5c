#include "daemon/app/clock.h"

#include <date/tz.h>

#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <exception>
#include <optional>

namespace klaxon {

Now read_clock() {
  const auto wall = std::chrono::system_clock::now().time_since_epoch();
  return {std::chrono::steady_clock::now(),
          std::chrono::duration_cast<std::chrono::milliseconds>(wall).count()};
}

void set_timezone(const std::string& iana_name) {
  if (!iana_name.empty()) ::setenv("TZ", iana_name.c_str(), 1);
  ::tzset();
}

std::string local_day(std::int64_t unix_ms) {
  const std::time_t seconds = static_cast<std::time_t>(unix_ms / 1000);
  std::tm local{};
  ::localtime_r(&seconds, &local);
  char text[16];
  std::strftime(text, sizeof text, "%Y-%m-%d", &local);
  return text;
}

std::int64_t local_minutes(std::int64_t unix_ms) {
  constexpr std::int64_t kMinute = 60;
  const std::time_t seconds = static_cast<std::time_t>(unix_ms / 1000);
  std::tm local{};
  ::localtime_r(&seconds, &local);
  return (static_cast<std::int64_t>(seconds) + local.tm_gmtoff) / kMinute;
}

namespace {
std::optional<int> minute_in(const std::string& zone, std::int64_t unix_ms) {
  constexpr int kMinutesOfDay = 24 * 60;
  try {
    const date::sys_seconds at{std::chrono::seconds(unix_ms / 1000)};
    const auto local = date::floor<std::chrono::minutes>(date::locate_zone(zone)->to_local(at));
    return static_cast<int>(local.time_since_epoch().count() % kMinutesOfDay);
  } catch (const std::exception&) {  // the tables went away after they were looked at
    return std::nullopt;
  }
}
}  // namespace

int local_minute(std::int64_t unix_ms, const std::string& zone) {
  if (!zone.empty())
    if (const auto minute = minute_in(zone, unix_ms)) return *minute;
  const std::time_t seconds = static_cast<std::time_t>(unix_ms / 1000);
  std::tm local{};
  ::localtime_r(&seconds, &local);
  return 60 * local.tm_hour + local.tm_min;
}

std::string rfc3339(std::int64_t unix_ms) {
  const std::time_t seconds = static_cast<std::time_t>(unix_ms / 1000);
  std::tm utc{};
  ::gmtime_r(&seconds, &utc);
  char date[24];
  std::strftime(date, sizeof date, "%Y-%m-%dT%H:%M:%S", &utc);
  char text[40];
  std::snprintf(text, sizeof text, "%s.%03dZ", date, static_cast<int>(unix_ms % 1000));
  return text;
}

}  // namespace klaxon
