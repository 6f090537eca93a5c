// UCS-2 as phones really use it: UTF-16BE with surrogate pairs (23.038 6.2.3).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace at {

// True if the bytes are UTF-8 (no surrogates, no overlong forms, at most U+10FFFF).
bool utf8_valid(std::string_view);
// Next code point at text[*at]; *at moves on. Malformed bytes give U+FFFD, one at a time.
char32_t utf8_next(std::string_view text, std::size_t* at);
void utf8_append(std::string* out, char32_t code_point);
std::string code_point_name(char32_t);  // "U+2019"

// Lone surrogates become U+FFFD.
std::string utf8_from_utf16(std::u16string_view);

std::vector<std::uint8_t> ucs2_octets(std::string_view utf8);          // big endian
// An odd last octet is dropped; a leading FEFF is dropped, FFFE swaps the rest.
std::u16string ucs2_units(const std::uint8_t* octets, std::size_t size);

// "0A1b" -> octets; std::nullopt for odd length or a character that is no hex digit.
std::optional<std::vector<std::uint8_t>> hex_decode(std::string_view);
// Into octets[hex.size() / 2]; gives how many octets were read, fewer than that where a character is no hex digit.
std::size_t hex_decode(std::string_view hex, std::uint8_t* octets);
std::string hex_encode(const std::vector<std::uint8_t>&);              // upper case
std::string hex_encode(const std::uint8_t* octets, std::size_t size);

}  // namespace at
