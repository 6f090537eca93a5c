#include "daemon/bank/sims.h"

#include <CppUTest/TestHarness.h>

using namespace klaxon;
using namespace std::chrono_literals;

TEST_GROUP(SimBook) {
  config::Settings settings;
  void setup() override {
    config::Sim labelled;
    labelled.modem = "modem1";
    labelled.label = "reserve";
    labelled.limits[index_of(Quota::day)] = 2;
    labelled.weight = 2.0;
    settings.sims.push_back(labelled);
    settings.sim_defaults.limits[index_of(Quota::day)] = 5;
  }
};

TEST(SimBook, settings_are_found_by_iccid_imsi_or_modem_and_names_resolve) {
  Sims sims(settings);
  LONGS_EQUAL(5, sims.seen("A", "001", "", "modem0", 1).limit(Quota::day, settings).value);
  LONGS_EQUAL(2, sims.seen("B", "002", "", "modem1", 1).limit(Quota::day, settings).value);
  STRCMP_EQUAL("B", sims.resolve("reserve").c_str());
  STRCMP_EQUAL("A", sims.resolve("A").c_str());
  STRCMP_EQUAL("", sims.resolve("nobody").c_str());
}

TEST(SimBook, the_day_limits_and_a_new_day_begins_at_nothing) {
  Sims sims(settings);
  Sim& sim = sims.seen("B", "", "", "modem1", 1);
  const LocalTime late{23 * 60, "2026-11-22"};
  sims.begin_submit(sim, "+447700900123", late);
  sims.begin_submit(sim, "+447700900123", late);
  CHECK(sim.at_limit(settings));
  sims.undo_submit(sim, "+447700900123", late);
  CHECK_FALSE(sim.at_limit(settings));
  sims.begin_submit(sim, "+447700900123", late);
  sims.roll_over(sim, {24 * 60, "2026-11-23"});
  CHECK_FALSE(sim.at_limit(settings));
}

TEST(SimBook, the_hour_and_the_month_limit_too) {
  settings.sim_defaults.limits[index_of(Quota::day)].reset();
  settings.sim_defaults.limits[index_of(Quota::hour)] = 1;
  settings.sim_defaults.limits[index_of(Quota::month)] = 3;
  Sims sims(settings);
  Sim& sim = sims.seen("A", "", "", "modem0", 1);
  const LocalTime hours[] = {{100 * 60, "2026-11-29"}, {124 * 60, "2026-11-30"}, {125 * 60, "2026-11-30"}};
  for (const LocalTime& hour : hours) {
    sims.roll_over(sim, hour);
    CHECK_FALSE(sim.at_limit(settings));
    sims.begin_submit(sim, "+447700900123", hour);
    CHECK(sim.at_limit(settings));
  }
  sims.roll_over(sim, {126 * 60, "2026-11-30"});
  CHECK(sim.at_limit(settings));  // the month's
  LONGS_EQUAL(3, sim.sent_in(Quota::month));
  sims.roll_over(sim, {148 * 60, "2026-12-01"});
  CHECK_FALSE(sim.at_limit(settings));
  LONGS_EQUAL(0, sim.sent_in(Quota::month));
}

TEST(SimBook, a_months_first_day_is_the_plans) {
  settings.sim_defaults.limits[index_of(Quota::day)].reset();
  settings.sim_defaults.limits[index_of(Quota::month)] = 2;
  settings.sim_defaults.month_starts = 15;
  Sims sims(settings);
  Sim& sim = sims.seen("A", "", "", "modem0", 1);
  constexpr std::int64_t kDay = 24 * 60;
  for (const LocalTime& day : {LocalTime{100 * kDay, "2026-10-31"}, LocalTime{114 * kDay, "2026-11-14"}}) {
    CHECK_FALSE(sim.at_limit(settings));
    sims.begin_submit(sim, "+447700900123", day);
  }
  CHECK(sim.at_limit(settings));
  const LocalTime next{115 * kDay, "2026-11-15"};
  sims.roll_over(sim, next);
  CHECK_FALSE(sim.at_limit(settings));
  STRCMP_EQUAL("2026-11-15", next.month(15).c_str());
  STRCMP_EQUAL("2025-12-28", LocalTime({0, "2026-01-27"}).month(28).c_str());
  LONGS_EQUAL(30 * kDay * 60'000, next.left_ms(Quota::month, 15));
  LONGS_EQUAL(28 * kDay * 60'000, LocalTime({0, "2026-02-01"}).left_ms(Quota::month, 1));
  // And over a restart.
  Sims again(settings);
  again.restore({{"A", "", "", "modem0", 1, 1, -1, "", false}},
                {{"A", "2026-10-14", 7}, {"A", "2026-10-31", 1}, {"A", "2026-11-14", 1, 0, 0, 0, 0, 1}}, {});
  LONGS_EQUAL(2, again.find("A")->sent_in(Quota::month));
  LONGS_EQUAL(1, again.find("A")->sent_in(Quota::abroad));
}

TEST(SimBook, recipients_are_counted_once_a_month_where_they_are_limited_and_texts_abroad_always) {
  settings.sim_defaults.limits[index_of(Quota::recipients)] = 2;
  Sims sims(settings);
  Sim& sim = sims.seen("A", "", "+34600000001", "modem0", 1);
  const LocalTime now{0, "2026-11-22"};
  CHECK(sims.begin_submit(sim, "+34600111222", now).has_value());
  CHECK_FALSE(sims.begin_submit(sim, "+34600111222", now).has_value());
  const auto met = sims.begin_submit(sim, "+447700900123", now);
  STRCMP_EQUAL("2026-11-01", met->month.c_str());
  LONGS_EQUAL(2, sim.sent_in(Quota::recipients));
  LONGS_EQUAL(1, sim.sent_in(Quota::abroad));
  DOUBLES_EQUAL(1, sim.used_of(Quota::recipients, settings, false), 0.001);
  sims.begin_submit(sim, "60777", now);
  LONGS_EQUAL(1, sim.sent_in(Quota::abroad));
  sims.roll_over(sim, {24 * 60 * 9, "2026-12-01"});
  LONGS_EQUAL(0, sim.sent_in(Quota::recipients));
  CHECK(sim.met_now->empty());
}

TEST(SimBook, a_persons_word_goes_before_the_files) {
  Sims sims(settings);
  Sim& sim = sims.seen("B", "", "", "modem1", 1);
  CHECK(sim.limit(Quota::day, settings).source == Source::file);
  CHECK(sim.limit(Quota::hour, settings).source == Source::fallback);
  sim.overrides.limits[index_of(Quota::day)] = 0;
  sim.overrides.weight = 4;
  CHECK(sim.limit(Quota::day, settings).source == Source::override);
  LONGS_EQUAL(0, sim.limit(Quota::day, settings).value);
  DOUBLES_EQUAL(4, sim.weight(settings).value, 0.001);
  for (int i = 0; i < 9; ++i) sims.begin_submit(sim, "+447700900123", {1 * 60, "2026-11-22"});
  CHECK_FALSE(sim.at_limit(settings));
  DOUBLES_EQUAL(2.25, sim.used, 0.001);
}

TEST(SimBook, weight_halves_what_is_used_and_who_joins_has_no_lag_to_make_up) {
  Sims sims(settings);
  Sim& light = sims.seen("A", "", "", "modem0", 1);
  Sim& heavy = sims.seen("B", "", "", "modem1", 1);
  light.slot = 0;
  heavy.slot = 1;
  const LocalTime now{1 * 60, "2026-11-22"};
  for (int i = 0; i < 4; ++i) sims.begin_submit(heavy, "+447700900123", now);
  DOUBLES_EQUAL(2, heavy.used, 0.001);
  sims.begin_submit(light, "+447700900123", now);
  DOUBLES_EQUAL(1, light.used, 0.001);
  sims.join_rotation(light);
  DOUBLES_EQUAL(2, light.used, 0.001);
}

TEST(SimBook, three_refusals_to_different_people_suspend_for_longer_each_time) {
  Sims sims(settings);
  Sim& sim = sims.seen("A", "", "", "modem0", 1);
  const at::Instant begin{1h}, later = begin + 5min;
  for (int i = 0; i < 5; ++i) CHECK_FALSE(sims.count_refusal(sim, "+1", begin));
  sims.count_refusal(sim, "+2", begin);
  CHECK(sims.count_refusal(sim, "+3", begin));
  CHECK(sim.suspended(later - 1ms));
  CHECK_FALSE(sim.suspended(later));
  for (const char* to : {"+1", "+2", "+3"}) sims.count_refusal(sim, to, later);
  CHECK(sim.suspended(later + 15min - 1ms));
  sims.count_success(sim);
  for (const char* to : {"+1", "+2"}) CHECK_FALSE(sims.count_refusal(sim, to, later + 1h));
}

TEST(SimBook, what_was_taken_back_is_nobodys_pace) {
  settings.sim_defaults.pace = true;
  Sims sims(settings);
  Sim& sim = sims.seen("A", "", "", "modem0", 1);
  const LocalTime now{20 * 60, "1970-01-01"};
  const at::Instant begun{1h};
  CHECK_FALSE(sim.paced_until(settings, now).has_value());
  sims.begin_submit(sim, "+447700900123", now, begun);
  CHECK(sim.paced_until(settings, now) == begun + 1h);  // four in four hours
  sims.begin_submit(sim, "+447700900124", now, begun + 1h);
  sims.undo_submit(sim, "+447700900124", now);
  CHECK(sim.paced_until(settings, now) == begun + 1h);
}

// A box without a clock of its own starts with yesterday's time and is put right later, by the network or by a person.
TEST(SimBook, a_clock_that_goes_back_and_forth_forgets_nothing) {
  settings.sim_defaults.limits[index_of(Quota::month)] = 11;
  Sims sims(settings);
  sims.restore({}, {{"A", "2026-11-21", 3, 7, 2}, {"A", "2026-11-22", 5, 40, 1}}, {});
  Sim& sim = *sims.find("A");
  CHECK(sim.at_limit(settings));
  sims.begin_submit(sim, "+447700900123", {7 * 60, "2026-11-21"});
  LONGS_EQUAL(4, sim.sent_in(Quota::day));
  LONGS_EQUAL(3, sim.sent_in(Quota::hour));
  CHECK_FALSE(sim.at_limit(settings));
  sims.roll_over(sim, {8 * 60, "2026-11-21"});
  LONGS_EQUAL(4, sim.sent_in(Quota::day));
  LONGS_EQUAL(0, sim.sent_in(Quota::hour));
  sims.roll_over(sim, {41 * 60, "2026-11-22"});
  LONGS_EQUAL(5, sim.sent_in(Quota::day));
  LONGS_EQUAL(9, sim.sent_in(Quota::month));
  CHECK(sim.at_limit(settings));
  sims.roll_over(sim, {7 * 60 + 1, "2026-11-21"});
  LONGS_EQUAL(3, sim.sent_in(Quota::hour));
  for (int day = 0; day < 1'000; ++day) sims.roll_over(sim, {(100 + 24 * day) * 60, "20" + std::to_string(30 + day)});
  CHECK(sim.days.size() < 100 && sim.hours.size() < 100);
}

TEST(SimBook, what_was_sent_is_remembered) {
  Sims sims(settings);
  sims.restore({{"A", "001", "+447700900001", "modem0", 1, 2, 17, "", false}},
               {{"A", "2026-10-31", 50}, {"A", "2026-11-21", 9, 40, 2}, {"A", "2026-11-22", 3, 60, 1}},
               {{.iccid = "A", .limits = {std::nullopt, std::nullopt, 7}}});
  const Sim* sim = sims.find("A");
  LONGS_EQUAL(1, sim->sent_in(Quota::hour));
  LONGS_EQUAL(3, sim->sent_in(Quota::day));
  LONGS_EQUAL(12, sim->sent_in(Quota::month));
  LONGS_EQUAL(7, sim->limit(Quota::day, settings).value);
  LONGS_EQUAL(17, sim->record.last_tp_mr);
  LONGS_EQUAL(kNoSlot, sim->slot);
}
