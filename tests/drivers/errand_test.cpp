// What a person wants said to a modem: between submits, bounded, and the modem set up anew behind it.
#include <CppUTest/TestHarness.h>

#include <algorithm>

#include "tests/drivers/rig.h"

using drivers::Errand;
using drivers::ErrandDone;
using drivers::State;
using How = drivers::ErrandDone::How;

TEST_GROUP(Errands) {
  Rig rig;
  void setup() override {
    CHECK_TRUE(rig.start());
    rig.run(1s);
  }
  void wants(Errand::Kind kind, const std::string& text, at::Millis timeout = 10s) {
    CHECK_TRUE_TEXT(rig.modem.can_run(), "it can't run");
    rig.modem.run({.token = 7, .kind = kind, .text = text, .timeout = timeout}, rig.now);
    rig.turn();
  }
  void says(const std::string& line, at::Millis timeout = 10s) {
    wants(Errand::Kind::command, line, timeout);
  }
  void dials(const std::string& code, at::Millis timeout = 30s) {
    wants(Errand::Kind::ussd, code, timeout);
  }
  ErrandDone outcome() {
    if (rig.count<ErrandDone>() == 0) CHECK_TRUE_TEXT(rig.run_until_event<ErrandDone>(200s), "no outcome");
    LONGS_EQUAL(7, rig.last<ErrandDone>().token);
    return rig.last<ErrandDone>();
  }
  void check_at_work() {
    CHECK_TRUE_TEXT(rig.run_until(State::ready, 60s), state_of(rig).c_str());
    rig.run(1s);
    rig.claim(99);
    CHECK_TRUE(rig.verdict().verdict == drivers::Verdict::accepted);
    LONGS_EQUAL(1, rig.count<ErrandDone>());
    CHECK_TRUE(rig.modem.can_run());
  }
};

TEST(Errands, ACommandIsAnsweredAndTheSettingsAreMadeAgain) {
  const int before = rig.peer.count("AT+CNMI=");
  rig.peer.expect("AT+XYZ").answer("\r\n+XYZ: 1\r\n\r\nbare \xE9\r\n\r\nOK\r\n");
  says("AT+XYZ?");
  const auto done = outcome();
  CHECK_TRUE(done.how == How::answered);
  STRCMP_EQUAL("OK", done.result.text.c_str());
  LONGS_EQUAL(2, done.lines.size());
  STRCMP_EQUAL("+XYZ: 1", done.lines[0].c_str());
  STRCMP_EQUAL("bare \xC3\xA9", done.lines[1].c_str());
  LONGS_EQUAL(5, done.took.count());
  check_at_work();
  CHECK_TRUE(rig.peer.count("AT+CNMI=") > before);
}

TEST(Errands, AnErrorIsAnAnswer) {
  rig.peer.expect("AT+XYZ").answer("\r\n+CME ERROR: 100\r\n");
  says("AT+XYZ");
  CHECK_TRUE(outcome().how == How::answered);
  STRCMP_EQUAL("+CME ERROR: 100", outcome().result.text.c_str());
  check_at_work();
}

TEST(Errands, WhatLooksLikeAUrcIsOfTheAnswerWhereItWasAskedFor) {
  rig.peer.expect("AT+CREG?;+CPIN?")
      .answer("\r\n+CREG: 0,1\r\n\r\n+CPIN: READY\r\n\r\n+CMTI: \"SM\",4\r\n\r\nOK\r\n");
  says("AT+CREG?;+CPIN?");
  const auto done = outcome();
  LONGS_EQUAL(2, done.lines.size());
  STRCMP_EQUAL("+CREG: 0,1", done.lines[0].c_str());
  for (const auto& change : rig.all<drivers::StateChanged>())
    CHECK_TRUE(change.from != State::ready || change.to == State::initialising);
  check_at_work();
  CHECK_TRUE_TEXT(rig.peer.count("AT+CMGR=4") > 0, "the +CMTI in between is not lost");
}

TEST(Errands, WaitsForTheSubmitInFlight) {
  rig.peer.expect_pdu().after(4s).answer("\r\n+CMGS: 12\r\n\r\nOK\r\n");
  rig.claim(1);
  rig.run(1s);
  says("AT+XYZ");
  CHECK_FALSE(rig.modem.can_run());
  rig.run(2s);
  LONGS_EQUAL(0, rig.peer.count("AT+XYZ"));
  CHECK_TRUE(rig.verdict().verdict == drivers::Verdict::accepted);
  CHECK_FALSE_TEXT(rig.modem.can_take(), "nothing is claimed before it");
  CHECK_TRUE(outcome().how == How::answered);
  check_at_work();
}

TEST(Errands, NoAnswerIsTheLadder) {
  rig.peer.expect("AT+XYZ").nothing();
  says("AT+XYZ", 4s);
  const auto done = outcome();
  CHECK_TRUE(done.how == How::late);
  LONGS_EQUAL(4000, done.took.count());
  STRCMP_EQUAL("recovering", state_of(rig).c_str());
  check_at_work();
}

TEST(Errands, APromptThatNobodyForesawIsEscaped) {
  rig.peer.expect("AT+XUPLOAD").answer("\r\n> ");
  says("AT+XUPLOAD=20", 3s);
  CHECK_TRUE(outcome().how == How::late);
  CHECK_TRUE(rig.run_until(State::ready, 30s));
  LONGS_EQUAL(1, rig.peer.entries_escaped);
  check_at_work();
}

TEST(Errands, ARestartAndALostPortCutItShort) {
  rig.peer.expect("AT+XYZ").nothing();
  says("AT+XYZ");
  rig.peer.urc("RDY");
  CHECK_TRUE(outcome().how == How::cut_short);
  check_at_work();
  rig.events.clear();
  rig.peer.expect("AT+XYZ").nothing();
  says("AT+XYZ");
  rig.unplug();
  CHECK_TRUE(outcome().how == How::cut_short);
  STRCMP_EQUAL("the port was lost", outcome().why.c_str());
  CHECK_FALSE(rig.modem.can_run());
  rig.plug();
  check_at_work();
}

TEST(Errands, ASickModemIsAskedAsSoonAsItAnswers) {
  rig.peer.hung = true;
  rig.run(45s);
  STRCMP_EQUAL("recovering", state_of(rig).c_str());
  while (!rig.open) rig.run(100ms);
  says("AT+XYZ");
  rig.run(2s);
  LONGS_EQUAL(0, rig.count<ErrandDone>());
  rig.peer.hung = false;
  const auto done = outcome();
  CHECK_TRUE_TEXT(done.how != How::late, done.why.c_str());
  if (done.how == How::answered) LONGS_EQUAL(1, rig.peer.count("AT+XYZ"));
  check_at_work();
}

TEST(Errands, ADeadModemIsNotWaitedForWithoutEnd) {
  drivers::Timers patient;
  patient.reopen_after = 600s;
  Rig dead("auto", patient);
  CHECK_TRUE(dead.start());
  dead.peer.hung = true;
  dead.run(150s);  // a list may take two minutes
  dead.modem.run({.token = 7, .kind = Errand::Kind::command, .text = "AT+XYZ", .timeout = 10s}, dead.now);
  CHECK_TRUE(dead.run_until_event<ErrandDone>(31s));
  CHECK_TRUE(dead.last<ErrandDone>().how == How::not_begun);
  STRCMP_EQUAL("the modem is recovering: it did not come free within 30 s",
               dead.last<ErrandDone>().why.c_str());
}

TEST(Errands, AModemThatWaitsForItsPinCanBeAsked) {
  Rig locked;
  locked.peer.cpin = "SIM PIN";
  CHECK_TRUE(locked.run_until(State::awaiting_pin));
  locked.run(1s);
  locked.modem.run({.token = 7, .kind = Errand::Kind::command, .text = "AT+CPINR", .timeout = 10s},
                   locked.now);
  CHECK_TRUE(locked.run_until_event<ErrandDone>(5s));
  STRCMP_EQUAL("+CPINR: SIM PIN,3,3", locked.last<ErrandDone>().lines.at(0).c_str());
  CHECK_TRUE(locked.run_until(State::awaiting_pin));
  LONGS_EQUAL(0, locked.peer.count("AT+CPIN="));
}

TEST(Errands, StoppingGivesItBack) {
  rig.peer.expect_pdu().after(4s).answer("\r\n+CMGS: 12\r\n\r\nOK\r\n");
  rig.claim(1);
  rig.run(1s);
  says("AT+XYZ");
  rig.modem.stop(rig.now);
  rig.turn();
  CHECK_TRUE(outcome().how == How::not_begun);
  rig.verdict();
  LONGS_EQUAL(0, rig.peer.count("AT+XYZ"));
  CHECK_TRUE(rig.modem.stopped());
}

TEST(Errands, AnAlertGoesBeforeOneThatHasNotBegun) {
  rig.claim_gated(1);
  says("AT+XYZ");
  CHECK_FALSE_TEXT(rig.modem.give_way(rig.now), "a submit waits");
  CHECK_TRUE(rig.modem.revoke(1));
  CHECK_TRUE_TEXT(rig.modem.give_way(rig.now), "it stands back once");
  rig.modem.claim({.token = 2, .pdu_hex = "0001000B914477", .tpdu_octets = 6, .alert = true}, rig.now);
  rig.modem.committed(2, rig.now);
  LONGS_EQUAL(2, rig.verdict().token);
  const auto& lines = rig.peer.lines;
  CHECK_TRUE(std::find(lines.begin(), lines.end(), "AT+XYZ") >
             std::find(lines.begin(), lines.end(), "AT+CMGS=6"));
  CHECK_FALSE(rig.modem.can_take());
  CHECK_TRUE(outcome().how == How::answered);
  check_at_work();
}

TEST(Errands, ACodeIsDialledAndItsAnswerRead) {
  rig.peer.expect("AT+CSCS?").answer("\r\n+CSCS: \"IRA\"\r\n\r\nOK\r\n");
  dials("*100#");
  rig.peer.says("\r\n+CUSD: 0,\"Guthaben: 3,00 EUR\r\nBis bald\",15\r\n", 2s);
  const auto done = outcome();
  CHECK_TRUE(done.how == How::answered);
  LONGS_EQUAL(0, done.ussd->status);
  STRCMP_EQUAL("Guthaben: 3,00 EUR\nBis bald", done.ussd->text->c_str());
  LONGS_EQUAL(15, *done.ussd->dcs);
  LONGS_EQUAL(1, rig.peer.count("AT+CUSD=1,\"*100#\",15"));
  STRCMP_EQUAL_TEXT("ready", state_of(rig).c_str(), "no setting was changed");
  LONGS_EQUAL(0, rig.peer.count("AT+CUSD=2"));
  check_at_work();
}

TEST(Errands, TheCharacterSetOfTheModemIsSpoken) {
  rig.peer.expect("AT+CSCS?").answer("\r\n+CSCS: \"UCS2\"\r\n\r\nOK\r\n");
  rig.peer.expect("AT+CUSD=1").answer("\r\nOK\r\n\r\n+CUSD: 0,\"00480069\",15\r\n");
  dials("*1#");
  STRCMP_EQUAL("Hi", outcome().ussd->text->c_str());
  LONGS_EQUAL(1, rig.peer.count("AT+CUSD=1,\"002A00310023\",15"));
  check_at_work();
}

TEST(Errands, WhereThePlainCodeIsRefusedThePackedOneIsTried) {
  rig.peer.expect("AT+CUSD=1,\"*100#\"").answer("\r\nERROR\r\n");
  rig.peer.expect("AT+CUSD=1,\"AA180C3602\"")
      .answer("\r\nOK\r\n\r\n+CUSD: 0,\"C8F71D14969741F977FD07\",15\r\n");
  dials("*100#");
  STRCMP_EQUAL("How are you?", outcome().ussd->text->c_str());
  CHECK_TRUE(rig.peer.all_expected());
  check_at_work();
}

TEST(Errands, AMenuIsClosed) {
  rig.peer.expect("AT+CUSD=1")
      .answer("\r\n+CUSD: 1,\"1 Balance\n2 Bonus\",15\r\n\r\nOK\r\n");  // before its OK
  dials("*100#");
  const auto done = outcome();
  LONGS_EQUAL(1, done.ussd->status);
  LONGS_EQUAL(1, rig.peer.count("AT+CUSD=2"));
  check_at_work();
}

TEST(Errands, NoNetworkNoAnswerNoSession) {
  rig.peer.expect("AT+CUSD=1").answer("\r\n+CME ERROR: 30\r\n").twice();
  dials("*100#");
  CHECK_TRUE(outcome().how == How::answered);
  CHECK_FALSE(outcome().ussd.has_value());
  STRCMP_EQUAL("+CME ERROR: 30", outcome().result.text.c_str());
  check_at_work();
  rig.events.clear();
  dials("*100#", 5s);
  CHECK_FALSE(rig.modem.can_take());
  const auto done = outcome();
  CHECK_TRUE(done.how == How::late);
  STRCMP_EQUAL("the network did not answer within 5 s", done.why.c_str());
  LONGS_EQUAL(1, rig.peer.count("AT+CUSD=2"));
  check_at_work();
}

TEST(Errands, AnAlertClosesADialogue) {
  dials("*100#");
  rig.run(2s);
  CHECK_FALSE(rig.modem.can_take());
  CHECK_FALSE(rig.modem.give_way(rig.now));
  rig.run(100ms);
  CHECK_TRUE_TEXT(rig.modem.can_take(), "as soon as +CUSD=2 is answered");
  CHECK_TRUE(outcome().how == How::cut_short);
  LONGS_EQUAL(1, rig.peer.count("AT+CUSD=2"));
  check_at_work();
}

TEST(Errands, WhatEndsADialogueEndsIt) {
  dials("*100#");
  rig.run(1s);
  rig.peer.urc("RDY");
  CHECK_TRUE(outcome().how == How::cut_short);
  check_at_work();
  rig.events.clear();
  dials("*100#");
  rig.run(1s);
  rig.unplug();
  CHECK_TRUE(outcome().how == How::cut_short);
  rig.plug();
  check_at_work();
}

TEST(Errands, ADialogueNeedsANetwork) {
  Rig locked;
  locked.peer.cpin = "SIM PIN";
  CHECK_TRUE(locked.run_until(State::awaiting_pin));
  locked.modem.run({.token = 7, .kind = Errand::Kind::ussd, .text = "*100#", .timeout = 10s}, locked.now);
  CHECK_TRUE(locked.run_until_event<ErrandDone>(31s));
  CHECK_TRUE(locked.last<ErrandDone>().how == How::not_begun);
  LONGS_EQUAL(0, locked.peer.count("AT+CUSD"));
}
