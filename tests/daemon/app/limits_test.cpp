// What a SIM may send in an hour, a day, a month.
#include <CppUTest/TestHarness.h>

#include "tests/support/appliance_rig.h"

using namespace klaxon;
using namespace std::chrono_literals;
using rig::Rig;

namespace {

constexpr std::int64_t kHour = 3'600'000;

std::string number(int i) { return "+4479" + std::to_string(10'000'000 + i); }

}  // namespace

TEST_GROUP(LimitStories){};

TEST(LimitStories, the_daily_limit_holds_and_ends_at_midnight) {
  rig::Options options{.modems = 1};
  options.settings = [](config::Settings& settings) { settings.sim_defaults.daily_limit = 3; };
  Rig rig(options);
  rig.ready();
  for (int i = 0; i < 5; ++i) rig.send(number(i), "n");
  rig.pass(30min);
  LONGS_EQUAL(3, rig.on_air().size());
  STRCMP_EQUAL("limit", rig.app().sims()[0].state.c_str());
  rig.crash();
  rig.pass(1min);
  LONGS_EQUAL(3, rig.on_air().size());
  rig.pass(at::Millis(24 * kHour));
  LONGS_EQUAL(5, rig.on_air().size());
}

TEST(LimitStories, the_hourly_limit_ends_with_the_hour_and_a_person_may_lift_it) {
  rig::Options options{.modems = 1};
  options.settings = [](config::Settings& settings) { settings.sim_defaults.hourly_limit = 2; };
  Rig rig(options);
  rig.ready();
  for (int i = 0; i < 6; ++i) rig.send(number(i), "n");
  rig.pass(10s);
  LONGS_EQUAL(2, rig.on_air().size());
  rig.crash();
  rig.pass(10s);
  LONGS_EQUAL(2, rig.on_air().size());
  rig.pass(1h);
  LONGS_EQUAL(4, rig.on_air().size());
  SimChange lifted;
  lifted.hourly_limit.emplace(0);
  rig.ask().change_sim(rig.iccid(0), lifted, 0);
  rig.pass(1min);
  LONGS_EQUAL(6, rig.on_air().size());
}

TEST(LimitStories, a_pinned_message_waits_for_the_day_to_end) {
  rig::Options options{.modems = 1};
  options.settings = [](config::Settings& settings) { settings.sim_defaults.daily_limit = 1; };
  Rig rig(options);
  rig.ready();
  rig.send(number(0), "n", {.sim = rig.iccid(0)});
  rig.send(number(1), "n", {.sim = rig.iccid(0)});
  rig.pass(30min);
  LONGS_EQUAL(1, rig.on_air().size());
  rig.pass(at::Millis(24 * kHour));
  LONGS_EQUAL(2, rig.on_air().size());
}
