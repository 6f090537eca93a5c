#include <algorithm>
#include <cstddef>
#include <string_view>

#include "config/countries.h"
#include "config/settings.h"

namespace config {
namespace {

constexpr std::size_t kLongestWritten = 64;  // with all its blanks and brackets
constexpr std::size_t kShortestE164 = 7, kLongestE164 = 15;
constexpr std::size_t kShortestCode = 3, kLongestCode = 8;

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

// "+44 (0)7700 900123": the 0 is for callers at home. It goes where the country has it as trunk prefix,
// stays where it belongs to the number, and is refused where we can't tell.
bool drop_bracketed_zero(std::string* written) {
  const std::size_t at = written->find("(0)");
  if (at == std::string::npos || written->front() != '+') return true;
  std::string code;
  std::copy_if(written->begin(), written->begin() + static_cast<std::ptrdiff_t>(at), std::back_inserter(code),
               is_digit);
  const Country* country = find_calling_code(code);
  if (country == nullptr) return false;
  if (!country->zero_belongs) written->erase(at, 3);
  return true;
}

// Digits, with "+" in front if it was there. None: something that no number has.
std::optional<std::string> strip(const std::string& written) {
  std::string kept;
  for (const char c : written) {
    if (is_digit(c) || (c == '+' && kept.empty())) {
      kept += c;
    } else if (std::string_view(" \t.-()[]").find(c) == std::string_view::npos) {
      return std::nullopt;
    }
  }
  return kept;
}

std::optional<std::string> e164(std::string_view digits) {
  if (digits.size() < kShortestE164 || digits.size() > kLongestE164) return std::nullopt;
  return std::string("+").append(digits);
}

// The national (significant) number of what is dialled at home.
std::optional<std::string_view> national(std::string_view dialled, const Country& country) {
  const bool fits = country.digits != 0 && dialled.size() <= country.digits;
  // A number may begin with the digit 8 of its trunk prefix 8: then only the length tells. None begins with
  // 0.
  const bool ambiguous = !country.trunk.empty() && country.trunk.front() != '0' && fits;
  if (!country.trunk.empty() && dialled.starts_with(country.trunk) && !ambiguous) {
    dialled.remove_prefix(country.trunk.size());
  } else if (!country.trunk.empty() && dialled.size() != country.digits) {
    return std::nullopt;  // "447700900123" without its "+"
  }
  if (country.digits != 0 && dialled.size() > country.digits) return std::nullopt;
  if (country.calling_code == "1" && dialled.size() != country.digits) return std::nullopt;
  if (dialled.empty() || (dialled.front() == '0' && !country.zero_belongs)) return std::nullopt;
  return dialled;
}

}  // namespace

std::optional<std::string> normalise_number(const std::string& written, const std::string& default_country) {
  if (written.empty() || written.size() > kLongestWritten) return std::nullopt;
  std::string unbracketed = written;
  if (!drop_bracketed_zero(&unbracketed)) return std::nullopt;
  const auto stripped = strip(unbracketed);
  if (!stripped || stripped->empty()) return std::nullopt;
  const std::string_view digits = *stripped;
  if (digits.front() == '+') return e164(digits.substr(1));
  if (digits.size() < kShortestCode) return std::nullopt;
  if (digits.size() <= kLongestCode) return *stripped;
  const Country* country = find_country(default_country);
  const std::string_view abroad =
      country == nullptr || country->calling_code == "1" ? "00" : country->international;
  if (country != nullptr && !country->international.empty() && digits.starts_with(country->international))
    return e164(digits.substr(country->international.size()));
  if (!abroad.empty() && digits.starts_with(abroad)) return e164(digits.substr(abroad.size()));
  if (country == nullptr) return std::nullopt;
  const auto significant = national(digits, *country);
  if (!significant) return std::nullopt;
  return e164(std::string(country->calling_code) + std::string(*significant));
}

std::uint16_t NationalTables::languages(std::string_view number) const {
  if (!any()) return 0;
  const std::string_view prefix = e164_prefix(number);
  const auto found = std::find_if(by_prefix.begin(), by_prefix.end(),
                                  [&](const auto& entry) { return entry.first == prefix; });
  return found == by_prefix.end() ? others : found->second;
}

const QuietHours::Span* QuietHours::span_for(std::string_view number) const {
  if (!any() || number.empty() || number.front() != '+') return nullptr;
  const std::string_view prefix = e164_prefix(number);
  const auto found = std::find_if(by_prefix.begin(), by_prefix.end(),
                                  [&](const auto& entry) { return entry.first == prefix; });
  if (found != by_prefix.end()) return &found->second;
  return others ? &*others : nullptr;
}

int QuietHours::Span::minutes_left(int minute) const {
  constexpr int kDay = 24 * 60;
  const int length = (until - from + kDay) % kDay;
  const int passed = (minute - from + kDay) % kDay;
  return passed < length ? length - passed : 0;
}

std::optional<QuietHours::Span> parse_quiet_hours(const std::string& written) {
  constexpr std::size_t kHours = 11;  // of "21:00-08:00"
  const bool zoned = written.size() > kHours + 1 && written[kHours] == ' ';
  const std::string text = zoned ? written.substr(0, kHours) : written;
  const auto two = [&text](std::size_t at, int below) {
    const auto digit = [&](std::size_t i) { return text[i] >= '0' && text[i] <= '9' ? text[i] - '0' : 100; };
    const int value = 10 * digit(at) + digit(at + 1);
    return value < below ? value : -1;
  };
  if (text.size() != kHours || text[2] != ':' || text[5] != '-' || text[8] != ':') return std::nullopt;
  const int parts[] = {two(0, 24), two(3, 60), two(6, 24), two(9, 60)};
  if (std::any_of(std::begin(parts), std::end(parts), [](int part) { return part < 0; })) return std::nullopt;
  const QuietHours::Span span{60 * parts[0] + parts[1], 60 * parts[2] + parts[3],
                              zoned ? written.substr(kHours + 1) : std::string{}};
  return span.from == span.until ? std::nullopt : std::optional(span);
}

bool known_country(const std::string& iso2) {
  return find_country(iso2) != nullptr;
}

}  // namespace config
