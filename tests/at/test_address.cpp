#include <CppUTest/TestHarness.h>

#include <string>

#include "at/address.h"
#include "at/gsm7.h"
#include "at/ucs2.h"

namespace {

std::string encoded(const char* display) {
  const auto octets = at::encode_tp_address(at::address_from_display(display));
  return octets ? at::hex_encode(*octets) : octets.error().reason;
}

// What the hex reads as, with its TON in front; the reason where it does not.
std::string decoded(const char* hex) {
  std::size_t at = 0;
  const auto octets = *at::hex_decode(hex);
  const auto address = at::decode_tp_address(octets, &at);
  if (!address) return address.error().reason;
  LONGS_EQUAL(octets.size(), at);
  return std::to_string(static_cast<int>(address->ton)) + ":" + address->display();
}

std::string decoded_sc(const char* hex) {
  std::size_t at = 0;
  const auto address = at::decode_sc_address(*at::hex_decode(hex), &at);
  return address ? address->display() : address.error().reason;
}

}  // namespace

TEST_GROUP(Address){};

TEST(Address, NumbersBothWays) {
  STRCMP_EQUAL(
      "0891515510"
      "00",
      encoded("+15550100").c_str());
  STRCMP_EQUAL("038121F3", encoded("123").c_str());
  STRCMP_EQUAL("05816070F7", encoded("06077").c_str());
  STRCMP_EQUAL("05811A00FB", encoded("*100#").c_str());
  STRCMP_EQUAL("1:+15550100", decoded("089151551000").c_str());
  STRCMP_EQUAL("0:123", decoded("038121F3").c_str());
  STRCMP_EQUAL("0:*100#", decoded("05811A00FB").c_str());
  STRCMP_EQUAL("2:0abc*#", decoded("06A1C0EDBA").c_str());
}

TEST(Address, TwentyDigitsAndNoMore) {
  STRCMP_EQUAL("149121436587092143658709", encoded("+12345678901234567890").c_str());
  STRCMP_EQUAL("1:+12345678901234567890", decoded("149121436587092143658709").c_str());
  STRCMP_EQUAL("length 21 above 20 digits", encoded("+123456789012345678901").c_str());
  STRCMP_EQUAL("length 21 above 20 digits", decoded("1591214365870921436587090F").c_str());
  STRCMP_EQUAL("length 6 with 2 octets left", decoded("06912143").c_str());
  STRCMP_EQUAL("cut", decoded("06").c_str());
}

TEST(Address, DigitThatIsNone) {
  const auto octets = at::encode_tp_address({at::Ton::national, 1, "12+4"});
  CHECK(!octets);
  STRCMP_EQUAL("digit 3 is none of 0-9 * # a b c", octets.error().reason.c_str());
}

TEST(Address, FillerInsideEndsTheNumberAndMissingBitSevenIsRead) {
  STRCMP_EQUAL("1:+12", decoded("069121FFFF").c_str());
  STRCMP_EQUAL("1:+1234", decoded("04112143").c_str());
}

TEST(Address, AlphanumericOfEveryLength) {
  std::string name;
  for (const char c : std::string("KlaxonAlert")) {
    name.push_back(c);
    const auto octets = at::encode_tp_address({at::Ton::alphanumeric, 0, name});
    CHECK(octets.has_value());
    LONGS_EQUAL((name.size() * 7 + 3) / 4, octets->front());
    LONGS_EQUAL(0xD0, (*octets)[1]);
    std::size_t at = 0;
    const auto again = at::decode_tp_address(*octets, &at);
    CHECK(again && again->digits == name && again->ton == at::Ton::alphanumeric);
  }
  CHECK(!at::encode_tp_address({at::Ton::alphanumeric, 0, "KlaxonAlerts"}));
  CHECK(at::encode_tp_address({at::Ton::alphanumeric, 0, "1234567{}"}).has_value());
  CHECK(!at::encode_tp_address({at::Ton::alphanumeric, 0, "12345678{}"}));
  CHECK(!at::encode_tp_address({at::Ton::alphanumeric, 0, "Тест"}));
}

TEST(Address, SevenCharactersCountedInOctetsHaveNoTrailingAt) {
  STRCMP_EQUAL("0DD0CDB27C5C97E701", encoded("Mercury").c_str());
  STRCMP_EQUAL("5:Mercury", decoded("0DD0CDB27C5C97E701").c_str());
  STRCMP_EQUAL("5:Mercury", decoded("0ED0CDB27C5C97E701").c_str());
}

TEST(Address, Display) {
  const auto check = [](const char* text, at::Ton ton, int npi, const char* digits) {
    const at::Address address = at::address_from_display(text);
    CHECK(address == (at::Address{ton, static_cast<std::uint8_t>(npi), digits}));
    STRCMP_EQUAL(text, address.display().c_str());
  };
  check("+447700900123", at::Ton::international, 1, "447700900123");
  check("60777", at::Ton::unknown, 1, "60777");
  check("*100#", at::Ton::unknown, 1, "*100#");
  check("Klaxon", at::Ton::alphanumeric, 0, "Klaxon");
  check("abc", at::Ton::alphanumeric, 0, "abc");
  check("+", at::Ton::alphanumeric, 0, "+");
  check("", at::Ton::unknown, 1, "");
}

TEST(Address, ServiceCentre) {
  STRCMP_EQUAL("+48798423250", decoded_sc("07918497483252F0").c_str());
  STRCMP_EQUAL("", decoded_sc("00").c_str());
  STRCMP_EQUAL("", decoded_sc("0181").c_str());
  STRCMP_EQUAL("missing", decoded_sc("").c_str());
  STRCMP_EQUAL("length 7 with 2 octets left", decoded_sc("079184").c_str());
  STRCMP_EQUAL("length 12 above 11 octets", decoded_sc("0C91214365870921436587090F").c_str());
  const auto octets = at::encode_sc_address(at::address_from_display("+48798423250"));
  STRCMP_EQUAL("07918497483252F0", at::hex_encode(*octets).c_str());
  CHECK(*at::encode_sc_address({}) == at::Octets{0});
  CHECK(!at::encode_sc_address(at::address_from_display("+123456789012345678901")));
}
