// A claim's way to its verdict.
#include <CppUTest/TestHarness.h>

#include "tests/drivers/rig.h"

using drivers::State;
using drivers::Verdict;

TEST_GROUP(Submit) {
  Rig rig;
  void setup() override {
    CHECK_TRUE(rig.start());
    rig.run(1s);
  }
  drivers::SubmitDone submit() {
    rig.claim(++token);
    return rig.verdict();
  }
  std::uint64_t token = 0;
};

TEST(Submit, NothingIsWrittenBeforeTheCommit) {
  rig.claim_gated(5);
  rig.run(2s);
  LONGS_EQUAL(0, rig.peer.count("AT+CMGS="));
  CHECK_TRUE(rig.modem.claim_revocable());
  CHECK_FALSE(rig.modem.can_take());
  LONGS_EQUAL(5, static_cast<long>(*rig.modem.claimed()));
  rig.committed(6);  // another's
  LONGS_EQUAL(0, rig.peer.count("AT+CMGS="));
  rig.committed(5);
  STRCMP_EQUAL("AT+CMGS=6", rig.peer.lines.back().c_str());
  CHECK_FALSE(rig.modem.claim_revocable());
  CHECK_TRUE(rig.verdict().verdict == Verdict::accepted);
  CHECK_TRUE(rig.modem.can_take());
  STRCMP_EQUAL("PDU:0001000B914477", rig.peer.lines.back().c_str());
}

TEST(Submit, RevokeTakesBackWhatIsNotOnTheWire) {
  rig.claim_gated(5);
  CHECK_FALSE(rig.modem.revoke(4));
  CHECK_TRUE(rig.modem.revoke(5));
  CHECK_TRUE(rig.modem.can_take());
  rig.run(2s);
  LONGS_EQUAL(0, rig.count<drivers::SubmitDone>());
  rig.claim(6);
  CHECK_FALSE(rig.modem.revoke(6));
  LONGS_EQUAL(6, static_cast<long>(rig.verdict().token));
}

// Each question is a command that the next submit waits for, and an accepted submit proves the registration
// by itself.
TEST(Submit, WhoeverSendsSteadilyIsAskedForItsSignalAndSeldomForTheRest) {
  const auto asked = [&](const char* what) { return static_cast<long>(rig.peer.count(what)); };
  const long signals = asked("AT+CSQ"), registrations = asked("AT+CREG?"), operators = asked("AT+COPS?");
  const at::Instant began = rig.now;
  while (rig.now - began < 240s) {
    CHECK_TRUE(submit().verdict == Verdict::accepted);
    rig.run(1s);
  }
  CHECK_TRUE(asked("AT+CSQ") - signals >= 7);
  LONGS_EQUAL(registrations, asked("AT+CREG?"));
  LONGS_EQUAL(operators, asked("AT+COPS?"));
  while (rig.now - began < 400s) {
    CHECK_TRUE(submit().verdict == Verdict::accepted);
    rig.run(1s);
  }
  LONGS_EQUAL(registrations + 1, asked("AT+CREG?"));
  LONGS_EQUAL(operators + 1, asked("AT+COPS?"));

  rig.run(65s);  // nothing proves it any more
  CHECK_TRUE(asked("AT+CREG?") - registrations >= 2);
}

// Nothing else may ever wake the modem: no answer is on its way.
TEST(Submit, WhatAClaimPutOffIsDueOnceItIsTakenBack) {
  rig.claim_gated(5);
  rig.run(100s);
  const auto before = rig.peer.count("AT+CSQ");
  CHECK_TRUE(rig.modem.revoke(5));
  CHECK_TRUE_TEXT(rig.modem.deadline() && *rig.modem.deadline() <= rig.now, "nobody would call tick()");
  rig.run(1s);
  LONGS_EQUAL(before + 1, rig.peer.count("AT+CSQ"));
}

TEST(Submit, SettingsThatAClaimPutOffAreMadeOnceItIsTakenBack) {
  rig.run(5s);
  rig.claim_gated(5);
  rig.peer.urc("SMS Ready");
  rig.run(100s);
  CHECK_TRUE(rig.modem.revoke(5));
  CHECK_FALSE(rig.modem.can_take());
  CHECK_TRUE_TEXT(rig.modem.deadline() && *rig.modem.deadline() <= rig.now, "nobody would call tick()");
  rig.run(5s);
  CHECK_TRUE(rig.modem.can_take());
}

TEST(Submit, ErrorBeforeThePromptIsRefused) {
  rig.peer.expect("AT+CMGS=").answer("\r\n+CMS ERROR: 304\r\n");
  const auto done = submit();
  CHECK_TRUE(done.verdict == Verdict::refused);
  STRCMP_EQUAL("cms_304", done.error.name().c_str());
}

TEST(Submit, ADoubtfulErrorBeforeThePromptIsNotSent) {
  rig.peer.expect("AT+CMGS=").answer("\r\n+CMS ERROR: 500\r\n");
  CHECK_TRUE(submit().verdict == Verdict::not_sent);
}

TEST(Submit, ErrorAfterThePduIsRefused) {
  rig.peer.expect_pdu().answer("\r\n+CMS ERROR: 38\r\n");
  const auto done = submit();
  CHECK_TRUE(done.verdict == Verdict::refused);
  STRCMP_EQUAL("cms_38", done.error.name().c_str());
  CHECK_TRUE_TEXT(rig.modem.can_take(), "the network's error is not the modem's");
}

TEST(Submit, AnErrorOfTheModemHasItSetUpAgainFirst) {
  for (const char* error : {"+CMS ERROR: 302", "+CMS ERROR: 500", "+CMS ERROR: 322", "ERROR"}) {
    rig.peer.expect_pdu().answer(std::string("\r\n") + error + "\r\n");
    const int before = rig.peer.count("AT+CMGF=0");
    CHECK_TRUE(submit().verdict == Verdict::refused);
    CHECK_FALSE(rig.modem.can_take());
    CHECK_TRUE(rig.run_until(State::ready));
    LONGS_EQUAL(before + 1, rig.peer.count("AT+CMGF=0"));
  }
}

TEST(Submit, NoPromptIsEscapedAndNotSent) {
  rig.peer.expect("AT+CMGS=").nothing();
  const auto done = submit();
  CHECK_TRUE(done.verdict == Verdict::not_sent);
  STRCMP_EQUAL("no prompt", done.why.c_str());
  CHECK_TRUE(rig.run_until(State::ready));
  LONGS_EQUAL_TEXT(0, rig.peer.count("PDU:"), "no PDU without a prompt");
  CHECK_TRUE(rig.peer.count("\x1B") > 1);
}

TEST(Submit, APromptThatComesTooLateIsEscaped) {
  rig.peer.expect("AT+CMGS=").after(10'050ms).answer("\r\n> ");
  CHECK_TRUE(submit().verdict == Verdict::not_sent);
  CHECK_TRUE(rig.run_until(State::ready));
  CHECK_TRUE(submit().verdict == Verdict::accepted);
}

TEST(Submit, TheSoftLimitTakesTheModemOutAndProbesIt) {
  rig.peer.expect_pdu().nothing();
  rig.peer.expect("AT").nothing().always();
  rig.claim(1);
  const auto began = rig.now;
  CHECK_TRUE(rig.run_until_event<drivers::SubmitOverdue>());
  CHECK_TRUE(rig.now - began >= 5s && rig.now - began < 5'100ms);
  CHECK_TRUE(rig.modem.overdue());
  const int probes = rig.peer.count("AT");
  rig.peer.says("\r\n+CMGS: 12\r\n\r\nOK\r\n", 8s);
  const auto done = rig.verdict();
  CHECK_TRUE(done.verdict == Verdict::accepted);
  LONGS_EQUAL(12, done.tp_mr);
  CHECK_TRUE(rig.peer.count("AT") > probes);
}

TEST(Submit, ASlowModemAnswersItsProbesAfterTheCmgs) {
  rig.peer.expect_pdu().nothing();
  rig.peer.expect("AT").nothing().always();
  rig.claim(1);
  CHECK_TRUE(rig.run_until_event<drivers::SubmitOverdue>());
  rig.run(2'500ms);
  // Three probes were written; all answers come at once, and none of them may answer what comes next.
  rig.peer.says("\r\n+CMGS: 12\r\n\r\nOK\r\n\r\nOK\r\n\r\nOK\r\n\r\nOK\r\n");
  CHECK_TRUE(rig.verdict().verdict == Verdict::accepted);
  rig.peer.expect("AT+CMGS=").after(300ms).answer("\r\n> ");
  rig.claim(2);
  CHECK_TRUE(rig.verdict().verdict == Verdict::accepted);
  CHECK_TRUE(rig.modem.state() == State::ready);
}

TEST(Submit, ABareOkAmongProbesMeansTheAnswerIsLost) {
  rig.peer.expect_pdu().nothing();
  const auto before = rig.peer.count("AT+CMGF=0");
  const auto done = submit();
  CHECK_TRUE(done.verdict == Verdict::in_doubt);
  STRCMP_EQUAL("OK without +CMGS", done.why.c_str());
  LONGS_EQUAL(1, rig.count<drivers::SubmitOverdue>());
  CHECK_TRUE(rig.run_until(State::ready, 5s));
  LONGS_EQUAL(before + 1, rig.peer.count("AT+CMGF=0"));
  LONGS_EQUAL(0, rig.count<drivers::Trouble>());
}

TEST(Submit, ABareOkIsNoSuccess) {
  rig.peer.expect_pdu().ok();
  CHECK_TRUE(submit().verdict == Verdict::in_doubt);
  CHECK_TRUE(rig.run_until(State::ready, 5s));
}

TEST(Submit, TheHardLimitIsADoubtAndTheLadder) {
  rig.peer.expect_pdu().nothing();
  rig.peer.expect("AT").nothing().always();
  rig.claim(1);
  const auto began = rig.now;
  const auto done = rig.verdict();
  CHECK_TRUE(done.verdict == Verdict::in_doubt);
  STRCMP_EQUAL("no answer for 60 s", done.why.c_str());
  CHECK_TRUE(rig.now - began >= 60s && rig.now - began < 61s);
  STRCMP_EQUAL("recovering", state_of(rig).c_str());
}

TEST(Submit, ACmgsAfterTheHardLimitIsLateAccepted) {
  rig.peer.expect_pdu().nothing();
  rig.peer.expect("AT").nothing().always();
  CHECK_TRUE(submit().verdict == Verdict::in_doubt);
  rig.peer.says("\r\n+CMGS: 12\r\n\r\nOK\r\n", 2s);
  rig.run(3s);
  LONGS_EQUAL(12, rig.last<drivers::LateAccepted>().tp_mr);
}

TEST(Submit, TheSoftLimitFollowsTheModemsOwnTimes) {
  for (int i = 0; i < 20; ++i) {
    rig.peer.expect_pdu().after(3s).answer("\r\n+CMGS: 3\r\n\r\nOK\r\n");
    CHECK_TRUE(submit().verdict == Verdict::accepted);
  }
  rig.peer.expect_pdu().after(11s).answer("\r\n+CMGS: 4\r\n\r\nOK\r\n");
  CHECK_TRUE(submit().verdict == Verdict::accepted);
  LONGS_EQUAL(0, rig.count<drivers::SubmitOverdue>());
}

TEST(Submit, CmgsWithoutOkIsAcceptedAfterTwoSeconds) {
  rig.peer.expect_pdu().answer("\r\n+CMGS: 9\r\n");
  rig.claim(1);
  const auto began = rig.now;
  CHECK_TRUE(rig.verdict().verdict == Verdict::accepted);
  CHECK_TRUE(rig.now - began < 3s);
  CHECK_TRUE(rig.run_until(State::ready, 5s));
}

TEST(Submit, ARebootInItsMiddleIsADoubt) {
  rig.peer.expect_pdu().answer("\r\nRDY\r\n\r\n+CFUN: 1\r\n\r\n+CPIN: READY\r\n");
  const auto done = submit();
  CHECK_TRUE(done.verdict == Verdict::in_doubt);
  CHECK_TRUE(rig.run_until(State::ready, 10s));
  LONGS_EQUAL(1, rig.count<drivers::SubmitDone>());
}

TEST(Submit, ARebootBeforeThePromptIsNotSent) {
  rig.peer.expect("AT+CMGS=").answer("\r\n^SYSSTART\r\n");
  CHECK_TRUE(submit().verdict == Verdict::not_sent);
  CHECK_TRUE(rig.run_until(State::ready, 10s));
}

TEST(Submit, AUrcAnywhereInItIsNoAnswer) {
  rig.peer.expect("AT+CMGS=").answer("\r\n+CMTI: \"SM\",4\r\n> ");
  rig.peer.expect_pdu().answer("\r\n^RSSI: 14\r\n\r\n\r\n+CMGS: 187\r\n\r\n\r\n+CREG: 1\r\n\r\nOK\r\n");
  const auto done = submit();
  CHECK_TRUE(done.verdict == Verdict::accepted);
  LONGS_EQUAL(187, done.tp_mr);
}

TEST(Submit, WithEchoThePduComesBackAndMeansNothing) {
  rig.peer.echo = true;
  CHECK_TRUE(submit().verdict == Verdict::accepted);
  rig.peer.expect_pdu().answer("\r\n+CMS ERROR: 38\r\n");
  STRCMP_EQUAL("cms_38", submit().error.name().c_str());
}

TEST(Submit, RegistrationLostGivesAClaimBack) {
  rig.claim_gated(3);
  rig.peer.creg = rig.peer.cgreg = 0;
  rig.peer.urc("+CREG: 0");
  rig.peer.urc("+CGREG: 0");
  rig.run(1s);
  CHECK_TRUE(rig.last<drivers::SubmitDone>().verdict == Verdict::not_sent);
  STRCMP_EQUAL("awaiting_registration", state_of(rig).c_str());
}

TEST(Submit, StopLetsWhatIsInFlightEnd) {
  rig.peer.expect_pdu().after(3s).answer("\r\n+CMGS: 1\r\n\r\nOK\r\n");
  rig.claim(1);
  rig.run(1s);
  rig.modem.stop(rig.now);
  CHECK_FALSE(rig.modem.stopped());
  rig.run(1s);
  STRCMP_EQUAL("draining", state_of(rig).c_str());
  CHECK_FALSE(rig.modem.stopped());
  CHECK_TRUE(rig.verdict().verdict == Verdict::accepted);
  CHECK_TRUE(rig.modem.stopped());
  CHECK_FALSE(rig.modem.can_take());
  const auto written = rig.peer.lines.size();
  rig.run(120s);
  LONGS_EQUAL(static_cast<long>(written), static_cast<long>(rig.peer.lines.size()));
}

TEST(Submit, StopWithAGatedClaimGivesItBack) {
  rig.claim_gated(1);
  rig.modem.stop(rig.now);
  rig.run(10ms);
  CHECK_TRUE(rig.last<drivers::SubmitDone>().verdict == Verdict::not_sent);
  CHECK_TRUE(rig.modem.stopped());
}

TEST(Submit, StopInAnyStateEnds) {
  Rig absent;
  absent.present = false;
  absent.turn();
  absent.modem.stop(absent.now);
  CHECK_TRUE(absent.modem.stopped());
  rig.unplug();
  rig.modem.stop(rig.now);
  rig.plug();
  rig.run(10s);
  CHECK_TRUE(rig.modem.stopped());
}
