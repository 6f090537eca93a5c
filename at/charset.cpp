#include "at/charset.h"

#include "at/gsm7.h"
#include "at/params_text.h"
#include "at/ucs2.h"

namespace at {

namespace {

constexpr int kInternational = 145;

std::string as_it_stands(std::string_view printed) {
  if (utf8_valid(printed)) return std::string(printed);
  std::string out;
  for (char c : printed) utf8_append(&out, static_cast<unsigned char>(c));
  return out;
}

// Above 7F there is no septet: those octets are UTF-8 or ISO 8859-1 in between.
std::string from_gsm(std::string_view printed) {
  std::string out;
  for (std::size_t at = 0; at < printed.size();) {
    Septets septets;
    while (at < printed.size() && static_cast<unsigned char>(printed[at]) < 0x80)
      septets.push_back(static_cast<std::uint8_t>(printed[at++]));
    out += gsm7_decode(septets);
    std::size_t end = at;
    while (end < printed.size() && static_cast<unsigned char>(printed[end]) >= 0x80) ++end;
    out += as_it_stands(printed.substr(at, end - at));
    at = end;
  }
  return out;
}

std::optional<std::string> from_ucs2_hex(std::string_view printed) {
  const auto octets = hex_decode(printed);
  if (!octets || octets->size() % 2 != 0) return std::nullopt;
  return utf8_from_utf16(ucs2_units(octets->data(), octets->size()));
}

bool is_dialling(std::string_view text) {
  if (text.starts_with('+')) text.remove_prefix(1);
  return !text.empty() && text.find_first_not_of("0123456789*#") == std::string_view::npos;
}

}  // namespace

std::string text_in(Charset charset, std::string_view printed) {
  if (charset == Charset::gsm) return from_gsm(printed);
  if (charset == Charset::ucs2)
    if (auto text = from_ucs2_hex(printed)) return *text;
  if (charset == Charset::hex)
    if (const auto octets = hex_decode(printed))
      return from_gsm({reinterpret_cast<const char*>(octets->data()), octets->size()});
  return as_it_stands(printed);
}

std::string number_in(Charset charset, std::string_view printed, std::optional<int> type_of_address) {
  std::string number = as_it_stands(printed);
  const bool spelt = charset == Charset::ucs2 || (number.size() >= 8 && number.starts_with("00"));
  if (const auto plain = spelt ? from_ucs2_hex(number) : std::nullopt)
    if (charset == Charset::ucs2 || is_dialling(*plain)) number = *plain;
  if (type_of_address == kInternational && all_digits(number)) number.insert(0, 1, '+');
  return number;
}

}  // namespace at
