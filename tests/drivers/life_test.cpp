// From the port to `ready`: takeover, identity, settings, and what a real line puts in between.
#include <CppUTest/TestHarness.h>

#include <set>

#include "drivers/states.h"
#include "tests/drivers/rig.h"

using drivers::Occasion;
using drivers::State;

TEST_GROUP(Life){};

TEST(Life, APortBecomesAReadyModem) {
  Rig rig;
  CHECK_TRUE(rig.start());
  STRCMP_EQUAL("Acme", rig.last<drivers::Identified>().manufacturer.c_str());
  STRCMP_EQUAL("867962041234567", rig.last<drivers::Identified>().imei.c_str());
  STRCMP_EQUAL("generic", rig.last<drivers::Identified>().family.c_str());
  const auto sim = rig.last<drivers::SimSeen>();
  STRCMP_EQUAL("8944110000000000001", sim.iccid.c_str());
  STRCMP_EQUAL("234150000000001", sim.imsi.c_str());
  STRCMP_EQUAL("+447700900001", sim.number.c_str());
  STRCMP_EQUAL("+447785016005", sim.sc_address.c_str());
  LONGS_EQUAL(1, rig.count<drivers::TakenOver>());
  LONGS_EQUAL(0, rig.count<drivers::DataEntryWasOpen>());
  LONGS_EQUAL(0, rig.count<drivers::Trouble>());
  CHECK_TRUE(rig.last<drivers::NetworkSeen>().registered);
  rig.claim(7);
  const auto done = rig.verdict();
  CHECK_TRUE(done.verdict == drivers::Verdict::accepted);
  LONGS_EQUAL(7, static_cast<long>(done.token));
  LONGS_EQUAL(1, done.tp_mr);
}

TEST(Life, SettingsAreTheOnesThatLoseNothing) {
  Rig rig;
  CHECK_TRUE(rig.start());
  for (const char* line : {"AT+CMGF=0", "AT+CSMS=0", "AT+CMEE=1", "AT+CNMI=2,1,0,1,0", "AT+CREG=1",
                           "AT+CEREG=1", "AT+CPMS=\"SM\",\"SM\",\"SM\""})
    LONGS_EQUAL_TEXT(1, rig.peer.count(line), line);
  for (const char* line : {"ATZ", "AT&F", "AT&W", "AT+CPIN="})
    LONGS_EQUAL_TEXT(0, rig.peer.count(line), line);
}

TEST(Life, SignalAndOperatorAreAskedForWhenReady) {
  Rig rig;
  CHECK_TRUE(rig.start());
  rig.run(1s);
  LONGS_EQUAL(21, rig.last<drivers::SignalSeen>().rssi);
  STRCMP_EQUAL("23415", rig.last<drivers::NetworkSeen>().oper.c_str());
  STRCMP_EQUAL("LTE", rig.last<drivers::NetworkSeen>().technology.c_str());
  const int before = rig.peer.count("AT+CSQ");
  rig.run(95s);
  LONGS_EQUAL(before + 3, rig.peer.count("AT+CSQ"));
  LONGS_EQUAL_TEXT(1, rig.count<drivers::SignalSeen>(), "only on change");
}

TEST(Life, QuectelIsRecognisedAndGetsItsOwnSettings) {
  Rig rig;
  rig.peer.manufacturer = "Quectel";
  rig.peer.model = "EC25";
  CHECK_TRUE(rig.start());
  STRCMP_EQUAL("quectel_ec2x", rig.last<drivers::Identified>().family.c_str());
  CHECK_TRUE(rig.modem.family().mr_counts);
  LONGS_EQUAL(1, rig.peer.count("AT+QURCCFG=\"urcport\",\"usbat\""));
  LONGS_EQUAL(1, rig.peer.count("AT+CPMS=\"ME\",\"ME\",\"ME\""));
}

TEST(Life, TheFamilyCanBeGiven) {
  Rig rig("quectel_ec2x");
  CHECK_TRUE(rig.start());
  STRCMP_EQUAL("quectel_ec2x", rig.last<drivers::Identified>().family.c_str());
}

TEST(Life, EchoAndChatterAreNoAnswers) {
  Rig rig;
  rig.peer.echo = true;
  rig.peer.expect("AT+CGMM").answer("\r\n^RSSI: 17\r\n\r\nM9\r\n\r\n^BOOT:1,0,0,0,6\r\n\r\nOK\r\n");
  rig.peer.expect("AT+CPIN?").answer("\r\n+CGEV: ME PDN ACT 1\r\n\r\n+CPIN: READY\r\n\r\nOK\r\n");
  CHECK_TRUE(rig.start());
  STRCMP_EQUAL("M9", rig.last<drivers::Identified>().model.c_str());
  rig.claim(1);
  CHECK_TRUE(rig.verdict().verdict == drivers::Verdict::accepted);
}

TEST(Life, StaleLinesOfTheLastOwnerDoNoHarm) {
  Rig rig;
  rig.turn();
  rig.peer.says("SQ: 21,99\r\n\r\nOK\r\n\r\n+CMTI: \"SM\",3\r\n\r\n+CREG: 2\r\n", 20ms);
  CHECK_TRUE(rig.start());
  LONGS_EQUAL(0, rig.count<drivers::DataEntryWasOpen>());
  LONGS_EQUAL(0, rig.count<drivers::LateAccepted>());
}

TEST(Life, ACallIsHungUp) {
  Rig rig;
  CHECK_TRUE(rig.start());
  rig.run(1s);
  rig.peer.urc("RING");
  rig.peer.urc("+CLIP: \"+34600111222\",145");
  rig.run(1s);
  LONGS_EQUAL(1, rig.peer.count("AT+CHUP"));
}

TEST(Life, BootLinesWhileSettingUpStartItAgain) {
  Rig rig;
  rig.peer.expect("AT+CSMS=0").answer("\r\nRDY\r\n\r\n+CFUN: 1\r\n\r\n+CPIN: READY\r\n");
  CHECK_TRUE(rig.start());
  LONGS_EQUAL(2, rig.peer.count("AT+CSMS=0"));
  LONGS_EQUAL(0, rig.peer.count("AT+CFUN=1,1"));
}

TEST(Life, ARadioThatIsOffIsSwitchedOn) {
  Rig rig;
  rig.peer.expect("AT+CFUN?").answer("\r\n+CFUN: 4\r\n\r\nOK\r\n");
  rig.peer.expect("AT+CFUN=1").after(9s).ok();
  CHECK_TRUE(rig.start());
  CHECK_TRUE(rig.peer.all_expected());
}

TEST(Life, TheSmsLayerIsWaitedForAndItsUrcHurries) {
  Rig rig;
  rig.peer.expect("AT+CPMS?").answer("\r\n+CMS ERROR: 314\r\n").always();
  CHECK_FALSE(rig.run_until(State::ready, 20s));
  CHECK_TRUE(rig.modem.state() == State::initialising);
  const int asked = rig.peer.count("AT+CPMS?");
  CHECK_TRUE(asked > 10 && asked < 25);
  CHECK_TRUE_TEXT(rig.run_until(State::ready, 60s), "after 60 s it goes on");
}

TEST(Life, PduModeIsNotDoneWithout) {
  Rig rig;
  rig.peer.expect("AT+CMGF=0").answer("\r\nERROR\r\n").always();
  CHECK_TRUE(rig.run_until(State::recovering, 60s));
  CHECK_TRUE(rig.peer.count("AT+CMGF=0") > 10);
}

TEST(Life, CnmiGoesDownItsLadder) {
  Rig rig;
  for (const char* refused : {"AT+CNMI=2,1,0,1,0", "AT+CNMI=1,1,0,1,0"})
    rig.peer.expect(refused).answer("\r\n+CMS ERROR: 303\r\n");
  CHECK_TRUE(rig.start());
  LONGS_EQUAL(1, rig.peer.count("AT+CNMI=2,1,0,2,0"));
  LONGS_EQUAL(0, rig.peer.count("AT+CNMI=1,1,0,2,0"));
}

TEST(Life, WithoutAnyCnmiTheStoragesAreListedOften) {
  Rig rig;
  rig.peer.expect("AT+CNMI=").answer("\r\nERROR\r\n").always();
  CHECK_TRUE(rig.start());
  rig.run(1s);
  const int before = rig.peer.count("AT+CMGL=4");
  rig.run(30s);
  CHECK_TRUE(rig.peer.count("AT+CMGL=4") - before >= 10);
}

TEST(Life, CpmsInItsShortForms) {
  Rig rig;
  rig.peer.expect("AT+CPMS=\"SM\",\"SM\",\"SM\"").answer("\r\n+CMS ERROR: 302\r\n");
  CHECK_TRUE(rig.start());
  rig.run(1s);
  rig.peer.store["ME"][4] = deliver(4);
  rig.peer.urc("+CMTI: \"ME\",4");
  CHECK_TRUE(rig.run_until_event<drivers::StoredPdu>());
  CHECK_TRUE(rig.peer.count("AT+CPMS=\"ME\",\"SM\"") > 0);
  LONGS_EQUAL(0, rig.peer.count("AT+CPMS=\"ME\",\"SM\",\"SM\""));
}

TEST(Life, WithoutCpmsThereIsOneStorage) {
  Rig rig;
  rig.peer.expect("AT+CPMS").answer("\r\nERROR\r\n").always();
  CHECK_TRUE(rig.run_until(State::ready, 120s));
  rig.peer.store["SM"][2] = deliver(2);
  rig.peer.urc("+CMTI: \"SM\",2");
  CHECK_TRUE(rig.run_until_event<drivers::StoredPdu>());
}

TEST(Life, WithoutAnyIccidTheImsiNamesTheSim) {
  Rig rig;
  for (const char* line : {"AT+CCID", "AT+ICCID", "AT^ICCID?", "AT+QCCID", "AT#CCID", "AT^SCID", "AT+CRSM"})
    rig.peer.expect(line).answer("\r\nERROR\r\n");
  CHECK_TRUE(rig.start());
  STRCMP_EQUAL("imsi:234150000000001", rig.last<drivers::SimSeen>().iccid.c_str());
}

TEST(Life, EveryRowOfTheTableLeadsSomewhereElseAndNoOccasionTwice) {
  std::set<std::pair<State, Occasion>> seen;
  for (const drivers::Row& row : drivers::rows()) {
    CHECK_TRUE(row.from != row.to);
    CHECK_TRUE(seen.insert({row.from, row.occasion}).second);
    CHECK_TRUE(drivers::next_state(row.from, row.occasion) == row.to);
  }
  for (State s : {State::probing, State::initialising, State::awaiting_pin, State::awaiting_sim,
                  State::awaiting_registration, State::ready, State::recovering, State::quarantined})
    CHECK_TRUE(drivers::next_state(s, Occasion::closed) == State::absent);
  CHECK_FALSE(drivers::next_state(State::draining, Occasion::registered));
}

TEST(Life, StateNamesAreTheOnesOfTheApi) {
  STRCMP_EQUAL("awaiting_registration",
               std::string(drivers::state_name(State::awaiting_registration)).c_str());
  STRCMP_EQUAL("quarantined", std::string(drivers::state_name(State::quarantined)).c_str());
}
