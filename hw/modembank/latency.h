// How long a simulated modem takes for something: a constant or a distribution.
#pragma once

#include <chrono>
#include <optional>
#include <random>
#include <string_view>

namespace modembank {

using Rng = std::mt19937_64;
using Duration = std::chrono::nanoseconds;

// "2s", "10ms", "1.5s", "500us", "2m"; at most a day. A unit is needed, except for 0.
std::optional<Duration> parse_duration(std::string_view);

class Latency {
 public:
  Latency() = default;  // none
  static Latency constant(Duration);
  // "2s" constant; "2s..4s" uniform; "lognormal:2s:0.3": median 2 s, sigma 0.3 (0 to 3).
  static std::optional<Latency> parse(std::string_view);
  Duration sample(Rng&) const;  // at most a day

 private:
  enum class Shape { constant, uniform, lognormal };
  Shape shape_ = Shape::constant;
  Duration low_{0}, high_{0};
  double sigma_ = 0;
};

}  // namespace modembank
