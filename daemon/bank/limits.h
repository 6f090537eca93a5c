// What a SIM's limits count in, and whose word a setting is.
#pragma once

#include <array>
#include <cstdint>
#include <string>

#include "config/quota.h"

namespace klaxon {

using config::index_of;
using config::kQuotas;
using config::PerQuota;
using config::Quota;

// By the clock and the calendar of `timezone`.
struct LocalTime {
  std::int64_t minute = 0;  // since 1970 by that clock
  std::string day;          // "2026-11-22"
  // Whether what is counted for this quota goes on. month_starts: the day on which months begin, 1 to 28.
  bool same(Quota, const LocalTime&, int month_starts) const;
  std::int64_t left_ms(Quota, int month_starts) const;  // until it begins anew, on a day of 24 hours
  std::string month(int month_starts) const;            // its first day
};

// The strongest comes last.
enum class Source : std::uint8_t { fallback, file, override };
template <class T>
struct Sourced {
  T value{};
  Source source = Source::fallback;
};

}  // namespace klaxon
