#include <algorithm>
#include <array>
#include <cctype>

#include "at/params.h"
#include "at/params_text.h"

namespace at {

namespace {

constexpr std::array<std::string_view, 8> kIccidPrefixes = {
    "+CCID:", "+ICCID:", "^ICCID:", "+QCCID:", "#CCID:", "^SCID:", "+CRSM:", "ICCID:"};

// "002B0034…": each character as four hex digits, all of them ASCII.
std::string from_ucs2_hex(std::string_view hex) {
  std::string out;
  for (std::size_t i = 0; i + 4 <= hex.size(); i += 4) {
    if (!hex.substr(i).starts_with("00")) return {};
    const auto nibble = [&](std::size_t at) {
      const char c = hex[i + at];
      return is_digit(c) ? c - '0' : std::toupper(static_cast<unsigned char>(c)) - 'A' + 10;
    };
    out.push_back(static_cast<char>(nibble(2) * 16 + nibble(3)));
  }
  return out;
}

// A dialling string and its type of address: 145 is international, whether the plus was printed or not.
std::string with_plus(std::string number, const std::vector<Param>& p, std::size_t type) {
  if (number.size() >= 8 && number.size() % 4 == 0 && number.starts_with("00") && all_hex(number))
    if (std::string plain = from_ucs2_hex(number); plain.starts_with('+') || all_digits(plain))
      number = plain;
  const bool international = type < p.size() && p[type].text == "145";
  if (international && !number.empty() && all_digits(number)) number.insert(0, 1, '+');
  return number;
}

std::string swap_nibbles(std::string s) {
  for (std::size_t i = 0; i + 1 < s.size(); i += 2) std::swap(s[i], s[i + 1]);
  return s;
}

}  // namespace

std::optional<std::string> parse_cpin(std::string_view line) {
  const auto text = after_prefix(line, "+CPIN:");
  if (!text) return std::nullopt;
  const auto p = params_of(*text);
  if (p[0].text.empty()) return std::nullopt;
  return p[0].text;
}

std::optional<std::string> parse_csca(std::string_view line) {
  const auto text = after_prefix(line, "+CSCA:");
  if (!text) return std::nullopt;
  const auto p = params_of(*text);
  std::string number = with_plus(p[0].text, p, 1);
  if (number.empty()) return std::nullopt;
  return number;
}

// 27.007 7.1: [<alpha>],<number>,<type>[,…].
std::optional<std::string> parse_cnum(std::string_view line) {
  const auto text = after_prefix(line, "+CNUM:");
  if (!text) return std::nullopt;
  const auto p = params_of(*text);
  if (p.size() < 2) return std::nullopt;
  return with_plus(p[1].text, p, 2);
}

// ITU-T E.118: starts with 89, so 98 in front is EF-ICCID's own order of nibbles (51.011 10.1.1).
std::optional<std::string> parse_iccid(std::string_view line) {
  std::string_view text = trim(line);
  bool raw_file = false;
  for (std::string_view prefix : kIccidPrefixes) {
    const auto rest = after_prefix(text, prefix);
    if (!rest) continue;
    text = *rest;
    raw_file = prefix == "+CRSM:";
    break;
  }
  const auto p = params_of(text);
  if (raw_file && p.size() < 3) return std::nullopt;
  std::string id = raw_file ? p[2].text : p[0].text;
  if (id.size() > 24 || !all_hex(id)) return std::nullopt;
  if (raw_file || id.starts_with("98")) id = swap_nibbles(id);
  while (!id.empty() && (id.back() == 'F' || id.back() == 'f')) id.pop_back();
  if (id.size() < 18 || id.size() > 22 || !all_digits(id)) return std::nullopt;
  return id;
}

std::optional<std::string> parse_imei(std::string_view line) {
  std::string_view text = trim(line);
  if (const auto rest = after_prefix(text, "+CGSN:")) text = *rest;
  const std::string imei = params_of(text)[0].text;
  if (imei.size() < 14 || imei.size() > 16 || !all_digits(imei)) return std::nullopt;
  return imei;
}

// 27.007 8.65: +CPINR: <code>,<retries>[,<default>]; +QPINC: "SC",<PIN>,<PUK>. Lines about PUK and PIN2 count
// others.
std::optional<int> parse_pin_tries(std::string_view line) {
  auto text = after_prefix(line, "+CPINR:");
  if (!text) text = after_prefix(line, "+QPINC:");
  if (!text) return std::nullopt;
  const auto p = params_of(*text);
  if (p.size() < 2 || !all_digits(p[1].text)) return std::nullopt;
  if (p[0].text != "SIM PIN" && p[0].text != "SC") return std::nullopt;
  return first_number(p[1].text);
}

}  // namespace at
