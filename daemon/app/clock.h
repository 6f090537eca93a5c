// The only place where the loop reads the time; everything on it is told. The store's threads time themselves.
#pragma once

#include <cstdint>
#include <string>

#include "at/time.h"

namespace klaxon {

struct Now {
  at::Instant mono;           // for deadlines
  std::int64_t unix_ms = 0;   // for people and rows; may step
};

Now read_clock();

// Days and hours in the zone that `timezone` names; empty: the system's.
void set_timezone(const std::string& iana_name);
std::string local_day(std::int64_t unix_ms);    // "2026-11-22"
std::int64_t local_minutes(std::int64_t unix_ms);  // since 1970 by the clock there, which shows an hour of them twice a year
// Of the day. zone: an IANA name; empty, or one that this system has not: that of `timezone`.
int local_minute(std::int64_t unix_ms, const std::string& zone = {});
std::string rfc3339(std::int64_t unix_ms);      // UTC, milliseconds

}  // namespace klaxon
