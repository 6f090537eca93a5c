#include <CppUTest/TestHarness.h>

#include <string>

#include "at/ucs2.h"

TEST_GROUP(Ucs2){};

TEST(Ucs2, Utf8IsJudgedStrictly) {
  for (const char* good : {"", "plain", "é", "€", "😀", "\xED\x9F\xBF", "\xEE\x80\x80", "\xF4\x8F\xBF\xBF"}) {
    CHECK(at::utf8_valid(good));
  }
  for (const char* wrong :
       {"\x80", "\xC0\xAF", "\xC1\xBF", "\xE0\x9F\xBF", "\xED\xA0\x80", "\xF0\x8F\xBF\xBF",
        "\xF4\x90\x80\x80", "\xF5\x80\x80\x80", "\xE2\x82", "\xF0\x9F\x98", "\xC3(", "\xFF"}) {
    CHECK(!at::utf8_valid(wrong));
  }
}

TEST(Ucs2, MalformedBytesGoOneAtATime) {
  const std::string text = "\xF0\x9F\x98q";
  std::size_t at = 0;
  for (int i = 0; i < 3; ++i) LONGS_EQUAL(0xFFFD, at::utf8_next(text, &at));
  LONGS_EQUAL('q', at::utf8_next(text, &at));
  LONGS_EQUAL(text.size(), at);
}

TEST(Ucs2, EveryCodePointRoundTrips) {
  for (char32_t code_point = 0; code_point <= 0x10FFFF; ++code_point) {
    if (code_point >= 0xD800 && code_point <= 0xDFFF) continue;
    std::string text = "x";  // in front of what would be a byte order mark
    at::utf8_append(&text, code_point);
    std::size_t at = 1;
    if (at::utf8_next(text, &at) != code_point || at != text.size()) FAIL("utf8");
    const auto octets = at::ucs2_octets(text);
    const std::u16string units = at::ucs2_units(octets.data(), octets.size());
    if (units.size() != (code_point < 0x10000 ? 2u : 3u)) FAIL("units");
    if (at::utf8_from_utf16(units) != text) FAIL("utf16");
  }
}

TEST(Ucs2, LoneSurrogatesBecomeReplacements) {
  STRCMP_EQUAL("\uFFFDx", at::utf8_from_utf16(std::u16string{0xD83D, u'x'}).c_str());
  STRCMP_EQUAL("x\uFFFD", at::utf8_from_utf16(std::u16string{u'x', 0xD83D}).c_str());
  STRCMP_EQUAL("\uFFFD", at::utf8_from_utf16(std::u16string{0xDE00}).c_str());
  STRCMP_EQUAL("\uFFFD😀", at::utf8_from_utf16(std::u16string{0xD83D, 0xD83D, 0xDE00}).c_str());
}

TEST(Ucs2, OctetsAreBigEndian) {
  STRCMP_EQUAL("0416D83DDE00", at::hex_encode(at::ucs2_octets("Ж😀")).c_str());
  const std::uint8_t odd[] = {0x04, 0x16, 0xD8};
  CHECK(at::ucs2_units(odd, 3) == u"Ж");
}

TEST(Ucs2, ByteOrderMark) {
  const std::uint8_t big[] = {0xFE, 0xFF, 0x04, 0x16}, little[] = {0xFF, 0xFE, 0x16, 0x04};
  CHECK(at::ucs2_units(big, 4) == u"Ж");
  CHECK(at::ucs2_units(little, 4) == u"Ж");
  const std::uint8_t inside[] = {0x04, 0x16, 0xFE, 0xFF};
  LONGS_EQUAL(2, at::ucs2_units(inside, 4).size());
}

TEST(Ucs2, Hex) {
  CHECK(at::hex_decode("0A1bFf") == std::vector<std::uint8_t>({0x0A, 0x1B, 0xFF}));
  CHECK(at::hex_decode("")->empty());
  CHECK(!at::hex_decode("0"));
  CHECK(!at::hex_decode("0G"));
  CHECK(!at::hex_decode(" 0"));
  CHECK(!at::hex_decode("\xFF\xFF"));
  STRCMP_EQUAL("0A1BFF", at::hex_encode(*at::hex_decode("0a1bff")).c_str());
}
