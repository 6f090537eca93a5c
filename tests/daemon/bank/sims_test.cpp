#include "daemon/bank/sims.h"

#include <CppUTest/TestHarness.h>

using namespace klaxon;

TEST_GROUP(SimBook) {
  config::Settings settings;
  void setup() override {
    config::Sim labelled;
    labelled.modem = "modem1";
    labelled.label = "reserve";
    labelled.daily_limit = 2;
    labelled.weight = 2.0;
    settings.sims.push_back(labelled);
    settings.sim_defaults.daily_limit = 5;
  }
};

TEST(SimBook, settings_are_found_by_iccid_imsi_or_modem_and_names_resolve) {
  Sims sims(settings);
  LONGS_EQUAL(5, sims.seen("A", "001", "", "modem0", 1).daily_limit(settings));
  LONGS_EQUAL(2, sims.seen("B", "002", "", "modem1", 1).daily_limit(settings));
  STRCMP_EQUAL("B", sims.resolve("reserve").c_str());
  STRCMP_EQUAL("A", sims.resolve("A").c_str());
  STRCMP_EQUAL("", sims.resolve("nobody").c_str());
}

TEST(SimBook, the_day_limits_and_a_new_day_begins_at_nothing) {
  Sims sims(settings);
  Sim& sim = sims.seen("B", "", "", "modem1", 1);
  sims.begin_submit(sim, "2026-11-22");
  sims.begin_submit(sim, "2026-11-22");
  CHECK(sim.at_limit(settings));
  sims.undo_submit(sim, "2026-11-22");
  CHECK_FALSE(sim.at_limit(settings));
  sims.begin_submit(sim, "2026-11-22");
  Sims::roll_over(sim, "2026-11-23");
  CHECK_FALSE(sim.at_limit(settings));
}

TEST(SimBook, weight_halves_what_is_used_and_who_joins_has_no_lag_to_make_up) {
  Sims sims(settings);
  Sim& light = sims.seen("A", "", "", "modem0", 1);
  Sim& heavy = sims.seen("B", "", "", "modem1", 1);
  light.slot = 0;
  heavy.slot = 1;
  for (int i = 0; i < 4; ++i) sims.begin_submit(heavy, "d");
  DOUBLES_EQUAL(2, heavy.used, 0.001);
  sims.begin_submit(light, "d");
  DOUBLES_EQUAL(1, light.used, 0.001);
  sims.join_rotation(light);
  DOUBLES_EQUAL(2, light.used, 0.001);
}

TEST(SimBook, three_refusals_to_different_people_suspend_for_longer_each_time) {
  Sims sims(settings);
  Sim& sim = sims.seen("A", "", "", "modem0", 1);
  for (int i = 0; i < 5; ++i) CHECK_FALSE(sims.count_refusal(sim, "+1", 0));
  sims.count_refusal(sim, "+2", 0);
  CHECK(sims.count_refusal(sim, "+3", 0));
  CHECK(sim.suspended(299'999));
  CHECK_FALSE(sim.suspended(300'000));
  for (const char* to : {"+1", "+2", "+3"}) sims.count_refusal(sim, to, 300'000);
  CHECK(sim.suspended(300'000 + 899'999));
  sims.count_success(sim);
  for (const char* to : {"+1", "+2"}) CHECK_FALSE(sims.count_refusal(sim, to, 2'000'000));
}

TEST(SimBook, what_was_sent_today_is_remembered) {
  Sims sims(settings);
  sims.restore({{"A", "001", "+447700900001", "modem0", 1, 2, 17, "", false}}, {{"A", "2026-11-21", 9}, {"A", "2026-11-22", 3}});
  const Sim* sim = sims.find("A");
  LONGS_EQUAL(3, sim->sent_today);
  LONGS_EQUAL(17, sim->record.last_tp_mr);
  LONGS_EQUAL(kNoSlot, sim->slot);
}
