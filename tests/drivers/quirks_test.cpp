// The quirks, each by its field: what the life cycle does where a family says so, and that it does not where
// none does.
#include <CppUTest/TestHarness.h>

#include "tests/drivers/rig.h"

using drivers::State;
using drivers::Verdict;

namespace {

struct Make {
  const char *manufacturer, *model;
};
constexpr Make kWavecom{"WAVECOM MODEM", "MULTIBAND  900E  1800"};
constexpr Make kSim800{"SIMCOM_Ltd", "SIMCOM_SIM800C"};
constexpr Make kUblox{"u-blox", "LISA-U200"};

void becomes(Rig& rig, const Make& make) {
  rig.peer.manufacturer = make.manufacturer;
  rig.peer.model = make.model;
}

at::Instant time_of(const Rig& rig, const std::string& prefix, std::size_t from = 0) {
  for (std::size_t i = from; i < rig.peer.lines.size(); ++i)
    if (rig.peer.lines[i].starts_with(prefix)) return rig.peer.times[i];
  FAIL("never written");
  return {};
}

}  // namespace

TEST_GROUP(Quirks) {
  Rig rig;
};

TEST(Quirks, APinStateWithoutItsOkIsAskedForByABareAt) {
  becomes(rig, kWavecom);
  rig.peer.expect("AT+CPIN?").answer("\r\n+CPIN: READY\r\n");
  CHECK_TRUE(rig.start());
  LONGS_EQUAL(1, rig.peer.count("AT+CPIN?"));
  LONGS_EQUAL_TEXT(0, rig.opens - 1, "the port stayed open");
}

TEST(Quirks, WhereTheOkIsDueItIsWaitedFor) {
  rig.peer.expect("AT+CPIN?").answer("\r\n+CPIN: READY\r\n");
  CHECK_TRUE(rig.run_until(State::recovering, 60s));
}

TEST(Quirks, CommandsKeepTheirDistance) {
  becomes(rig, kSim800);
  CHECK_TRUE(rig.start());
  const auto gap = rig.modem.family().command_gap;
  CHECK_TRUE(gap > 0ms);
  for (std::size_t i = 1; i < rig.peer.lines.size(); ++i)
    if (rig.peer.lines[i - 1].starts_with("AT+CGMR"))  // the family is known from the step after the next
      for (std::size_t k = i + 2; k < rig.peer.times.size(); ++k)
        CHECK_TRUE(rig.peer.times[k] - rig.peer.times[k - 1] >= gap);
}

TEST(Quirks, ThePduWaitsBehindItsPrompt) {
  becomes(rig, kSim800);
  CHECK_TRUE(rig.start());
  rig.run(1s);
  rig.claim(1);
  CHECK_TRUE(rig.verdict().verdict == Verdict::accepted);
  const auto waited = time_of(rig, "PDU:") - time_of(rig, "AT+CMGS=");
  CHECK_TRUE(waited >= rig.modem.family().prompt_gap);
}

TEST(Quirks, ThePromptIsLostWhileThePduWaits) {
  becomes(rig, kSim800);
  CHECK_TRUE(rig.start());
  rig.run(1s);
  rig.claim(1);
  rig.run(20ms);
  rig.unplug();
  const auto done = rig.last<drivers::SubmitDone>();
  CHECK_TRUE(done.verdict == Verdict::not_sent);
  rig.plug();
  CHECK_TRUE(rig.start());
  rig.run(1s);
  rig.claim(2);
  CHECK_TRUE(rig.verdict().verdict == Verdict::accepted);
}

TEST(Quirks, AfterASubmitItRestsAndTakesNothing) {
  becomes(rig, kWavecom);
  CHECK_TRUE(rig.start());
  rig.run(1s);
  rig.claim(1);
  CHECK_TRUE(rig.verdict().verdict == Verdict::accepted);
  const auto rest = rig.modem.family().submit_rest;
  CHECK_TRUE(rest > 1s);
  CHECK_FALSE(rig.modem.can_take());
  rig.peer.store["SM"][1] = deliver(1);
  rig.peer.urc("+CMTI: \"SM\",1");
  const auto lines = rig.peer.lines.size();
  const auto now = rig.now;
  rig.run(rest - 10ms);
  LONGS_EQUAL_TEXT(static_cast<long>(lines), static_cast<long>(rig.peer.lines.size()), "not a word");
  CHECK_TRUE(rig.run_until_event<drivers::StoredPdu>(1s));
  CHECK_TRUE(rig.now - now >= rest - 10ms);
  rig.run(1s);
  CHECK_TRUE(rig.modem.can_take());
}

TEST(Quirks, ABusyModemIsAskedAgainForStorageAndIndications) {
  becomes(rig, kWavecom);
  for (const char* line : {"AT+CPMS=\"SM\"", "AT+CNMI="})
    rig.peer.expect(line).answer("\r\n+CME ERROR: 515\r\n").times = 6;  // two rounds of its forms
  CHECK_TRUE(rig.start());
  LONGS_EQUAL(0, rig.count<drivers::Trouble>());
  CHECK_TRUE(rig.peer.all_expected() || rig.peer.count("AT+CNMI=") > 6);
}

TEST(Quirks, ResetsTakeTurns) {
  becomes(rig, kUblox);
  CHECK_TRUE(rig.start());
  const auto& resets = rig.modem.family().resets;
  LONGS_EQUAL(2, static_cast<long>(resets.size()));
  rig.peer.script = [](const std::string&) { return std::string(); };  // it reads, and never answers
  rig.run(240s);
  CHECK_TRUE(rig.peer.count(resets[0]) >= 1);
  CHECK_TRUE(rig.peer.count(resets[1]) >= 1);
  CHECK_TRUE(time_of(rig, resets[0]) < time_of(rig, resets[1]));
}

TEST(Quirks, ARadioThatWouldRestartItIsLeftOff) {
  becomes(rig, kWavecom);
  rig.peer.expect("AT+CFUN?").answer("\r\n+CFUN: 0\r\n\r\nOK\r\n");
  CHECK_TRUE(rig.start());
  LONGS_EQUAL(0, rig.peer.count("AT+CFUN=1"));
}

TEST(Quirks, ARadioThatWantsASecondArgumentGetsIt) {
  becomes(rig, kUblox);
  rig.peer.expect("AT+CFUN?").answer("\r\n+CFUN: 4\r\n\r\nOK\r\n");
  rig.peer.expect("AT+CFUN=1").answer("\r\n+CME ERROR: 3\r\n");
  CHECK_TRUE(rig.start());
  LONGS_EQUAL(1, rig.peer.count("AT+CFUN=1,0"));
}

TEST(Quirks, TriesAreReadWhereTheMakePrintsThem) {
  struct Counted {
    Make make;
    const char *line, *answer;
  };
  for (const Counted& counted : {Counted{{"huawei", "E1750"}, "AT^CPIN?", "^CPIN: SIM PIN,,10,2,10,3"},
                                 Counted{{"Telit", "HE910"}, "AT#PCT", "#PCT: 2"},
                                 Counted{{"SIEMENS", "MC35i"}, "AT^SPIC", "^SPIC: 2"},
                                 Counted{{"u-blox", "SARA-G350"}, "AT+UPINCNT", "+UPINCNT: 2,3,10,10"},
                                 Counted{{"Quectel", "EC25"}, "AT+QPINC", "+QPINC: \"SC\",2,10"}}) {
    Rig locked;
    becomes(locked, counted.make);
    locked.peer.cpin = "SIM PIN";
    locked.peer.expect("AT+CPINR").answer("\r\nERROR\r\n").always();
    locked.peer.expect(counted.line).answer("\r\n" + std::string(counted.answer) + "\r\n\r\nOK\r\n");
    CHECK_TRUE_TEXT(locked.run_until(State::awaiting_pin), counted.line);
    CHECK_TRUE_TEXT(locked.last<drivers::PinWanted>().tries.has_value(), counted.line);
    LONGS_EQUAL_TEXT(2, *locked.last<drivers::PinWanted>().tries, counted.line);
  }
}

TEST(Quirks, WhatIsNoCountOfTriesIsNone) {
  becomes(rig, {"huawei", "E1750"});
  rig.peer.cpin = "SIM PIN";
  rig.peer.expect("AT^CPIN?").answer("\r\n^CPIN: SIM PIN,3\r\n\r\nOK\r\n");
  CHECK_TRUE(rig.run_until(State::awaiting_pin));
  CHECK_FALSE(rig.last<drivers::PinWanted>().tries.has_value());
}

TEST(Quirks, TextsInThePacketDomainAreMovedToTheCircuitDomain) {
  rig.peer.expect("AT+CGSMS?").answer("\r\n+CGSMS: 2\r\n\r\nOK\r\n");
  rig.peer.expect("AT+CGSMS=3").answer("\r\nERROR\r\n");
  CHECK_TRUE(rig.start());
  LONGS_EQUAL(1, rig.peer.count("AT+CGSMS=1"));
}

TEST(Quirks, WhereTheyAreInTheCircuitDomainNothingIsStored) {
  rig.peer.expect("AT+CGSMS?").answer("\r\n+CGSMS: 1\r\n\r\nOK\r\n");
  CHECK_TRUE(rig.start());
  LONGS_EQUAL(0, rig.peer.count("AT+CGSMS="));
}

TEST(Quirks, NamesComeFromAtiWhereNothingElseTells) {
  for (const char* line : {"AT+CGMI", "AT+GMI", "AT+CGMM", "AT+GMM"})
    rig.peer.expect(line).answer("\r\nERROR\r\n").always();
  rig.peer.expect("ATI")
      .answer("\r\nManufacturer: ZTE CORPORATION\r\nModel: MF190\r\nRevision: B07\r\n\r\nOK\r\n")
      .always();
  CHECK_TRUE(rig.start());
  STRCMP_EQUAL("zte_mf", rig.last<drivers::Identified>().family.c_str());
}

TEST(Quirks, WhatAFamilySaysUnaskedIsNoName) {
  rig.peer.expect("AT+CGMI").answer("\r\n#MWI: 0\r\n\r\nTelit\r\n\r\nOK\r\n");
  rig.peer.model = "GL865-QUAD";
  CHECK_TRUE(rig.start());
  STRCMP_EQUAL("telit", rig.last<drivers::Identified>().family.c_str());
}

TEST(Quirks, SignalOfAnLteModemThatKnowsNoCsq) {
  rig.peer.expect("AT+CSQ").answer("\r\n+CSQ: 99,99\r\n\r\nOK\r\n").always();
  // RSRP -96 dBm and RSRQ -10 dB in 10 MHz: -96 + 10 + 17 = -69 dBm.
  rig.peer.expect("AT+CESQ").answer("\r\n+CESQ: 99,99,255,255,20,45\r\n\r\nOK\r\n").always();
  CHECK_TRUE(rig.start());
  rig.run(1s);
  LONGS_EQUAL(22, rig.last<drivers::SignalSeen>().rssi);
}

TEST(Quirks, SignalIn3GAnd2G) {
  struct Seen {
    const char* cesq;
    int rssi;
  };
  for (const Seen& seen : {Seen{"99,99,41,40,255,255", 18},   // RSCP -80 dBm, Ec/N0 -4.5 dB: -75.5 dBm
                           Seen{"33,0,255,255,255,255", 17},  // -78 dBm
                           Seen{"99,99,255,255,255,255", 99}}) {
    Rig one;
    one.peer.expect("AT+CSQ").answer("\r\n+CSQ: 99,99\r\n\r\nOK\r\n").always();
    one.peer.expect("AT+CESQ").answer("\r\n+CESQ: " + std::string(seen.cesq) + "\r\n\r\nOK\r\n").always();
    CHECK_TRUE(one.start());
    one.run(1s);
    LONGS_EQUAL_TEXT(seen.rssi, one.last<drivers::SignalSeen>().rssi, seen.cesq);
  }
}

TEST(Quirks, WithoutCesqTheSignalIsUnknownAndItIsNotAskedForTwice) {
  rig.peer.expect("AT+CSQ").answer("\r\n+CSQ: 99,99\r\n\r\nOK\r\n").always();
  rig.peer.expect("AT+CESQ").answer("\r\nERROR\r\n").always();
  CHECK_TRUE(rig.start());
  rig.run(100s);
  LONGS_EQUAL(1, rig.peer.count("AT+CESQ"));
  LONGS_EQUAL(99, rig.last<drivers::SignalSeen>().rssi);
}

// CREG, CGREG and CEREG together decide; but none of them for the next modem at this port.
TEST(Quirks, ARegistrationEndsWithItsModem) {
  rig.peer.creg = rig.peer.cgreg = 0;
  rig.peer.cereg = 1;
  CHECK_TRUE(rig.start());
  rig.unplug();
  becomes(rig, kSim800);
  rig.peer.creg = rig.peer.cgreg = 2;
  rig.peer.expect("AT+CEREG").answer("\r\nERROR\r\n").always();  // a 2G modem knows none
  rig.plug();
  CHECK_TRUE(rig.run_until(State::awaiting_registration));
  rig.run(30s);
  STRCMP_EQUAL("awaiting_registration", state_of(rig).c_str());
  rig.peer.creg = 5;
  CHECK_TRUE(rig.start());
  STRCMP_EQUAL("GSM", rig.last<drivers::NetworkSeen>().technology.c_str());
}
