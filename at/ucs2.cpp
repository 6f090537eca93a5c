#include "at/ucs2.h"

#include <algorithm>
#include <array>
#include <cstring>

namespace at {
namespace {

constexpr char32_t kReplacement = 0xFFFD;

bool is_high(char32_t unit) {
  return unit >= 0xD800 && unit <= 0xDBFF;
}
bool is_low(char32_t unit) {
  return unit >= 0xDC00 && unit <= 0xDFFF;
}

// One well-formed sequence at text[at] and its length, or length 0. The bounds of the second byte keep out
// overlong forms, surrogates and what lies above U+10FFFF.
struct Sequence {
  char32_t code_point = kReplacement;
  std::size_t length = 0;
};

struct Lead {
  std::size_t length;
  char32_t bits;
  unsigned second_low, second_high;
};

Lead lead_of(unsigned char c) {
  if (c >= 0xC2 && c <= 0xDF) return {2, c & 0x1Fu, 0x80, 0xBF};
  if (c == 0xE0) return {3, 0, 0xA0, 0xBF};
  if (c == 0xED) return {3, 0xD, 0x80, 0x9F};
  if (c >= 0xE1 && c <= 0xEF) return {3, c & 0x0Fu, 0x80, 0xBF};
  if (c == 0xF0) return {4, 0, 0x90, 0xBF};
  if (c >= 0xF1 && c <= 0xF3) return {4, c & 0x07u, 0x80, 0xBF};
  if (c == 0xF4) return {4, 4, 0x80, 0x8F};
  return {0, 0, 0, 0};
}

Sequence sequence_at(std::string_view text, std::size_t at) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[at + i]); };
  if (byte(0) < 0x80) return {byte(0), 1};
  if (byte(0) >= 0xC2 && byte(0) <= 0xDF && at + 1 < text.size() && (byte(1) & 0xC0) == 0x80)
    return {(byte(0) & 0x1Fu) << 6 | (byte(1) & 0x3Fu), 2};
  const Lead lead = lead_of(byte(0));
  if (lead.length == 0 || text.size() - at < lead.length) return {};
  if (byte(1) < lead.second_low || byte(1) > lead.second_high) return {};
  char32_t code_point = lead.bits;
  for (std::size_t i = 1; i < lead.length; ++i) {
    if ((byte(i) & 0xC0) != 0x80) return {};
    code_point = code_point << 6 | (byte(i) & 0x3Fu);
  }
  return {code_point, lead.length};
}

// 0-9 are 30-39, A-F 41-46 and a-f 61-66: bit 6 adds nine to the low nibble.
constexpr std::uint8_t hex_value(std::uint8_t c) {
  return static_cast<std::uint8_t>((c & 0x0F) + (c >> 6) * 9);
}
constexpr std::uint8_t not_hex(std::uint8_t c) {
  const auto from_zero = static_cast<std::uint8_t>(c - '0');
  const auto from_a = static_cast<std::uint8_t>((c | 0x20) - 'a');
  return static_cast<std::uint8_t>((from_zero > 9) & (from_a > 5));
}

constexpr char hex_digit(unsigned nibble) {
  return static_cast<char>(nibble + '0' + (nibble > 9) * ('A' - '9' - 1));
}

constexpr std::size_t kWord = sizeof(std::uint64_t);

constexpr std::size_t kLongestUtf8 = 4;

// At `to`, which has kLongestUtf8 of room; gives the end.
char* put_utf8(char* to, char32_t code_point) {
  const auto put = [&to](char32_t byte) { *to++ = static_cast<char>(byte); };
  if (code_point > 0x10FFFF || is_high(code_point) || is_low(code_point)) code_point = kReplacement;
  if (code_point < 0x80) {
    put(code_point);
    return to;
  }
  if (code_point < 0x800) {
    put(0xC0 | code_point >> 6);
  } else if (code_point < 0x10000) {
    put(0xE0 | code_point >> 12);
    put(0x80 | (code_point >> 6 & 0x3F));
  } else {
    put(0xF0 | code_point >> 18);
    put(0x80 | (code_point >> 12 & 0x3F));
    put(0x80 | (code_point >> 6 & 0x3F));
  }
  put(0x80 | (code_point & 0x3F));
  return to;
}

bool ascii_word(std::string_view text, std::size_t at) {
  if (text.size() - at < kWord) return false;
  std::uint64_t word = 0;
  std::memcpy(&word, text.data() + at, kWord);
  return (word & 0x8080808080808080u) == 0;
}

}  // namespace

bool utf8_valid(std::string_view text) {
  for (std::size_t at = 0; at < text.size();) {
    if (ascii_word(text, at)) {
      at += kWord;
      continue;
    }
    do {
      const Sequence next = sequence_at(text, at);
      if (next.length == 0) return false;
      at += next.length;
    } while (at < text.size() && static_cast<unsigned char>(text[at]) >= 0x80);
  }
  return true;
}

char32_t utf8_next(std::string_view text, std::size_t* at) {
  const Sequence next = sequence_at(text, *at);
  *at += next.length == 0 ? 1 : next.length;
  return next.code_point;
}

void utf8_append(std::string* out, char32_t code_point) {
  std::array<char, kLongestUtf8> bytes;
  out->append(bytes.data(), put_utf8(bytes.data(), code_point));
}

std::string code_point_name(char32_t code_point) {
  constexpr std::string_view kDigits = "0123456789ABCDEF";
  int shift = 12;
  while (shift < 20 && code_point >> (shift + 4) != 0) shift += 4;
  std::string name = "U+";
  for (; shift >= 0; shift -= 4) name.push_back(kDigits[code_point >> shift & 0xF]);
  return name;
}

std::string utf8_from_utf16(std::u16string_view units) {
  constexpr std::size_t kAtOnce = 70;  // one message at most, and then joined ones by pieces
  std::array<char, kAtOnce * kLongestUtf8> piece;
  std::string text;
  for (std::size_t at = 0; at < units.size();) {
    char* to = piece.data();
    for (const std::size_t end = std::min(units.size(), at + kAtOnce); at < end; ++at) {
      char32_t code_point = units[at];
      if (is_high(code_point) && at + 1 < units.size() && is_low(units[at + 1]))
        code_point = 0x10000 + (code_point - 0xD800) * 0x400 + (units[++at] - 0xDC00u);
      to = put_utf8(to, code_point);
    }
    text.append(piece.data(), to);
  }
  return text;
}

std::vector<std::uint8_t> ucs2_octets(std::string_view utf8) {
  std::vector<std::uint8_t> octets(utf8.size() * 2);  // two octets a unit, and never more units than bytes
  std::uint8_t* to = octets.data();
  const auto put = [&to](char32_t unit) {
    *to++ = static_cast<std::uint8_t>(unit >> 8);
    *to++ = static_cast<std::uint8_t>(unit & 0xFF);
  };
  for (std::size_t at = 0; at < utf8.size();) {
    const char32_t code_point = utf8_next(utf8, &at);
    if (code_point >= 0x10000) put(0xD800 + (code_point - 0x10000) / 0x400);
    put(code_point < 0x10000 ? code_point : 0xDC00 + (code_point - 0x10000) % 0x400);
  }
  octets.resize(static_cast<std::size_t>(to - octets.data()));
  return octets;
}

std::u16string ucs2_units(const std::uint8_t* octets, std::size_t size) {
  const auto starts_with = [&](int first, int second) {
    return size >= 2 && octets[0] == first && octets[1] == second;
  };
  const bool little_endian = starts_with(0xFF, 0xFE);
  if (little_endian || starts_with(0xFE, 0xFF)) {
    octets += 2;
    size -= 2;
  }
  std::u16string units(size / 2, u'\0');
  const std::size_t high = little_endian ? 1 : 0;
  for (std::size_t i = 0; i < units.size(); ++i)
    units[i] = static_cast<char16_t>(octets[2 * i + high] << 8 | octets[2 * i + 1 - high]);
  return units;
}

std::size_t hex_decode(std::string_view hex, std::uint8_t* octets) {
  const std::size_t size = hex.size() / 2;
  const auto* digits = reinterpret_cast<const unsigned char*>(hex.data());
  std::uint8_t none = 0;  // without a branch and a table the compiler does sixteen at a time
  for (std::size_t i = 0; i < size; ++i) {
    const std::uint8_t high = digits[2 * i], low = digits[2 * i + 1];
    none = static_cast<std::uint8_t>(none | not_hex(high) | not_hex(low));
    octets[i] = static_cast<std::uint8_t>(hex_value(high) << 4 | hex_value(low));
  }
  if (none == 0) return size;
  std::size_t good = 0;
  while ((not_hex(digits[2 * good]) | not_hex(digits[2 * good + 1])) == 0) ++good;
  return good;
}

std::optional<std::vector<std::uint8_t>> hex_decode(std::string_view hex) {
  if (hex.size() % 2 != 0) return std::nullopt;
  std::vector<std::uint8_t> octets(hex.size() / 2);
  if (hex_decode(hex, octets.data()) < octets.size()) return std::nullopt;
  return octets;
}

std::string hex_encode(const std::vector<std::uint8_t>& octets) {
  return hex_encode(octets.data(), octets.size());
}

std::string hex_encode(const std::uint8_t* octets, std::size_t size) {
  std::string hex(size * 2, '\0');
  char* const to = hex.data();
  for (std::size_t i = 0; i < size; ++i) {  // without a table, as in hex_decode
    to[2 * i] = hex_digit(octets[i] >> 4);
    to[2 * i + 1] = hex_digit(octets[i] & 0x0Fu);
  }
  return hex;
}

}  // namespace at
