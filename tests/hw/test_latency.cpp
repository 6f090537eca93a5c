#include "hw/modembank/latency.h"

#include <CppUTest/TestHarness.h>

using modembank::Latency;
using modembank::parse_duration;
using namespace std::chrono_literals;

TEST_GROUP(Latency) {
  modembank::Rng rng{7};
  static bool parses(const char* text) {
    return Latency::parse(text).has_value();
  }
};

TEST(Latency, durations_want_their_unit) {
  CHECK(parse_duration("2s") == modembank::Duration(2s));
  CHECK(parse_duration("10ms") == modembank::Duration(10ms));
  CHECK(parse_duration("1.5s") == modembank::Duration(1500ms));
  CHECK(parse_duration("500us") == modembank::Duration(500us));
  CHECK(parse_duration("0") == modembank::Duration(0));
  for (const char* bad : {"", "2", "s", "-1s", "2 s", "2sx", "nan", "inf", "1e99s", "48h"}) {
    CHECK_FALSE_TEXT(parse_duration(bad).has_value(), bad);
  }
}

TEST(Latency, a_constant_is_itself) {
  CHECK(Latency::parse("2s")->sample(rng) == 2s);
}

TEST(Latency, a_range_is_kept) {
  const auto latency = *Latency::parse("2s..4s");
  for (int k = 0; k < 1000; ++k) {
    const auto drawn = latency.sample(rng);
    CHECK(drawn >= 2s && drawn <= 4s);
  }
}

TEST(Latency, half_of_a_lognormal_is_below_its_median) {
  const auto latency = *Latency::parse("lognormal:2s:0.3");
  int below = 0;
  for (int k = 0; k < 2000; ++k) below += latency.sample(rng) < 2s ? 1 : 0;
  CHECK(below > 900 && below < 1100);
}

TEST(Latency, nonsense_is_refused) {
  for (const char* bad :
       {"4s..2s", "2s..", "..2s", "lognormal:2s", "lognormal:2s:", "lognormal:2s:9", "soon"}) {
    CHECK_FALSE_TEXT(parses(bad), bad);
  }
}
