#include <CppUTest/TestHarness.h>

#include <algorithm>
#include <string>

#include "at/assembler.h"
#include "at/segment.h"
#include "at/ucs2.h"

namespace {

constexpr std::int64_t kRelease = 1000, kForget = 5000;

at::PartKey key(int reference = 7, int total = 3, int bits = 8, const char* sender = "1:+15550100") {
  return {"8944", sender, static_cast<std::uint8_t>(bits), static_cast<std::uint16_t>(reference),
          static_cast<std::uint8_t>(total)};
}

at::Part part(std::uint64_t id, int sequence, const char* text, std::int64_t received_ms = 0) {
  return {id, static_cast<std::uint8_t>(sequence), at::Alphabet::gsm7, *at::gsm7_encode(text), received_ms};
}

at::Part ucs2_part(std::uint64_t id, int sequence, const char* hex) {
  return {id, static_cast<std::uint8_t>(sequence), at::Alphabet::ucs2, *at::hex_decode(hex), 0};
}

}  // namespace

TEST_GROUP(Assembler) {
  at::Assembler assembler{{kRelease, kForget}, 4};
};

TEST(Assembler, EveryOrderOfThreeParts) {
  std::vector<int> order{1, 2, 3};
  const char* const texts[] = {"", "one ", "two ", "three"};
  do {
    at::Assembler fresh({kRelease, kForget});
    for (int i = 0; i < 3; ++i) {
      const int sequence = order[static_cast<std::size_t>(i)];
      const auto out =
          fresh.add(key(), part(static_cast<std::uint64_t>(10 + sequence), sequence, texts[sequence]));
      LONGS_EQUAL(i == 2 ? 1 : 0, out.size());
      if (i < 2) continue;
      STRCMP_EQUAL("one two three", out[0].text.c_str());
      CHECK(out[0].part_ids == std::vector<std::uint64_t>({11, 12, 13}));
      CHECK(out[0].missing.empty() && !out[0].released_before && !out[0].octets);
      CHECK(out[0].key == key());
    }
    LONGS_EQUAL(0, fresh.open());
    CHECK(!fresh.next_expiry_ms());
  } while (std::next_permutation(order.begin(), order.end()));
}

TEST(Assembler, RepeatIsDroppedAndNamed) {
  assembler.add(key(), part(1, 1, "one"));
  std::optional<std::uint64_t> repeat_of;
  CHECK(assembler.add(key(), part(2, 2, "two"), &repeat_of).empty());
  CHECK(!repeat_of);
  CHECK(assembler.add(key(), part(9, 1, "one"), &repeat_of).empty());
  CHECK(repeat_of == 1);
  LONGS_EQUAL(1, assembler.open());
}

TEST(Assembler, ReferenceUsedAnew) {
  assembler.add(key(), part(1, 1, "old one "));
  assembler.add(key(), part(2, 3, "old three"));
  const auto out = assembler.add(key(), part(3, 1, "new one "));
  LONGS_EQUAL(1, out.size());
  STRCMP_EQUAL("old one old three", out[0].text.c_str());
  CHECK(out[0].missing == std::vector<int>{2});
  assembler.add(key(), part(4, 2, "new two "));
  const auto whole = assembler.add(key(), part(5, 3, "new three"));
  STRCMP_EQUAL("new one new two new three", whole[0].text.c_str());
  CHECK(!whole[0].released_before);
}

TEST(Assembler, ReferenceUsedAnewAfterReleaseComesOutOnce) {
  assembler.add(key(), part(1, 1, "old"));
  LONGS_EQUAL(1, assembler.expire(kRelease).size());
  CHECK(assembler.add(key(), part(2, 1, "new", kRelease)).empty());
  const auto out = assembler.expire(2 * kRelease);
  LONGS_EQUAL(1, out.size());
  STRCMP_EQUAL("new", out[0].text.c_str());
  CHECK(!out[0].released_before);
}

TEST(Assembler, KeysDoNotMix) {
  for (const auto& other : {key(8), key(7, 2), key(7, 3, 16), key(7, 3, 8, "5:Klaxon")}) {
    assembler.add(key(), part(1, 1, "x"));
    assembler.add(other, part(2, 2, "y"));
    LONGS_EQUAL(2, assembler.open());
    LONGS_EQUAL(2, assembler.expire(kRelease).size());
    assembler.expire(kForget);
    LONGS_EQUAL(0, assembler.open());
  }
}

TEST(Assembler, SurrogateAndEscapeCutInTwo) {
  assembler.add(key(1, 2), ucs2_part(1, 1, "0041D83D"));
  STRCMP_EQUAL("A😀B", assembler.add(key(1, 2), ucs2_part(2, 2, "DE000042"))[0].text.c_str());
  at::Part head = part(1, 1, "a"), tail = part(2, 2, "eb");
  head.units.push_back(0x1B);
  assembler.add(key(2, 2), head);
  STRCMP_EQUAL("a€b", assembler.add(key(2, 2), tail)[0].text.c_str());
}

TEST(Assembler, PairsAreNotMadeAcrossAGapOrAnotherAlphabet) {
  STRCMP_EQUAL("\uFFFD\uFFFD", at::join_text({ucs2_part(1, 1, "D83D"), ucs2_part(3, 3, "DE00")}).c_str());
  STRCMP_EQUAL("\uFFFDx\uFFFD",
               at::join_text({ucs2_part(1, 1, "D83D"), part(2, 2, "x"), ucs2_part(3, 3, "DE00")}).c_str());
}

TEST(Assembler, EightBitAndMixed) {
  at::Part octets = ucs2_part(1, 1, "0102");
  octets.alphabet = at::Alphabet::octets;
  assembler.add(key(1, 2), octets);
  at::Part more = ucs2_part(2, 2, "03");
  more.alphabet = at::Alphabet::octets;
  const auto data = assembler.add(key(1, 2), more);
  CHECK(data[0].octets && data[0].text.empty() && data[0].data == at::Octets({1, 2, 3}));
  assembler.add(key(2, 2), octets);
  const auto mixed = assembler.add(key(2, 2), part(2, 2, "text"));
  CHECK(!mixed[0].octets && mixed[0].text == "text" && mixed[0].data == at::Octets({1, 2}));
}

TEST(Assembler, ReleaseThenLatePartThenWhole) {
  assembler.add(key(), part(1, 1, "one "));
  assembler.add(key(), part(2, 3, "three", 500));
  CHECK(assembler.next_expiry_ms() == 500 + kRelease);
  CHECK(assembler.expire(500 + kRelease - 1).empty());
  const auto early = assembler.expire(500 + kRelease);
  LONGS_EQUAL(1, early.size());
  CHECK(early[0].missing == std::vector<int>{2});
  CHECK(!early[0].released_before);
  CHECK(assembler.expire(500 + kRelease).empty());
  CHECK(assembler.next_expiry_ms() == 500 + kForget);
  const auto whole = assembler.add(key(), part(3, 2, "two ", 3000));
  STRCMP_EQUAL("one two three", whole[0].text.c_str());
  CHECK(whole[0].released_before && whole[0].missing.empty());
  LONGS_EQUAL(0, assembler.open());
}

TEST(Assembler, LatePartThatCompletesNothingComesOutToo) {
  assembler.add(key(), part(1, 1, "one "));
  assembler.expire(kRelease);
  CHECK(assembler.add(key(), part(2, 2, "two", 3000)).empty());
  CHECK(assembler.next_expiry_ms() == 3000 + kRelease);
  const auto again = assembler.expire(3000 + kRelease);
  LONGS_EQUAL(1, again.size());
  CHECK(again[0].released_before && again[0].missing == std::vector<int>{3});
  STRCMP_EQUAL("one two", again[0].text.c_str());
}

TEST(Assembler, ForgottenSetStartsAnew) {
  assembler.add(key(), part(1, 1, "one"));
  LONGS_EQUAL(1, assembler.expire(kForget).size());
  LONGS_EQUAL(0, assembler.open());
  CHECK(assembler.add(key(), part(2, 2, "two", kForget)).empty());
  CHECK(assembler.add(key(), part(3, 3, "three", kForget)).empty());
  LONGS_EQUAL(1, assembler.open());
}

TEST(Assembler, BoundGivesOutTheOldest) {
  for (int i = 0; i < 4; ++i) {
    CHECK(assembler.add(key(i), part(static_cast<std::uint64_t>(i), 1, "x", 100 - i)).empty());
  }
  const auto out = assembler.add(key(4), part(4, 1, "x", 200));
  LONGS_EQUAL(1, out.size());
  CHECK(out[0].key == key(3));
  LONGS_EQUAL(4, assembler.open());
}

TEST(Assembler, BoundForgetsWhatCameOutAlready) {
  for (int i = 0; i < 4; ++i) assembler.add(key(i), part(1, 1, "x", i * 10));
  LONGS_EQUAL(1, assembler.expire(kRelease).size());
  CHECK(assembler.add(key(4), part(4, 1, "x", 200)).empty());
  LONGS_EQUAL(4, assembler.open());
}

TEST(Assembler, RestoreGivesNothingOutAndRemembersTheRelease) {
  assembler.restore(key(), part(1, 1, "one "), true);
  assembler.restore(key(), part(2, 2, "two "), true);
  CHECK(assembler.next_expiry_ms() == kForget);
  const auto out = assembler.add(key(), part(3, 3, "three", 10));
  STRCMP_EQUAL("one two three", out[0].text.c_str());
  CHECK(out[0].released_before);
}

TEST(Assembler, RestoredWholeSetComesOutByExpire) {
  for (int i = 1; i <= 3; ++i) assembler.restore(key(), part(static_cast<std::uint64_t>(i), i, "x"), false);
  const auto out = assembler.expire(kRelease);
  LONGS_EQUAL(1, out.size());
  CHECK(out[0].missing.empty());
}

TEST(Assembler, RestoreAboveTheBoundWaitsForTheNextAdd) {
  for (int i = 0; i < 6; ++i) assembler.restore(key(i), part(1, 1, "x", i), false);
  LONGS_EQUAL(6, assembler.open());
  LONGS_EQUAL(3, assembler.add(key(9), part(1, 1, "x", 9)).size());
  LONGS_EQUAL(4, assembler.open());
}

TEST(Assembler, SinglePartAndPartThatFitsNoSet) {
  LONGS_EQUAL(1, assembler.add(key(1, 1), part(1, 1, "all")).size());
  const auto odd = assembler.add(key(1, 2), part(1, 3, "odd"));
  LONGS_EQUAL(1, odd.size());
  STRCMP_EQUAL("odd", odd[0].text.c_str());
  LONGS_EQUAL(0, assembler.open());
}
