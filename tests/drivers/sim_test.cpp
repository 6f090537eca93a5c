// SIM states, the PIN, and registration in all its forms.
#include <CppUTest/TestHarness.h>

#include "tests/drivers/rig.h"

using drivers::State;

TEST_GROUP(Sim) {
  Rig rig;
};

TEST(Sim, ThePinIsAskedForOnceWithTheTries) {
  rig.peer.cpin = "SIM PIN";
  CHECK_TRUE(rig.run_until(State::awaiting_pin));
  rig.run(60s);
  LONGS_EQUAL(1, rig.count<drivers::PinWanted>());
  STRCMP_EQUAL("8944110000000000001", rig.last<drivers::PinWanted>().iccid.c_str());
  LONGS_EQUAL(3, *rig.last<drivers::PinWanted>().tries);
  LONGS_EQUAL_TEXT(0, rig.peer.count("AT+CPIN="), "nobody said so");
  rig.modem.enter_pin("1234", rig.now);
  CHECK_TRUE(rig.start());
  LONGS_EQUAL(1, rig.peer.count("AT+CPIN="));
  LONGS_EQUAL(1, rig.count<drivers::SimSeen>());
}

TEST(Sim, WithoutACountTheTriesAreUnknown) {
  rig.peer.cpin = "SIM PIN";
  rig.peer.expect("AT+CPINR").answer("\r\nERROR\r\n").always();
  CHECK_TRUE(rig.run_until(State::awaiting_pin));
  CHECK_FALSE(rig.last<drivers::PinWanted>().tries.has_value());
}

TEST(Sim, AWrongPinIsToldAndNeverTriedAgain) {
  rig.peer.cpin = "SIM PIN";
  CHECK_TRUE(rig.run_until(State::awaiting_pin));
  rig.modem.enter_pin("9999", rig.now);
  CHECK_TRUE(rig.run_until_event<drivers::PinRefused>());
  STRCMP_EQUAL("+CME ERROR: 16", rig.last<drivers::PinRefused>().result.c_str());
  rig.run(600s);
  LONGS_EQUAL(1, rig.peer.count("AT+CPIN="));
  LONGS_EQUAL(1, rig.count<drivers::PinWanted>());
  STRCMP_EQUAL("awaiting_pin", state_of(rig).c_str());
}

TEST(Sim, APinIsDigitsOrItIsNotWritten) {
  rig.peer.cpin = "SIM PIN";
  CHECK_TRUE(rig.run_until(State::awaiting_pin));
  rig.modem.enter_pin("12\";+CFUN=0", rig.now);
  rig.run(5s);
  LONGS_EQUAL(0, rig.peer.count("AT+CPIN="));
  LONGS_EQUAL(1, rig.count<drivers::PinRefused>());
}

TEST(Sim, APinMeantForAnotherSimIsForgotten) {
  rig.peer.cpin = "SIM PIN";
  CHECK_TRUE(rig.run_until(State::awaiting_pin));
  rig.modem.enter_pin("1234", rig.now);
  rig.modem.feed("\r\n^SYSSTART\r\n", rig.now);
  CHECK_TRUE(rig.run_until(State::awaiting_pin));
  rig.run(10s);
  LONGS_EQUAL(0, rig.peer.count("AT+CPIN="));
  LONGS_EQUAL_TEXT(2, rig.count<drivers::PinWanted>(), "asked anew after a restart");
}

TEST(Sim, APukIsLeftAlone) {
  rig.peer.cpin = "SIM PUK";
  CHECK_TRUE(rig.run_until(State::awaiting_sim));
  rig.run(600s);
  LONGS_EQUAL(0, rig.peer.count("AT+CPIN="));
  LONGS_EQUAL(1, rig.count<drivers::Trouble>());
  rig.peer.cpin = "READY";
  CHECK_TRUE(rig.run_until(State::ready, 5s));
}

TEST(Sim, IsWaitedForAndComes) {
  rig.peer.cpin = "+CME ERROR: 10";
  CHECK_TRUE(rig.run_until(State::awaiting_sim));
  rig.run(30s);
  rig.peer.cpin = "READY";
  CHECK_TRUE(rig.run_until(State::ready, 5s));
}

TEST(Sim, BusyAtFirst) {
  rig.peer.cpin = "+CME ERROR: 14";
  CHECK_TRUE(rig.run_until(State::awaiting_sim));
  rig.peer.cpin = "SIM PIN";
  CHECK_TRUE(rig.run_until(State::awaiting_pin, 5s));
}

TEST(Sim, AnotherOneIsSeen) {
  CHECK_TRUE(rig.start());
  rig.run(5s);
  rig.peer.urc("+CPIN: NOT READY");
  rig.peer.expect("AT+CCID").answer("\r\n+CCID: 89860000000000000017\r\n\r\nOK\r\n");
  CHECK_TRUE(rig.run_until_event<drivers::SimSeen>());
  STRCMP_EQUAL("89860000000000000017", rig.last<drivers::SimSeen>().iccid.c_str());
}

TEST(Sim, TheSameOneIsNotToldTwice) {
  CHECK_TRUE(rig.start());
  rig.run(5s);
  rig.peer.urc("RDY");
  rig.run(10s);
  CHECK_TRUE(rig.run_until(State::ready));
  LONGS_EQUAL(1, rig.count<drivers::SimSeen>());
}

TEST_GROUP(Registration) {
  Rig rig;
  bool ready_with(int creg, int cgreg, int cereg) {
    rig.peer.creg = creg;
    rig.peer.cgreg = cgreg;
    rig.peer.cereg = cereg;
    return rig.run_until(State::ready, 20s);
  }
};

TEST(Registration, OnTwoG) {
  CHECK_TRUE(ready_with(1, 0, 0));
}
TEST(Registration, OnThreeG) {
  CHECK_TRUE(ready_with(0, 1, 0));
}
TEST(Registration, OnLteWithCregDenied) {
  CHECK_TRUE(ready_with(3, 0, 1));
}
TEST(Registration, SmsOnly) {
  CHECK_TRUE(ready_with(6, 0, 0));
}

TEST(Registration, RoamingIsTold) {
  CHECK_TRUE(ready_with(5, 0, 0));
  CHECK_TRUE(rig.last<drivers::NetworkSeen>().roaming);
}

TEST(Registration, DeniedIsWaitedOutAndPolled) {
  CHECK_FALSE(ready_with(3, 0, 2));
  STRCMP_EQUAL("awaiting_registration", state_of(rig).c_str());
  CHECK_FALSE(rig.last<drivers::NetworkSeen>().registered);
  rig.peer.cereg = 5;
  CHECK_TRUE(rig.run_until(State::ready, 3s));
}

TEST(Registration, AUrcIsEnough) {
  CHECK_FALSE(ready_with(2, 0, 0));
  rig.peer.urc("+CREG: 1,\"18D8\",\"FFFF\",0");
  CHECK_TRUE(rig.run_until(State::ready, 1s));
  STRCMP_EQUAL("GSM", rig.last<drivers::NetworkSeen>().technology.c_str());
}

TEST(Registration, LostAndFoundSweepsTheStorages) {
  CHECK_TRUE(rig.start());
  rig.run(1s);
  const int listed = rig.peer.count("AT+CMGL=4");
  rig.peer.urc("+CGREG: 0");
  rig.peer.urc("+CREG: 2");
  rig.run(100ms);
  STRCMP_EQUAL("awaiting_registration", state_of(rig).c_str());
  rig.peer.urc("+CREG: 1");
  rig.run(1s);
  STRCMP_EQUAL("ready", state_of(rig).c_str());
  CHECK_TRUE(rig.peer.count("AT+CMGL=4") > listed);
}

TEST(Registration, ModemsWithoutCeregAreFine) {
  rig.peer.expect("AT+CEREG").answer("\r\n+CME ERROR: 3\r\n").always();
  CHECK_TRUE(ready_with(1, 0, 0));
}
