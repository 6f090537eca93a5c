// UAX 29 by its own examples and by what people text.
#include <CppUTest/TestHarness.h>

#include <string>

#include "at/grapheme.h"
#include "at/ucs2.h"

namespace {

// The text with a bar before each cluster but the first.
std::string barred(std::u32string_view text) {
  const auto starts = at::cluster_starts(text);
  CHECK(starts.size() == text.size());
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (starts[i] && i > 0) out += '|';
    at::utf8_append(&out, text[i]);
  }
  return out;
}

// bars: the text itself with '|' where clusters are to be parted.
void expect(const std::string& bars) {
  std::u32string text;
  for (std::size_t at = 0; at < bars.size();) {
    const char32_t c = at::utf8_next(bars, &at);
    if (c != '|') text += c;
  }
  STRCMP_EQUAL(bars.c_str(), barred(text).c_str());
}

}  // namespace

TEST_GROUP(Grapheme){};

TEST(Grapheme, PlainTextIsPartedEverywhere) {
  expect("");
  expect("a");
  expect("a|b|ç|ğ|Ж|€|漢");
}

TEST(Grapheme, LineEnds) {
  expect("a|\r\n|b|\r|\r\n|\n|\n|\r|c");
  expect("\u0301|\r\n|\u0301");
}

TEST(Grapheme, CombiningMarksStayWithTheirBase) {
  expect("e\u0301|a\u0308\u0323|x");
  expect("\u0301\u0302|a");
  expect("ก\u0E33|ท\u0E35\u0E48");
}

TEST(Grapheme, Flags) {
  expect("🇬🇧|🇹🇷|a|🇵🇹|🇪");
  expect("🇬🇧🏽|🇹🇷");
}

TEST(Grapheme, EmojiSequences) {
  expect("👩\u200D👩\u200D👧\u200D👦|👍🏽|❤\uFE0F|1\uFE0F\u20E3|🏳\uFE0F\u200D🌈");
  expect("😀|😀|a\u200D|😀");
  expect("©\u200D😀|®\uFE0F");
}

TEST(Grapheme, Hangul) {
  expect("한|국|\u1112\u1161\u11AB|\u1100\u1161|가\u11A8");
}

TEST(Grapheme, IndicClustersAndConjuncts) {
  expect("हि|न्दी|न|म|स्ते");
  expect("क्षि|त्र्य|क्\u200Dष|क्\u200C|ष");
  expect("ক্ষ|ક્ષ|କ୍ଷ|క్ష|ക്ഷ");
  expect("स्|a्|स");
  expect("த|மி|ழ்|க்|ஷ");  // Tamil joins no consonants by this rule
}

TEST(Grapheme, ValuesThatAreNoCodePoints) {
  const std::u32string odd{0xD800, 0x301, 0x110000, 0xFFFFFFFF, 'a', 0x80000000, 0x200D};
  CHECK(at::cluster_starts(odd)[0]);
  LONGS_EQUAL(odd.size(), at::cluster_starts(odd).size());
}
