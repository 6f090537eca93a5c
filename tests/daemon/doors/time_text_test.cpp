#include "daemon/doors/time_text.h"

#include <CppUTest/TestHarness.h>

#include "tests/daemon/doors/expect.h"

using namespace klaxon::doors;

TEST_GROUP(TimeText){};

TEST(TimeText, ShowsUtcWithMilliseconds) {
  expect("2026-11-22T09:30:00.007Z", rfc3339(1'795'339'800'007));
  expect("1970-01-01T00:00:00.000Z", rfc3339(0));
  expect("1969-12-31T23:59:59.999Z", rfc3339(-1));
  expect("Sun, 22 Nov 2026 09:30:00 GMT", http_date(1'795'339'800'000));
  expect("2026-11-22", utc_day(1'795'339'800'000));
}

TEST(TimeText, ReadsAnyOffsetAndFraction) {
  const std::int64_t at = 1'795'339'800'000;
  for (const char* text :
       {"2026-11-22T09:30:00Z", "2026-11-22t09:30:00z", "2026-11-22T10:30:00+01:00",
        "2026-11-22T04:00:00-05:30", "2026-11-22T09:29:60Z", "2026-11-22T09:30:00.0004Z"}) {
    CHECK_TEXT(parse_rfc3339(text) == at, text);
  }
  LONGS_EQUAL(at + 120, parse_rfc3339("2026-11-22T09:30:00.12Z").value_or(0));
}

TEST(TimeText, RefusesWhatIsNoTime) {
  for (const char* text :
       {"", "2026-11-22", "2026-11-22T09:30:00", "2026-11-22 09:30:00Z", "2026-02-29T00:00:00Z",
        "2026-13-01T00:00:00Z", "2026-11-22T24:00:00Z", "2026-11-22T09:60:00Z", "2026-11-22T09:30:61Z",
        "2026-11-22T09:30:00.Z", "2026-11-22T09:30:00+1:00", "2026-11-22T09:30:00+24:00",
        "2026-11-22T09:30:00Zx", "now"}) {
    CHECK_TEXT(!parse_rfc3339(text), text);
  }
}

TEST(TimeText, SaysDurationsInTheLargestUnit) {
  expect("24h", duration_text(86'400'000));
  expect("3d", duration_text(3 * 86'400'000));
  expect("90s", duration_text(90'000));
  expect("10m", duration_text(600'000));
  expect("250ms", duration_text(250));
  expect("0s", duration_text(0));
}
