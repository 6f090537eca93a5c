// What status reports say of a message: early, late, twice, and after a restart.
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

rig::Options reported_after(at::Millis delay) {
  rig::Options options = one();
  options.bank = [delay](modembank::BankSettings& bank) { bank.air.report_delay = modembank::Latency::constant(delay); };
  return options;
}

// Message 1, to Ana, is in doubt, and the count of the SIM is no evidence any more.
void one_never_went_out(Rig& rig) {
  rig.ready();
  rig.fault("modem0 drop-submit 1");
  rig.send(kAna, "never went out");
  CHECK(rig.until([&] { return is(rig, 1, MessageState::unknown); }, 2min));
  rig.crash(true);
  rig.ready();
}

std::string first_report(const Rig& rig) {
  const auto report = std::find_if(rig.air.begin(), rig.air.end(), [](const auto& r) { return r.event == "report"; });
  CHECK(report != rig.air.end());
  return report->pdu;
}

}  // namespace

TEST_GROUP(Reports){};

TEST(Reports, the_parts_sent_before_a_doubt_get_their_reports_after_a_crash) {
  Rig rig(reported_after(120s));
  rig.ready();
  rig.send(kAna, std::string(200, 'x'));
  rig.until([&] { return rig.on_air().size() == 1; });
  rig.fault("modem0 drop-submit 1");  // the next
  CHECK(rig.until([&] { return is(rig, 1, MessageState::unknown); }, 100s));
  rig.crash();
  rig.pass(4min);
  CHECK(rig.row(1).parts[0].state == MessageState::delivered);
}

TEST(Reports, a_report_that_overtakes_its_answer_counts) {
  rig::Options options = one();
  options.bank = [](modembank::BankSettings& bank) {
    bank.submit = modembank::Latency::constant(4s);
    bank.air.report_delay = modembank::Latency::constant(500ms);
  };
  Rig rig(options);
  rig.ready();
  rig.send(kAna, "quick");
  CHECK(rig.until([&] { return is(rig, 1, MessageState::delivered); }, 20s));
}

TEST(Reports, a_report_that_comes_after_a_restart_counts) {
  Rig rig(reported_after(20s));
  rig.ready();
  rig.send(kAna, "slow");
  rig.until([&] { return is(rig, 1, MessageState::submitted); });
  rig.crash();
  CHECK(rig.until([&] { return is(rig, 1, MessageState::delivered); }, 60s));
}

TEST(Reports, three_hundred_messages_to_one_person_each_get_their_own_report) {
  rig::Options options = one();
  options.bank = [](modembank::BankSettings& bank) {
    bank.submit = modembank::Latency::constant(300ms);
    bank.air.report_delay = modembank::Latency::constant(30s);
  };
  Rig rig(options);
  rig.ready();
  for (int i = 0; i < 300; ++i) rig.send(kAna, "n " + std::to_string(i));
  rig.pass(10min);
  LONGS_EQUAL(300, rig.on_air().size());
  for (const auto& [id, m] : rig.rows.messages) CHECK(m.state == MessageState::delivered);
}

TEST(Reports, a_report_that_overtakes_its_answer_is_not_taken_for_an_older_message_with_the_same_count) {
  rig::Options options = one();
  options.bank = [](modembank::BankSettings& bank) {
    bank.submit = modembank::Latency::constant(600ms);
    bank.air.report_delay = modembank::Latency::constant(100ms);
  };
  Rig rig(options);
  rig.ready();
  rig.bank.control(std::string("report ") + kAna + " silent", rig.now());
  const Id silent = rig.accepted(rig.send(kAna, "nobody reports this"));
  rig.until([&] { return is(rig, silent, MessageState::submitted); });
  for (int i = 0; i < 255; ++i) rig.send(kBen, "in between", {.report = false});
  rig.until([&] { return rig.on_air().size() == 256; }, 20min);
  rig.pass(5s);
  rig.bank.control(std::string("report ") + kAna + " default", rig.now());
  const Id second = rig.accepted(rig.send(kAna, "this one is reported"));
  rig.pass(30s);
  LONGS_EQUAL(rig.row(silent).parts[0].tp_mr, rig.row(second).parts[0].tp_mr);
  CHECK(is(rig, silent, MessageState::submitted));
  CHECK(is(rig, second, MessageState::delivered));
}

TEST(Reports, a_report_that_comes_twice_settles_no_doubt) {
  rig::Options options = one();
  Rig rig(options);
  rig.ready();
  rig.send(kAna, "delivered and reported");
  CHECK(rig.until([&] { return is(rig, 1, MessageState::delivered); }, 20s));
  const std::string pdu = first_report(rig);
  rig.fault("modem0 drop-submit 1");
  rig.send(kAna, "lost in the modem");
  CHECK(rig.until([&] { return is(rig, 2, MessageState::unknown); }, 90s));
  rig.bank.control("inject-pdu modem0 " + pdu, rig.now());
  rig.pass(30s);
  CHECK(is(rig, 2, MessageState::unknown));
}

TEST(Reports, nor_one_that_was_applied_by_the_life_before) {
  rig::Options options = one();
  options.settings = [](config::Settings& settings) { settings.policy.sticky = false; };  // read back all the same
  Rig rig(options);
  rig.ready();
  rig.send(kAna, "delivered and reported");
  CHECK(rig.until([&] { return is(rig, 1, MessageState::delivered); }, 20s));
  const std::string pdu = first_report(rig);
  rig.fault("modem0 drop-submit 1");
  rig.send(kAna, "lost in the modem");
  CHECK(rig.until([&] { return is(rig, 2, MessageState::unknown); }, 90s));
  rig.crash(true);
  rig.ready();
  rig.bank.control("inject-pdu modem0 " + pdu, rig.now());
  rig.pass(30s);
  CHECK(is(rig, 2, MessageState::unknown));
  LONGS_EQUAL(1, rig.on_air().size());
}

// Its part is in memory from the start, whether or not what is final can be read back.
TEST(Reports, nor_one_of_an_earlier_part_of_the_same_message) {
  Rig rig(one());
  rig.ready();
  rig.send(kAna, std::string(200, 'x'));
  CHECK(rig.until([&] { return rig.on_air().size() == 1; }));
  rig.fault("modem0 drop-submit 1");  // the next
  CHECK(rig.until([&] { return is(rig, 1, MessageState::unknown); }, 90s));
  CHECK(rig.row(1).parts[0].state == MessageState::delivered);
  rig.fail_reads(true);
  rig.crash(true);
  rig.ready();
  rig.bank.control("inject-pdu modem0 " + first_report(rig), rig.now());
  rig.pass(30s);
  CHECK(rig.row(1).parts[1].state == MessageState::unknown);
  LONGS_EQUAL(1, rig.on_air().size());
}

TEST(Reports, a_report_of_failure_names_its_reason) {
  Rig rig(one());
  rig.ready();
  rig.bank.control(std::string("report ") + kAna + " st=41", rig.now());
  rig.bank.control(std::string("report ") + kBen + " st=46", rig.now());
  rig.send(kAna, "a");
  rig.send(kBen, "b");
  rig.pass(20s);
  CHECK(is(rig, 1, MessageState::failed));
  STRCMP_EQUAL("st_41", rig.row(1).error_code.c_str());
  CHECK(is(rig, 2, MessageState::expired));
}

TEST(Reports, a_report_that_comes_twice_says_nothing_of_an_older_doubt) {
  Rig rig(one());
  one_never_went_out(rig);
  rig.network("reports twice 1 5");
  rig.send(kAna, "went out");
  CHECK(rig.until([&] { return is(rig, 2, MessageState::delivered); }, 30s));
  rig.pass(60s);
  CHECK(is(rig, 1, MessageState::unknown));
  LONGS_EQUAL(1, rig.on_air().size());
}

// Its slot told that the first part was sent, but not under which TP-MR.
TEST(Reports, that_of_a_part_whose_reference_is_not_known_says_nothing_of_the_next_part) {
  rig::Options options = one();
  options.settings = [](config::Settings& settings) { settings.sim_defaults.submit = config::Submit::store_first; };
  options.bank = [](modembank::BankSettings& bank) { bank.air.report_delay = modembank::Latency::constant(90s); };
  Rig rig(options);
  rig.ready();
  rig.fault("modem0 lost-answer 1");
  rig.send(kAna, std::string(200, 'x'));
  CHECK(rig.until([&] { return rig.noted("sent: its slot on the SIM is marked as sent"); }, 2min));
  rig.fault("modem0 drop-submit 1");
  CHECK(rig.until([&] { return is(rig, 1, MessageState::delivered); }, 10min));
  LONGS_EQUAL(2, rig.on_air().size());
}

namespace {

// One to Ana never went out; an alert to her did, its answer was lost, and it was sent again. No report of
// either has come yet.
Id an_alert_went_out_twice(Rig& rig) {
  one_never_went_out(rig);
  rig.fault("modem0 lost-answer 1");
  const Id alert = rig.accepted(rig.send(kAna, "went out twice", {.lane = Lane::alert}));
  CHECK(rig.until([&] { return is(rig, alert, MessageState::submitted); }, 2min));
  LONGS_EQUAL(2, rig.on_air().size());
  return alert;
}

}  // namespace

TEST(Reports, that_of_an_attempt_that_was_begun_again_says_nothing_of_an_older_doubt) {
  Rig rig(reported_after(90s));
  const Id alert = an_alert_went_out_twice(rig);
  CHECK(rig.until([&] { return is(rig, alert, MessageState::delivered); }, 2min));
  rig.pass(10s);
  CHECK(is(rig, 1, MessageState::unknown));
}

TEST(Reports, nor_to_the_life_after) {
  Rig rig(reported_after(90s));
  const Id alert = an_alert_went_out_twice(rig);
  rig.crash(true);
  CHECK(rig.until([&] { return is(rig, alert, MessageState::delivered); }, 2min));
  rig.pass(10s);
  CHECK(is(rig, 1, MessageState::unknown));
}

// The first part was called sent by its slot, under a TP-MR that nobody knows; then all of it went by another
// SIM.
TEST(Reports, that_of_a_part_which_went_again_by_another_sim_is_not_about_the_new_one) {
  rig::Options options = reported_after(60s);
  options.modems = 2;
  options.settings = [](config::Settings& settings) {
    settings.sim_defaults.submit = config::Submit::store_first;
  };
  Rig rig(options);
  rig.ready();
  rig.fault("modem1 unregister 25");
  rig.fault("modem0 lost-answer 1");
  rig.send(kAna, std::string(200, 'x'), {.lane = Lane::alert});
  CHECK(rig.until([&] { return rig.noted("sent: its slot on the SIM is marked as sent"); }, 20s));
  rig.fault("modem0 unregister 30");
  CHECK(rig.until([&] { return rig.noted("its SIM is gone, all parts again on another"); }, 30s));
  CHECK(rig.until([&] { return rig.on_air().size() == 3; }, 30s));
  CHECK(rig.until(
      [&] {
        return std::count_if(rig.air.begin(), rig.air.end(),
                             [](const auto& r) { return r.event == "report"; }) == 1;
      },
      60s));
  rig.pass(3s);
  CHECK(rig.row(1).parts[0].state == MessageState::submitted);
  CHECK(rig.until([&] { return is(rig, 1, MessageState::delivered); }, 60s));
}

// It overtakes its +CMGS, and TP-MR has moved by more than anybody knows: three alerts left from memory and were forgotten.
TEST(Reports, that_of_a_submit_at_a_modem_says_nothing_of_an_older_doubt) {
  Rig rig(one());
  rig.ready();
  rig.send(kBen, "is counted");
  CHECK(rig.until([&] { return is(rig, 1, MessageState::delivered); }, 1min));
  rig.fault("modem0 drop-submit 1");
  rig.send(kAna, "never went out");
  CHECK(rig.until([&] { return is(rig, 2, MessageState::unknown); }, 2min));
  rig.hang_disk(10min);
  for (int i = 0; i < 3; ++i) rig.send(kBen, "from memory", {.lane = Lane::alert});
  CHECK(rig.until([&] { return rig.on_air().size() == 4; }, 1min));
  rig.pass(5s);
  rig.crash(false);
  rig.mend_disk();
  rig.ready();
  rig.network("reports early 1 5");
  const Id last = rig.accepted(rig.send(kAna, "went out"));
  CHECK(rig.until([&] { return is(rig, last, MessageState::delivered); }, 1min));
  rig.pass(10s);
  CHECK(is(rig, 2, MessageState::unknown));
}
