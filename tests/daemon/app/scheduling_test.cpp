// Which SIM sends what: conversations, paces, reserves, and who waits for whom.
#include <CppUTest/TestHarness.h>

#include <algorithm>
#include <map>
#include <set>

#include "tests/support/stories.h"

using namespace klaxon;
using namespace std::chrono_literals;
using rig::Rig;
using rig::kAna;

namespace {

std::string number(int i) {
  return "+4479" + std::to_string(10'000'000 + i);
}

std::vector<std::string> numbers(int count, int from = 0) {
  std::vector<std::string> out;
  for (int i = 0; i < count; ++i) out.push_back(number(from + i));
  return out;
}

void quick(modembank::BankSettings& bank) {
  bank.submit = modembank::Latency::constant(200ms);
}

// Of each number, the SIMs that wrote to it.
std::map<std::string, std::set<std::string>> threads(const Rig& rig) {
  std::map<std::string, std::set<std::string>> out;
  for (const auto* record : rig.on_air()) out[record->submit->da].insert(record->iccid);
  return out;
}

std::map<std::string, int> by_sim(const Rig& rig) {
  std::map<std::string, int> out;
  for (const auto* record : rig.on_air()) ++out[record->iccid];
  return out;
}

}  // namespace

TEST_GROUP(Scheduling){};

// It waits for the SIM that spoke with her last; meanwhile one that asks for another SIM makes that the one.
// Both are never free at once.
TEST(Scheduling, who_waits_for_a_conversation_follows_it_to_another_sim) {
  Rig rig({.modems = 2, .bank = quick});
  rig.ready();
  rig.send(kAna, "hello");
  CHECK(rig.until([&] { return rig.on_air().size() == 1; }));
  const int at = rig.iccid(0) == rig.on_air()[0]->iccid ? 0 : 1;
  rig.pass(1s);
  rig.fault("modem" + std::to_string(at) + " slow 10");
  rig.send_list(numbers(200), "backlog", {.lane = Lane::bulk});
  rig.pass(150ms);
  rig.send(kAna, "by whichever speaks with her");
  rig.pass(250ms);
  rig.send(kAna, "by the other", {.sim = rig.iccid(1 - at)});
  CHECK(rig.until([&] { return rig.on_air(kAna).size() == 3; }, 10min));
  CHECK_TRUE_TEXT(rig.on_air().size() < 20, "they are of a higher lane than the backlog");
}

TEST(Scheduling, a_conversation_keeps_its_sim_through_a_backlog_and_a_crash) {
  constexpr int kNumbers = 60, kRounds = 10;
  Rig rig({.modems = 4, .bank = quick});
  rig.ready();
  for (int round = 0; round < kRounds; ++round) {
    if (round == kRounds / 2) {
      CHECK(rig.until([&] { return rig.on_air().size() == kNumbers * kRounds / 2; }, 10min));
      rig.crash(true);
      rig.ready();
    }
    CHECK(rig.accepted(rig.send_list(numbers(kNumbers), "round " + std::to_string(round))) != 0);
  }
  CHECK(rig.until([&] { return rig.on_air().size() == kNumbers * kRounds; }, 10min));
  for (const auto& [to, sims] : threads(rig)) LONGS_EQUAL_TEXT(1, sims.size(), to.c_str());
  for (const auto& [iccid, sent] : by_sim(rig)) DOUBLES_EQUAL(kNumbers * kRounds / 4, sent, kRounds);
}

TEST(Scheduling, who_answers_is_answered_by_the_sim_that_was_written_to) {
  Rig rig({.modems = 4, .bank = quick});
  rig.ready();
  rig.text_in(2, kAna, "is it in stock?");
  CHECK(rig.until([&] { return rig.rows.inbox.size() == 1; }));
  for (int i = 0; i < 5; ++i) {
    const Id id = rig.accepted(rig.send(kAna, "yes " + std::to_string(i)));
    CHECK(rig.until([&] { return rig.on_air(kAna).size() == static_cast<std::size_t>(i + 1); }));
    STRCMP_CONTAINS("sticky to this conversation", rig.row(id).why.c_str());
    STRCMP_EQUAL(rig.iccid(2).c_str(), rig.on_air(kAna).back()->iccid.c_str());
  }
  rig.unplug(2);
  rig.pass(5s);
  rig.send(kAna, "from another");
  CHECK(rig.until([&] { return rig.on_air(kAna).size() == 6; }));
}

// Neither by the life that took the modem from it, nor by the next, which has only the row.
TEST(Scheduling, what_an_alert_pushed_aside_has_spoken_by_no_sim) {
  Rig rig({.modems = 2, .commit = 300ms});
  rig.unplug(1);
  rig.ready(1);
  rig.pass(1s);
  const Id bulk = rig.accepted(rig.send(number(0), "bulk", {.lane = Lane::bulk, .send_at_ms = rig.unix_ms() + 3'000}));
  CHECK(rig.until([&] { return rig.app().slot(0).claim.has_value(); }));
  rig.pass(100ms);
  rig.send(kAna, "fire", {.lane = Lane::alert, .report = false, .in_doubt = DoubtPolicy::hold});
  CHECK(rig.until([&] { return rig.on_air(kAna).size() == 1; }, 5s));
  CHECK(rig.row(bulk).state == MessageState::queued);
  rig.crash(true);
  for (int i = 1; i <= 10; ++i) rig.send(number(i), "keeps it busy", {.lane = Lane::urgent, .sim = rig.iccid(0)});
  rig.ready(1);
  rig.plug(1);
  CHECK(rig.until([&] { return rig.on_air(number(0)).size() == 1; }));
  STRCMP_EQUAL(rig.iccid(1).c_str(), rig.on_air(number(0))[0]->iccid.c_str());
}

TEST(Scheduling, hundreds_that_wait_for_one_sim_stand_in_nobodys_way) {
  Rig rig({.modems = 4, .bank = quick});
  rig.ready();
  CHECK(rig.accepted(rig.send_list(numbers(400), "by one", {.sim = rig.iccid(0)})) != 0);
  CHECK(rig.accepted(rig.send_list(numbers(60, 1'000), "by any")) != 0);
  const auto others = [&] {
    const auto air = rig.on_air();
    return std::count_if(air.begin(), air.end(), [](const auto* r) { return r->submit->text == "by any"; });
  };
  CHECK(rig.until([&] { return others() == 60; }, 2min));
  CHECK(rig.on_air().size() < 60 + 60);  // of the four hundred no more than one modem could send meanwhile
  CHECK(rig.until([&] { return rig.on_air().size() == 460; }, 5min));
  std::vector<std::string> order;
  for (const auto* record : rig.on_air())
    if (record->submit->text == "by one") order.push_back(record->submit->da);
  CHECK(order == numbers(400));
}

TEST(Scheduling, cheaper_sims_and_preferred_numbers_go_first) {
  rig::Options options{.modems = 3, .bank = quick};
  options.settings = [](config::Settings& settings) {
    config::Sim spanish, dear;
    spanish.modem = "modem1";
    spanish.prefers = {{"+34"}};
    spanish.cost = 0.2;
    dear.modem = "modem2";
    dear.cost = 0.5;
    dear.label = "dear";
    settings.sims = {spanish, dear};
  };
  Rig rig(options);
  rig.ready();
  for (int i = 0; i < 6; ++i) {
    const Id abroad = rig.accepted(rig.send("+3460011122" + std::to_string(i), "hola"));
    rig.accepted(rig.send(number(i), "hello"));
    CHECK(rig.until([&] { return rig.on_air().size() == static_cast<std::size_t>(2 * i + 2); }));
    STRCMP_CONTAINS("preferred for such numbers", rig.row(abroad).why.c_str());
    rig.pass(1s);
  }
  CHECK(by_sim(rig)[rig.iccid(0)] == 6);
  CHECK(by_sim(rig)[rig.iccid(1)] == 6);
}

TEST(Scheduling, a_paced_sim_spreads_its_day_and_alerts_do_not_wait) {
  rig::Options options{.modems = 1, .bank = quick};
  options.settings = [](config::Settings& settings) {
    settings.sim_defaults.limits[index_of(Quota::day)] = 500;
    settings.sim_defaults.pace = true;
  };
  Rig rig(options);
  rig.ready();
  const double left_h = static_cast<double>(24 * 60 - local_minute(rig.unix_ms())) / 60;
  CHECK(rig.accepted(rig.send_list(numbers(500), "slowly", {.lane = Lane::bulk})) != 0);
  rig.pass(20min);
  const auto sent = static_cast<double>(rig.on_air().size());
  const double fair = 500 / left_h / 3;
  if (left_h > 1) CHECK(sent <= 1.2 * fair + 2 && sent >= 0.8 * fair - 2);
  rig.send(kAna, "fire", {.lane = Lane::alert});
  CHECK(rig.until([&] { return rig.on_air(kAna).size() == 1; }, 3s));
}

TEST(Scheduling, modems_are_left_free_for_alerts_but_never_the_last_one) {
  rig::Options options{.modems = 3};
  options.settings = [](config::Settings& settings) { settings.policy.alert_modems = 2; };
  options.bank = [](modembank::BankSettings& bank) { bank.submit = modembank::Latency::constant(5s); };
  Rig rig(options);
  rig.ready();
  CHECK(rig.accepted(rig.send_list(numbers(30), "flood", {.lane = Lane::bulk})) != 0);
  rig.pass(12s);
  const auto modems = rig.app().modems();
  LONGS_EQUAL(1,
              std::count_if(modems.begin(), modems.end(), [](const ModemView& m) { return m.message != 0; }));
  rig.unplug(0);
  rig.unplug(1);
  rig.pass(60s);
  CHECK(by_sim(rig)[rig.iccid(2)] > 5);
}

TEST(Scheduling, a_share_of_each_limit_is_kept_for_alerts) {
  rig::Options options{.modems = 1, .bank = quick};
  options.settings = [](config::Settings& settings) {
    settings.sim_defaults.limits[index_of(Quota::day)] = 10;
    settings.sim_defaults.alert_reserve = 0.4;
  };
  Rig rig(options);
  rig.ready();
  CHECK(rig.accepted(rig.send_list(numbers(9), "news")) != 0);
  rig.pass(1min);
  LONGS_EQUAL(6, rig.on_air().size());
  CHECK(rig.accepted(rig.send_list(numbers(9, 100), "fire", {.lane = Lane::alert})) != 0);
  rig.pass(1min);
  LONGS_EQUAL(10, rig.on_air().size());
}

// The same load with and without a number that the network refuses for now: the others are done at the same
// time.
TEST(Scheduling, one_poisoned_number_among_a_thousand_delays_nobody) {
  const auto last_of_the_others = [](bool poisoned) {
    Rig rig({.modems = 2, .family = modembank::Family::generic, .bank = quick});
    rig.ready();
    std::vector<std::string> all = numbers(1'000);
    if (poisoned) STRCMP_EQUAL("ok", rig.bank.control("refuse " + all[10] + " 41", rig.now()).c_str());
    const at::Instant begun = rig.now();
    CHECK(rig.accepted(rig.send_list(all, "n")) != 0);
    CHECK(rig.until([&] { return rig.on_air().size() >= 999; }, 10min));
    return rig.now() - begun;
  };
  CHECK(last_of_the_others(true) <= last_of_the_others(false) + 2s);
}
