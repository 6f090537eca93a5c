// Who sends next, and what is said about it.
#include "daemon/dispatch/pick.h"

#include <CppUTest/TestHarness.h>

#include <random>

#include "daemon/dispatch/sticky.h"

using namespace klaxon;

namespace {

Candidate sim(std::string_view name, double used, bool idle = true) {
  return {.iccid = name, .name = name, .idle = idle, .used = used};
}

}  // namespace

TEST_GROUP(PickSim) {
  std::vector<Candidate> sims{sim("A", 2), sim("B", 1), sim("C", 0, false)};
  Need need;
  void setup() override {
    need.to = "+34600111222";
    need.patient = true;
  }
  std::string why() {
    return pick(need, sims).why;
  }
};

TEST(PickSim, the_least_used_that_is_free) {
  STRCMP_EQUAL("B: least used of 2 that were free", why().c_str());
}

TEST(PickSim, not_the_one_that_failed_if_there_is_another_even_a_busy_one) {
  need.avoid_iccid = "B";
  STRCMP_EQUAL("A: the one that was free, not the one that failed", why().c_str());
  sims.erase(sims.begin());
  CHECK(pick(need, sims).kind == Pick::Kind::wait);
  sims.pop_back();
  CHECK(pick(need, sims).kind == Pick::Kind::chosen);
}

TEST(PickSim, the_one_that_was_asked_for_is_waited_for_under_its_name) {
  need.only_iccid = "C";
  STRCMP_EQUAL("C", pick(need, sims).under.c_str());
  CHECK(pick(need, sims).kind == Pick::Kind::park);
  need.alert = true;  // an alert takes the modem from whoever has it: it stays in sight
  CHECK(pick(need, sims).kind == Pick::Kind::wait);
  need.only_iccid = "D";
  CHECK(pick(need, sims).kind == Pick::Kind::park);
  need.only_iccid = "A";
  STRCMP_EQUAL("A: asked for", why().c_str());
  sims[0].usable = false;
  CHECK(pick(need, sims).kind == Pick::Kind::park);
}

TEST(PickSim, a_conversation_stays_with_its_sim_and_waits_for_it) {
  need.sticky_iccid = "A";
  STRCMP_EQUAL("A: sticky to this conversation", why().c_str());
  need.sticky_iccid = "C";
  STRCMP_EQUAL("C", pick(need, sims).under.c_str());
  need.patient = false;  // what is urgent goes by another
  STRCMP_EQUAL("B: least used of 2 that were free", why().c_str());
  need.patient = true;
  sims[2].usable = false;  // so does the rest, if it left the rotation
  sims[2].remark = Remark::suspended;
  STRCMP_EQUAL("B: least used of 2 that were free; C is suspended after refusals", why().c_str());
  need.sticky_iccid = "A";
  need.avoid_iccid = "A";
  STRCMP_EQUAL("B: the one that was free, not the one that failed; C is suspended after refusals",
               why().c_str());
}

TEST(PickSim, health_preference_home_cost_and_use_decide_in_this_order) {
  sims = {sim("A", 9), sim("B", 0)};
  sims[1].cost = 0.05;
  STRCMP_EQUAL("A: cheaper", why().c_str());
  sims[0].roaming = true;
  sims[0].remark = Remark::roaming;
  STRCMP_EQUAL("B: in its home network; A is roaming", why().c_str());
  const std::vector<std::string> spain{"+346", "+34"}, madrid{"+3460011"}, elsewhere{"+33"};
  sims[0].prefers = &spain;
  sims[1].prefers = &elsewhere;
  STRCMP_EQUAL("A: preferred for such numbers", why().c_str());
  sims[1].prefers = &madrid;
  STRCMP_EQUAL("B: preferred for such numbers; A is roaming", why().c_str());
  sims[1].poor = true;
  sims[1].remark = Remark::refused_lately;
  STRCMP_EQUAL("A: in better health; B was refused lately", why().c_str());
}

TEST(PickSim, what_is_kept_for_alerts_or_paced_serves_alerts_alone) {
  sims[1].alerts_only = true;
  sims[1].limit = "today's";
  sims[1].remark = Remark::kept_for_alerts;
  STRCMP_EQUAL("A: the one that was free; B keeps the rest of today's limit for alerts", why().c_str());
  sims[0].later = true;
  CHECK(pick(need, sims).kind == Pick::Kind::wait);
  need.alert = true;
  LONGS_EQUAL(1, pick(need, sims).index);
}

TEST(PickSim, who_is_near_a_limit_is_named) {
  sims[0].share = 96;
  sims[0].limit = "today's";
  sims[0].remark = Remark::near_limit;
  STRCMP_EQUAL("B: least used of 2 that were free; A at 96 % of today's limit", why().c_str());
}

TEST(PickSim, ten_thousand_on_eight_are_spread_by_weight) {
  const double weights[] = {1, 1, 2, 0.5, 1, 3, 1, 2};
  const std::string names = "ABCDEFGH";
  std::vector<Candidate> bank;
  for (std::size_t i = 0; i < 8; ++i) bank.push_back(sim(std::string_view(names).substr(i, 1), 0));
  std::mt19937 random(8);
  double sent[8] = {}, sum = 0;
  for (const double weight : weights) sum += weight;
  for (int round = 0; round < 10'000; ++round) {
    for (Candidate& candidate : bank) candidate.idle = random() % 4 != 0;  // some are busy
    const Pick chosen = pick(need, bank);
    if (chosen.kind != Pick::Kind::chosen) continue;
    ++sent[chosen.index];
    bank[chosen.index].used += 1 / weights[chosen.index];
  }
  for (std::size_t i = 0; i < 8; ++i) DOUBLES_EQUAL(1, sent[i] / (10'000 * weights[i] / sum), 0.02);
}

TEST_GROUP(StickySims){};

TEST(StickySims, the_last_that_spoke_and_the_longest_silent_are_forgotten_first) {
  Sticky sticky(4);
  sticky.spoke("+1", "A");
  sticky.spoke("+1", "B");
  STRCMP_EQUAL("B", std::string(sticky.sim_of("+1")).c_str());
  sticky.spoke_before("+1", "A");
  STRCMP_EQUAL("B", std::string(sticky.sim_of("+1")).c_str());
  STRCMP_EQUAL("", std::string(sticky.sim_of("+2")).c_str());
  for (const char* number : {"+2", "+3", "+4", "+5"}) sticky.spoke(number, "C");
  STRCMP_EQUAL("", std::string(sticky.sim_of("+1")).c_str());
  STRCMP_EQUAL("C", std::string(sticky.sim_of("+5")).c_str());
  CHECK(sticky.size() <= 4);
}
