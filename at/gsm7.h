// The GSM 7-bit default alphabet, its extension and the national language tables (23.038 6.2.1, annex A), and
// packing (23.038 6.1.2.1). Constant time per character and per septet: nothing is searched.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace at {

using Octets = std::vector<std::uint8_t>;
using Septets = std::vector<std::uint8_t>;  // one septet per element, 0-127

// The tables of one message by national language identifier: IEI 25 names the locking one, IEI 24 the single
// shift one (23.040 9.2.3.24.15 and .16). 0, 2 (locking) and whatever is reserved are the default ones.
struct Gsm7Tables {
  std::uint8_t locking = 0, single = 0;
  friend bool operator==(const Gsm7Tables&, const Gsm7Tables&) = default;
};
constexpr std::uint8_t kGsm7Languages = 14;    // identifiers 0 to 13 are assigned
bool gsm7_has_locking(std::uint8_t language);  // a table of its own
bool gsm7_has_single(std::uint8_t language);
std::string_view gsm7_language(std::uint8_t language);             // "turkish"; "default"; empty if reserved
std::optional<std::uint8_t> gsm7_language(std::string_view name);  // of 1 to 13
std::string gsm7_language_list();                                  // "turkish, spanish, …", for who names another

// The tables that have a code point: bit n is language n, bit 0 the default one.
struct Gsm7Presence {
  std::uint16_t locking = 0, single = 0;
};
Gsm7Presence gsm7_presence(char32_t code_point);
// Septets that one code point costs: 1, 2 (escape), or 0 when the tables lack it.
int gsm7_cost(char32_t code_point, Gsm7Tables = {});
// Nothing is replaced: std::nullopt when a code point is missing; *missing (may be null) gets the first one.
// Malformed UTF-8 reads as U+FFFD, which no table has.
std::optional<Septets> gsm7_encode(std::string_view utf8, char32_t* missing = nullptr, Gsm7Tables = {});
// UTF-8. Unknown escape: the locking table's character at that position; 1B 1B, a last 1B and an unassigned
// place: a space (23.038 6.2.1.1, A.2.1).
std::string gsm7_decode(const Septets&, Gsm7Tables = {});

// fill_bits (0-6): zero bits in front, so that text after a UDH starts on a septet boundary.
Octets gsm7_pack(const Septets&, int fill_bits = 0);
// The same into `to`, which has room for gsm7_packed_octets().
void gsm7_pack(const Septets&, int fill_bits, std::uint8_t* to);
std::size_t gsm7_packed_octets(std::size_t septets, int fill_bits);
// Reads count septets; stops early if the octets end.
Septets gsm7_unpack(const std::uint8_t* octets, std::size_t size, std::size_t count, int fill_bits = 0);

}  // namespace at
