// What a SIM's limits count in, and whose word a setting is.
#pragma once

#include <array>
#include <cstdint>
#include <string>

namespace klaxon {

// An hour, a day and a month by the clock of `timezone`.
enum class Span : std::uint8_t { hour, day, month };
constexpr std::array kSpans{Span::hour, Span::day, Span::month};

struct LocalTime {
  std::int64_t hour = 0;  // since 1970 by that clock
  std::string day;        // "2026-11-22"
  std::int64_t of_day_ms = 0;  // since midnight by that clock
  bool same(Span, const LocalTime&) const;
  std::int64_t left_ms(Span) const;  // until the span ends, on a day of 24 hours
};

// The strongest comes last.
enum class Source : std::uint8_t { fallback, file, override };
template <class T>
struct Sourced {
  T value{};
  Source source = Source::fallback;
};

}  // namespace klaxon
