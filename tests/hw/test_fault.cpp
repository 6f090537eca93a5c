// The ways in which a modem fails, each with its end.
#include <CppUTest/TestHarness.h>
#include "tests/hw/story.h"

using story::Story;
using namespace std::chrono_literals;

namespace {
void says(const char* wanted, const std::string& said) {
  STRCMP_EQUAL(wanted, said.c_str());
}
}  // namespace

TEST_GROUP(Fault){};

TEST(Fault, silence_swallows_input_keeps_the_settings_and_ends) {
  Story s;
  s.set_up();
  s.modem.silence(20s, s.now);
  says("", s.type("AT\r"));
  s.air.inject(s.sim.line, "+447700900123", "meanwhile", s.now);
  says("", s.pass(19s));
  says("\r\n+CMTI: \"SM\",1\r\n", s.pass(1s));
  says("\r\nOK\r\n", s.type("AT\r"));
}

TEST(Fault, a_submit_that_silence_caught_is_answered_late) {
  Story s;
  s.set_up();
  s.begin_submit("+447700900123", "late");
  s.pass(500ms);
  s.modem.silence(70s, s.now);
  says("", s.pass(69s));
  LONGS_EQUAL(0, s.events("submit").size());
  says("\r\n+CMGS: 0\r\n\r\nOK\r\n", s.pass(1s));
  LONGS_EQUAL(1, s.events("submit").size());
}

TEST(Fault, a_lost_answer_leaves_a_text_that_was_sent) {
  Story s;
  s.set_up();
  s.modem.lose_answers(1);
  says("", s.send("+447700900123", "sent"));
  LONGS_EQUAL(1, s.events("submit").size());
  STRCMP_CONTAINS("+CDS:", s.pass(5s).c_str());  // the report tells
  says("\r\nOK\r\n", s.type("AT\r"));
  says("\r\n+CMGS: 1\r\n\r\nOK\r\n", s.send("+447700900123", "next"));
}

TEST(Fault, a_dropped_submit_leaves_no_trace_and_no_TP_MR) {
  Story s;
  s.set_up();
  s.modem.drop_submits(1);
  says("", s.send("+447700900123", "lost"));
  says("", s.pass(60s));
  LONGS_EQUAL(0, s.events("submit").size());
  says("\r\n+CMGS: 0\r\n\r\nOK\r\n", s.send("+447700900123", "next"));
}

TEST(Fault, an_AT_written_while_the_answer_is_lost_is_answered_alone) {
  Story s;
  s.set_up();
  s.modem.lose_answers(1);
  s.begin_submit("+447700900123", "sent");
  s.modem.feed("AT\r", s.now);
  says("", s.pass(2s));
  says("\r\nOK\r\n", s.pass(10ms));
}

TEST(Fault, garbage_does_nothing_and_ends) {
  Story s;
  s.set_up();
  s.modem.garbage(10s, s.now);
  const std::string said = s.type("AT+CMGS=20\r");
  CHECK(!said.empty());
  CHECK(said.find("OK") == std::string::npos);
  s.air.inject(s.sim.line, "+447700900123", "meanwhile", s.now);
  s.type("AT+CPMS=\"ME\"\r");
  s.pass(9s);
  STRCMP_CONTAINS("+CMTI:", s.pass(2s).c_str());
  says("\r\n+CPMS: \"SM\",1,5,\"SM\",1,5,\"SM\",1,5\r\n\r\nOK\r\n", s.type("AT+CPMS?\r"));
  LONGS_EQUAL(0, s.events("cmgs").size());
}

TEST(Fault, cms_errors_come_in_their_number) {
  Story s;
  s.set_up();
  s.modem.fail_submits(21, 2);
  says("\r\n+CMS ERROR: 21\r\n", s.send("+447700900123", "a"));
  says("\r\n+CMS ERROR: 21\r\n", s.send("+447700900123", "b"));
  says("\r\n+CMGS: 0\r\n\r\nOK\r\n", s.send("+447700900123", "c"));
}

TEST(Fault, a_reboot_before_the_air_sends_nothing_and_loses_the_settings) {
  Story s;
  s.set_up();
  s.begin_submit("+447700900123", "gone");
  s.pass(500ms);
  s.modem.reboot(5s, s.now);
  says("", s.type("AT\r"));
  STRCMP_CONTAINS("\r\nRDY\r\n", s.pass(10s).c_str());
  LONGS_EQUAL(0, s.events("submit").size());
  says("AT+CNMI?\r\r\n+CNMI: 0,0,0,0,0\r\n\r\nOK\r\n", s.type("AT+CNMI?\r"));
}

TEST(Fault, a_reboot_after_the_air_has_sent_it) {
  Story s;
  s.set_up();
  s.begin_submit("+447700900123", "out");
  s.pass(1500ms);
  s.modem.reboot(5s, s.now);
  CHECK(s.pass(10s).find("+CMGS") == std::string::npos);
  LONGS_EQUAL(1, s.events("submit").size());
}

TEST(Fault, boot_goes_through_its_stages) {
  Story s({.make = modembank::Make::ec2x});
  s.modem.reboot(1s, s.now);
  says("\r\nRDY\r\n\r\n+CFUN: 1\r\n", s.pass(1s));
  s.type("ATE0\r");
  says("\r\n+CMS ERROR: 314\r\n", s.type("AT+CPMS?\r"));
  says("\r\n+CPIN: READY\r\n\r\n+QIND: SMS DONE\r\n", s.pass(2s));
  STRCMP_CONTAINS("+CPMS:", s.type("AT+CPMS?\r").c_str());
}

TEST(Fault, the_prompt_of_a_dead_owner_takes_a_PDU_for_nothing_and_ESC_for_its_end) {
  Story s;
  s.set_up();
  s.modem.open_prompt(s.now);
  says("\r\n> ", s.pass(0s));
  says("", s.type("AT\r"));
  says("\r\nOK\r\n", s.type("\x1b"));
  says("\r\nOK\r\n", s.type("AT\r"));
}

TEST(Fault, a_prompt_told_during_a_submit_opens_after_it) {
  Story s;
  s.set_up();
  s.begin_submit("+447700900123", "a");
  s.modem.open_prompt(s.now);
  says("\r\n+CMGS: 0\r\n\r\nOK\r\n\r\n> ", s.pass(2s));
}

TEST(Fault, slow_is_slow_until_it_is_clear) {
  Story s;
  s.set_up();
  s.modem.slow(10);
  says("", s.type("AT\r"));
  says("\r\nOK\r\n", s.pass(90ms));
  s.modem.clear(s.now);
  says("\r\nOK\r\n", s.type("AT\r"));
}

TEST(Fault, without_network_a_submit_is_331_until_it_is_back) {
  Story s;
  s.set_up();
  s.type("AT+CREG=1\r");
  s.modem.unregister(10s, s.now);
  says("\r\n+CREG: 2\r\n", s.pass(0s));
  const auto pdu = Story::submit("+447700900123", "no");
  s.type("AT+CMGS=" + std::to_string(pdu.tpdu_octets) + "\r");
  says("\r\n+CMS ERROR: 331\r\n", s.type(pdu.hex + "\x1a"));
  says("\r\n+CREG: 1\r\n", s.pass(10s));
  says("\r\n+CMGS: 0\r\n\r\nOK\r\n", s.send("+447700900123", "yes"));
}

TEST(Fault, losing_the_network_during_a_submit_sends_nothing) {
  Story s;
  s.set_up();
  s.begin_submit("+447700900123", "no");
  s.modem.unregister(10s, s.now);
  says("\r\n+CMS ERROR: 331\r\n", s.pass(2s));
  LONGS_EQUAL(0, s.events("submit").size());
}

TEST(Fault, an_unplug_forgets_what_was_not_out) {
  Story s;
  s.set_up();
  s.begin_submit("+447700900123", "gone");
  s.modem.power_off();
  CHECK_FALSE(s.modem.deadline().has_value());
  says("", s.pass(60s));
  s.modem.power_on(s.now);
  STRCMP_CONTAINS("RDY", s.pass(5s).c_str());
  LONGS_EQUAL(0, s.events("submit").size());
}

// Ticks early, twice and late do no harm.
TEST(Fault, ticks_at_any_time) {
  Story s;
  s.set_up();
  s.begin_submit("+447700900123", "a");
  for (int k = 0; k < 10; ++k) s.modem.tick(s.now);
  s.now += 1h;
  s.modem.tick(s.now);
  s.modem.tick(s.now);
  says("\r\n+CMGS: 0\r\n\r\nOK\r\n", s.modem.take_output(s.now).substr(0, 18));
  LONGS_EQUAL(1, s.events("submit").size());
}
