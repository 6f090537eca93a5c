// All tables of 23.038 against tests/corpus/gsm7-tables.txt, which was not made from the ones in at/; and
// every code point against every table.
#include <CppUTest/TestHarness.h>

#include <array>
#include <fstream>
#include <sstream>
#include <string>
#include <unordered_map>
#include <vector>

#include "at/gsm7.h"
#include "at/ucs2.h"

namespace {

constexpr char32_t kNothing = 0;  // U+0000 is in no table
using Table = std::array<char32_t, 128>;

struct Tables {
  std::array<Table, at::kGsm7Languages> locking{}, single{};
  std::array<std::string, at::kGsm7Languages> names{};
  int lines = 0;
};

const Tables& corpus() {
  static const Tables tables = [] {
    Tables read;
    std::ifstream in(KLAXON_SOURCE_DIR "/tests/corpus/gsm7-tables.txt");
    for (std::string line; std::getline(in, line);) {
      if (line.starts_with('#')) continue;
      std::istringstream words(line);
      std::size_t language = 0;
      std::string name, kind, code_point;
      words >> language >> name >> kind;
      read.names.at(language) = name;
      Table& table = kind == "locking" ? read.locking.at(language) : read.single.at(language);
      for (char32_t& c : table) {
        words >> code_point;
        c = code_point == "-" ? kNothing : static_cast<char32_t>(std::stoul(code_point, nullptr, 16));
      }
      ++read.lines;
    }
    read.locking[2] = read.locking[0];  // A.3.2 is void
    return read;
  }();
  return tables;
}

std::string utf8(char32_t c) {
  std::string text;
  at::utf8_append(&text, c);
  return text;
}

using Costs = std::unordered_map<char32_t, int>;
Costs expected_costs(const Table& locking, const Table& single) {
  Costs costs;
  for (const char32_t c : single) costs[c] = 2;
  for (const char32_t c : locking) costs[c] = 1;
  costs[kNothing] = 0;
  return costs;
}

}  // namespace

TEST_GROUP(Gsm7Tables){};

TEST(Gsm7Tables, EverySeptetOfEveryLockingTable) {
  LONGS_EQUAL(27, corpus().lines);
  for (std::uint8_t language = 0; language < at::kGsm7Languages; ++language) {
    STRCMP_EQUAL(corpus().names[language].c_str(), std::string(at::gsm7_language(language)).c_str());
    for (std::uint8_t septet = 0; septet < 128; ++septet) {
      const char32_t c = corpus().locking[language][septet];
      STRCMP_EQUAL(utf8(c == kNothing ? U' ' : c).c_str(), at::gsm7_decode({septet}, {language, 0}).c_str());
    }
  }
}

// What a single shift table lacks shows as the locking table's character, 1B 1B as a space.
TEST(Gsm7Tables, EveryEscapeOfEverySingleShiftTableBesideEveryLockingTable) {
  for (std::uint8_t locking = 0; locking < at::kGsm7Languages; ++locking) {
    for (std::uint8_t single = 0; single < at::kGsm7Languages; ++single) {
      for (std::uint8_t septet = 0; septet < 128; ++septet) {
        char32_t c = corpus().single[single][septet];
        if (c == kNothing) c = corpus().locking[locking][septet];
        STRCMP_EQUAL(utf8(c == kNothing ? U' ' : c).c_str(),
                     at::gsm7_decode({0x1B, septet}, {locking, single}).c_str());
      }
    }
  }
}

TEST(Gsm7Tables, ReservedLanguagesAreTheDefaultTables) {
  for (int language = at::kGsm7Languages; language < 256; ++language) {
    const auto reserved = static_cast<std::uint8_t>(language);
    STRCMP_EQUAL("@€", at::gsm7_decode({0x00, 0x1B, 0x65}, {reserved, reserved}).c_str());
    LONGS_EQUAL(2, at::gsm7_cost(U'€', {reserved, reserved}));
    CHECK(!at::gsm7_has_locking(reserved) && !at::gsm7_has_single(reserved) &&
          at::gsm7_language(reserved).empty());
  }
}

TEST(Gsm7Tables, EveryCodePointInEveryTableAndNoOther) {
  for (std::uint8_t locking = 0; locking < at::kGsm7Languages; ++locking) {
    for (const std::uint8_t single : {locking, std::uint8_t{0}}) {
      const at::Gsm7Tables tables{locking, single};
      const Costs expected = expected_costs(corpus().locking[locking], corpus().single[single]);
      std::size_t found = 0;
      for (char32_t c = 1; c <= 0x10FFFF; ++c) {
        const int cost = at::gsm7_cost(c, tables);
        if (cost == 0) continue;
        ++found;
        const auto entry = expected.find(c);
        CHECK(entry != expected.end() && entry->second == cost);
        const auto septets = at::gsm7_encode(utf8(c), nullptr, tables);
        LONGS_EQUAL(cost, septets.value().size());
        STRCMP_EQUAL(utf8(c).c_str(), at::gsm7_decode(*septets, tables).c_str());
      }
      LONGS_EQUAL(expected.size() - 1, found);  // without U+0000
    }
  }
}

TEST(Gsm7Tables, NamesLeadBack) {
  for (std::uint8_t language = 1; language < at::kGsm7Languages; ++language) {
    CHECK(at::gsm7_language(at::gsm7_language(language)) == language);
    CHECK(at::gsm7_has_single(language));
    CHECK_EQUAL(language != 2, at::gsm7_has_locking(language));
  }
  CHECK(!at::gsm7_language("default") && !at::gsm7_language("klingon") && !at::gsm7_language(""));
}

// Nothing is lost between septets and octets, whatever stands in front; what is behind the last septet is not
// read.
TEST(Gsm7Tables, PackingAtEveryLengthAndEveryFill) {
  for (int fill = 0; fill < 7; ++fill) {
    for (std::size_t length = 0; length < 180; ++length) {
      at::Septets septets(length);
      for (std::size_t i = 0; i < length; ++i) septets[i] = static_cast<std::uint8_t>(i * 37 + length) & 0x7F;
      at::Octets packed = at::gsm7_pack(septets, fill);
      LONGS_EQUAL((length * 7 + static_cast<std::size_t>(fill) + 7) / 8, packed.size());
      CHECK(at::gsm7_unpack(packed.data(), packed.size(), length, fill) == septets);
      if (packed.empty()) continue;
      LONGS_EQUAL(0, packed[0] & ((1 << fill) - 1));
      const std::size_t fits = (packed.size() * 8 - static_cast<std::size_t>(fill)) / 7;
      LONGS_EQUAL(fits, at::gsm7_unpack(packed.data(), packed.size(), 1000, fill).size());
    }
  }
}
