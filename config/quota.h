// What a plan limits, by name: the same in files, rows and doors.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

namespace config {

// Segments in a minute, an hour, a day, a month; of a month those to other countries, and the different numbers written to.
enum class Quota : std::uint8_t { minute, hour, day, month, abroad, recipients };
constexpr std::array kQuotas{Quota::minute, Quota::hour, Quota::day, Quota::month, Quota::abroad, Quota::recipients};
template <class T>
using PerQuota = std::array<T, kQuotas.size()>;
constexpr std::size_t index_of(Quota quota) { return static_cast<std::size_t>(quota); }

constexpr std::int64_t kMostSegments = 1'000'000'000, kMostRecipients = 100'000;  // that a limit can be
constexpr std::int64_t most_of(Quota quota) { return quota == Quota::recipients ? kMostRecipients : kMostSegments; }

constexpr std::string_view quota_key(Quota quota) {
  constexpr PerQuota<std::string_view> kKeys{"minute_limit",  "hourly_limit",        "daily_limit",
                                             "monthly_limit", "international_limit", "recipients_limit"};
  return kKeys[index_of(quota)];
}

// Whether a number is in another country than `home`, how numbers there begin, without "+". Short codes are nowhere; nor is
// anybody, where no home is known.
constexpr bool is_abroad(std::string_view number, std::string_view home) {
  return !home.empty() && number.starts_with('+') && !number.substr(1).starts_with(home);
}

}  // namespace config
