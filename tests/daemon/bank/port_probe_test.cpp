// A few bytes to a port that may be anything, and nothing lost of what a modem says meanwhile.
#include "daemon/bank/port_probe.h"

#include <chrono>
#include <string>

// CppUTest's macros come last: they would reach into the standard library.
#include <CppUTest/TestHarness.h>

using namespace klaxon;
using namespace std::chrono_literals;

TEST_GROUP(PortProbe) {
  at::Instant now = at::Instant{} + 1h;
  PortProbe probe{4s, now};
  std::string written;

  void pass(at::Millis d) {
    for (const at::Instant end = now + d; now < end && !probe.answer();) {
      now = std::min(std::max(probe.deadline(), now), end);
      probe.tick(now);
      written += probe.take_output();
    }
  }
  void hears(std::string_view bytes) {
    probe.feed(bytes, now);
  }
  bool is(Discovery::Answer wanted) {
    return probe.answer() == wanted;
  }
};

TEST(PortProbe, an_OK_to_AT_is_a_modem) {
  pass(100ms);
  STRCMP_EQUAL("\x1B", written.c_str());
  pass(300ms);
  STRCMP_EQUAL(
      "\x1B"
      "AT\r",
      written.c_str());
  hears("AT\r\r\nO");
  CHECK_FALSE(probe.answer().has_value());
  hears("K\r\n");
  CHECK(is(Discovery::Answer::at));
  CHECK(probe.heard().before_escape.empty());
  CHECK(probe.heard().after_escape.empty());
}

TEST(PortProbe, silence_has_an_end_and_ten_bytes_are_all_that_was_written) {
  pass(1min);
  CHECK(is(Discovery::Answer::silent));
  STRCMP_EQUAL(
      "\x1B"
      "AT\rAT\rAT\r",
      written.c_str());
  CHECK(now <= at::Instant{} + 1h + 4s);
}

TEST(PortProbe, a_late_answer_within_the_deadline_counts) {
  pass(3s);
  hears("\r\nOK\r\n");
  CHECK(is(Discovery::Answer::at));
}

TEST(PortProbe, an_echo_is_no_answer) {
  pass(400ms);
  hears("AT\r");
  hears("AT OK?\r\n");
  pass(1min);
  CHECK(is(Discovery::Answer::silent));
}

TEST(PortProbe, a_positioning_receiver_gets_no_AT) {
  hears("$GPGGA,120000.00,5130.0,N\r\n$GPRMC,OK\r\n");
  CHECK(is(Discovery::Answer::silent));
  STRCMP_EQUAL("", written.c_str());
}

TEST(PortProbe, a_diagnosis_port_gets_no_second_AT) {
  pass(400ms);
  hears("\x13\x7e");
  CHECK(is(Discovery::Answer::silent));
}

TEST(PortProbe, what_a_takeover_would_have_read_is_kept_for_it) {
  hears("\r\n+CMGS: 41\r\n\r\nOK\r\n");
  pass(100ms);
  hears("\r\nOK\r\n");  // to ESC: a data entry was open
  pass(300ms);
  hears("\r\nOK\r\n");  // to AT
  STRCMP_EQUAL("\r\n+CMGS: 41\r\n\r\nOK\r\n", probe.heard().before_escape.c_str());
  STRCMP_EQUAL("\r\nOK\r\n", probe.heard().after_escape.c_str());
}

TEST(PortProbe, a_submit_that_ends_meanwhile_is_told_but_not_the_OK_to_our_AT) {
  pass(500ms);
  hears("\r\n+CMSS: 42\r\n\r\nOK\r\n");
  CHECK(is(Discovery::Answer::at));
  STRCMP_EQUAL("\r\n+CMSS: 42\r\n", probe.heard().after_escape.c_str());
}

TEST(PortProbe, chatter_has_a_bound) {
  for (int i = 0; i < 100; ++i) hears(std::string(1000, 'x'));
  CHECK(probe.heard().before_escape.size() <= 4096);
}
