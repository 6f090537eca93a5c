#include "at/ussd.h"

#include <algorithm>
#include <utility>

#include "at/params.h"
#include "at/params_text.h"
#include "at/ucs2.h"

namespace at {

namespace {

constexpr std::uint8_t kCr = 0x0D;
constexpr char16_t kNoCharacter = 0xFFFF;

bool is_letter(char32_t c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

// --- does a reading make sense? ---

bool is_western(char16_t unit) {
  return unit == '\n' || unit == '\r' || (unit >= 0x20 && unit < 0x7F) || (unit >= 0xA0 && unit < 0x100);
}
// Rows of alphabets: Latin, Greek, Cyrillic, … 01-06, the Indic and other scripts up to 1F.
bool is_alphabetic(char16_t unit) {
  return is_western(unit) || (unit >= 0x100 && unit < 0x2000);
}
bool is_ideographic(char16_t unit) {
  return (unit >= 0x3000 && unit < 0xA000) || (unit >= 0xAC00 && unit < 0xD7A4) || unit >= 0xFF00;
}
bool is_symbol(char16_t unit) {
  return (unit >= 0x2000 && unit < 0x2800) || (unit >= 0xD800 && unit < 0xE000);
}

// Half of the units in rows 00 to 06, or in one row of another alphabet, and the rest of some script.
bool alphabetic_text(const std::u16string& units) {
  if (units.size() < 2) return false;
  std::size_t low = 0, same = 0;
  for (char16_t unit : units) {
    if (!is_alphabetic(unit) && !is_ideographic(unit) && !is_symbol(unit)) return false;
    low += unit >> 8 <= 0x06;
    same += unit >> 8 == units[0] >> 8 && units[0] < 0x2000;
  }
  return 2 * low >= units.size() || (units.size() > 2 && 2 * same >= units.size());
}

bool ideographic_text(const std::u16string& units) {
  return units.size() > 1 && std::all_of(units.begin(), units.end(), [](char16_t unit) {
           return is_ideographic(unit) || is_symbol(unit) || is_western(unit);
         });
}

// Printed by people: letters, digits, punctuation. What the default alphabet has besides is rare.
bool readable(const Septets& septets) {
  const auto odd = std::count_if(septets.begin(), septets.end(), [](std::uint8_t s) {
    return (s < 0x20 && s != '\n' && s != kCr) || s == 0x24 || s == 0x40 || s == 0x5F || s == 0x60;
  });
  return septets.size() > 1 && 8 * static_cast<std::size_t>(odd) <= septets.size();
}

bool all_septets(const Octets& octets) {
  return std::all_of(octets.begin(), octets.end(), [](std::uint8_t o) { return o < 0x80; });
}

// w{hlen: a bracket between small letters is an umlaut of the default alphabet; and only there control
// characters are letters.
bool looks_like_gsm(std::string_view text) {
  const auto small = [&](std::size_t i) { return i < text.size() && text[i] >= 'a' && text[i] <= 'z'; };
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (c >= 0 && c < 0x20 && !is_blank(c)) return true;
    if (std::string_view("{|}~").find(c) != std::string_view::npos && i > 0 && small(i - 1) && small(i + 1))
      return true;
  }
  return false;
}

// --- readings ---

// Some fill the rest of a fixed buffer with FFFF.
std::u16string units_of(const Octets& octets) {
  std::u16string units = ucs2_units(octets.data(), octets.size());
  if (const auto end = units.find(kNoCharacter); end != std::u16string::npos) units.resize(end);
  return units;
}

// 23.038 5, 11: the language's two letters, packed, are one unit before the text.
std::string ucs2_text(std::u16string units, bool language_first) {
  if (language_first && !units.empty()) {
    const std::uint8_t packed[] = {static_cast<std::uint8_t>(units[0] >> 8),
                                   static_cast<std::uint8_t>(units[0])};
    const Septets letters = gsm7_unpack(packed, 2, 2);
    if (is_letter(letters[0]) && is_letter(letters[1])) units.erase(0, 1);
  }
  return utf8_from_utf16(units);
}

// 23.038 5, 10. Whoever reads by lines has seen an LF in place of the CR.
std::string without_language(std::string text, bool language_first) {
  const auto at = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  if (!language_first || text.size() < 3 || !is_letter(at(0)) || !is_letter(at(1))) return text;
  if (at(2) != '\r' && at(2) != '\n') return text;
  return text.substr(text.compare(2, 2, "\r\n") == 0 ? 4 : 3);
}

class Reader {
 public:
  Reader(std::string_view printed, const UssdHints& hints)
      : printed_(printed), hints_(hints), octets_(hex_decode(trim(printed))) {
    if (hints.dcs && *hints.dcs >= 0 && *hints.dcs <= 255)
      coding_ = decode_cbs_dcs(static_cast<std::uint8_t>(*hints.dcs));
    if (octets_ && octets_->empty()) octets_.reset();
  }

  UssdText read() const {
    if (!octets_) return plain();
    if (hints_.packed.value_or(false)) return packed();
    const bool units = octets_->size() % 2 == 0;
    if (units && (hints_.charset == Charset::ucs2 || coding_.alphabet == Alphabet::ucs2)) return ucs2();
    if (hints_.charset == Charset::hex || coding_.alphabet == Alphabet::octets) return unpacked();
    return guess();
  }

 private:
  // Digits alone are a number unless they are a text without any doubt.
  UssdText guess() const {
    const bool number = all_digits(trim(printed_));
    const std::u16string units = units_of(*octets_);
    const bool latin = std::all_of(units.begin(), units.end(), is_western);
    if (alphabetic_text(units) && (!number || latin || units.size() > 3)) return ucs2();
    if (number) return plain();
    if (all_septets(*octets_) && readable(*octets_)) return unpacked();
    if (hints_.packed.value_or(true) && readable(ussd_unpack(*octets_))) return packed();
    if (octets_->size() % 2 == 0 && ideographic_text(units)) return ucs2();
    return plain();
  }

  UssdText ucs2() const {
    const bool in_units = coding_.alphabet == Alphabet::ucs2;
    std::string text = ucs2_text(units_of(*octets_), in_units && coding_.language_first);
    return {without_language(std::move(text), !in_units && coding_.language_first), UssdForm::ucs2_hex};
  }
  UssdText packed() const {
    return {without_language(gsm7_decode(ussd_unpack(*octets_)), coding_.language_first),
            UssdForm::packed_hex};
  }
  // Octets above 7F are no septets: 8-bit data is shown by ISO 8859-1.
  UssdText unpacked() const {
    const std::string_view text(reinterpret_cast<const char*>(octets_->data()), octets_->size());
    const bool septets = all_septets(*octets_) && coding_.alphabet != Alphabet::octets;
    return {without_language(text_in(septets ? Charset::gsm : Charset::ira, text), coding_.language_first),
            UssdForm::unpacked_hex};
  }
  UssdText plain() const {
    const bool gsm = hints_.charset ? hints_.charset == Charset::gsm : looks_like_gsm(printed_);
    return {without_language(text_in(gsm ? Charset::gsm : Charset::ira, printed_), coding_.language_first),
            gsm ? UssdForm::gsm_octets : UssdForm::plain};
  }

  std::string_view printed_;
  const UssdHints& hints_;
  std::optional<Octets> octets_;
  CbsCoding coding_;
};

// --- the line ---

// Behind a string's last quote: nothing, or the <dcs>.
bool is_end(std::string_view text) {
  text = trim(text);
  if (text.empty()) return true;
  if (text.front() != ',') return false;
  text = trim(text.substr(1));
  return text.empty() || all_digits(text);
}

std::optional<int> dcs_of(std::string_view text) {
  const auto value = decimal(text);
  return value && *value <= 255 ? value : std::nullopt;
}

struct Split {
  std::string_view status, string;  // string from its quote on
};
std::optional<Split> split(std::string_view text) {
  const auto rest = after_prefix(text, "+CUSD:");
  if (!rest) return std::nullopt;
  const auto comma = rest->find(',');
  if (comma == std::string_view::npos) return Split{trim(*rest), {}};
  return Split{trim(rest->substr(0, comma)), trim(rest->substr(comma + 1))};
}

}  // namespace

CbsCoding decode_cbs_dcs(std::uint8_t dcs) {
  if (dcs == 0x10) return {Alphabet::gsm7, true};
  if (dcs == 0x11) return {Alphabet::ucs2, true};
  const int group = dcs >> 4;
  const bool general = group >= 4 && group <= 7;
  if (general && (dcs & 0x20)) return {Alphabet::compressed, false};
  if (general || group == 9) {
    if ((dcs & 0x0C) == 0x04) return {Alphabet::octets, false};
    if ((dcs & 0x0C) == 0x08) return {Alphabet::ucs2, false};
  }
  if (group == 15 && (dcs & 0x04)) return {Alphabet::octets, false};
  return {};
}

bool ussd_open(std::string_view text) {
  const auto parts = split(text);
  if (!parts || !parts->string.starts_with('"')) return false;
  const auto last = parts->string.rfind('"');
  return last == 0 || !is_end(parts->string.substr(last + 1));
}

std::optional<UssdLine> parse_cusd(std::string_view text) {
  const auto parts = split(text);
  const auto status = parts ? decimal(parts->status) : std::nullopt;
  if (!status) return std::nullopt;
  UssdLine out{*status, std::nullopt, std::nullopt};
  std::string_view string = parts->string;
  if (string.empty()) return out;
  std::string_view after;
  if (string.front() == '"') {
    const auto last = string.rfind('"');
    const bool closed = last > 0 && is_end(string.substr(last + 1));
    if (closed) after = string.substr(last + 1);
    string = closed ? string.substr(1, last - 1) : string.substr(1);
  } else if (const auto comma = string.rfind(','); comma != std::string_view::npos) {
    // Without quotes only what is hex throughout has a <dcs> behind it for sure: texts hold commas.
    const std::string_view head = trim(string.substr(0, comma));
    if (head.empty() || all_hex(head)) {
      after = string.substr(comma);
      string = head;
    }
  }
  if (const auto comma = after.find(','); comma != std::string_view::npos)
    out.dcs = dcs_of(after.substr(comma + 1));
  out.string = std::string(string);
  return out;
}

UssdText decode_ussd(std::string_view printed, const UssdHints& hints) {
  return Reader(printed, hints).read();
}

std::optional<Octets> ussd_pack(std::string_view utf8, char32_t* missing) {
  auto septets = gsm7_encode(utf8, missing);
  if (!septets) return std::nullopt;
  const std::size_t over = septets->size() % 8;
  const bool ends_in_cr = !septets->empty() && septets->back() == kCr;
  if (over == 7 || (over == 0 && ends_in_cr)) septets->push_back(kCr);
  return gsm7_pack(*septets);
}

Septets ussd_unpack(const Octets& packed) {
  const std::size_t count = packed.size() * 8 / 7;
  Septets septets = gsm7_unpack(packed.data(), packed.size(), count);
  const bool on_border = packed.size() % 7 == 0;
  if (on_border && !septets.empty() && septets.back() == kCr) septets.pop_back();
  return septets;
}

}  // namespace at
