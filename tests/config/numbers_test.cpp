#include <CppUTest/TestHarness.h>

#include <string>

#include "config/countries.h"
#include "config/settings.h"

namespace {

std::string number(const std::string& written, const std::string& country) {
  return config::normalise_number(written, country).value_or("refused");
}

}  // namespace

TEST_GROUP(Numbers){};

TEST(Numbers, AreE164Already) {
  STRCMP_EQUAL("+447700900123", number("+447700900123", "GB").c_str());
  STRCMP_EQUAL("+447700900123", number("+44 7700 900-123", "US").c_str());
  STRCMP_EQUAL("+1234567", number("+1234567", "GB").c_str());
  STRCMP_EQUAL("refused", number("+123456", "GB").c_str());
  STRCMP_EQUAL("+123456789012345", number("+123456789012345", "GB").c_str());
  STRCMP_EQUAL("refused", number("+1234567890123456", "GB").c_str());
}

TEST(Numbers, OfTheDefaultCountryLoseTheirTrunkPrefix) {
  STRCMP_EQUAL("+447700900123", number("07700 900123", "GB").c_str());
  STRCMP_EQUAL("+4915112345678", number("0151 12345678", "DE").c_str());
  STRCMP_EQUAL("+33612345678", number("06.12.34.56.78", "FR").c_str());
  STRCMP_EQUAL("+12015550123", number("(201) 555-0123", "US").c_str());
  STRCMP_EQUAL("+12015550123", number("1 201 555 0123", "US").c_str());
  STRCMP_EQUAL("+79161234567", number("8 (916) 123-45-67", "RU").c_str());
  STRCMP_EQUAL("+78121234567", number("8121234567", "RU").c_str());
  STRCMP_EQUAL("+36201234567", number("06 20 123 4567", "HU").c_str());
  STRCMP_EQUAL("+375291234567", number("80 29 123 45 67", "BY").c_str());
  STRCMP_EQUAL("+919123456789", number("9123456789", "IN").c_str());
}

TEST(Numbers, OfCountriesWithoutTrunkPrefixStayWhole) {
  STRCMP_EQUAL("+34600111222", number("600 111 222", "ES").c_str());
  STRCMP_EQUAL("+48481234567", number("481234567", "PL").c_str());
  STRCMP_EQUAL("+390612345678", number("06 1234 5678", "IT").c_str());
  STRCMP_EQUAL("+393931234567", number("393 123 4567", "IT").c_str());
}

TEST(Numbers, DialledAbroadLoseTheInternationalPrefix) {
  STRCMP_EQUAL("+447700900123", number("00447700900123", "GB").c_str());
  STRCMP_EQUAL("+447700900123", number("0044 7700 900123", "DE").c_str());
  STRCMP_EQUAL("+447700900123", number("011 44 7700 900123", "US").c_str());
  STRCMP_EQUAL("+447700900123", number("00447700900123", "US").c_str());
  STRCMP_EQUAL("+447700900123", number("0011 44 7700 900123", "AU").c_str());
  STRCMP_EQUAL("+447700900123", number("810 44 7700 900123", "RU").c_str());
  STRCMP_EQUAL("0044", number("0044", "GB").c_str());  // any 4 digits are a short code
}

TEST(Numbers, WithTheZeroForCallersAtHome) {
  STRCMP_EQUAL("+447700900123", number("+44 (0)7700 900123", "GB").c_str());
  STRCMP_EQUAL("+390612345678", number("+39 (0)6 12345678", "GB").c_str());
  STRCMP_EQUAL("refused", number("+999 (0)6 12345678", "GB").c_str());
}

TEST(Numbers, OfThreeToEightDigitsAreShortCodes) {
  STRCMP_EQUAL("112", number("112", "GB").c_str());
  STRCMP_EQUAL("60777", number("60777", "US").c_str());
  STRCMP_EQUAL("12345678", number("1234 5678", "DK").c_str());
  STRCMP_EQUAL("refused", number("12", "GB").c_str());
}

TEST(Numbers, ThatCouldReachSomebodyElseAreRefused) {
  STRCMP_EQUAL("refused", number("447700900123", "GB").c_str());
  STRCMP_EQUAL("refused", number("34600111222", "ES").c_str());
  STRCMP_EQUAL("refused", number("4915112345678", "DE").c_str());
  STRCMP_EQUAL("refused", number("15112345678", "DE").c_str());
  STRCMP_EQUAL("refused", number("011 15 1234 5678", "AR").c_str());
  STRCMP_EQUAL("refused", number("201555012", "US").c_str());
  STRCMP_EQUAL("refused", number("079161234567", "RU").c_str());
  STRCMP_EQUAL("refused", number("07700900123", "ZZ").c_str());
}

TEST(Numbers, AreNothingElse) {
  for (const char* text : {"", "+", "++447700900123", "0x447700900", "Ana Ruiz", "+44770090012a",
                           "44+7700900123", "*100#", "07700900123;ext=5", "+44770090012\n3"}) {
    STRCMP_EQUAL_TEXT("refused", number(text, "GB").c_str(), text);
  }
  STRCMP_EQUAL("refused", number(std::string(100'000, '1'), "GB").c_str());
  STRCMP_EQUAL("refused", number("+(0)7700900123", "GB").c_str());
}

TEST(Numbers, KnowTheCountriesOfEuropeAndNorthAmerica) {
  for (const char* country :
       {"AD", "AL", "AT", "BA", "BE", "BG", "BY", "CH", "CY", "CZ", "DE", "DK", "EE", "ES",
        "FI", "FO", "FR", "GB", "GG", "GI", "GR", "HR", "HU", "IE", "IM", "IS", "IT", "JE",
        "LI", "LT", "LU", "LV", "MC", "MD", "ME", "MK", "MT", "NL", "NO", "PL", "PT", "RO",
        "RS", "RU", "SE", "SI", "SK", "SM", "TR", "UA", "VA", "XK", "US", "CA", "MX", "JM"}) {
    CHECK_TEXT(config::known_country(country), country);
  }
  for (const char* none : {"", "gb", "UK", "EU", "ZZ", "GBR"}) CHECK_TEXT(!config::known_country(none), none);
}

TEST(Numbers, OfNoCountryOutgrowE164) {
  for (char first = 'A'; first <= 'Z'; ++first) {
    for (char second = 'A'; second <= 'Z'; ++second) {
      const auto* row = config::find_country(std::string{first, second});
      if (row == nullptr) continue;
      CHECK(row->calling_code.size() >= 1 && row->calling_code.size() <= 3);
      CHECK(row->calling_code.size() + row->digits <= 15);
      CHECK(row->trunk.size() <= 2 && row->international.size() <= 4);
    }
  }
}

TEST(Numbers, BelongToACountryByTheirLongestPrefix) {
  const auto prefix = [](const char* number) { return std::string(config::e164_prefix(number)); };
  STRCMP_EQUAL("90", prefix("+905321234567").c_str());
  STRCMP_EQUAL("351", prefix("+351912345678").c_str());
  STRCMP_EQUAL("1", prefix("+12125550100").c_str());
  STRCMP_EQUAL("1787", prefix("+17875550100").c_str());
  STRCMP_EQUAL("7", prefix("+79161234567").c_str());
  STRCMP_EQUAL("77", prefix("+77011234567").c_str());
  for (const char* none : {"", "+", "60777", "+999123456", "447700900123"})
    STRCMP_EQUAL("", prefix(none).c_str());
}

TEST(Numbers, PrefixesLeadBackToTheirCountry) {
  for (char first = 'A'; first <= 'Z'; ++first) {
    for (char second = 'A'; second <= 'Z'; ++second) {
      const auto* row = config::find_country(std::string{first, second});
      if (row == nullptr) continue;
      for (const auto own : config::e164_prefixes(*row)) {
        CHECK(own.starts_with(row->calling_code));
        STRCMP_EQUAL(std::string(own).c_str(),
                     std::string(config::e164_prefix("+" + std::string(own) + "5550100")).c_str());
      }
    }
  }
}
