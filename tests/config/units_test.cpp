#include "config/units.h"

#include "config/nearest.h"

#include <CppUTest/TestHarness.h>

using config::Millis;

TEST_GROUP(Durations){};

TEST(Durations, HaveAWholeNumberAndAUnit) {
  CHECK(config::parse_duration("250ms") == Millis(250));
  CHECK(config::parse_duration("15s") == Millis(15'000));
  CHECK(config::parse_duration("10m") == Millis(600'000));
  CHECK(config::parse_duration("24h") == Millis(86'400'000));
  CHECK(config::parse_duration("400d") == Millis(400LL * 86'400'000));
  CHECK(config::parse_duration("0s") == Millis(0));
}

TEST(Durations, RefuseEverythingElse) {
  for (const char* text : {"", "s", "15", "15 s", " 15s", "-1s", "+1s", "1.5s", "15S", "15sec", "1h30m",
                           "99999999999999999999s", "9223372036854775807d"}) {
    CHECK_TEXT(!config::parse_duration(text), text);
  }
}

TEST(Durations, ArePrintedInTheLargestUnitThatIsExact) {
  STRCMP_EQUAL("90s", config::format_duration(Millis(90'000)).c_str());
  STRCMP_EQUAL("1h", config::format_duration(Millis(3'600'000)).c_str());
  STRCMP_EQUAL("1500ms", config::format_duration(Millis(1'500)).c_str());
  STRCMP_EQUAL("2d", config::format_duration(Millis(172'800'000)).c_str());
  STRCMP_EQUAL("0s", config::format_duration(Millis(0)).c_str());
}

TEST_GROUP(Nearest){};

TEST(Nearest, IsTheWordWithTheFewestEdits) {
  STRCMP_EQUAL("daily_limit", config::nearest("daly_limit", {"weight", "daily_limit", "label"}).c_str());
  STRCMP_EQUAL("port", config::nearest("prot", {"port", "baud"}).c_str());
  STRCMP_EQUAL("", config::nearest("colour", {"port", "baud"}).c_str());
  STRCMP_EQUAL("", config::nearest(std::string(100'000, 'a'), {"port"}).c_str());
}
