#include "config/units.h"

#include <array>
#include <charconv>
#include <cstdint>
#include <limits>
#include <string_view>

namespace config {
namespace {

struct Unit {
  std::string_view name;
  std::int64_t millis;
};
constexpr std::array<Unit, 5> kUnits{
    {{"d", 86'400'000}, {"h", 3'600'000}, {"m", 60'000}, {"s", 1'000}, {"ms", 1}}};

}  // namespace

std::optional<Millis> parse_duration(const std::string& text) {
  std::int64_t count = 0;
  const char* end = text.data() + text.size();
  const auto [unit, error] = std::from_chars(text.data(), end, count);
  if (error != std::errc{} || count < 0) return std::nullopt;
  for (const auto& known : kUnits) {
    if (std::string_view(unit, end) != known.name) continue;
    if (count > std::numeric_limits<std::int64_t>::max() / known.millis) return std::nullopt;
    return Millis(count * known.millis);
  }
  return std::nullopt;
}

std::string format_duration(Millis duration) {
  if (duration.count() == 0) return "0s";
  for (const auto& unit : kUnits) {
    if (duration.count() % unit.millis == 0)
      return std::to_string(duration.count() / unit.millis) + std::string(unit.name);
  }
  return {};  // unreachable: every count is a number of milliseconds
}

}  // namespace config
