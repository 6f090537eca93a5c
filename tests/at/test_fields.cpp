// TP-DCS, TP-SCTS, TP-VP, TP-ST.
#include <CppUTest/TestHarness.h>

#include <string>

#include "at/tpdu.h"
#include "at/ucs2.h"

namespace {

at::Timestamp timestamp(const char* hex) {
  return at::decode_timestamp(at::hex_decode(hex)->data());
}

// One letter for each value: 7, 8, U, c(ompressed).
char letter(at::Alphabet alphabet) {
  return "78Uc"[static_cast<int>(alphabet)];
}

// The alphabets of a coding group's sixteen values.
std::string group(int high) {
  std::string letters;
  for (int low = 0; low < 16; ++low) {
    letters.push_back(letter(at::decode_dcs(static_cast<std::uint8_t>(high << 4 | low)).alphabet));
  }
  return letters;
}

}  // namespace

TEST_GROUP(Dcs){};

TEST(Dcs, AlphabetOfEveryValue) {
  const char* const kGeneral = "77778888UUUU7777";
  const char* const kCompressed = "cccccccccccc7777";  // reserved is never compressed
  const char* const kDefault = "7777777777777777";
  for (const int high : {0x0, 0x1, 0x4, 0x5}) STRCMP_EQUAL(kGeneral, group(high).c_str());
  for (const int high : {0x2, 0x3, 0x6, 0x7}) STRCMP_EQUAL(kCompressed, group(high).c_str());
  for (const int high : {0x8, 0x9, 0xA, 0xB, 0xC, 0xD}) STRCMP_EQUAL(kDefault, group(high).c_str());
  STRCMP_EQUAL("UUUUUUUUUUUUUUUU", group(0xE).c_str());
  STRCMP_EQUAL("7777888877778888", group(0xF).c_str());
}

TEST(Dcs, ClassAndMessageWaitingOfEveryValue) {
  for (int value = 0; value < 256; ++value) {
    const at::Dcs dcs = at::decode_dcs(static_cast<std::uint8_t>(value));
    const bool reserved = (value >= 0x80 && value < 0xC0) || (value < 0x80 && (value & 0xC) == 0xC);
    const bool has_class = (value < 0x80 && (value & 0x10) && !reserved) || value >= 0xF0;
    CHECK_EQUAL(has_class, dcs.message_class.has_value());
    if (has_class) LONGS_EQUAL(value & 3, *dcs.message_class);
    CHECK_EQUAL(value >= 0xC0 && value < 0xF0, dcs.message_waiting.has_value());
    CHECK_EQUAL(value >= 0x40 && value < 0x80 && !reserved, dcs.automatic_deletion);
    CHECK_EQUAL(reserved, dcs.reserved);
  }
}

// 23.038 4: bit 3 sets or clears, bits 1 and 0 are the kind, 1100 lets the text be thrown away.
TEST(Dcs, WhatWaits) {
  for (int value = 0xC0; value < 0xF0; ++value) {
    const at::MessageWaiting waiting = *at::decode_dcs(static_cast<std::uint8_t>(value)).message_waiting;
    CHECK_EQUAL(value >= 0xD0, waiting.store);
    CHECK_EQUAL((value & 8) != 0, waiting.active);
    LONGS_EQUAL(value & 3, static_cast<int>(waiting.kind));
  }
}

TEST_GROUP(Timestamp){};

TEST(Timestamp, ReadsLocalTimeAndZone) {
  const at::Timestamp plus = timestamp("71213201447440");
  LONGS_EQUAL(4, plus.offset_quarters);
  LONGLONGS_EQUAL(1514022287, *plus.unix_seconds);  // 2017-12-23 10:44:47 +01:00
  const at::Timestamp minus = timestamp("7121320144740A");
  LONGS_EQUAL(-20, minus.offset_quarters);
  LONGLONGS_EQUAL(1514022287 + 6 * 3600, *minus.unix_seconds);
  LONGS_EQUAL(-16, timestamp("71213201447469").offset_quarters);
  LONGS_EQUAL(8, timestamp("71213201447480").offset_quarters);
}

TEST(Timestamp, YearsAre1970To2069) {
  LONGLONGS_EQUAL(0, *timestamp("07101000000000").unix_seconds);
  LONGLONGS_EQUAL(3155759999, *timestamp("96211332959500").unix_seconds);
  LONGLONGS_EQUAL(951782400, *timestamp("00209200000000").unix_seconds);  // 29 February 2000
}

TEST(Timestamp, OddValuesGiveNoTimeAndKeepTheirOctets) {
  for (const char* odd :
       {"00000000000000", "FFFFFFFFFFFFFF", "71003201447440", "71313201447440", "71212301447440",
        "71209201447440", "71213242447440", "71213201064740", "71213201441640"}) {
    const at::Timestamp read = timestamp(odd);
    if (read.unix_seconds || read.whole) FAIL(odd);
    STRCMP_EQUAL(odd, at::hex_encode(read.raw.data(), read.raw.size()).c_str());
  }
}

// 23.040 9.2.3.11: what is no digit counts as 0.
TEST(Timestamp, ADigitAboveNineIsZero) {
  const std::pair<const char*, const char*> same[] = {{"7121320144A440", "71213201440440"},
                                                      {"A1213201447440", "01213201447440"},
                                                      {"712132014474A0", "71213201447400"},
                                                      {"71213201447E40", "71213201447040"},
                                                      {"712132014474FF", "71213201447400"}};
  for (const auto& [odd, plain] : same) {
    const at::Timestamp read = timestamp(odd), meant = timestamp(plain);
    CHECK(read.unix_seconds.has_value() && !read.whole && meant.whole);
    CHECK(read.unix_seconds == meant.unix_seconds);
    LONGS_EQUAL(meant.offset_quarters, read.offset_quarters);
    STRCMP_EQUAL(odd, at::hex_encode(read.raw.data(), read.raw.size()).c_str());
  }
}

TEST(Timestamp, SecondSixtyIsTheNextMinute) {
  CHECK(*timestamp("71213201440640").unix_seconds == *timestamp("71213201540040").unix_seconds);
}

TEST(Timestamp, EncodesWhatItDecodes) {
  for (const int quarters : {-79, -48, -20, -1, 0, 1, 22, 56, 79}) {
    for (std::int64_t seconds = 86400 * 20; seconds < 3'100'000'000; seconds += 86'400'000 / 7 * 13 + 4321) {
      const auto octets = at::encode_timestamp(seconds, quarters);
      const at::Timestamp read = at::decode_timestamp(octets.data());
      CHECK(read.unix_seconds == seconds);
      LONGS_EQUAL(quarters, read.offset_quarters);
    }
  }
}

TEST_GROUP(Validity){};

TEST(Validity, KnownValues) {
  const std::pair<int, std::int64_t> known[] = {{0x00, 300},        {0x0B, 3600},       {0x47, 6 * 3600},
                                                {0x8F, 12 * 3600},  {0x90, 45000},      {0xA7, 86400},
                                                {0xA8, 2 * 86400},  {0xAD, 7 * 86400},  {0xC4, 30 * 86400},
                                                {0xC5, 35 * 86400}, {0xFF, 63 * 604800}};
  for (const auto& [value, seconds] : known) {
    LONGLONGS_EQUAL(seconds, at::decode_relative_vp(static_cast<std::uint8_t>(value)));
    LONGS_EQUAL(value, at::encode_relative_vp(seconds));
  }
}

TEST(Validity, RoundsUpToTheSmallestThatIsEnough) {
  for (int value = 0; value < 256; ++value) {
    const std::int64_t seconds = at::decode_relative_vp(static_cast<std::uint8_t>(value));
    LONGS_EQUAL(value, at::encode_relative_vp(seconds));
    LONGS_EQUAL(value, at::encode_relative_vp(seconds - 1));
    LONGS_EQUAL(value == 255 ? 255 : value + 1, at::encode_relative_vp(seconds + 1));
  }
  LONGS_EQUAL(0, at::encode_relative_vp(0));
  LONGS_EQUAL(0, at::encode_relative_vp(-5));
  LONGS_EQUAL(255, at::encode_relative_vp(std::int64_t{1} << 60));
}

// 23.040 9.2.3.12.3
TEST(Validity, Enhanced) {
  const auto enhanced = [](const char* hex) { return at::decode_enhanced_vp(at::hex_decode(hex)->data()); };
  CHECK(!enhanced("00000000000000").seconds && !enhanced("00000000000000").single_shot);
  LONGLONGS_EQUAL(86400, *enhanced("01A70000000000").seconds);
  LONGLONGS_EQUAL(255, *enhanced("02FF0000000000").seconds);
  LONGLONGS_EQUAL(12 * 3600 + 34 * 60 + 56, *enhanced("03214365000000").seconds);
  CHECK(enhanced("42050000000000").single_shot);
  for (const char* reserved : {"04050000000000", "07050000000000", "82050000000000"})
    CHECK(!enhanced(reserved).seconds);
}

TEST_GROUP(TpStatus){};

TEST(TpStatus, Classes) {
  for (int value = 0; value < 256; ++value) {
    at::Delivery expected = at::Delivery::failed;
    if (value < 0x20) expected = at::Delivery::delivered;
    if (value == 0x01) expected = at::Delivery::unconfirmed;
    if (value >= 0x20 && value < 0x40) expected = at::Delivery::pending;
    if (value == 0x46) expected = at::Delivery::expired;
    CHECK(expected == at::classify_tp_st(static_cast<std::uint8_t>(value)));
    CHECK(!at::tp_st_text(static_cast<std::uint8_t>(value)).empty());
  }
}

TEST(TpStatus, Texts) {
  const auto text = [](int value) { return std::string(at::tp_st_text(static_cast<std::uint8_t>(value))); };
  STRCMP_EQUAL("received by the recipient", text(0x00).c_str());
  STRCMP_EQUAL("recipient busy, the SC still tries", text(0x21).c_str());
  STRCMP_EQUAL("validity period expired", text(0x46).c_str());
  STRCMP_EQUAL("the SC does not know the message", text(0x49).c_str());
  STRCMP_EQUAL("failed, the SC's own value", text(0x50).c_str());
  STRCMP_EQUAL("congestion, the SC gave up", text(0x60).c_str());
  STRCMP_EQUAL("given up, reserved value", text(0x66).c_str());
  STRCMP_EQUAL("reserved value, read as service rejected", text(0x80).c_str());
}
