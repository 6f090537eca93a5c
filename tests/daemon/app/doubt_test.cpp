// A submit whose answer never came: who settles it, and what is done when nobody does.
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

namespace {

// Its PDU is at the modem, half of the radio's time is not over.
void wait_for_begin(Rig& rig, Id id) {
  rig.until([&] { return rig.rows.messages.contains(id) && rig.app().modems()[0].message == id; });
  rig.until([&] { return std::any_of(rig.air.begin(), rig.air.end(), [](const auto& r) { return r.event == "cmgs"; }); });
}

}  // namespace

TEST_GROUP(Doubt){};

TEST(Doubt, a_killed_daemon_finds_the_answer_that_came_after_its_death) {
  Rig rig(one());
  rig.ready();
  rig.send(kAna, "did it go", {.report = false});
  rig.until([&] { return rig.on_air().size() == 1; });
  rig.crash(true);
  rig.pass(1'500ms);
  CHECK(rig.until([&] { return is(rig, 1, MessageState::submitted); }, 10s));
  CHECK(rig.row(1).in_doubt_ms != 0);
  rig.pass(60s);
  LONGS_EQUAL(1, rig.on_air().size());
}

TEST(Doubt, a_data_entry_left_open_says_that_it_was_not_sent) {
  Rig rig(one());
  rig.ready();
  rig.send(kAna, "half written", {.report = false});
  rig.until([&] { return !rig.air.empty() && rig.air.back().event == "cmgs"; });
  rig.pass(8ms);  // the prompt is not answered yet
  rig.crash(true);
  CHECK(rig.until([&] { return is(rig, 1, MessageState::submitted); }, 20s));
  LONGS_EQUAL(1, rig.on_air().size());
  CHECK(rig.noted("not sent: the modem was still in data entry"));
}

// The clock was ahead when the older one was begun: the newer one is what the modem answers.
TEST(Doubt, a_late_answer_is_about_what_was_under_way_whatever_the_clock_says) {
  Rig rig(one());
  rig.ready();
  rig.step_clock(2h);
  rig.fault("modem0 drop-submit 1");
  rig.send(kAna, "never went out", {.report = false});
  CHECK(rig.until([&] { return is(rig, 1, MessageState::unknown); }, 2min));
  rig.right_clock();
  rig.until([&] { return rig.app().modems()[0].state == "ready"; }, 2min);
  rig.send(kBen, "went out", {.report = false});
  CHECK(rig.until([&] { return rig.on_air(kBen).size() == 1; }, 30s));
  rig.crash(true);
  CHECK(rig.until([&] { return is(rig, 2, MessageState::submitted); }, 30s));
  CHECK(is(rig, 1, MessageState::unknown));
}

TEST(Doubt, an_alert_is_repeated_in_time_though_the_clock_steps_back) {
  Rig rig(one());
  rig.ready();
  rig.fault("modem0 lost-answer 1");
  rig.send(kAna, "fire", {.lane = Lane::alert, .report = false});
  CHECK(rig.until([&] { return is(rig, 1, MessageState::unknown); }, 2min));
  rig.step_clock(-3h);
  CHECK(rig.until([&] { return rig.on_air(kAna).size() == 2; }, 20s));
}

TEST(Doubt, half_an_alert_is_not_begun_anew_elsewhere_where_its_sender_holds_doubts) {
  for (const DoubtPolicy policy : {DoubtPolicy::lane, DoubtPolicy::hold}) {
    Rig rig({.modems = 2, .family = modembank::Family::generic});
    rig.ready();
    rig.send(kAna, std::string(200, 'x'), {.lane = Lane::alert, .report = false, .in_doubt = policy});
    CHECK(rig.until([&] { return rig.rows.messages.contains(1) && rig.row(1).parts[0].state == MessageState::submitted; }, 30s));
    rig.unplug(rig.row(1).parts[0].modem == "modem0" ? 0 : 1);
    rig.pass(30s);
    LONGS_EQUAL(policy == DoubtPolicy::lane, is(rig, 1, MessageState::submitted));
    LONGS_EQUAL(policy == DoubtPolicy::lane ? 3 : 1, rig.on_air(kAna).size());
  }
}

TEST(Doubt, a_status_report_says_that_it_was_sent) {
  Rig rig(one());
  rig.ready();
  rig.fault("modem0 lost-answer 1");
  rig.send(kAna, "did it go");
  CHECK(rig.until([&] { return is(rig, 1, MessageState::delivered); }, 90s));
  LONGS_EQUAL(1, rig.on_air().size());
  CHECK(rig.row(1).in_doubt_ms != 0 || rig.row(1).submitted_ms != 0);
}

// Found by a seed: an older doubt of the same person took the report.
TEST(Doubt, of_two_to_one_person_a_status_report_tells_of_the_one_that_was_begun_next_to_it) {
  rig::Options options = one();
  options.bank = [](modembank::BankSettings& bank) { bank.air.report_delay = modembank::Latency::constant(15s); };
  Rig rig(options);
  rig.ready();
  rig.fault("modem0 drop-submit 1");
  rig.send(kAna, "lost in the modem");
  CHECK(rig.until([&] { return is(rig, 1, MessageState::unknown); }, 90s));
  rig.until([&] { return rig.app().modems()[0].can_take; }, 60s);
  rig.fault("modem0 lost-answer 1");
  rig.send(kAna, "its answer is lost");
  CHECK(rig.until([&] { return rig.on_air().size() == 1; }, 30s));
  rig.crash(true);
  CHECK(rig.until([&] { return is(rig, 2, MessageState::delivered); }, 90s));
  CHECK(is(rig, 1, MessageState::unknown));
  LONGS_EQUAL(1, rig.on_air().size());
}

TEST(Doubt, a_count_that_did_not_move_says_that_it_was_not_sent) {
  Rig rig(one(modembank::Family::ec2x));
  rig.ready();
  rig.send(kBen, "so that the count is known", {.report = false});
  rig.pass(5s);
  rig.fault("modem0 drop-submit 1");
  rig.send(kAna, "lost in the modem", {.report = false});
  CHECK(rig.until([&] { return is(rig, 2, MessageState::unknown); }, 90s));
  rig.send(kBen, "the next one", {.report = false});
  CHECK(rig.until([&] { return is(rig, 2, MessageState::submitted); }, 60s));
  LONGS_EQUAL(1, rig.texts_to(kAna).size());
}

TEST(Doubt, an_older_doubt_that_nobody_settled_does_not_spoil_the_count) {
  Rig rig(one(modembank::Family::ec2x));
  rig.ready();
  rig.send(kBen, "so that the count is known", {.report = false});
  rig.pass(5s);
  rig.fault("modem0 lost-answer 1");
  rig.send(kBen, "the older doubt", {.report = false});
  CHECK(rig.until([&] { return is(rig, 2, MessageState::unknown); }, 90s));
  rig.send(kBen, "one in between", {.report = false});
  CHECK(rig.until([&] { return is(rig, 3, MessageState::submitted); }, 60s));
  CHECK(is(rig, 2, MessageState::unknown));
  rig.fault("modem0 drop-submit 1");
  rig.send(kAna, "lost in the modem", {.report = false});
  CHECK(rig.until([&] { return is(rig, 4, MessageState::unknown); }, 90s));
  rig.send(kBen, "the next one", {.report = false});
  CHECK(rig.until([&] { return is(rig, 4, MessageState::submitted); }, 60s));
}

TEST(Doubt, normal_messages_stay_in_doubt_until_a_person_settles_them) {
  Rig rig(one());
  rig.ready();
  rig.fault("modem0 lost-answer 2");
  rig.send(kAna, "a", {.report = false});
  rig.send(kBen, "b", {.report = false});
  CHECK(rig.until([&] { return is(rig, 1, MessageState::unknown) && is(rig, 2, MessageState::unknown); }, 3min));
  rig.pass(10min);
  LONGS_EQUAL(2, rig.on_air().size());
  rig.ask().settle(1, true);
  rig.ask().settle(2, false);
  rig.pass(20s);
  CHECK(is(rig, 1, MessageState::submitted));
  CHECK(is(rig, 2, MessageState::submitted));
  LONGS_EQUAL(1, rig.texts_to(kAna).size());
  LONGS_EQUAL(2, rig.texts_to(kBen).size());
}

TEST(Doubt, an_alert_is_repeated_on_another_sim_after_ten_seconds) {
  Rig rig({.modems = 2, .family = modembank::Family::generic});
  rig.ready();
  rig.fault("modem0 lost-answer 1");
  rig.fault("modem1 lost-answer 1");
  rig.send(kAna, "fire", {.lane = Lane::alert, .report = false});
  rig.until([&] { return rig.on_air().size() == 1; });
  const int first = rig.on_air()[0]->modem == "modem0" ? 0 : 1;
  rig.fault("modem" + std::to_string(1 - first) + " clear");
  const at::Instant from = rig.now();
  CHECK(rig.until([&] { return rig.on_air().size() == 2; }, 60s));
  CHECK(rig.now() - from < 20s);
  CHECK(rig.on_air()[0]->iccid != rig.on_air()[1]->iccid);
  rig.pass(90s);
  LONGS_EQUAL(2, rig.on_air().size());
  CHECK(is(rig, 1, MessageState::submitted));
}

TEST(Doubt, a_late_answer_before_the_repeat_makes_the_repeat_needless) {
  Rig rig(one());
  rig.ready();
  rig.send(kAna, "fire", {.lane = Lane::alert, .report = false});
  rig.until([&] { return rig.on_air().size() == 1; });
  rig.fault("modem0 silence 8");  // the soft limit is 5 s: in doubt; the answer comes after 8
  CHECK(rig.until([&] { return is(rig, 1, MessageState::unknown); }, 10s));
  CHECK(rig.until([&] { return is(rig, 1, MessageState::submitted); }, 20s));
  rig.pass(60s);
  LONGS_EQUAL(1, rig.on_air().size());
}

// The alert's row says by then where it was repeated, and no longer that another modem may still answer for it.
TEST(Doubt, the_late_answer_to_a_repeated_alert_settles_no_older_doubt) {
  Rig rig({.modems = 2, .family = modembank::Family::generic});
  rig.ready();
  rig.fault("modem0 drop-submit 1");
  rig.fault("modem1 drop-submit 1");
  rig.send(kBen, "never on the air", {.report = false});
  CHECK(rig.until([&] { return is(rig, 1, MessageState::unknown); }, 90s));
  const std::string lost = rig.row(1).parts[0].modem;
  const int other = lost == "modem0" ? 1 : 0;
  rig.pass(5min);
  rig.unplug(other);
  rig.pass(1s);
  rig.send(kAna, "fire", {.lane = Lane::alert, .report = false});
  CHECK(rig.until([&] { return rig.on_air().size() == 1; }));
  rig.fault(lost + " silence 25");
  rig.plug(other);
  rig.fault("modem" + std::to_string(other) + " clear");
  CHECK(rig.until([&] { return rig.on_air().size() == 2; }, 25s));
  rig.crash();
  rig.pass(90s);
  CHECK(is(rig, 1, MessageState::unknown));
  CHECK(is(rig, 2, MessageState::submitted));
  LONGS_EQUAL(2, rig.on_air().size());
}

TEST(Doubt, in_doubt_hold_and_repeat_override_the_lane) {
  Rig rig({.modems = 2, .family = modembank::Family::generic});
  rig.ready();
  rig.fault("modem0 lost-answer 1");
  rig.fault("modem1 lost-answer 1");
  rig.send(kAna, "held alert", {.lane = Lane::alert, .report = false, .in_doubt = DoubtPolicy::hold});
  rig.send(kBen, "repeated bulk", {.lane = Lane::bulk, .report = false, .in_doubt = DoubtPolicy::repeat});
  rig.pass(5min);
  LONGS_EQUAL(1, rig.texts_to(kAna).size());
  LONGS_EQUAL(2, rig.texts_to(kBen).size());
  CHECK(is(rig, 1, MessageState::unknown));
  CHECK(is(rig, 2, MessageState::submitted));
}

TEST(Doubt, a_part_in_doubt_holds_the_parts_behind_it) {
  Rig rig(one());
  rig.ready();
  rig.fault("modem0 lost-answer 1");
  rig.send(kAna, std::string(400, 'x'), {.report = false});
  CHECK(rig.until([&] { return is(rig, 1, MessageState::unknown); }, 90s));
  rig.pass(60s);
  LONGS_EQUAL(1, rig.on_air().size());
  rig.ask().settle(1, true);
  CHECK(rig.until([&] { return rig.on_air().size() == 3; }, 30s));
  rig.pass(5s);
  CHECK(is(rig, 1, MessageState::submitted));
}

TEST(Doubt, an_unplug_between_pdu_and_answer_leaves_a_doubt_and_the_rest_goes_elsewhere) {
  Rig rig({.modems = 2, .family = modembank::Family::generic});
  rig.ready();
  rig.send(kAna, "on its way", {.report = false});
  wait_for_begin(rig, 1);
  const int at = rig.app().modems()[0].message == 1 ? 0 : 1;
  rig.pass(500ms);
  rig.unplug(at);
  rig.send(kBen, "elsewhere", {.report = false});
  CHECK(rig.until([&] { return is(rig, 1, MessageState::unknown) && is(rig, 2, MessageState::submitted); }, 10s));
}
