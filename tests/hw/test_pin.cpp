// 27.007 8.3: the PIN, its tries and the PUK.
#include <CppUTest/TestHarness.h>
#include "tests/hw/story.h"

using story::Story;
using namespace std::chrono_literals;

namespace {
void says(const char* wanted, const std::string& said) {
  STRCMP_EQUAL(wanted, said.c_str());
}
}  // namespace

TEST_GROUP(Pin) {
  Story s{{.pin = "1234"}};
  void setup() override {
    s.type("ATE0\r");
    s.type("AT+CMEE=1\r");
  }
};

TEST(Pin, the_right_one_opens_the_SIM) {
  says("\r\n+CPIN: SIM PIN\r\n\r\nOK\r\n", s.type("AT+CPIN?\r"));
  says("\r\n+CCID: 8944000000000000019\r\n\r\nOK\r\n", s.type("AT+CCID\r"));
  says("\r\n+CME ERROR: 11\r\n", s.type("AT+CIMI\r"));
  says("\r\n+CMS ERROR: 311\r\n", s.type("AT+CMGL=4\r"));
  says("\r\n+CREG: 0,0\r\n\r\nOK\r\n", s.type("AT+CREG?\r"));
  says("\r\nOK\r\n", s.type("AT+CPIN=\"1234\"\r"));
  says("\r\n+CPIN: READY\r\n\r\nOK\r\n", s.type("AT+CPIN?\r"));
  says("\r\nSMS Ready\r\n", s.pass(2s));
  says("\r\n+CREG: 0,1\r\n\r\nOK\r\n", s.type("AT+CREG?\r"));
  says("\r\n+CME ERROR: 3\r\n", s.type("AT+CPIN=\"1234\"\r"));
}

TEST(Pin, wrong_ones_cost_tries_until_the_PUK) {
  says("\r\n+CPINR: SIM PIN,3,3\r\n\r\nOK\r\n", s.type("AT+CPINR=\"SIM PIN\"\r"));
  says("\r\n+CME ERROR: 16\r\n", s.type("AT+CPIN=\"0000\"\r"));
  says("\r\n+CPINR: SIM PIN,2,3\r\n\r\nOK\r\n", s.type("AT+CPINR=\"SIM PIN\"\r"));
  says("\r\n+CME ERROR: 16\r\n", s.type("AT+CPIN=\"0000\"\r"));
  says("\r\n+CME ERROR: 12\r\n", s.type("AT+CPIN=\"0000\"\r"));
  says("\r\n+CPIN: SIM PUK\r\n\r\nOK\r\n", s.type("AT+CPIN?\r"));
  says("\r\n+CME ERROR: 12\r\n", s.type("AT+CPIN=\"1234\"\r"));
  says("\r\n+CME ERROR: 16\r\n", s.type("AT+CPIN=\"87654321\",\"4321\"\r"));
  says("\r\nOK\r\n", s.type("AT+CPIN=\"12345678\",\"4321\"\r"));
  says("\r\n+CPIN: READY\r\n\r\nOK\r\n", s.type("AT+CPIN?\r"));
  LONGS_EQUAL(6, s.events("pin").size());
}

TEST(Pin, tries_survive_a_power_cut_and_the_open_SIM_does_not) {
  s.type("AT+CPIN=\"0000\"\r");
  s.modem.power_off();
  s.modem.power_on(s.now);
  s.pass(5s);
  s.type("ATE0\r");
  says("\r\n+CPINR: SIM PIN,2,3\r\n\r\nOK\r\n", s.type("AT+CPINR=\"SIM PIN\"\r"));
  s.type("AT+CPIN=\"1234\"\r");
  s.modem.power_off();
  s.modem.power_on(s.now);
  s.pass(5s);
  s.type("ATE0\r");
  says("\r\n+CPIN: SIM PIN\r\n\r\nOK\r\n", s.type("AT+CPIN?\r"));
}
