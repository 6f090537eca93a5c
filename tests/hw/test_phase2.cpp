// What phase 2+ adds to 27.005: texts that are acknowledged by their reader, and links that are kept open.
#include <CppUTest/TestHarness.h>

#include "tests/hw/story.h"

using namespace std::chrono_literals;
using story::Story;

namespace {

bool has(const std::string& text, const std::string& part) {
  return text.find(part) != text.npos;
}

std::string cnmi(Story& s) {
  return s.type("AT+CNMI?\r");
}

}  // namespace

TEST_GROUP(Phase2) {
  Story s;
  void setup() override {
    s.type("ATE0\r");
  }
  void route() {
    s.type("AT+CSMS=1\r");
    s.type("AT+CNMI=2,2,0,1,0\r");
  }
  std::string text(const std::string& what) {
    CHECK_TRUE(s.air.inject(s.sim.line, "+447700900555", what, s.now).has_value());
    return s.pass(200ms);
  }
};

TEST(Phase2, a_routed_text_is_the_networks_until_it_is_acknowledged) {
  route();
  CHECK_TRUE(has(text("one"), "+CMT: ,"));
  LONGS_EQUAL(0, s.air.counts().delivered);
  CHECK_FALSE_TEXT(has(text("two"), "+CMT"), "one at a time");
  CHECK_TRUE(has(s.type("AT+CNMA\r") + s.pass(200ms), "+CMT"));
  LONGS_EQUAL(1, s.air.counts().delivered);
  CHECK_TRUE(has(s.type("AT+CNMA=0\r"), "OK"));
  LONGS_EQUAL(2, s.air.counts().delivered);
  CHECK_TRUE(has(s.type("AT+CNMA\r"), "+CMS ERROR: 340"));
}

TEST(Phase2, not_acknowledged_in_time_it_comes_again_once_it_is_asked_for) {
  route();
  text("one");
  s.pass(15s);
  CHECK_TRUE(has(cnmi(s), "+CNMI: 2,0,0,0,0"));
  route();
  CHECK_FALSE(has(s.pass(25s), "+CMT"));
  CHECK_TRUE(has(s.pass(10s), "+CMT"));
  LONGS_EQUAL(0, s.air.counts().delivered);
}

TEST(Phase2, refused_it_comes_again_and_is_stored_meanwhile) {
  route();
  text("one");
  CHECK_TRUE(has(s.type("AT+CNMA=2\r"), "OK"));
  CHECK_TRUE(has(cnmi(s), "+CNMI: 2,0,0,0,0"));
  s.pass(31s);
  LONGS_EQUAL(1, s.air.counts().delivered);
  LONGS_EQUAL(1, s.sim.sm.used());
}

TEST(Phase2, a_modem_that_loses_its_power_leaves_the_text_in_the_network) {
  route();
  text("one");
  s.modem.reboot(1s, s.now);
  s.pass(5s);
  LONGS_EQUAL(1, s.air.counts().delivered);
  LONGS_EQUAL(1, s.sim.sm.used());
}

TEST(Phase2, a_report_wants_its_acknowledgement_too_and_is_not_repeated) {
  route();
  CHECK_TRUE(s.air.inject_pdu(s.sim.line, "0006010691447709621115220000006211152200000000", s.now).has_value());
  CHECK_TRUE(has(s.pass(200ms), "+CDS"));
  LONGS_EQUAL(0, s.air.counts().reports);
  s.pass(15s);
  LONGS_EQUAL(1, s.air.counts().reports);
  LONGS_EQUAL(0, s.air.counts().waiting);
}

TEST(Phase2, without_service_1_the_modem_acknowledges_by_itself) {
  s.type("AT+CNMI=2,2,0,1,0\r");
  CHECK_TRUE(has(text("one"), "+CMT"));
  LONGS_EQUAL(1, s.air.counts().delivered);
}

TEST_GROUP(Link) {
  Story s{{.link_setup = 2s}};
  void setup() override {
    s.type("ATE0\r");
  }
  // From Ctrl-Z to the answer.
  bool within(std::chrono::milliseconds most) {
    s.begin_submit("+447700900777", "x");
    return has(s.pass(most), "+CMGS:");
  }
};

TEST(Link, without_it_each_submit_sets_its_own_up) {
  CHECK_FALSE(within(3900ms));
  s.pass(1s);
  CHECK_FALSE(within(3900ms));
}

TEST(Link, kept_open_it_is_set_up_once) {
  s.type("AT+CMMS=1\r");
  CHECK_FALSE(within(3900ms));
  s.pass(1s);
  CHECK_TRUE(within(2s));
  CHECK_TRUE(within(2s));
}

TEST(Link, after_a_gap_it_is_closed_and_1_has_become_0) {
  s.type("AT+CMMS=1\r");
  within(4s);
  CHECK_TRUE(has(s.type("AT+CMMS?\r"), "+CMMS: 1"));
  s.pass(6s);
  CHECK_TRUE(has(s.type("AT+CMMS?\r"), "+CMMS: 0"));
  CHECK_FALSE(within(3900ms));
}

TEST(Link, 2_outlives_the_gap) {
  s.type("AT+CMMS=2\r");
  within(4s);
  s.pass(6s);
  CHECK_TRUE(has(s.type("AT+CMMS?\r"), "+CMMS: 2"));
  CHECK_FALSE(within(3900ms));
  s.pass(1s);
  CHECK_TRUE(within(2s));
}

TEST(Link, by_the_fault_it_breaks_after_so_many) {
  s.modem.drop_links(2);
  s.type("AT+CMMS=2\r");
  CHECK_TRUE(within(4s));
  CHECK_TRUE(within(2s));
  s.begin_submit("+447700900777", "x");
  CHECK_TRUE(has(s.pass(2s), "+CMS ERROR: 41"));
  CHECK_TRUE(within(4s));
  CHECK_TRUE(within(2s));
}
