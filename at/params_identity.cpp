#include <algorithm>
#include <array>

#include "at/params.h"
#include "at/params_text.h"

namespace at {

namespace {

constexpr std::array<std::string_view, 8> kIccidPrefixes = {
    "+CCID:", "+ICCID:", "^ICCID:", "+QCCID:", "#CCID:", "^SCID:", "+CRSM:", "ICCID:"};

std::string swap_nibbles(std::string s) {
  for (std::size_t i = 0; i + 1 < s.size(); i += 2) std::swap(s[i], s[i + 1]);
  return s;
}

}  // namespace

std::optional<std::string> parse_cpin(std::string_view line) {
  const auto text = after_prefix(line, "+CPIN:");
  if (!text) return std::nullopt;
  const auto p = raw_params_of(*text);
  if (p[0].text.empty()) return std::nullopt;
  return p[0].text;
}

std::optional<ServiceCentre> parse_csca(std::string_view line, Charset charset) {
  const auto text = after_prefix(line, "+CSCA:");
  if (!text) return std::nullopt;
  const auto p = raw_params_of(*text);
  const auto type = decimal(param_at(p, 1).text);
  return ServiceCentre{number_in(charset, p[0].text, type), type};
}

// 27.007 7.1: [<alpha>],<number>,<type>[,…]; some leave the <alpha> out with its comma.
std::optional<OwnNumber> parse_cnum(std::string_view line, Charset charset) {
  const auto text = after_prefix(line, "+CNUM:");
  if (!text) return std::nullopt;
  const auto p = params_of(*text);
  if (p.size() < 2) return std::nullopt;
  const bool no_alpha = p.size() == 2 && p[0].quoted && !p[1].quoted && decimal(p[1].text);
  const auto type = decimal(param_at(p, no_alpha ? 1 : 2).text);
  return OwnNumber{number_in(charset, p[no_alpha ? 0 : 1].text, type), type};
}

// ITU-T E.118: starts with 89, so 98 in front is EF-ICCID's own order of nibbles (51.011 10.1.1). EF-ICCID
// holds any nibble, and letters are in use; but only a number is believed to be one without the 89.
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
  const auto p = raw_params_of(text);
  std::string id = param_at(p, raw_file ? 2 : 0).text;
  if (id.size() > 24 || !all_hex(id)) return std::nullopt;
  if (raw_file || id.starts_with("98")) id = swap_nibbles(id);
  while (!id.empty() && (id.back() == 'F' || id.back() == 'f')) id.pop_back();
  const bool believed = all_digits(id) || id.starts_with("89");
  if (id.size() < 18 || id.size() > 22 || !believed) return std::nullopt;
  return id;
}

std::optional<std::string> parse_imei(std::string_view line) {
  std::string_view text = trim(line);
  if (const auto rest = after_prefix(text, "+CGSN:")) text = *rest;
  const std::string imei = raw_params_of(text)[0].text;
  if (imei.size() < 14 || imei.size() > 16 || !all_digits(imei)) return std::nullopt;
  return imei;
}

// 27.007 8.65: +CPINR: <code>,<retries>[,<default>]; +QPINC: "SC",<PIN>,<PUK>. Lines about PUK and PIN2 count
// others.
std::optional<int> parse_pin_tries(std::string_view line) {
  auto text = after_prefix(line, "+CPINR:");
  if (!text) text = after_prefix(line, "+QPINC:");
  if (!text) return std::nullopt;
  const auto p = raw_params_of(*text);
  if (p[0].text != "SIM PIN" && p[0].text != "SC") return std::nullopt;
  return decimal(param_at(p, 1).text);
}

std::string identification(std::string_view line) {
  std::string_view text = trim(line);
  for (std::string_view prefix : {"+CGMI:", "+CGMM:", "+CGMR:", "+GMI:", "+GMM:", "+GMR:", "Revision:"})
    if (const auto rest = after_prefix(text, prefix)) text = *rest;
  if (text.size() > 1 && text.front() == '"' && text.back() == '"') text = text.substr(1, text.size() - 2);
  return std::string(text);
}

}  // namespace at
