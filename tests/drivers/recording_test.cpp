// Modems as they were recorded, brought to life: recognised, ready, a text out and a text in, as far as the
// recording goes. Nothing here is written from the tables of the families.
#include <CppUTest/TestHarness.h>

#include "at/params.h"
#include "tests/drivers/recorded_modem.h"
#include "tests/drivers/rig.h"

using drivers::State;
using drivers::Verdict;

namespace {

struct Life {
  explicit Life(const std::string& name) : modem(name) {
    rig.peer.script = [this](const std::string& line) { return modem.answer(line); };
  }

  // Recognised, set up, registered.
  void starts_as(const char* family, at::Millis at_most = 60s) {
    CHECK_TRUE_TEXT(rig.run_until(State::ready, at_most), state_of(rig).c_str());
    STRCMP_EQUAL(family, rig.last<drivers::Identified>().family.c_str());
    LONGS_EQUAL_TEXT(0, rig.peer.count("AT+CFUN=1,1"), "no reset on the way");
    rig.run(1s);
  }

  drivers::SubmitDone sends() {
    const auto submit = modem.submit();
    CHECK_TRUE_TEXT(submit.has_value(), "the recording has no submit");
    CHECK_TRUE_TEXT(rig.modem.can_take(), "not free");
    rig.modem.claim({.token = 5, .pdu_hex = submit->pdu, .tpdu_octets = submit->octets, .alert = false},
                    rig.now);
    rig.modem.committed(5, rig.now);
    rig.turn();
    return rig.verdict();
  }

  void sends_and_gets(int tp_mr) {
    const auto done = sends();
    CHECK_TRUE_TEXT(done.verdict == Verdict::accepted, done.why.c_str());
    LONGS_EQUAL(tp_mr, done.tp_mr);
  }

  void receives() {
    for (const std::string& bytes : modem.unasked()) rig.peer.says(bytes);
    CHECK_TRUE_TEXT(rig.run_until_event<drivers::StoredPdu>(10s), "no text came");
    STRCMP_EQUAL(modem.text()->c_str(), rig.last<drivers::StoredPdu>().hex.c_str());
    CHECK_TRUE(rig.modem.state() == State::ready);
  }

  RecordedModem modem;
  Rig rig;
};

}  // namespace

TEST_GROUP(Recorded){};

TEST(Recorded, HuaweiE1750) {
  Life life("huawei-e1750");
  life.starts_as("huawei_stick");
  STRCMP_EQUAL("E1750", life.rig.last<drivers::Identified>().model.c_str());
  LONGS_EQUAL(10, life.rig.last<drivers::SignalSeen>().rssi);
  life.sends_and_gets(34);
  life.receives();  // announced in ME, although it receives into SM
  STRCMP_EQUAL("ME", life.rig.last<drivers::StoredPdu>().at.mem.c_str());
}

TEST(Recorded, HuaweiMe909s) {
  Life life("huawei-me909s");
  life.starts_as("huawei_module");
  const auto who = life.rig.last<drivers::Identified>();
  STRCMP_EQUAL("Huawei Technologies Co., Ltd.", who.manufacturer.c_str());
  STRCMP_EQUAL("ME909s-120", who.model.c_str());
  STRCMP_EQUAL("89860000000000000015", life.rig.last<drivers::SimSeen>().iccid.c_str());
  STRCMP_EQUAL("LTE", life.rig.last<drivers::NetworkSeen>().technology.c_str());
  life.sends_and_gets(12);
}

TEST(Recorded, ZteMf626) {
  Life life("zte-mf626");
  life.starts_as("zte_mf");
  STRCMP_EQUAL("ZTE CORPORATION", life.rig.last<drivers::Identified>().manufacturer.c_str());
  life.sends_and_gets(3);
  for (const std::string& bytes : life.modem.unasked()) life.rig.peer.says(bytes);
  CHECK_TRUE(life.rig.run_until_event<drivers::PushedPdu>(10s));
  STRCMP_EQUAL("07914356060013F1065A098136395339F6219011700463802190117004638030",
               life.rig.last<drivers::PushedPdu>().hex.c_str());
  CHECK_TRUE(life.rig.modem.state() == State::ready);
}

TEST(Recorded, WavecomQ2403A) {
  Life life("wavecom-q2403a");
  life.starts_as("wavecom");
  STRCMP_EQUAL("MULTIBAND  900E  1800", life.rig.last<drivers::Identified>().model.c_str());
  STRCMP_EQUAL("GSM", life.rig.last<drivers::NetworkSeen>().technology.c_str());
  LONGS_EQUAL_TEXT(0, life.rig.count<drivers::Trouble>(), "+CPIN? without OK and a busy 515 are its way");
  life.sends_and_gets(7);
  life.receives();
}

TEST(Recorded, SiemensMc35i) {
  Life life("siemens-mc35i");
  life.starts_as("cinterion");
  STRCMP_EQUAL("8944000000000000018", life.rig.last<drivers::SimSeen>().iccid.c_str());
  LONGS_EQUAL_TEXT(0, life.rig.count<drivers::Trouble>(), "a +CNMI with bfr 1 was found");
  life.sends_and_gets(64);
  life.receives();
}

TEST(Recorded, TelitHe910D) {
  Life life("telit-he910d");
  life.starts_as("telit");
  STRCMP_EQUAL("8939000000000000013", life.rig.last<drivers::SimSeen>().iccid.c_str());
  life.sends_and_gets(124);
  life.receives();
}

TEST(Recorded, UbloxSaraG450) {
  Life life("ublox-sara-g450");
  life.starts_as("ublox");
  STRCMP_EQUAL("u-blox", life.rig.last<drivers::Identified>().manufacturer.c_str());
  CHECK_TRUE_TEXT(life.rig.peer.count("AT+CGREG?") >= 3, "+CGREG alone told of the registration");
}

TEST(Recorded, SimcomSim800L) {
  Life life("simcom-sim800l");
  life.starts_as("simcom_sim800");
  STRCMP_EQUAL("1418B05SIM800L24", life.rig.last<drivers::Identified>().revision.c_str());
  LONGS_EQUAL_TEXT(3, life.rig.peer.count("AT+CMGF=0"), "refused until SMS Ready");
  CHECK_TRUE(life.rig.last<drivers::NetworkSeen>().roaming);
  STRCMP_EQUAL("GSM", life.rig.last<drivers::NetworkSeen>().technology.c_str());
  life.sends_and_gets(156);
  life.receives();
}

TEST(Recorded, SimcomSim900) {
  Life life("simcom-sim900");
  life.starts_as("simcom_sim900");
  LONGS_EQUAL(8, life.rig.last<drivers::SignalSeen>().rssi);
  life.sends_and_gets(41);
}

TEST(Recorded, SimcomSim7600GHFallsSilentInASubmit) {
  Life life("simcom-sim7600gh");
  life.starts_as("simcom_sim7600");
  STRCMP_EQUAL("89860000000000000015", life.rig.last<drivers::SimSeen>().iccid.c_str());
  life.rig.peer.on_pdu = [&] { life.rig.peer.hung = true; };
  const auto done = life.sends();
  CHECK_TRUE(done.verdict == Verdict::in_doubt);
  CHECK_TRUE(life.rig.run_until(State::recovering, 120s));
  life.rig.run(180s);
  CHECK_TRUE(life.rig.closes > 0);
  life.rig.peer.wake(life.rig.now);  // somebody pulled its power
  life.rig.peer.reboot(life.rig.now);
  CHECK_TRUE(life.rig.run_until(State::ready, 120s));
}

TEST(Recorded, QuectelM95WithAPin) {
  Life life("quectel-m95");
  CHECK_TRUE(life.rig.run_until(State::awaiting_pin));
  STRCMP_EQUAL("quectel_m95", life.rig.last<drivers::Identified>().family.c_str());
  LONGS_EQUAL(3, *life.rig.last<drivers::PinWanted>().tries);
  STRCMP_EQUAL("8933000000000000018", life.rig.last<drivers::PinWanted>().iccid.c_str());
  life.rig.modem.enter_pin("1234", life.rig.now);
  life.starts_as("quectel_m95");
  STRCMP_EQUAL("+33639980001", life.rig.last<drivers::SimSeen>().number.c_str());
  life.sends_and_gets(171);
}

TEST(Recorded, QuectelEc25AnnouncesAReportWhereNoneIs) {
  Life life("quectel-ec25");
  life.starts_as("quectel_ec2x");
  STRCMP_EQUAL("LTE", life.rig.last<drivers::NetworkSeen>().technology.c_str());
  life.sends_and_gets(78);
  for (const std::string& bytes : life.modem.unasked()) life.rig.peer.says(bytes);
  life.rig.run(10s);
  CHECK_TRUE(life.rig.peer.count("AT+CMGR=0") >= 1);
  LONGS_EQUAL(0, life.rig.count<drivers::StoredPdu>());
  CHECK_TRUE(life.rig.modem.can_take());
}

TEST(Recorded, SierraEm7455BSendsWithoutSayingSo) {
  Life life("sierra-em7455b");
  life.starts_as("sierra");
  STRCMP_EQUAL("EM7455B", life.rig.last<drivers::Identified>().model.c_str());
  CHECK_TRUE(life.sends().verdict == Verdict::in_doubt);
  CHECK_TRUE_TEXT(life.rig.run_until(State::ready, 60s), "set up anew, and back to work");
}

TEST(Recorded, AnUnknownOneRunsAsGenericAndSaysSo) {
  Life life("qualcomm-m6280");
  life.starts_as("generic");
  STRCMP_EQUAL("QUALCOMM INCORPORATED", life.rig.last<drivers::Identified>().manufacturer.c_str());
  life.sends_and_gets(9);
}

// Whatever a recording goes on with: no modem is reset, left, or kept from its work by being asked what it
// does not know.
TEST(Recorded, EachOneStaysReadyForAnHour) {
  for (const std::string& name : recordings()) {
    Life life(name);
    if (!life.rig.run_until(State::ready, 60s)) {
      life.rig.modem.enter_pin("1234", life.rig.now);
      CHECK_TRUE_TEXT(life.rig.run_until(State::ready, 60s), name.c_str());
    }
    const auto before = life.rig.count<drivers::StateChanged>();
    life.rig.run(3600s);
    LONGS_EQUAL_TEXT(static_cast<long>(before), static_cast<long>(life.rig.count<drivers::StateChanged>()),
                     name.c_str());
  }
}
