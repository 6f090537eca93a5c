#include "at/mask.h"

#include <algorithm>
#include <array>
#include <utility>

#include "at/mask_digits.h"
#include "at/params_text.h"
#include "at/result.h"
#include "at/ussd.h"

namespace at {

namespace {

constexpr char kCtrlZ = '\x1A';
constexpr std::size_t kNumber = 7;     // digits from which on it may be somebody's
constexpr std::size_t kLooseHex = 30;  // longer than an ICCID, and mostly a PDU
constexpr std::string_view kGone = "****";

// What it takes as secrets: all parameters after so many.
struct Secret {
  std::string_view command;
  std::size_t open;
};
constexpr std::array kSecrets = {Secret{"+CPIN=", 0},   Secret{"+CPIN2=", 0},    Secret{"+CPWD=", 1},
                                 Secret{"+CLCK=", 2},   Secret{"^CARDLOCK=", 0}, Secret{"^CPIN=", 0},
                                 Secret{"+SPIC=", 0},   Secret{"+QCPIN=", 0},    Secret{"+CGAUTH=", 2},
                                 Secret{"+QICSGP=", 3}, Secret{"^AUTHDATA=", 2}, Secret{"+UAUTHREQ=", 2}};
// A line of data, or a text, follows these (27.005 3.4).
constexpr std::array<std::string_view, 5> kBeforeData = {"+CMGR:", "+CMGL:", "+CMT:", "+CDS:", "+CBM:"};
// Their quotes hold people's names.
constexpr std::array<std::string_view, 5> kNames = {"+CNUM:", "+CPBR:", "+CPBF:", "+CLIP:", "+CCWA:"};

char upper(char c) {
  return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
}
bool is_letter(char c) {
  return (upper(c) >= 'A' && upper(c) <= 'Z') || static_cast<unsigned char>(c) >= 0x80;
}

std::size_t find_any_case(std::string_view text, std::string_view wanted, std::size_t from) {
  const auto same = [](char a, char b) { return upper(a) == upper(b); };
  const auto found = std::search(text.begin() + static_cast<std::ptrdiff_t>(from), text.end(), wanted.begin(),
                                 wanted.end(), same);
  return found == text.end() ? std::string_view::npos : static_cast<std::size_t>(found - text.begin());
}

std::string blank(std::string_view text) {
  std::string out(text);
  const bool hex = text.size() >= 4 && all_hex(text);
  for (char& c : out) c = hex || is_digit(c) ? '0' : is_letter(c) ? 'x' : c;
  return out;
}

// "*100#" tells nothing of anybody; what stands in a menu's answer may.
std::string blank_request(std::string_view text) {
  if (text.empty() || (text.front() != '*' && text.front() != '#')) return blank(text);
  std::string out(text);
  for (std::size_t i = 0; i < out.size();) {
    std::size_t end = i;
    while (end < out.size() && is_digit(out[end])) ++end;
    if (end - i > 3)
      std::fill(out.begin() + static_cast<std::ptrdiff_t>(i), out.begin() + static_cast<std::ptrdiff_t>(end),
                '0');
    i = std::max(end, i + 1);
  }
  return out;
}

std::string shorten_numbers(std::string line) {
  for (std::size_t i = 0; i < line.size();) {
    std::size_t end = i;
    while (end < line.size() && is_digit(line[end])) ++end;
    if (end - i >= kNumber)
      line.replace(i, end - i, shorten_digits(std::string_view(line).substr(i, end - i)));
    i = std::max(end, i + 1);
  }
  return line;
}

std::string without_secrets(std::string line) {
  if (line.find('=') == std::string::npos) return line;
  for (const Secret& secret : kSecrets) {
    for (std::size_t at = find_any_case(line, secret.command, 0); at != std::string::npos;
         at = find_any_case(line, secret.command, at)) {
      at += secret.command.size();
      std::size_t end = std::min(line.find_first_of(";\r", at), line.size());
      std::string shown;
      std::size_t n = 0;
      for (const Param& param : params_of(std::string_view(line).substr(at, end - at))) {
        if (n > 0) shown += ',';
        const std::string text = n >= secret.open ? std::string(kGone) : param.text;
        shown += param.quoted || n >= secret.open ? '"' + text + '"' : text;
        ++n;
      }
      if (line.substr(at, end - at) != "?") line.replace(at, end - at, shown);
    }
  }
  return line;
}

// `change` of what stands between the first quote after `from` and the last one; to the end where it is open.
template <class Change>
std::string within_quotes(std::string line, std::size_t from, Change change) {
  const std::size_t open = line.find('"', from);
  if (open == std::string::npos) return line;
  std::size_t close = line.rfind('"');
  if (close == open) close = line.size();
  return line.replace(open + 1, close - open - 1,
                      change(std::string_view(line).substr(open + 1, close - open - 1)));
}

std::string blank_names(std::string line) {
  for (std::size_t open = line.find('"'); open != std::string::npos;) {
    const std::size_t close = std::min(line.find('"', open + 1), line.size());
    const std::string inside = line.substr(open + 1, close - open - 1);
    if (std::any_of(inside.begin(), inside.end(), is_letter))
      line.replace(open + 1, inside.size(), blank(inside));
    open = close < line.size() ? line.find('"', close + 1) : std::string::npos;
  }
  return line;
}

template <class Prefixes>
std::string_view prefix_of(std::string_view line, const Prefixes& prefixes) {
  for (const std::string_view prefix : prefixes)
    if (line.starts_with(prefix)) return prefix;
  return {};
}

std::string entered(std::string_view text) {
  const bool ended = text.ends_with(kCtrlZ);
  if (ended) text.remove_suffix(1);
  return (all_hex(text) ? mask_pdu(text) : blank(text)) + (ended ? "\x1A" : "");
}

}  // namespace

std::string shorten_digits(std::string_view digits) {
  if (digits.size() < kNumber) return std::string(digits);
  const std::size_t first = digits.size() >= 14 ? 6 : digits.size() >= 10 ? 4 : 2;
  const std::size_t last = digits.size() >= 14 ? 3 : 2;
  std::string out(digits);
  std::fill(out.begin() + static_cast<std::ptrdiff_t>(first), out.end() - static_cast<std::ptrdiff_t>(last),
            '0');
  return out;
}

std::string Mask::written(std::string_view line) {
  if (line.ends_with(kCtrlZ) || (line.size() >= kLooseHex && all_hex(line))) return entered(line);
  std::string out = without_secrets(std::string(line));
  if (const std::size_t ussd = find_any_case(out, "+CUSD=", 0); ussd != std::string::npos)
    out = within_quotes(std::move(out), ussd, blank_request);
  return shorten_numbers(std::move(out));
}

std::string Mask::read(std::string_view line, bool torn) {
  return std::exchange(torn_, torn) ? blank(line) : body(line);
}

std::string Mask::body(std::string_view line) {
  std::string_view prompt;
  if (line.starts_with("> ")) prompt = line.substr(0, 2);
  line.remove_prefix(prompt.size());
  const std::string before(prompt);
  if (ussd_open_) {
    ussd_open_ = line.find('"') == std::string_view::npos;
    return before + blank(line);
  }
  if (const auto header = prefix_of(line, kBeforeData); !header.empty()) {
    data_header_ = header;
    data_due_ = true;
    text_mode_ = false;
    return before + shorten_numbers(blank_names(std::string(line)));
  }
  if (trim(line).empty()) return before + std::string(line);
  if (data_due_ && parse_final(line)) data_due_ = text_mode_ = false;
  if (data_due_) {
    const bool pdu = all_hex(trim(line)) && !text_mode_;
    text_mode_ = !pdu;
    data_due_ = text_mode_ && data_header_ != "+CMT:" && data_header_ != "+CBM:";
    return before + (pdu ? mask_pdu(trim(line)) : blank(line));
  }
  if (line.ends_with(kCtrlZ) || (line.size() >= kLooseHex && all_hex(line))) return before + entered(line);
  if (line.starts_with("+CUSD:")) {
    ussd_open_ = ussd_open(line);
    return before + within_quotes(std::string(line), 0, blank);
  }
  if (!prefix_of(line, kNames).empty()) return before + shorten_numbers(blank_names(std::string(line)));
  std::string out = without_secrets(std::string(line));
  if (const std::size_t ussd = find_any_case(out, "+CUSD=", 0); ussd != std::string::npos)
    out = within_quotes(std::move(out), ussd, blank_request);
  return before + shorten_numbers(std::move(out));
}

}  // namespace at
