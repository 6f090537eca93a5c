#include "at/gsm7.h"

#include <array>

#include "at/ucs2.h"

namespace at {
namespace {

constexpr std::uint8_t kEscape = 0x1B;

// 23.038 6.2.1, one row per sixteen septets. The escape's own place shows as a space: that is what a receiver
// without extension tables has to make of it. The C-cedilla at 09 is the capital one.
constexpr std::u16string_view kDefault =
    u"@£$¥èéùìòÇ\nØø\rÅå"
    u"Δ_ΦΓΛΩΠΨΣΘΞ ÆæßÉ"
    u" !\"#¤%&'()*+,-./"
    u"0123456789:;<=>?"
    u"¡ABCDEFGHIJKLMNO"
    u"PQRSTUVWXYZÄÖÑÜ§"
    u"¿abcdefghijklmno"
    u"pqrstuvwxyzäöñüà";
static_assert(kDefault.size() == 128);

struct Extension {
  std::uint8_t septet;
  char16_t code_point;
};
// 23.038 6.2.1.1. 0D (a second carriage return) has no character of its own.
constexpr std::array<Extension, 10> kExtensions{{{0x0A, u'\f'},
                                                 {0x14, u'^'},
                                                 {0x28, u'{'},
                                                 {0x29, u'}'},
                                                 {0x2F, u'\\'},
                                                 {0x3C, u'['},
                                                 {0x3D, u'~'},
                                                 {0x3E, u']'},
                                                 {0x40, u'|'},
                                                 {0x65, u'€'}}};

// What follows an escape; where the extension has nothing, the default table's character (and a space for 1B
// 1B).
constexpr std::array<char16_t, 128> escaped() {
  std::array<char16_t, 128> table{};
  for (std::size_t i = 0; i < table.size(); ++i) table[i] = kDefault[i];
  for (const Extension& entry : kExtensions) table[entry.septet] = entry.code_point;
  return table;
}
constexpr auto kEscaped = escaped();

constexpr std::uint16_t kNone = 0xFFFF;
constexpr std::uint16_t kEscapeBit = 0x100;
constexpr char32_t kEuro = 0x20AC;

// By code point up to the Greek capitals (U+03A9 is the highest); the euro sign is the one beyond.
constexpr std::array<std::uint16_t, 0x400> codes() {
  std::array<std::uint16_t, 0x400> table{};
  for (auto& code : table) code = kNone;
  for (std::size_t i = 0; i < kDefault.size(); ++i) {
    if (i != kEscape) table[kDefault[i]] = static_cast<std::uint16_t>(i);
  }
  for (const Extension& entry : kExtensions) {
    if (entry.code_point < table.size()) {
      table[entry.code_point] = static_cast<std::uint16_t>(kEscapeBit | entry.septet);
    }
  }
  return table;
}
constexpr auto kCodes = codes();

std::uint16_t code_of(char32_t code_point) {
  if (code_point < kCodes.size()) return kCodes[code_point];
  return code_point == kEuro ? kEscapeBit | 0x65 : kNone;
}

}  // namespace

int gsm7_cost(char32_t code_point) {
  const std::uint16_t code = code_of(code_point);
  if (code == kNone) return 0;
  return code & kEscapeBit ? 2 : 1;
}

std::optional<Septets> gsm7_encode(std::string_view utf8, char32_t* missing) {
  Septets septets;
  septets.reserve(utf8.size());
  for (std::size_t at = 0; at < utf8.size();) {
    const char32_t code_point = utf8_next(utf8, &at);
    const std::uint16_t code = code_of(code_point);
    if (code == kNone) {
      if (missing != nullptr) *missing = code_point;
      return std::nullopt;
    }
    if (code & kEscapeBit) septets.push_back(kEscape);
    septets.push_back(static_cast<std::uint8_t>(code & 0x7F));
  }
  return septets;
}

std::string gsm7_decode(const Septets& septets) {
  std::string text;
  text.reserve(septets.size());
  for (std::size_t i = 0; i < septets.size(); ++i) {
    const std::size_t septet = septets[i] & 0x7Fu;
    if (septet == kEscape && i + 1 < septets.size()) {
      utf8_append(&text, kEscaped[septets[++i] & 0x7Fu]);
    } else {
      utf8_append(&text, kDefault[septet]);
    }
  }
  return text;
}

Octets gsm7_pack(const Septets& septets, int fill_bits) {
  const std::size_t fill = static_cast<std::size_t>(fill_bits);
  Octets octets((fill + septets.size() * 7 + 7) / 8, 0);
  std::size_t bit = fill;
  for (const std::uint8_t septet : septets) {
    const unsigned shifted = (septet & 0x7Fu) << bit % 8;
    octets[bit / 8] = static_cast<std::uint8_t>(octets[bit / 8] | (shifted & 0xFF));
    if (shifted > 0xFF) octets[bit / 8 + 1] = static_cast<std::uint8_t>(shifted >> 8);
    bit += 7;
  }
  return octets;
}

Septets gsm7_unpack(const std::uint8_t* octets, std::size_t size, std::size_t count, int fill_bits) {
  Septets septets;
  std::size_t bit = static_cast<std::size_t>(fill_bits);
  for (; septets.size() < count && bit + 7 <= size * 8; bit += 7) {
    unsigned window = octets[bit / 8];
    if (bit / 8 + 1 < size) window |= static_cast<unsigned>(octets[bit / 8 + 1]) << 8;
    septets.push_back(static_cast<std::uint8_t>(window >> bit % 8 & 0x7F));
  }
  return septets;
}

}  // namespace at
