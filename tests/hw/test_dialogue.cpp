// V.250: the line, echo, verbosity, one command at a time.
#include <CppUTest/TestHarness.h>
#include "hw/modembank/identity.h"
#include "tests/hw/story.h"

using story::Story;
using namespace std::chrono_literals;

namespace {
void says(const char* wanted, const std::string& said) {
  STRCMP_EQUAL(wanted, said.c_str());
}
}  // namespace

TEST_GROUP(Dialogue){};

TEST(Dialogue, a_command_is_echoed_at_once_and_answered_after_its_latency) {
  Story s;
  s.modem.feed("AT\r", s.now);
  says("AT\r", s.modem.take_output(s.now));
  says("", s.pass(9ms));
  says("\r\nOK\r\n", s.pass(1ms));
}

TEST(Dialogue, echo_ends_after_ATE0_and_V0_answers_in_digits) {
  Story s;
  says("ATE0\r\r\nOK\r\n", s.type("ATE0\r"));
  says("\r\nOK\r\n", s.type("AT\r"));
  says("0\r", s.type("ATV0\r"));
  says("4\r", s.type("AT+NONSENSE\r"));
  says("\r\nOK\r\n", s.type("ATV1\r"));
  says("", s.type("ATQ1\r"));
}

TEST(Dialogue, commands_in_one_line_run_until_one_fails) {
  Story s;
  s.type("ATE0\r");
  says("\r\n+CMEE: 1\r\n\r\n+CREG: 2,1,\"1A2B\",\"C4D5\",2\r\n\r\nOK\r\n",
       s.type("at+cmee=1;+creg=2;+cmee?;+CREG?\r"));
  says("\r\n+CME ERROR: 4\r\n", s.type("AT+CMEE=9;+CREG=0\r"));
  says("\r\n+CREG: 2,1,\"1A2B\",\"C4D5\",2\r\n\r\nOK\r\n", s.type("AT+CREG?\r"));
}

TEST(Dialogue, a_code_is_answered_by_the_network_and_later) {
  Story s;
  s.type("ATE0\r");
  says("\r\nOK\r\n", s.type("AT+CUSD=1,\"*100#\",15\r"));
  says("\r\n+CUSD: 0,\"Balance: 3.00\",15\r\n", s.pass(1s));
  s.modem.answer_codes("1,\"1 Yes\n2 No\",15");
  s.type("AT+CUSD=1,\"*100#\",15\r");
  says("\r\n+CUSD: 1,\"1 Yes\n2 No\",15\r\n", s.pass(1s));
  s.type("AT+CUSD=1,\"*100#\",15\r");
  says("\r\nOK\r\n", s.type("AT+CUSD=2\r"));
  says("", s.pass(1min));
  s.modem.answer_codes("");
  s.type("AT+CUSD=1,\"*100#\",15\r");
  says("", s.pass(1min));
  s.modem.answer_codes(std::nullopt);
  s.modem.unregister(1min, s.now);
  says("\r\nERROR\r\n", s.type("AT+CUSD=1,\"*100#\",15\r"));
}

TEST(Dialogue, what_comes_during_a_command_waits_for_its_turn) {
  Story s;
  s.type("ATE0\r");
  s.modem.feed("AT\rAT+CGMI\rAT", s.now);
  says("\r\nOK\r\n", s.pass(10ms));
  says("\r\nKlaxon\r\n\r\nOK\r\n", s.pass(10ms));
  says("", s.pass(1s));
  says("\r\nOK\r\n", s.type("\r"));
}

TEST(Dialogue, noise_before_AT_is_passed_over_and_a_line_without_it_is_silent) {
  Story s;
  s.type("ATE0\r");
  says("\r\nOK\r\n", s.type("0011000B91\x1a\x1b"
                            "AT\r"));
  says("", s.type("hello\r"));
  says("", s.type("\r\n\r"));
}

TEST(Dialogue, input_has_a_bound_and_the_modem_lives_on) {
  Story s;
  s.type("ATE0\r");
  s.modem.feed("AT\r", s.now);
  s.modem.feed(std::string(100'000, 'x'), s.now);
  CHECK(s.modem.lost_bytes() > 0);
  s.pass(10ms);
  says("", s.type("\r"));
  says("\r\nOK\r\n", s.type("AT\r"));
}

TEST(Dialogue, output_that_nobody_takes_has_a_bound) {
  Story s;
  for (int k = 0; k < 20'000; ++k) {
    s.modem.feed("AT\r", s.now);
    s.now += 10ms;
    s.modem.tick(s.now);
  }
  CHECK(s.modem.take_output(s.now).size() <= 65'536);
}

TEST(Dialogue, identities_are_valid_and_differ) {
  for (int k = 0; k < 64; ++k) {
    const auto who = modembank::identity_of(k);
    LONGS_EQUAL(15, who.imei.size());
    LONGS_EQUAL(15, who.imsi.size());
    LONGS_EQUAL(k % 2 == 0 ? 19 : 20, who.iccid.size());
    CHECK(modembank::luhn_valid(who.imei) && modembank::luhn_valid(who.iccid));
    CHECK(who.iccid != modembank::identity_of(k + 1).iccid);
  }
  CHECK(modembank::luhn_valid("490154203237518"));  // an IMEI from a label
  CHECK_FALSE(modembank::luhn_valid("490154203237517"));
}

TEST(Dialogue, who_it_is) {
  Story s;
  s.type("ATE0\r");
  says("\r\n358000001000015\r\n\r\nOK\r\n", s.type("AT+CGSN\r"));
  says("\r\n+CCID: 8944000000000000019\r\n\r\nOK\r\n", s.type("AT+CCID\r"));
  says("\r\nERROR\r\n", s.type("AT+QCCID\r"));
  says("\r\n001010000900001\r\n\r\nOK\r\n", s.type("AT+CIMI\r"));
  says("\r\n+CNUM: ,\"+447700900001\",145\r\n\r\nOK\r\n", s.type("AT+CNUM\r"));
}

TEST(Dialogue, an_ec2x_speaks_its_own_words) {
  Story s({.make = modembank::Make::ec2x});
  s.type("ATE0\r");
  says("\r\nQuectel\r\n\r\nOK\r\n", s.type("AT+CGMI\r"));
  says("\r\nEC25\r\n\r\nOK\r\n", s.type("AT+CGMM\r"));
  says("\r\n+QCCID: 8944000000000000019F\r\n\r\nOK\r\n", s.type("AT+QCCID\r"));
  says("\r\n+CEREG: 0,1\r\n\r\nOK\r\n", s.type("AT+CEREG?\r"));
  says("\r\nOK\r\n", s.type("AT+QINDCFG=\"smsfull\",1\r"));
}

TEST(Dialogue, without_a_sim_it_says_so) {
  Story s({.with_sim = false});
  s.type("ATE0\r");
  s.type("AT+CMEE=1\r");
  says("\r\n+CME ERROR: 10\r\n", s.type("AT+CPIN?\r"));
  says("\r\n+CME ERROR: 10\r\n", s.type("AT+CCID\r"));
  says("\r\n+CMS ERROR: 310\r\n", s.type("AT+CPMS?\r"));
  says("\r\n+CREG: 0,0\r\n\r\nOK\r\n", s.type("AT+CREG?\r"));
}

TEST(Dialogue, the_radio_off_and_on_registers_again) {
  Story s;
  s.type("ATE0\r");
  s.type("AT+CREG=1\r");
  says("\r\n+CREG: 0\r\n\r\nOK\r\n", s.type("AT+CFUN=4\r"));
  says("\r\nOK\r\n", s.type("AT+CFUN=1\r"));
  says("\r\n+CREG: 1\r\n", s.pass(1s));
}

TEST(Dialogue, CFUN_1_1_answers_and_boots) {
  Story s;
  s.type("ATE0\r");
  says("\r\nOK\r\n", s.type("AT+CFUN=1,1\r"));
  says("", s.type("AT\r"));
  says("\r\nRDY\r\n\r\n+CFUN: 1\r\n\r\n+CPIN: READY\r\n\r\nSMS Ready\r\n", s.pass(3s));
  says("AT\r\r\nOK\r\n", s.type("AT\r"));  // the echo is back
}
