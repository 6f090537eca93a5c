// USSD: what stands in a +CUSD (27.007 7.15), whose string makes print in at least five ways, and the packed
// form in which some want a request. Total: any octets give a text.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "at/charset.h"
#include "at/gsm7.h"
#include "at/tpdu.h"

namespace at {

// 23.038 clause 5, the coding of cell broadcast and USSD. Reserved values mean the default alphabet.
struct CbsCoding {
  Alphabet alphabet = Alphabet::gsm7;
  bool language_first = false;  // 10: two letters and a CR before the text; 11: two letters in two octets
};
CbsCoding decode_cbs_dcs(std::uint8_t dcs);

struct UssdLine {
  int status = 0;  // 0 no further action, 1 the network waits, 2 ended, 3 other client, 4, 5
  std::optional<std::string> string;  // as printed, without its quotes
  std::optional<int> dcs;             // 0-255
};
// text: the line, with the lines after it joined by LF while ussd_open(). std::nullopt: no +CUSD, or no
// status.
std::optional<UssdLine> parse_cusd(std::string_view text);
// A +CUSD whose quotes have not closed yet: the next line belongs to its string.
bool ussd_open(std::string_view text);

enum class UssdForm : std::uint8_t { plain, gsm_octets, ucs2_hex, packed_hex, unpacked_hex };

struct UssdHints {
  std::optional<int> dcs = std::nullopt;          // as printed; makes lie
  std::optional<Charset> charset = std::nullopt;  // +CSCS, where it is known
  std::optional<bool> packed = std::nullopt;      // known to be packed 7-bit hex, or known not to be
};
struct UssdText {
  std::string text;  // UTF-8
  UssdForm form = UssdForm::plain;
};
// What is known decides; else the form in which the string makes sense. Plain where none does.
UssdText decode_ussd(std::string_view printed, const UssdHints&);

// 23.038 6.1.2.3.1: seven spare bits are filled by a CR, and a CR that ends on an octet's border is doubled.
// std::nullopt: the default alphabet lacks a character, *missing (may be null) gets the first one.
std::optional<Octets> ussd_pack(std::string_view utf8, char32_t* missing = nullptr);
// The reverse. A CR that ends on an octet's border is filling.
Septets ussd_unpack(const Octets& packed);

}  // namespace at
