// The GSM 7-bit default alphabet and its extension table (23.038 6.2.1), and packing (23.038 6.1.2.1).
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

// Septets that one code point costs: 1, 2 (escape), or 0 when the alphabet lacks it.
int gsm7_cost(char32_t code_point);
// Nothing is replaced: std::nullopt when a code point is missing; *missing (may be null) gets the first one.
std::optional<Septets> gsm7_encode(std::string_view utf8, char32_t* missing = nullptr);
// UTF-8. Unknown escape: the default table's character at that position; 1B 1B: a space (23.038 6.2.1.1).
std::string gsm7_decode(const Septets&);

// fill_bits (0-6): zero bits in front, so that text after a UDH starts on a septet boundary.
Octets gsm7_pack(const Septets&, int fill_bits = 0);
// Reads count septets; stops early if the octets end.
Septets gsm7_unpack(const std::uint8_t* octets, std::size_t size, std::size_t count, int fill_bits = 0);

}  // namespace at
