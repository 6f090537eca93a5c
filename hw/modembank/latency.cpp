#include "hw/modembank/latency.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <string>

namespace modembank {
namespace {

constexpr Duration kLongest = std::chrono::hours(24);

struct Unit {
  std::string_view name;
  double nanoseconds;
};
constexpr std::array kUnits = {Unit{"us", 1e3}, Unit{"ms", 1e6}, Unit{"s", 1e9}, Unit{"m", 60e9},
                               Unit{"h", 3600e9}};

std::optional<double> parse_number(std::string_view text, std::string_view* rest) {
  double value = 0;
  const auto [end, error] =
      std::from_chars(text.data(), text.data() + text.size(), value, std::chars_format::fixed);
  if (error != std::errc() || !std::isfinite(value) || value < 0) return std::nullopt;
  *rest = text.substr(static_cast<std::size_t>(end - text.data()));
  return value;
}

}  // namespace

std::optional<Duration> parse_duration(std::string_view text) {
  std::string_view unit;
  const auto value = parse_number(text, &unit);
  if (!value) return std::nullopt;
  if (unit.empty() && *value == 0) return Duration{0};
  const auto* known =
      std::find_if(kUnits.begin(), kUnits.end(), [&](const Unit& u) { return u.name == unit; });
  if (known == kUnits.end() || *value * known->nanoseconds > double(kLongest.count())) return std::nullopt;
  return Duration(std::llround(*value * known->nanoseconds));
}

Latency Latency::constant(Duration d) {
  Latency latency;
  latency.low_ = latency.high_ = d;
  return latency;
}

std::optional<Latency> Latency::parse(std::string_view text) {
  constexpr std::string_view kLognormal = "lognormal:";
  Latency latency;
  std::optional<Duration> low, high;
  if (text.starts_with(kLognormal)) {
    text.remove_prefix(kLognormal.size());
    const auto colon = text.find(':');
    if (colon == text.npos) return std::nullopt;
    std::string_view rest;
    const auto sigma = parse_number(text.substr(colon + 1), &rest);
    if (!sigma || !rest.empty() || *sigma > 3) return std::nullopt;
    low = high = parse_duration(text.substr(0, colon));
    latency.shape_ = Shape::lognormal;
    latency.sigma_ = *sigma;
  } else if (const auto dots = text.find(".."); dots != text.npos) {
    low = parse_duration(text.substr(0, dots));
    high = parse_duration(text.substr(dots + 2));
    latency.shape_ = Shape::uniform;
  } else {
    low = high = parse_duration(text);
  }
  if (!low || !high || *high < *low) return std::nullopt;
  latency.low_ = *low;
  latency.high_ = *high;
  return latency;
}

Duration Latency::sample(Rng& rng) const {
  if (shape_ == Shape::constant) return low_;
  if (shape_ == Shape::uniform) {
    return Duration(std::uniform_int_distribution<Duration::rep>(low_.count(), high_.count())(rng));
  }
  std::normal_distribution<double> normal(0, sigma_);
  const double drawn = double(low_.count()) * std::exp(normal(rng));
  return Duration(std::llround(std::min(drawn, double(kLongest.count()))));
}

}  // namespace modembank
