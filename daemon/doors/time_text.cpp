#include "daemon/doors/time_text.h"

#include <array>
#include <chrono>
#include <cstdio>

namespace klaxon::doors {

namespace {

using std::chrono::days;
using std::chrono::milliseconds;
using std::chrono::sys_days;
using std::chrono::sys_time;
using std::chrono::year_month_day;

struct Civil {
  int year;
  unsigned month, day;
  int weekday, hour, minute, second, milli;
};

Civil civil(std::int64_t unix_ms) {
  const sys_time<milliseconds> at{milliseconds(unix_ms)};
  const sys_days day = std::chrono::floor<days>(at);
  const year_month_day date{day};
  const std::chrono::hh_mm_ss clock{at - day};
  return {static_cast<int>(date.year()),
          static_cast<unsigned>(date.month()),
          static_cast<unsigned>(date.day()),
          static_cast<int>(std::chrono::weekday(day).c_encoding()),
          static_cast<int>(clock.hours().count()),
          static_cast<int>(clock.minutes().count()),
          static_cast<int>(clock.seconds().count()),
          static_cast<int>(clock.subseconds().count())};
}

// Reads fixed-width fields from the front of what is left.
class Scanner {
 public:
  explicit Scanner(std::string_view text) : rest_(text) {}

  std::optional<int> number(std::size_t width) {
    if (rest_.size() < width) return std::nullopt;
    int value = 0;
    for (std::size_t i = 0; i < width; ++i) {
      if (rest_[i] < '0' || rest_[i] > '9') return std::nullopt;
      value = value * 10 + (rest_[i] - '0');
    }
    rest_.remove_prefix(width);
    return value;
  }
  bool one_of(std::string_view set) {
    if (rest_.empty() || set.find(rest_.front()) == std::string_view::npos) return false;
    last_ = rest_.front();
    rest_.remove_prefix(1);
    return true;
  }
  char last() const { return last_; }
  bool done() const { return rest_.empty(); }

 private:
  std::string_view rest_;
  char last_ = 0;
};

std::optional<int> fraction_millis(Scanner& in) {
  if (!in.one_of(".")) return 0;
  int millis = 0, digits = 0;
  while (in.one_of("0123456789")) {
    if (digits < 3) millis = millis * 10 + (in.last() - '0');
    ++digits;
  }
  if (digits == 0) return std::nullopt;
  for (; digits < 3; ++digits) millis *= 10;
  return millis;
}

std::optional<int> offset_minutes(Scanner& in) {
  if (in.one_of("Zz")) return 0;
  if (!in.one_of("+-")) return std::nullopt;
  const int sign = in.last() == '-' ? -1 : 1;
  const auto hours = in.number(2);
  if (!hours || !in.one_of(":")) return std::nullopt;
  const auto minutes = in.number(2);
  if (!minutes || *hours > 23 || *minutes > 59) return std::nullopt;
  return sign * (*hours * 60 + *minutes);
}

std::optional<std::int64_t> date_millis(Scanner& in) {
  const auto year = in.number(4);
  if (!year || !in.one_of("-")) return std::nullopt;
  const auto month = in.number(2);
  if (!month || !in.one_of("-")) return std::nullopt;
  const auto day = in.number(2);
  if (!day) return std::nullopt;
  const year_month_day date{std::chrono::year(*year), std::chrono::month(static_cast<unsigned>(*month)),
                            std::chrono::day(static_cast<unsigned>(*day))};
  if (!date.ok()) return std::nullopt;
  return std::chrono::duration_cast<milliseconds>(sys_days(date).time_since_epoch()).count();
}

std::optional<std::int64_t> clock_millis(Scanner& in) {
  const auto hour = in.number(2);
  if (!hour || !in.one_of(":")) return std::nullopt;
  const auto minute = in.number(2);
  if (!minute || !in.one_of(":")) return std::nullopt;
  const auto second = in.number(2);
  if (!second || *hour > 23 || *minute > 59 || *second > 60) return std::nullopt;
  const auto millis = fraction_millis(in);
  if (!millis) return std::nullopt;
  return ((std::int64_t{*hour} * 60 + *minute) * 60 + *second) * 1000 + *millis;
}

}  // namespace

std::string rfc3339(std::int64_t unix_ms) {
  const Civil c = civil(unix_ms);
  std::array<char, 48> out{};
  const int n = std::snprintf(out.data(), out.size(), "%04d-%02u-%02uT%02d:%02d:%02d.%03dZ", c.year, c.month,
                              c.day, c.hour, c.minute, c.second, c.milli);
  return {out.data(), static_cast<std::size_t>(n)};
}

std::optional<std::int64_t> parse_rfc3339(std::string_view text) {
  Scanner in(text);
  const auto date = date_millis(in);
  if (!date || !in.one_of("Tt")) return std::nullopt;
  const auto clock = clock_millis(in);
  if (!clock) return std::nullopt;
  const auto offset = offset_minutes(in);
  if (!offset || !in.done()) return std::nullopt;
  return *date + *clock - std::int64_t{*offset} * 60'000;
}

std::string utc_day(std::int64_t unix_ms) {
  return rfc3339(unix_ms).substr(0, 10);
}

std::string http_date(std::int64_t unix_ms) {
  static constexpr std::array<const char*, 7> kDays{"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
  static constexpr std::array<const char*, 12> kMonths{"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                       "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  const Civil c = civil(unix_ms);
  std::array<char, 48> out{};
  const int n = std::snprintf(out.data(), out.size(), "%s, %02u %s %04d %02d:%02d:%02d GMT",
                              kDays[static_cast<std::size_t>(c.weekday)], c.day, kMonths[c.month - 1], c.year,
                              c.hour, c.minute, c.second);
  return {out.data(), static_cast<std::size_t>(n)};
}

std::string duration_text(std::int64_t ms) {
  constexpr std::int64_t kDay = 86'400'000;
  if (ms >= 2 * kDay && ms % kDay == 0) return std::to_string(ms / kDay) + "d";
  if (ms >= 3'600'000 && ms % 3'600'000 == 0) return std::to_string(ms / 3'600'000) + "h";
  if (ms >= 60'000 && ms % 60'000 == 0) return std::to_string(ms / 60'000) + "m";
  if (ms % 1000 == 0) return std::to_string(ms / 1000) + "s";
  return std::to_string(ms) + "ms";
}

}  // namespace klaxon::doors
