#include <CppUTest/TestHarness.h>

#include <string>

#include "at/gsm7.h"
#include "at/look_alikes.h"
#include "at/ucs2.h"

namespace {

std::string encoded(char32_t code_point) {
  std::string text;
  at::utf8_append(&text, code_point);
  return text;
}

}  // namespace

TEST_GROUP(LookAlikes){};

TEST(LookAlikes, BecomeWhatTheAlphabetHas) {
  struct Row {
    const char *from, *to;
  };
  const Row rows[] = {
      {"“Don’t” – she said…", "\"Don't\" - she said..."},
      {"„so‘ «là» ‹ici›", "\"so' \"là\" 'ici'"},
      {"5′ 10″ −3 a\u2011b", "5' 10\" -3 a-b"},
      {"a\u00A0b\u202Fc\u2009d\u3000e\tf", "a b c d e f"},
      {"zero\u200Bwidth\u00AD\uFEFF", "zerowidth"},
      {"ﬁne ﬂow oﬃce", "fine flow office"},
      {"• one\u2028• two", "* one\n* two"},
      {"`x` 3 × 4", "'x' 3 x 4"},
  };
  for (const Row& row : rows) STRCMP_EQUAL(row.to, at::simplify(row.from).text.c_str());
}

TEST(LookAlikes, LeaveLettersAndEmojiAlone) {
  for (const char* text : {"çáãőšžłđ", "ΑΒΓ абв", "ğşıİ", "हिन्दी",
                           "👩\u200D👩\u200D👧 🏳️\u200D🌈", "œŒæ ĳ ǆ", "€^{}\\[~]|@\n\r", ""}) {
    const at::Simplified simplified = at::simplify(text);
    STRCMP_EQUAL(text, simplified.text.c_str());
    LONGS_EQUAL(0, simplified.replaced.size());
  }
}

TEST(LookAlikes, AreCountedInOrderOfTheirFirstPlace) {
  const auto replaced = at::simplify("a – ’b’ – c – …").replaced;
  LONGS_EQUAL(3, replaced.size());
  LONGS_EQUAL(0x2013, replaced[0].from);
  LONGS_EQUAL(3, replaced[0].count);
  LONGS_EQUAL(0x2019, replaced[1].from);
  LONGS_EQUAL(2, replaced[1].count);
  LONGS_EQUAL(0x2026, replaced[2].from);
  STRCMP_EQUAL("...", std::string(replaced[2].to).c_str());
}

TEST(LookAlikes, NeverReplaceWhatTheAlphabetHasAndNeverGiveWhatItLacks) {
  int replaced = 0;
  for (char32_t c = 0; c <= 0x10FFFF; ++c) {
    if (c >= 0xD800 && c <= 0xDFFF) continue;
    const at::Simplified simplified = at::simplify(encoded(c));
    if (simplified.replaced.empty()) {
      CHECK(simplified.text == encoded(c));
      continue;
    }
    ++replaced;
    LONGS_EQUAL(0, at::gsm7_cost(c));
    CHECK(at::gsm7_encode(simplified.text).has_value());
    CHECK(at::simplify(simplified.text).replaced.empty());
  }
  CHECK(replaced > 60);
}

TEST(LookAlikes, PassMalformedOctetsThrough) {
  const std::string text =
      "a\xE2\x80"
      "b\xFF\xC3";
  CHECK(at::simplify(text).text == text);
}
