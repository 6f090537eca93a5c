#include <algorithm>
#include <chrono>
#include <cstdlib>

#include "at/tpdu.h"

namespace at {
namespace {

constexpr int kSecondsPerQuarter = 900;
constexpr int kMaxQuarters = 79;  // two decimal digits whose first has three bits

// A digit above 9 counts as 0 (23.040 9.2.3.11); *whole tells that there was one.
int swapped_decimal(std::uint8_t octet, bool* whole) {
  int tens = octet & 0x0F, units = octet >> 4;
  if (tens > 9 || units > 9) *whole = false;
  if (tens > 9) tens = 0;
  if (units > 9) units = 0;
  return tens * 10 + units;
}

std::uint8_t swap_decimal(int value) {
  return static_cast<std::uint8_t>(value % 10 << 4 | value / 10);
}

// The sign is bit 3 of the octet as it travels: the top bit of the tens digit.
int quarters(std::uint8_t octet, bool* whole) {
  if (octet >> 4 > 9) {  // FF and the like: no zone at all
    *whole = false;
    return 0;
  }
  const int value = swapped_decimal(octet & 0xF7, whole);
  return octet & 0x08 ? -value : value;
}

// The two digits of the year mean 1970 to 2069: SC clocks that start in 1980 or 1999 exist. Second 60 is the
// next minute: SCs write leap seconds, and some write it without one.
std::optional<std::int64_t> local_seconds(const std::array<std::uint8_t, 7>& raw, bool* whole) {
  std::array<int, 6> field{};
  for (std::size_t i = 0; i < field.size(); ++i) field[i] = swapped_decimal(raw[i], whole);
  const auto [yy, month, day, hour, minute, second] = field;
  const std::chrono::year_month_day date{std::chrono::year{yy < 70 ? 2000 + yy : 1900 + yy},
                                         std::chrono::month{static_cast<unsigned>(month)},
                                         std::chrono::day{static_cast<unsigned>(day)}};
  if (!date.ok() || hour > 23 || minute > 59 || second > 60) return std::nullopt;
  const std::int64_t days = std::chrono::sys_days{date}.time_since_epoch().count();
  return days * 86400 + hour * 3600 + minute * 60 + second;
}

}  // namespace

Timestamp decode_timestamp(const std::uint8_t* seven_octets) {
  Timestamp timestamp;
  std::copy_n(seven_octets, timestamp.raw.size(), timestamp.raw.begin());
  bool digits = true;
  const int offset = quarters(timestamp.raw[6], &digits);
  const auto local = local_seconds(timestamp.raw, &digits);
  if (!local) return timestamp;
  timestamp.offset_quarters = offset;
  timestamp.unix_seconds = *local - std::int64_t{offset} * kSecondsPerQuarter;
  timestamp.whole = digits;
  return timestamp;
}

std::array<std::uint8_t, 7> encode_timestamp(std::int64_t unix_seconds, int offset_quarters) {
  const int offset = std::clamp(offset_quarters, -kMaxQuarters, kMaxQuarters);
  const std::chrono::sys_seconds local{
      std::chrono::seconds{unix_seconds + std::int64_t{offset} * kSecondsPerQuarter}};
  const auto day = std::chrono::floor<std::chrono::days>(local);
  const std::chrono::year_month_day date{day};
  const int rest = static_cast<int>((local - day).count());
  const int year = ((static_cast<int>(date.year()) % 100) + 100) % 100;
  const auto zone = swap_decimal(std::abs(offset));
  return {swap_decimal(year),
          swap_decimal(static_cast<int>(static_cast<unsigned>(date.month()))),
          swap_decimal(static_cast<int>(static_cast<unsigned>(date.day()))),
          swap_decimal(rest / 3600),
          swap_decimal(rest / 60 % 60),
          swap_decimal(rest % 60),
          static_cast<std::uint8_t>(offset < 0 ? zone | 0x08 : zone)};
}

}  // namespace at
