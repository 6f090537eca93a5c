// What a SIM may send in an hour, a day, a month.
#include <CppUTest/TestHarness.h>

#include "tests/support/appliance_rig.h"

using namespace klaxon;
using namespace std::chrono_literals;
using rig::Rig;

namespace {

constexpr std::int64_t kHour = 3'600'000;

std::string number(int i) {
  return "+4479" + std::to_string(10'000'000 + i);
}

}  // namespace

TEST_GROUP(LimitStories){};

TEST(LimitStories, the_daily_limit_holds_and_ends_at_midnight) {
  rig::Options options{.modems = 1};
  options.settings = [](config::Settings& settings) {
    settings.sim_defaults.limits[index_of(Quota::day)] = 3;
  };
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

// Its SIM goes on when the minute ends; on the other, which may send no more of it, the first part would come again and again.
TEST(LimitStories, an_alert_of_more_parts_than_a_minute_may_have_is_begun_once) {
  rig::Options options{.modems = 2};
  options.settings = [](config::Settings& settings) {
    settings.sim_defaults.limits[index_of(Quota::minute)] = 2;
  };
  Rig rig(options);
  rig.ready();
  rig.send(number(1), std::string(400, 'a'), {.lane = Lane::alert, .report = false});
  rig.pass(3min);
  LONGS_EQUAL(3, rig.on_air().size());
}

// The clock is put right while a modem says nothing: what was not sent then gives no place back in the minute that is full.
TEST(LimitStories, what_was_begun_in_another_minute_frees_none_in_this_one) {
  rig::Options options{.modems = 1};
  options.settings = [](config::Settings& settings) {
    settings.sim_defaults.limits[index_of(Quota::minute)] = 1;
  };
  Rig rig(options);
  rig.ready();
  rig.pass(at::Millis(60'000 - rig.unix_ms() % 60'000));
  rig.send(number(0), "n");
  rig.pass(5s);
  LONGS_EQUAL(1, rig.on_air().size());
  rig.fault("modem0 silence 5");
  rig.step_clock(-3h);
  rig.send(number(1), "n");
  rig.pass(1s);
  CHECK_TRUE(rig.app().slot(0).claim.has_value());
  rig.right_clock();
  rig.until([&] { return !rig.app().slot(0).claim; }, 30s);
  rig.pass(15s);
  LONGS_EQUAL_TEXT(1, rig.on_air().size(), "its minute has had its one");
  rig.pass(1min);
  LONGS_EQUAL(2, rig.on_air().size());
}

TEST(LimitStories, the_hourly_limit_ends_with_the_hour_and_a_person_may_lift_it) {
  rig::Options options{.modems = 1};
  options.settings = [](config::Settings& settings) {
    settings.sim_defaults.limits[index_of(Quota::hour)] = 2;
  };
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
  lifted.limits[index_of(Quota::hour)].emplace(0);
  rig.ask().change_sim(rig.iccid(0), lifted, 0);
  rig.pass(1min);
  LONGS_EQUAL(6, rig.on_air().size());
}

namespace {

// One is on the air, and the next waits for its pace.
void begin_paced(Rig& rig) {
  rig.ready();
  rig.send(number(0), "n");
  CHECK(rig.until([&] { return rig.on_air().size() == 1; }));
  rig.send(number(1), "n", {.sim = rig.iccid(0)});
  rig.pass(5min);
  LONGS_EQUAL(1, rig.on_air().size());
}

rig::Options two_an_hour_and_paced() {
  rig::Options options{.modems = 1};
  options.settings = [](config::Settings& settings) {
    settings.sim_defaults.limits[index_of(Quota::hour)] = 2;
    settings.sim_defaults.pace = true;
  };
  return options;
}

}  // namespace

TEST(LimitStories, a_pace_ends_with_the_limit_that_it_spread) {
  Rig rig(two_an_hour_and_paced());
  begin_paced(rig);
  SimChange lifted;
  lifted.limits[index_of(Quota::hour)].emplace(0);
  rig.ask().change_sim(rig.iccid(0), lifted, 0);
  rig.pass(10s);
  LONGS_EQUAL(2, rig.on_air().size());
}

TEST(LimitStories, a_clock_that_steps_back_makes_no_pace_longer) {
  Rig rig(two_an_hour_and_paced());
  begin_paced(rig);
  rig.step_clock(-8h);
  rig.pass(1h);
  LONGS_EQUAL(2, rig.on_air().size());
}

TEST(LimitStories, nor_a_suspension) {
  Rig rig({.modems = 1});
  rig.ready();
  rig.fault("modem0 cms 38 3");
  for (int i = 0; i < 3; ++i) rig.send(number(i), "n");
  const auto state = [&] { return rig.app().sims()[0].state; };
  CHECK(rig.until([&] { return state() == "suspended"; }));
  rig.step_clock(-8h);
  rig.pass(6min);
  STRCMP_EQUAL("ready", state().c_str());
}

TEST(LimitStories, a_pinned_message_waits_for_the_day_to_end) {
  rig::Options options{.modems = 1};
  options.settings = [](config::Settings& settings) {
    settings.sim_defaults.limits[index_of(Quota::day)] = 1;
  };
  Rig rig(options);
  rig.ready();
  rig.send(number(0), "n", {.sim = rig.iccid(0)});
  rig.send(number(1), "n", {.sim = rig.iccid(0)});
  rig.pass(30min);
  LONGS_EQUAL(1, rig.on_air().size());
  rig.pass(at::Millis(24 * kHour));
  LONGS_EQUAL(2, rig.on_air().size());
}

TEST(LimitStories, who_is_abroad_or_one_too_many_waits_and_the_others_do_not) {
  rig::Options options{.modems = 1};
  options.settings = [](config::Settings& settings) {
    settings.sim_defaults.limits[index_of(Quota::abroad)] = 1;
    settings.sim_defaults.limits[index_of(Quota::recipients)] = 3;
    settings.sims.push_back({});
    settings.sims.back().modem = "modem0";
    settings.sims.back().number = "+447700900001";
  };
  Rig rig(options);
  rig.ready();
  for (int i = 0; i < 100; ++i) rig.send("+3460011" + std::to_string(1'000 + i), "abroad");
  CHECK(rig.until([&] { return rig.on_air().size() == 1; }));
  rig.send(number(1), "n");
  rig.send(number(2), "n");
  CHECK(rig.until([&] { return rig.on_air().size() == 3; }));
  rig.send(number(3), "one too many");
  rig.pass(10s);
  rig.crash();
  rig.send(number(2), "known");
  rig.pass(30s);
  LONGS_EQUAL(4, rig.on_air().size());
  STRCMP_EQUAL("known", rig.on_air().back()->submit->text.c_str());
  SimChange lifted;
  lifted.limits[index_of(Quota::abroad)].emplace(0);
  lifted.limits[index_of(Quota::recipients)].emplace(0);
  rig.ask().change_sim(rig.iccid(0), lifted, 0);
  rig.pass(30min);
  LONGS_EQUAL(104, rig.on_air().size());
}

TEST(LimitStories, so_many_a_minute) {
  rig::Options options{.modems = 1};
  options.bank = [](modembank::BankSettings& bank) { bank.submit = modembank::Latency::constant(100ms); };
  options.settings = [](config::Settings& settings) {
    settings.sim_defaults.limits[index_of(Quota::minute)] = 5;
  };
  Rig rig(options);
  rig.ready();
  for (int i = 0; i < 40; ++i) rig.send(number(i), "n");
  rig.pass(4min);
  CHECK(rig.on_air().size() >= 20 && rig.on_air().size() <= 25);
  rig.crash();
  rig.pass(1min);
  CHECK(rig.on_air().size() >= 25 && rig.on_air().size() <= 30);
}

TEST(LimitStories, one_number_gets_so_many_an_hour_and_alerts_besides) {
  rig::Options options{.modems = 2};
  options.settings = [](config::Settings& settings) { settings.policy.recipient_hourly_limit = 3; };
  Rig rig(options);
  rig.ready();
  const auto to = [&](int i) { return rig.on_air(number(i)).size(); };
  std::vector<Id> storm;
  for (int i = 0; i < 5; ++i) storm.push_back(rig.accepted(rig.send(number(0), "n")));
  rig.send(number(1), "n");
  CHECK(rig.until([&] { return to(0) == 3 && to(1) == 1; }));
  rig.pass(10s);
  STRCMP_CONTAINS("as many messages", rig.row(storm.back()).why.c_str());
  rig.crash();
  rig.ready();
  rig.send(number(0), "one more");
  rig.send(number(0), "fire", {.lane = Lane::alert});
  CHECK(rig.until([&] { return to(0) == 4; }));
  STRCMP_EQUAL("fire", rig.texts_to(number(0)).back().c_str());
  rig.pass(30s);
  LONGS_EQUAL(4, to(0));
  CHECK(rig.until([&] { return to(0) == 7; }, 61min));
}

TEST(LimitStories, what_an_alert_pushed_aside_is_counted_once) {
  rig::Options options{.modems = 1, .commit = 300ms};
  options.settings = [](config::Settings& settings) { settings.policy.recipient_hourly_limit = 2; };
  Rig rig(options);
  rig.ready();
  rig.pass(1s);
  rig.send(number(0), "first", {.lane = Lane::bulk});
  rig.pass(100ms);
  rig.send(number(9), "fire", {.lane = Lane::alert});
  CHECK(rig.until([&] { return rig.on_air().size() == 2; }));
  STRCMP_EQUAL("fire", rig.on_air()[0]->submit->text.c_str());
  rig.send(number(0), "second", {.lane = Lane::bulk});
  CHECK(rig.until([&] { return rig.on_air(number(0)).size() == 2; }));
  rig.send(number(0), "third", {.lane = Lane::bulk});
  rig.pass(30s);
  LONGS_EQUAL(2, rig.on_air(number(0)).size());
}

TEST(LimitStories, an_alert_takes_the_last_segment_of_a_limit_from_what_was_not_begun) {
  rig::Options options{.modems = 1, .commit = 300ms};
  options.settings = [](config::Settings& settings) { settings.sim_defaults.limits[index_of(Quota::hour)] = 1; };
  Rig rig(options);
  rig.ready();
  rig.pass(1s);
  rig.send(number(0), "bulk", {.lane = Lane::bulk});
  rig.pass(100ms);
  CHECK(rig.app().slot(0).claim.has_value());
  rig.send(number(1), "fire", {.lane = Lane::alert});
  CHECK(rig.until([&] { return rig.on_air().size() == 1; }, 5s));
  STRCMP_EQUAL("fire", rig.on_air()[0]->submit->text.c_str());
  rig.pass(30s);
  LONGS_EQUAL(1, rig.on_air().size());
}

namespace {

// From here on everything waits for a commit that none of it is in, and alerts go out from memory.
void hang_a_commit(Rig& rig) {
  rig.hang_disk(15s);
  rig.ask().save_group({"staff", {number(9)}}, 0);
  CHECK(rig.until([&] { return rig.commit_under_way(); }));
}

// What waited is on disk, and not a thing that came after it.
void killed_behind_the_commit_of(Rig& rig, Id id) {
  bool written = false;
  rig.on_commit = [&](const store::Batch&) { written = written || rig.rows.messages.contains(id); };
  CHECK(rig.until([&] { return written; }, 30s));
  rig.on_commit = {};
  rig.crash(false);
}

}  // namespace

// The alerts' changes stand before the others in one batch, though they are newer.
TEST(LimitStories, of_two_counts_that_one_batch_writes_the_newer_stays) {
  rig::Options options{.modems = 1};
  options.settings = [](config::Settings& settings) { settings.sim_defaults.limits[index_of(Quota::hour)] = 3; };
  Rig rig(options);
  rig.ready();
  rig.pass(1s);
  hang_a_commit(rig);
  rig.send(number(0), "bulk", {.lane = Lane::bulk});
  rig.pass(500ms);
  CHECK(rig.app().slot(0).claim.has_value());
  rig.send(number(1), "fire", {.lane = Lane::alert});
  const Ticket second = rig.send(number(2), "fire", {.lane = Lane::alert});
  CHECK(rig.until([&] { return rig.on_air().size() == 2; }, 10s));
  rig.pass(3s);
  killed_behind_the_commit_of(rig, std::get<Accepted>(rig.answer(second)->result).first);
  rig.ready();
  for (int i = 3; i < 6; ++i) rig.send(number(i), "n");
  rig.pass(20s);
  LONGS_EQUAL(3, rig.on_air().size());
}

TEST(LimitStories, and_the_newer_reference_of_a_sim) {
  Rig rig({.modems = 1});
  rig.ready();
  rig.send(number(0), "bulk", {.lane = Lane::bulk, .report = false});
  CHECK(rig.until([&] { return rig.on_air().size() == 1; }));
  hang_a_commit(rig);
  const Ticket alert = rig.send(number(1), "fire", {.lane = Lane::alert, .report = false});
  CHECK(rig.until([&] { return rig.on_air().size() == 2; }, 10s));
  rig.pass(3s);
  const Id id = std::get<Accepted>(rig.answer(alert)->result).first;
  killed_behind_the_commit_of(rig, id);
  CHECK(rig.row(id).parts[0].tp_mr >= 0);
  LONGS_EQUAL(rig.row(id).parts[0].tp_mr, rig.rows.sims.at(rig.iccid(0)).last_tp_mr);
}
