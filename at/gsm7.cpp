#include "at/gsm7.h"

#include <algorithm>
#include <array>

#include "at/gsm7_tables.h"
#include "at/ucs2.h"

namespace at {
namespace {

constexpr std::uint8_t kEscape = 0x1B;
constexpr std::uint8_t kAbsent = 0xFF;
constexpr std::size_t kTables = kGsm7Languages;

constexpr std::array<std::string_view, kTables> kNames{
    "default", "turkish",   "spanish", "portuguese", "bengali", "gujarati", "hindi",
    "kannada", "malayalam", "oriya",   "punjabi",    "tamil",   "telugu",   "urdu"};

// A reserved identifier is as if it were not there.
constexpr Gsm7Tables assigned(Gsm7Tables tables) {
  if (tables.locking >= kTables) tables.locking = 0;
  if (tables.single >= kTables) tables.single = 0;
  return tables;
}

// Code point -> septets, in two steps: the page of its high byte, then the place of its low byte. A place
// leads to a row that holds the septet of every table, kAbsent where there is none. Row 0 and page 0xFF are
// for what no table has.
struct Index {
  static constexpr std::size_t kRows = 1200, kPages = 16;
  std::array<std::uint8_t, 256> page{};
  std::array<std::array<std::uint16_t, 256>, kPages> row{};
  std::array<std::array<std::uint8_t, 2 * kTables>, kRows>
      septet{};  // locking tables, then single shift tables
  std::array<Gsm7Presence, kRows> presence{};
  std::size_t rows = 1, pages = 1;  // page 0 is empty

  constexpr void add(char16_t code_point, std::size_t table, std::uint8_t value) {
    std::uint8_t& its_page = page[code_point >> 8];
    if (its_page == 0) its_page = static_cast<std::uint8_t>(pages++);
    std::uint16_t& its_row = row[its_page][code_point & 0xFF];
    if (its_row == 0) {
      its_row = static_cast<std::uint16_t>(rows++);
      septet[its_row].fill(kAbsent);
    }
    // Two places with one character (the asterisk of the Indic tables): the first is written.
    if (septet[its_row][table] == kAbsent) septet[its_row][table] = value;
    std::uint16_t& there = table < kTables ? presence[its_row].locking : presence[its_row].single;
    there = static_cast<std::uint16_t>(there | 1u << table % kTables);
  }
};

constexpr Index make_index() {
  Index index;
  index.septet[0].fill(kAbsent);
  for (std::size_t table = 0; table < kTables; ++table) {
    for (std::uint8_t septet = 0; septet < 128; ++septet) {
      if (const char16_t c = kLockingTables[table][septet]; c != kNone) index.add(c, table, septet);
      if (const char16_t c = kSingleTables[table][septet]; c != kNone) index.add(c, kTables + table, septet);
    }
  }
  return index;
}
constexpr Index kIndex = make_index();

std::uint16_t row_of(char32_t code_point) {
  const std::uint8_t page = code_point <= 0xFFFF ? kIndex.page[code_point >> 8] : std::uint8_t{0};
  return kIndex.row[page][code_point & 0xFF];
}

const std::array<std::uint8_t, 2 * kTables>& septets_of(char32_t code_point) {
  return kIndex.septet[row_of(code_point)];
}

// Most texts are ASCII in the default alphabet: one step instead of three. Absent, too: whatever begins or
// continues a longer sequence of UTF-8.
constexpr std::array<std::uint8_t, 256> ascii_septets() {
  std::array<std::uint8_t, 256> septets{};
  septets.fill(kAbsent);
  for (std::uint8_t septet = 0; septet < 128; ++septet) {
    if (kDefaultLocking[septet] < 0x80) septets[kDefaultLocking[septet]] = septet;
  }
  return septets;
}
constexpr auto kAsciiSeptets = ascii_septets();

// A character as it is written in UTF-8: at most three octets within the Basic Multilingual Plane. All four
// are copied each time, which is one instruction; the next character overwrites what was too many.
struct Utf8 {
  std::array<char, 4> octets{' '};
  std::uint8_t size = 1;
};

constexpr Utf8 utf8_of(char16_t c) {
  if (c == kNone) return {};
  if (c < 0x80) return {{static_cast<char>(c)}, 1};
  const auto last = static_cast<char>(0x80 | (c & 0x3F));
  if (c < 0x800) return {{static_cast<char>(0xC0 | c >> 6), last}, 2};
  return {{static_cast<char>(0xE0 | c >> 12), static_cast<char>(0x80 | (c >> 6 & 0x3F)), last}, 3};
}

using Shown = std::array<std::array<Utf8, 128>, kTables>;
constexpr Shown shown(const std::array<Gsm7Table, kTables>& tables) {
  Shown out{};
  for (std::size_t table = 0; table < kTables; ++table) {
    for (std::size_t septet = 0; septet < 128; ++septet) out[table][septet] = utf8_of(tables[table][septet]);
  }
  return out;
}
constexpr Shown kLockingShown = shown(kLockingTables);
constexpr Shown kSingleShown = shown(kSingleTables);

// Eight septets are seven octets. All eight move at once: two to 14 bits, four to 28, eight to 56.
std::uint64_t joined_septets(const std::uint8_t* from) {
  std::uint64_t x = 0;
  for (int i = 0; i < 8; ++i) x |= std::uint64_t{from[i]} << 8 * i;
  x = (x & 0x007F007F007F007F) | (x & 0x7F007F007F007F00) >> 1;
  x = (x & 0x00003FFF00003FFF) | (x & 0x3FFF00003FFF0000) >> 2;
  return (x & 0x000000000FFFFFFF) | (x & 0x0FFFFFFF00000000) >> 4;
}

void part_septets(const std::uint8_t* octets, std::uint8_t* to) {
  std::uint64_t x = 0;
  for (int i = 0; i < 7; ++i) x |= std::uint64_t{octets[i]} << 8 * i;
  x = (x & 0x000000000FFFFFFF) | (x & 0x00FFFFFFF0000000) << 4;
  x = (x & 0x00003FFF00003FFF) | (x & 0x0FFFC0000FFFC000) << 2;
  x = (x & 0x007F007F007F007F) | (x & 0x3F803F803F803F80) << 1;
  for (int i = 0; i < 8; ++i) to[i] = static_cast<std::uint8_t>(x >> 8 * i & 0xFF);
}

const Utf8& escaped(std::uint8_t septet, Gsm7Tables tables) {
  return kSingleTables[tables.single][septet] != kNone ? kSingleShown[tables.single][septet]
                                                       : kLockingShown[tables.locking][septet];
}

}  // namespace

bool gsm7_has_locking(std::uint8_t language) {
  return language < kTables && kLockingTables[language].data() != kDefaultLocking.data();
}

bool gsm7_has_single(std::uint8_t language) {
  return language != 0 && language < kTables;
}

std::string_view gsm7_language(std::uint8_t language) {
  return language < kTables ? kNames[language] : std::string_view{};
}

std::optional<std::uint8_t> gsm7_language(std::string_view name) {
  const auto found = std::find(kNames.begin() + 1, kNames.end(), name);
  if (found == kNames.end()) return std::nullopt;
  return static_cast<std::uint8_t>(found - kNames.begin());
}

Gsm7Presence gsm7_presence(char32_t code_point) {
  return kIndex.presence[row_of(code_point)];
}

std::string gsm7_language_list() {
  std::string all;
  for (std::size_t language = 1; language < kTables; ++language) {
    if (language > 1) all += ", ";
    all += kNames[language];
  }
  return all;
}

int gsm7_cost(char32_t code_point, Gsm7Tables tables) {
  tables = assigned(tables);
  const auto& septets = septets_of(code_point);
  if (septets[tables.locking] != kAbsent) return 1;
  return septets[kTables + tables.single] != kAbsent ? 2 : 0;
}

std::optional<Septets> gsm7_encode(std::string_view utf8, char32_t* missing, Gsm7Tables tables) {
  tables = assigned(tables);
  const std::size_t plain = tables.locking, shifted = kTables + tables.single;
  Septets septets(utf8.size() * 2);
  std::uint8_t* to = septets.data();
  const auto ascii_at = [&](std::size_t at) { return kAsciiSeptets[static_cast<unsigned char>(utf8[at])]; };
  for (std::size_t at = 0; at < utf8.size();) {
    if (plain == 0) {
      while (at < utf8.size() && ascii_at(at) != kAbsent) *to++ = ascii_at(at++);
      if (at == utf8.size()) break;
    }
    const char32_t code_point = utf8_next(utf8, &at);
    const auto& codes = septets_of(code_point);
    if (codes[plain] != kAbsent) {
      *to++ = codes[plain];
    } else if (codes[shifted] != kAbsent) {
      *to++ = kEscape;
      *to++ = codes[shifted];
    } else {
      if (missing != nullptr) *missing = code_point;
      return std::nullopt;
    }
  }
  septets.resize(static_cast<std::size_t>(to - septets.data()));
  return septets;
}

std::string gsm7_decode(const Septets& septets, Gsm7Tables tables) {
  tables = assigned(tables);
  const auto& plain = kLockingShown[tables.locking];
  constexpr std::size_t kAtOnce = 160;  // one message at most, and then joined ones by pieces
  std::array<char, kAtOnce * 3 + sizeof(Utf8::octets)> piece;
  std::string text;
  for (std::size_t i = 0; i < septets.size();) {
    char* to = piece.data();
    for (const std::size_t end = std::min(septets.size(), i + kAtOnce); i < end; ++i) {
      const std::uint8_t septet = septets[i] & 0x7F;
      const Utf8* character = &plain[septet];
      if (septet == kEscape && i + 1 < septets.size()) character = &escaped(septets[++i] & 0x7F, tables);
      std::copy_n(character->octets.data(), character->octets.size(), to);
      to += character->size;
    }
    text.append(piece.data(), to);
  }
  return text;
}

Octets gsm7_pack(const Septets& septets, int fill_bits) {
  Octets octets(gsm7_packed_octets(septets.size(), fill_bits));
  gsm7_pack(septets, fill_bits, octets.data());
  return octets;
}

std::size_t gsm7_packed_octets(std::size_t septets, int fill_bits) {
  return (static_cast<std::size_t>(fill_bits) + septets * 7 + 7) / 8;
}

void gsm7_pack(const Septets& septets, int fill_bits, std::uint8_t* to) {
  const std::uint8_t* from = septets.data();
  const std::uint8_t* const end = from + septets.size();
  const auto put = [&to](std::uint64_t octet) { *to++ = static_cast<std::uint8_t>(octet & 0xFF); };
  std::uint64_t window = 0;
  int held = fill_bits;  // bits of window that are waiting, 0 to 7
  for (; end - from >= 8; from += 8) {
    window |= joined_septets(from) << held;
    for (int i = 0; i < 7; ++i, window >>= 8) put(window);
  }
  for (; from < end; ++from) {
    window |= (*from & 0x7Full) << held;
    held += 7;
    if (held < 8) continue;
    put(window);
    window >>= 8;
    held -= 8;
  }
  if (held > 0) put(window);
}

Septets gsm7_unpack(const std::uint8_t* octets, std::size_t size, std::size_t count, int fill_bits) {
  const std::size_t fill = static_cast<std::size_t>(fill_bits);
  const std::size_t whole = size * 8 < fill ? 0 : (size * 8 - fill) / 7;
  Septets septets(std::min(count, whole));
  std::uint8_t* to = septets.data();
  const std::uint8_t* const end = to + septets.size();
  std::uint64_t window = 0;
  if (fill == 0) {
    for (; end - to >= 8; octets += 7, to += 8) part_septets(octets, to);
  }
  window = 0;
  int held = -fill_bits;  // bits of window that were not read; below zero: fill bits to come
  for (; to < end; window >>= 7, held -= 7) {
    while (held < 7) {
      const std::uint64_t octet = *octets++;
      window = held >= 0 ? window | octet << held : octet >> -held;
      held += 8;
    }
    *to++ = static_cast<std::uint8_t>(window & 0x7F);
  }
  return septets;
}

}  // namespace at
