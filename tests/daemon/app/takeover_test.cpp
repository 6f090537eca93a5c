// A daemon that is killed again before it knows which SIM the modem has: what it heard at the port is not
// lost with it.
#include <CppUTest/TestHarness.h>

#include <algorithm>

#include "tests/support/stories.h"

using namespace klaxon;
using namespace std::chrono_literals;
using rig::Rig;
using rig::is;
using rig::kAna;
using rig::kBen;
using rig::one;

TEST_GROUP(Takeover){};

TEST(Takeover, what_a_life_heard_before_it_knew_the_sim_is_not_lost_with_it) {
  rig::Options options = one();
  options.bank = [](modembank::BankSettings& bank) { bank.submit = modembank::Latency::constant(500ms); };
  Rig rig(options);
  rig.ready();
  rig.send(kAna, "did it go", {.report = false});
  rig.until([&] { return rig.on_air().size() == 1; });
  rig.crash(true);
  rig.pass(300ms);
  CHECK(rig.app().modems()[0].iccid.empty());
  rig.crash(true);
  CHECK(rig.until([&] { return is(rig, 1, MessageState::submitted); }, 10s));
  CHECK(rig.noted("sent: its +CMGS came late"));
  CHECK(rig.row(1).parts[0].tp_mr >= 0);
  rig.pass(60s);
  LONGS_EQUAL(1, rig.on_air().size());
}

TEST(Takeover, nor_is_that_the_modem_was_in_data_entry) {
  Rig rig(one());
  rig.ready();
  rig.send(kAna, "half written", {.report = false});
  rig.until([&] { return !rig.air.empty() && rig.air.back().event == "cmgs"; });
  rig.pass(8ms);
  rig.crash(true);
  CHECK(rig.until([&] { return rig.row(1).parts[0].heard().has_value(); }, 5s));  // once the port is silent
  CHECK(rig.app().modems()[0].iccid.empty());
  rig.crash(true);
  CHECK(rig.until([&] { return is(rig, 1, MessageState::submitted); }, 20s));
  LONGS_EQUAL(1, rig.on_air().size());
  CHECK(rig.noted("not sent: the modem was still in data entry"));
}

// Neither while the other SIM is there, nor when the first is back.
TEST(Takeover, what_was_heard_at_a_port_says_nothing_of_another_sim) {
  Rig rig({.modems = 2, .family = modembank::Family::generic});
  rig.ready();
  const std::string first = rig.iccid(0), second = rig.iccid(1);
  rig.send(kAna, "half written", {.report = false, .sim = first});
  rig.until([&] { return !rig.air.empty() && rig.air.back().event == "cmgs"; });
  rig.pass(8ms);
  rig.crash(true);
  CHECK(rig.until([&] { return rig.row(1).parts[0].heard().has_value(); }, 5s));
  rig.unplug(0);
  rig.unplug(1);
  rig.crash(true);
  rig.bank.control("plug modem0 sim=" + second, rig.now());
  rig.pass(20s);
  CHECK(is(rig, 1, MessageState::unknown));
  rig.unplug(0);
  rig.bank.control("plug modem0 sim=" + first, rig.now());
  rig.pass(20s);
  rig.crash();
  rig.pass(20s);
  CHECK(is(rig, 1, MessageState::unknown));
  LONGS_EQUAL(0, rig.on_air().size());
}

TEST(Takeover, a_report_that_comes_before_the_sim_is_known_says_that_it_was_sent) {
  rig::Options options = one();
  options.bank = [](modembank::BankSettings& bank) {
    bank.submit = modembank::Latency::constant(400ms);
    bank.air.report_delay = modembank::Latency::constant(150ms);
  };
  Rig rig(options);
  rig.ready();
  rig.fault("modem0 lost-answer 1");
  rig.send(kAna, "did it go");
  rig.until([&] { return rig.on_air().size() == 1; });
  rig.crash(true);
  rig.pass(250ms);
  CHECK(rig.app().modems()[0].iccid.empty());
  CHECK(rig.until([&] { return is(rig, 1, MessageState::delivered); }, 10s));
  LONGS_EQUAL(1, rig.on_air().size());
}

TEST(Takeover, the_count_that_a_late_answer_showed_outlives_a_crash) {
  Rig rig(one(modembank::Family::ec2x));
  rig.ready();
  rig.send(kBen, "so that the count is known", {.report = false});
  rig.pass(5s);
  rig.send(kBen, "its answer comes late", {.report = false});
  rig.until([&] { return rig.on_air().size() == 2; });
  rig.crash(true);
  CHECK(rig.until([&] { return is(rig, 2, MessageState::submitted); }, 10s));
  rig.crash(true);
  rig.ready();
  rig.fault("modem0 drop-submit 1");
  rig.send(kAna, "lost in the modem", {.report = false});
  CHECK(rig.until([&] { return is(rig, 3, MessageState::unknown); }, 90s));
  rig.send(kBen, "the next one", {.report = false});
  CHECK(rig.until([&] { return is(rig, 3, MessageState::submitted); }, 60s));
  LONGS_EQUAL(1, rig.texts_to(kAna).size());
}

namespace {

// Lost on its way to the modem, and nobody knows: its port went away in between.
void leave_in_doubt(Rig& rig, const std::string& to) {
  rig.fault("modem0 drop-submit 1");
  rig.send(to, "never went out", {.report = false, .sim = rig.iccid(0)});
  CHECK(rig.until([&] { return rig::count(rig, "cmgs") == 1; }));
  rig.pass(500ms);
  rig.unplug(0);
  rig.plug(0);
  CHECK(rig.until([&] { return is(rig, 1, MessageState::unknown); }, 10s));
  rig.ready();
}

// The next submit, to which the modem will say +CMGS when a person has long told that it went out.
void settle_the_next_one(Rig& rig, const std::string& to) {
  rig.send(to, "went out", {.lane = Lane::alert, .report = false, .sim = rig.iccid(0), .in_doubt = DoubtPolicy::hold});
  CHECK(rig.until([&] { return rig.on_air(to).size() == 1; }, 10s));
  rig.fault("modem0 silence 20");
  CHECK(rig.until([&] { return is(rig, 2, MessageState::unknown); }, 20s));
  rig.ask().settle(2, true);
  CHECK(rig.until([&] { return is(rig, 2, MessageState::submitted); }, 5s));
}

void still_in_doubt(Rig& rig) {
  rig.pass(60s);
  CHECK(is(rig, 1, MessageState::unknown));
  LONGS_EQUAL(1, rig.on_air().size());
}

}  // namespace

TEST(Takeover, a_late_answer_is_not_about_a_doubt_that_was_passed_by_another_submit) {
  Rig rig(one());
  rig.ready();
  leave_in_doubt(rig, kAna);
  settle_the_next_one(rig, kBen);
  rig.crash(true);
  still_in_doubt(rig);
}

TEST(Takeover, nor_is_it_where_that_submit_was_begun_at_another_place) {
  Rig rig({.modems = 2, .family = modembank::Family::generic});
  rig.ready();
  leave_in_doubt(rig, kAna);
  rig.exchange_places(0, 1);
  rig.ready();
  settle_the_next_one(rig, kBen);
  rig.exchange_places(0, 1);
  rig.crash(true);
  still_in_doubt(rig);
}
