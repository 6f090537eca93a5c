#include <algorithm>
#include <array>
#include <chrono>

#include "at/params.h"
#include "at/params_text.h"

namespace at {

namespace {

constexpr int kMaxZone = 96;

// The digits at the text's start, at most `most` of them, taken off together with the separator behind them.
std::optional<int> take_number(std::string_view* text, std::size_t most, std::string_view separators) {
  const auto end = std::min(text->find_first_not_of("0123456789"), text->size());
  if (end > most) return std::nullopt;
  const auto value = decimal(text->substr(0, end));
  text->remove_prefix(end);
  if (separators.empty()) return value;
  if (text->empty() || separators.find(text->front()) == std::string_view::npos) return std::nullopt;
  text->remove_prefix(1);
  *text = trim(*text);
  return value;
}

// "+08", "-20"; a daylight saving flag may follow.
std::optional<int> zone_of(std::string_view text) {
  const bool west = text.front() == '-';
  text.remove_prefix(1);
  const auto quarters = take_number(&text, 2, {});
  if (!quarters || *quarters > kMaxZone) return std::nullopt;
  return west ? -*quarters : *quarters;
}

bool is_date(const ClockTime& t) {
  const std::chrono::year_month_day date{std::chrono::year{t.year},
                                         std::chrono::month{static_cast<unsigned>(t.month)},
                                         std::chrono::day{static_cast<unsigned>(t.day)}};
  return t.year >= 1000 && date.ok() && t.hour <= 23 && t.minute <= 59 && t.second <= 59;
}

}  // namespace

// 27.007 8.15: "yy/MM/dd,hh:mm:ss±zz"; some print four digits of the year, or no zone.
std::optional<ClockTime> parse_cclk(std::string_view line) {
  const auto rest = after_prefix(line, "+CCLK:");
  if (!rest) return std::nullopt;
  std::string bare(*rest);
  std::erase(bare, '"');
  std::string_view text = trim(bare);
  static constexpr std::array<std::string_view, 6> kSeparators = {"/", "/", ",", ":", ":", ""};
  std::array<int, 6> field{};
  for (std::size_t i = 0; i < field.size(); ++i) {
    const auto value = take_number(&text, i == 0 ? 4 : 2, kSeparators[i]);
    if (!value) return std::nullopt;
    field[i] = *value;
  }
  if (field[0] < 100) field[0] += field[0] < 70 ? 2000 : 1900;
  ClockTime out{field[0], field[1], field[2], field[3], field[4], field[5], std::nullopt};
  if (!is_date(out)) return std::nullopt;
  if (text.empty()) return out;
  out.zone = text.front() == '+' || text.front() == '-' ? zone_of(text) : std::nullopt;
  if (!out.zone) return std::nullopt;
  return out;
}

}  // namespace at
