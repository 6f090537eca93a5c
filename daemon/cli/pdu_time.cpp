#include "daemon/cli/pdu_time.h"

#include <chrono>
#include <cstdlib>

namespace klaxon::cli {
namespace {

constexpr int kQuarter = 15 * 60;
constexpr int kMostQuarters = 79;

// "YYYY-MM-DDThh:mm:ss" with digits where the pattern has a 9, and the same character elsewhere.
bool matches(std::string_view text, std::string_view pattern) {
  if (text.size() != pattern.size()) return false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool digit = text[i] >= '0' && text[i] <= '9';
    if (pattern[i] == '9' ? !digit : text[i] != pattern[i]) return false;
  }
  return true;
}

int number(std::string_view text, std::size_t from, std::size_t size) {
  int value = 0;
  for (const char c : text.substr(from, size)) value = value * 10 + (c - '0');
  return value;
}

std::string two_digits(unsigned value) {
  return (value < 10 ? "0" : "") + std::to_string(value);
}

std::optional<int> offset_quarters(std::string_view zone) {
  if (zone == "Z" || zone == "z") return 0;
  if (!matches(zone, "+99:99") && !matches(zone, "-99:99")) return std::nullopt;
  const int minutes = number(zone, 1, 2) * 60 + number(zone, 4, 2);
  if (minutes % 15 != 0 || minutes / 15 > kMostQuarters) return std::nullopt;
  return zone[0] == '-' ? -minutes / 15 : minutes / 15;
}

}  // namespace

std::optional<std::string> iso_of(const at::Timestamp& timestamp) {
  if (!timestamp.unix_seconds) return std::nullopt;
  const std::chrono::sys_seconds local{
      std::chrono::seconds{*timestamp.unix_seconds + timestamp.offset_quarters * kQuarter}};
  const auto day = std::chrono::floor<std::chrono::days>(local);
  const std::chrono::year_month_day date{day};
  const auto rest = static_cast<unsigned>((local - day).count());
  const auto minutes = static_cast<unsigned>(std::abs(timestamp.offset_quarters)) * 15;
  return std::to_string(static_cast<int>(date.year())) + "-" +
         two_digits(static_cast<unsigned>(date.month())) + "-" +
         two_digits(static_cast<unsigned>(date.day())) + "T" + two_digits(rest / 3600) + ":" +
         two_digits(rest / 60 % 60) + ":" + two_digits(rest % 60) +
         (timestamp.offset_quarters < 0 ? "-" : "+") + two_digits(minutes / 60) + ":" +
         two_digits(minutes % 60);
}

std::optional<std::array<std::uint8_t, 7>> timestamp_of(std::string_view iso) {
  constexpr std::size_t kClock = 19;
  if (iso.size() <= kClock || !matches(iso.substr(0, kClock), "9999-99-99T99:99:99")) return std::nullopt;
  const auto offset = offset_quarters(iso.substr(kClock));
  const int year = number(iso, 0, 4);
  const std::chrono::year_month_day date{std::chrono::year{year},
                                         std::chrono::month{static_cast<unsigned>(number(iso, 5, 2))},
                                         std::chrono::day{static_cast<unsigned>(number(iso, 8, 2))}};
  const int hour = number(iso, 11, 2), minute = number(iso, 14, 2), second = number(iso, 17, 2);
  if (!offset || !date.ok() || year < 1970 || year > 2069 || hour > 23 || minute > 59 || second > 59)
    return std::nullopt;
  const auto days = std::chrono::sys_days{date}.time_since_epoch().count();
  const std::int64_t local = std::int64_t{days} * 86400 + hour * 3600 + minute * 60 + second;
  return at::encode_timestamp(local - std::int64_t{*offset} * kQuarter, *offset);
}

}  // namespace klaxon::cli
