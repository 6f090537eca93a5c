// The cheapest way for a text: alphabets, national tables, and cuts that no reader sees.
#include <CppUTest/TestHarness.h>

#include <algorithm>
#include <limits>
#include <random>
#include <string>

#include "at/grapheme.h"
#include "at/segment.h"
#include "at/ucs2.h"

namespace {

constexpr at::Languages bit(int language) {
  return static_cast<at::Languages>(1 << language);
}
constexpr at::Languages kTurkish = bit(1), kSpanish = bit(2), kPortuguese = bit(3), kHindi = bit(6),
                        kUrdu = bit(13);

std::string repeated(std::size_t count, const std::string& text) {
  std::string all;
  for (std::size_t i = 0; i < count; ++i) all += text;
  return all;
}

at::SegmentOptions with(at::Languages languages, at::Encoding encoding = at::Encoding::automatic) {
  at::SegmentOptions options;
  options.languages = languages;
  options.encoding = encoding;
  return options;
}

// "gsm7 149+7 locking turkish single spanish", "ucs2 67+4", "too many"
std::string way(const std::string& text, const at::SegmentOptions& options) {
  const auto segmented = at::segment_text(text, options);
  if (!segmented) return segmented.error().kind == at::SegmentError::Kind::too_many ? "too many" : "missing";
  std::string out = segmented->alphabet == at::Alphabet::gsm7 ? "gsm7 " : "ucs2 ";
  for (std::size_t i = 0; i < segmented->parts.size(); ++i)
    out += (i > 0 ? "+" : "") + std::to_string(segmented->length(i));
  const at::Gsm7Tables& tables = segmented->tables;
  if (tables.locking != 0) out += " locking " + std::string(at::gsm7_language(tables.locking));
  if (tables.single != 0) out += " single " + std::string(at::gsm7_language(tables.single));
  return out;
}

void expect(const char* wanted, const std::string& text, const at::SegmentOptions& options) {
  STRCMP_EQUAL(wanted, way(text, options).c_str());
}

std::u32string points_of(const std::string& text) {
  std::u32string points;
  for (std::size_t at = 0; at < text.size();) points += at::utf8_next(text, &at);
  return points;
}

std::string utf8_of(const std::u32string& points) {
  std::string text;
  for (const char32_t c : points) at::utf8_append(&text, c);
  return text;
}

std::string text_of(const at::Segmented& segmented, std::size_t part) {
  const at::Octets& units = segmented.parts[part];
  if (segmented.alphabet == at::Alphabet::gsm7) return at::gsm7_decode(units, segmented.tables);
  return at::utf8_from_utf16(at::ucs2_units(units.data(), units.size()));
}

// The fewest parts that any cuts between clusters give, by trying each: not the way that it is done.
// 0: the tables lack a character, or a cluster is longer than a part.
std::size_t fewest_parts(const std::u32string& text, const at::Gsm7Tables* tables, std::size_t single,
                         std::size_t part) {
  const auto starts = at::cluster_starts(text);
  constexpr auto kNone = std::numeric_limits<std::size_t>::max();
  std::vector<std::size_t> sums{0};
  for (const char32_t c : text) {
    const std::size_t cost = tables != nullptr ? static_cast<std::size_t>(at::gsm7_cost(c, *tables))
                                               : std::size_t{c < 0x10000 ? 1u : 2u};
    if (cost == 0) return 0;
    sums.push_back(sums.back() + cost);
  }
  if (sums.back() <= single) return 1;
  std::vector<std::size_t> parts(text.size() + 1, kNone);
  parts[0] = 0;
  for (std::size_t end = 1; end <= text.size(); ++end) {
    if (end < text.size() && !starts[end]) continue;
    for (std::size_t begin = 0; begin < end; ++begin) {
      if (parts[begin] != kNone && sums[end] - sums[begin] <= part)
        parts[end] = std::min(parts[end], parts[begin] + 1);
    }
  }
  return parts.back() == kNone ? 0 : parts.back();
}

// Over all that may be used. The room of each header is the standard's table.
std::size_t brute_force(const std::u32string& text, at::Languages languages) {
  std::size_t fewest = fewest_parts(text, nullptr, 70, 67);
  for (std::uint8_t locking = 0; locking <= 13; ++locking) {
    if (locking != 0 && (!(languages >> locking & 1) || !at::gsm7_has_locking(locking))) continue;
    for (std::uint8_t single = 0; single <= 13; ++single) {
      if (single != 0 && !(languages >> single & 1)) continue;
      const at::Gsm7Tables tables{locking, single};
      const int elements = (locking != 0) + (single != 0);
      constexpr std::size_t kSingle[] = {160, 155, 152}, kPart[] = {153, 149, 146};
      const std::size_t parts = fewest_parts(text, &tables, kSingle[elements], kPart[elements]);
      if (parts != 0 && (fewest == 0 || parts < fewest)) fewest = parts;
    }
  }
  return fewest;
}

std::u32string random_points(std::mt19937& random, std::u32string_view pool, std::size_t length) {
  std::u32string points;
  while (points.size() < length) {
    points += pool[random() % pool.size()];
    if (random() % 8 != 0) continue;
    const char32_t again = points.back();  // runs make escapes and borders meet
    for (auto run = random() % 40; run > 0; --run) points += again;
  }
  return points;
}

}  // namespace

TEST_GROUP(Cheapest){};

TEST(Cheapest, RoomBesideTheTables) {
  expect("gsm7 155 locking turkish", repeated(155, "ş"), with(kTurkish));
  expect("gsm7 149+7 locking turkish", repeated(156, "ş"), with(kTurkish));
  expect("gsm7 155 single spanish", "á" + repeated(153, "a"), with(kSpanish));
  expect("gsm7 149+7 single spanish", "á" + repeated(154, "a"), with(kSpanish));
  expect("gsm7 152 locking turkish single spanish", repeated(150, "ş") + "á", with(kTurkish | kSpanish));
  expect("gsm7 146+7 locking turkish single spanish", repeated(151, "ş") + "á", with(kTurkish | kSpanish));
}

TEST(Cheapest, SixteenBitReferencesTakeOneMore) {
  at::SegmentOptions options = with(kTurkish);
  options.concat_bits = 16;
  expect("gsm7 148+8 locking turkish", repeated(156, "ş"), options);
}

TEST(Cheapest, NothingIsUsedThatIsNotEnabled) {
  expect("ucs2 67+67+21", repeated(155, "ş"), with(0));
  expect("ucs2 67+67+21", repeated(155, "ş"), with(kPortuguese | kHindi));
  expect("gsm7 155 locking turkish", repeated(155, "ş"), with(at::kAllLanguages));
}

TEST(Cheapest, WhatFitsTheDefaultAlphabetStaysThereUnlessAPartIsSaved) {
  expect("gsm7 160", repeated(160, "a"), with(at::kAllLanguages));
  expect("gsm7 160", repeated(80, "€"), with(at::kAllLanguages));
  expect("gsm7 152+150", repeated(151, "€"), with(0));
  expect("gsm7 151 locking turkish", repeated(151, "€"), with(at::kAllLanguages));
  expect("gsm7 153+8", repeated(161, "a"), with(at::kAllLanguages));
}

TEST(Cheapest, EqualPartsGoToUcs2) {
  expect("ucs2 70", repeated(70, "ş"), with(kTurkish));
  expect("gsm7 71 locking turkish", repeated(71, "ş"), with(kTurkish));
  expect("ucs2 67+33", repeated(100, "á"), with(kSpanish));
}

TEST(Cheapest, ThenTheFewestSeptetsThenTheFewestTables) {
  expect("gsm7 72 locking turkish", repeated(72, "ş"), with(kTurkish));
  expect("gsm7 74 single spanish", "á" + repeated(72, "a"), with(kSpanish));
  expect("gsm7 73 locking portuguese", "á" + repeated(72, "a"), with(kSpanish | kPortuguese));
  // Portuguese has no ñ at all.
  expect("gsm7 75 single spanish", "ñá" + repeated(72, "a"), with(kSpanish | kPortuguese));
}

TEST(Cheapest, Gsm7LeavesOutUcs2) {
  expect("gsm7 1 locking turkish", "ş", with(kTurkish, at::Encoding::gsm7));
  expect("missing", "ş", with(0, at::Encoding::gsm7));
  const auto refused = at::segment_text("şЖ", with(kTurkish, at::Encoding::gsm7));
  CHECK(refused.error().kind == at::SegmentError::Kind::not_in_alphabet);
  LONGS_EQUAL(0x416, refused.error().code_point);
  expect("ucs2 67+33", repeated(100, "ş"), with(kTurkish, at::Encoding::ucs2));
}

TEST(Cheapest, PinnedTablesAreNotWeighed) {
  at::SegmentOptions options = with(kTurkish);
  options.tables = at::Gsm7Tables{0, 1};
  expect("gsm7 6 single turkish", "şşa1", options);
  options.tables = at::Gsm7Tables{2, 0};
  expect("missing", "ş", options);
}

// A hundred letters that no other language has, so in UCS-2 two parts.
TEST(Cheapest, EveryLanguagePaysForItsOwnTexts) {
  for (std::uint8_t language = 1; language <= 13; ++language) {
    if (!at::gsm7_has_locking(language)) continue;
    std::u32string own;
    for (char32_t c = 0x80; c < 0x10000; ++c) {
      if (at::gsm7_presence(c).locking == bit(language) && own.size() < 100) own += c;
    }
    const std::size_t found = own.size();
    CHECK(found > 0);
    while (own.size() < 100) own += own[own.size() - found];
    const std::string text = utf8_of(own), name(at::gsm7_language(language));
    STRCMP_EQUAL(("gsm7 100 locking " + name).c_str(), way(text, with(bit(language))).c_str());
    const auto others = static_cast<at::Languages>(at::kAllLanguages & ~bit(language));
    const std::string without = way(text, with(others));
    CHECK_TEXT(without.starts_with("ucs2 "), (name + ": " + without).c_str());
  }
  const std::string spanish = "¿Qué pasó? " + repeated(9, "Mañana habrá más información. ");
  expect("gsm7 149+149+11 single spanish", spanish, with(kSpanish));
  CHECK(way(spanish, with(at::kAllLanguages & ~kSpanish & ~kPortuguese)).starts_with("ucs2 "));
}

TEST(Cheapest, HeadersNameTheTablesInEveryPart) {
  const auto segmented = *at::segment_text(repeated(151, "ş") + "á", with(kTurkish | kSpanish));
  at::SubmitOptions options{at::address_from_display("+905550100")};
  options.concat_reference = 7;
  for (std::uint8_t i = 0; i < 2; ++i) {
    const auto pdu = at::decode_pdu(at::submit_pdu(segmented, i, options)->hex, at::Direction::to_sc);
    const auto& submit = std::get<at::Submit>(pdu->tpdu);
    CHECK(submit.tp_udhi && submit.tp_dcs == 0x00);
    CHECK(submit.ud.udh == (std::vector<at::InformationElement>{
                               {0x00, {7, 2, static_cast<std::uint8_t>(i + 1)}}, {0x25, {1}}, {0x24, {2}}}));
    CHECK(submit.ud.units == segmented.parts[i]);
  }
  const auto one = *at::segment_text(repeated(71, "ş"), with(kTurkish));
  const auto pdu = at::decode_pdu(at::submit_pdu(one, 0, options)->hex, at::Direction::to_sc);
  CHECK(std::get<at::Submit>(pdu->tpdu).ud.udh == (std::vector<at::InformationElement>{{0x25, {1}}}));
}

TEST(Cheapest, CutsKeepClustersWhole) {
  const auto first_part = [](const std::string& text, at::Languages languages = 0) {
    const auto segmented = at::segment_text(text, with(languages));
    CHECK(segmented && segmented->parts.size() == 2);
    return segmented->length(0);
  };
  const std::string zh66 = repeated(66, "漢"), more = repeated(10, "漢");
  LONGS_EQUAL(66, first_part(zh66 + "e\u0301" + more));                               // a combining mark
  LONGS_EQUAL(66, first_part(zh66 + "\r\n" + more));                                  // CR LF
  LONGS_EQUAL(66, first_part(zh66 + "👍🏽" + more));                              // a skin tone
  LONGS_EQUAL(66, first_part(zh66 + "🇹🇷" + more));                                    // a flag
  LONGS_EQUAL(60, first_part(repeated(60, "漢") + "👩\u200D👩\u200D👧\u200D👦" + more));  // a family: 11 units
  LONGS_EQUAL(
      65, first_part(repeated(65, "漢") + "\u1112\u1161\u11AB" + more));  // Hangul letters of one syllable
  LONGS_EQUAL(65,
              first_part(repeated(65, "न") + "क्षि" + repeated(9, "न")));  // a conjunct with its vowel sign
  LONGS_EQUAL(67, first_part(repeated(63, "न") + "क्षि" + repeated(9, "न")));
  LONGS_EQUAL(152, first_part(repeated(152, "a") + "\r\n" + repeated(9, "a")));  // in the default alphabet
  LONGS_EQUAL(148, first_part(repeated(148, "न") + "नि" + repeated(9, "न"), kHindi));
  LONGS_EQUAL(148, first_part(repeated(148, "ş") + "[" + repeated(9, "ş"), kTurkish));  // an escape
}

TEST(Cheapest, AClusterLongerThanAPartIsCutBetweenCodePoints) {
  const std::string tower = "e" + repeated(99, "\u0301");
  expect("ucs2 1+67+33", "x" + tower, with(0));
  expect("ucs2 67+34", tower + "y", with(0));
  const std::string wide = "😀" + repeated(40, "\u200D😀");  // 122 units of one cluster, cut before a pair
  expect("ucs2 66+56", wide.substr(0), with(0));
}

TEST(Cheapest, BoundIsFoundWithoutBuilding) {
  at::SegmentOptions options = with(at::kAllLanguages);
  options.max_parts = 3;
  const auto refused = at::segment_text(repeated(500, "ş"), options);
  LONGS_EQUAL(4, refused.error().parts);
  options.max_parts = 4;
  LONGS_EQUAL(4, at::segment_text(repeated(500, "ş"), options)->parts.size());
  CHECK(way(repeated(100'000, "ş"), with(at::kAllLanguages)) == "too many");
}

TEST(Cheapest, AnyText) {
  static constexpr std::u32string_view kPools[] = {
      U"abc XYZ€[ğĞşŞıİçáíóúñãõâ",
      U"abc ABC1हिन्दीकमलास्ते।\r\n",
      U"aşéЖ😀e\u0301\u200D👩🇹🇷\r\n漢\u1112\u1161\u11AB€",
      U"اردوٹگچ abcABC\u0654",
      U"தமிழ் తెలుగు বাংলা ab",
  };
  std::mt19937 random(20260711);
  int national = 0, ucs2 = 0;
  for (int i = 0; i < 600; ++i) {
    std::u32string points =
        random_points(random, kPools[static_cast<std::size_t>(i) % std::size(kPools)], random() % 420);
    const std::string text = utf8_of(points);
    const auto languages =
        static_cast<at::Languages>(i % 3 == 0 ? at::kAllLanguages : random() & at::kAllLanguages);
    const auto segmented = at::segment_text(text, with(languages));
    CHECK(segmented.has_value());
    national += segmented->tables != at::Gsm7Tables{};
    ucs2 += segmented->alphabet == at::Alphabet::ucs2;

    const auto starts = at::cluster_starts(points);
    std::string joined;
    std::size_t place = 0;
    bool long_cluster = false;
    const std::size_t room = segmented->capacity(segmented->parts.size());
    for (std::size_t part = 0; part < segmented->parts.size(); ++part) {
      CHECK(segmented->length(part) <= room);
      const std::string piece = text_of(*segmented, part);
      joined += piece;
      place += points_of(piece).size();
      long_cluster = long_cluster || (place < points.size() && !starts[place]);
    }
    CHECK(joined == text);
    if (!long_cluster && !at::gsm7_encode(text)) {
      LONGS_EQUAL_TEXT(brute_force(points, languages), segmented->parts.size(), text.c_str());
    }
    if (!long_cluster) continue;
    bool really = false;  // only where a cluster alone is longer than a part
    for (std::size_t begin = 0, end = 1; end <= points.size(); ++end) {
      if (end < points.size() && !starts[end]) continue;
      really = really || end - begin > room / 2;
      begin = end;
    }
    CHECK(really);
  }
  CHECK(national > 100);
  CHECK(ucs2 > 100);
}
