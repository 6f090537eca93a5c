#include <CppUTest/TestHarness.h>

#include <string>

#include "at/gsm7.h"
#include "at/ucs2.h"

namespace {

std::string decoded(const at::Septets& septets) {
  return at::gsm7_decode(septets);
}

}  // namespace

TEST_GROUP(Gsm7){};

TEST(Gsm7, EverySeptetOfTheDefaultAlphabetRoundTrips) {
  for (int septet = 0; septet < 128; ++septet) {
    if (septet == 0x1B) continue;
    const at::Septets one{static_cast<std::uint8_t>(septet)};
    const auto again = at::gsm7_encode(decoded(one));
    CHECK(again && *again == one);
  }
}

TEST(Gsm7, EveryExtensionRoundTripsAndCostsTwo) {
  int extensions = 0;
  for (int septet = 0; septet < 128; ++septet) {
    const at::Septets pair{0x1B, static_cast<std::uint8_t>(septet)};
    const auto again = at::gsm7_encode(decoded(pair));
    if (!again || *again != pair) continue;
    ++extensions;
    std::size_t at = 0;
    LONGS_EQUAL(2, at::gsm7_cost(at::utf8_next(decoded(pair), &at)));
  }
  LONGS_EQUAL(10, extensions);
}

TEST(Gsm7, AlphabetHas127CharactersAndTenExtensionsAndNoMore) {
  int single = 0, pairs = 0;
  for (char32_t code_point = 0; code_point <= 0x10FFFF; ++code_point) {
    const int cost = at::gsm7_cost(code_point);
    single += cost == 1;
    pairs += cost == 2;
  }
  LONGS_EQUAL(127, single);
  LONGS_EQUAL(10, pairs);
}

TEST(Gsm7, KnownPlaces) {
  const auto septets = at::gsm7_encode("@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞ");
  CHECK(septets.has_value());
  for (std::size_t i = 0; i < septets->size(); ++i) LONGS_EQUAL(i, (*septets)[i]);
  CHECK(at::gsm7_encode("ÆæßÉ ¤¡ÄÖÑÜ§¿äöñüà") ==
        at::Septets({0x1C, 0x1D, 0x1E, 0x1F, 0x20, 0x24, 0x40, 0x5B, 0x5C, 0x5D, 0x5E, 0x5F, 0x60, 0x7B, 0x7C,
                     0x7D, 0x7E, 0x7F}));
  CHECK(at::gsm7_encode("^{}\\[~]|€\f") ==
        at::Septets({0x1B, 0x14, 0x1B, 0x28, 0x1B, 0x29, 0x1B, 0x2F, 0x1B, 0x3C,
                     0x1B, 0x3D, 0x1B, 0x3E, 0x1B, 0x40, 0x1B, 0x65, 0x1B, 0x0A}));
}

TEST(Gsm7, NothingIsReplaced) {
  char32_t missing = 0;
  CHECK(!at::gsm7_encode("caf\u00E9 `x`", &missing));
  LONGS_EQUAL('`', missing);
  CHECK(!at::gsm7_encode("ç", &missing));
  LONGS_EQUAL(0xE7, missing);
  CHECK(!at::gsm7_encode("\x1B", &missing));
  CHECK(!at::gsm7_encode("a\tb"));
}

TEST(Gsm7, UnknownEscapeShowsTheDefaultTable) {
  STRCMP_EQUAL("A", decoded({0x1B, 0x41}).c_str());
  STRCMP_EQUAL("\r", decoded({0x1B, 0x0D}).c_str());
  STRCMP_EQUAL(" x", decoded({0x1B, 0x1B, 'x'}).c_str());
  STRCMP_EQUAL("x ", decoded({'x', 0x1B}).c_str());
}

TEST(Gsm7, PacksAsInTheStandardsExample) {
  const auto septets = at::gsm7_encode("hellohello");
  STRCMP_EQUAL("E8329BFD4697D9EC37", at::hex_encode(at::gsm7_pack(*septets)).c_str());
}

TEST(Gsm7, EveryLengthAndFillUnpacksAgain) {
  for (int fill = 0; fill < 7; ++fill) {
    at::Septets septets;
    for (std::size_t count = 0; count <= 160; ++count) {
      const at::Octets packed = at::gsm7_pack(septets, fill);
      LONGS_EQUAL((static_cast<std::size_t>(fill) + count * 7 + 7) / 8, packed.size());
      CHECK(at::gsm7_unpack(packed.data(), packed.size(), count, fill) == septets);
      septets.push_back(static_cast<std::uint8_t>((count * 37 + 5) & 0x7F));
    }
  }
}

TEST(Gsm7, CountDecidesNotOctets) {
  const at::Octets packed = at::gsm7_pack(*at::gsm7_encode("sevenup"));
  LONGS_EQUAL(7, packed.size());
  STRCMP_EQUAL("sevenup", decoded(at::gsm7_unpack(packed.data(), packed.size(), 7)).c_str());
  STRCMP_EQUAL("sevenup@", decoded(at::gsm7_unpack(packed.data(), packed.size(), 8)).c_str());
  LONGS_EQUAL(8, at::gsm7_unpack(packed.data(), packed.size(), 200).size());
  LONGS_EQUAL(0, at::gsm7_unpack(nullptr, 0, 5).size());
}
