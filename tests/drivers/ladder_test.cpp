// Silence, garbage and restarts: every modem that is well again is back within six seconds.
#include <CppUTest/TestHarness.h>

#include "tests/drivers/rig.h"

using drivers::State;
using drivers::Verdict;

TEST_GROUP(Ladder) {
  Rig rig;
  void setup() override {
    CHECK_TRUE(rig.start());
    rig.run(1s);
  }
  void check_back_soon() {
    const auto well = rig.now;
    CHECK_TRUE_TEXT(rig.run_until(State::ready, 30s), "not back at all");
    CHECK_TRUE_TEXT(rig.now - well <= 6s, "not back within 6 s");
  }
  std::size_t troubles(const std::string& what) {
    std::size_t n = 0;
    for (const auto& trouble : rig.all<drivers::Trouble>()) n += trouble.what.find(what) != std::string::npos;
    return n;
  }
};

TEST(Ladder, SilentForTwentySecondsAndBack) {
  rig.peer.hung = true;
  rig.claim(1);
  rig.run(20s);
  rig.peer.hung = false;
  check_back_soon();
  rig.claim(2);
  CHECK_TRUE(rig.verdict().verdict == Verdict::accepted);
}

TEST(Ladder, SilentForAnyTimeAndBack) {
  for (int seconds : {4, 7, 9, 12, 13, 15, 18, 22, 26, 29, 45, 75, 140}) {
    rig.peer.hung = true;
    rig.run(std::chrono::seconds(35 + seconds));
    rig.peer.hung = false;
    check_back_soon();
    rig.run(1s);
  }
}

TEST(Ladder, WhatPiledUpInItsBufferIsAnsweredAtOnceAndHarmsNothing) {
  for (int seconds : {6, 14, 20, 25}) {
    rig.peer.buffering = true;
    rig.claim(static_cast<std::uint64_t>(seconds));
    rig.run(std::chrono::seconds(seconds));
    rig.peer.wake(rig.now);
    check_back_soon();
    rig.run(1s);
    LONGS_EQUAL_TEXT(0, rig.peer.count("AT+CFUN=1,1"), "a reset in the buffer would cost a start");
  }
}

TEST(Ladder, LeftInAPromptItIsEscaped) {
  rig.peer.data_entry = true;
  rig.run(40s);
  CHECK_TRUE(rig.modem.state() == State::ready);
  CHECK_FALSE(rig.peer.data_entry);
}

TEST(Ladder, GarbageIsNoAnswer) {
  rig.peer.hung = true;
  for (int i = 0; i < 4000; ++i) rig.peer.says("\xFF\x80\x01~}# \x7F\r\xC3", at::Millis{i * 10});
  rig.run(38s);
  CHECK_TRUE(rig.modem.state() != State::ready);
  rig.peer.lose_port();
  rig.peer.hung = false;
  check_back_soon();
}

TEST(Ladder, GarbageWithoutAnEndGrowsNothing) {
  rig.peer.hung = true;
  rig.peer.says(std::string(1 << 20, '\xFE'));
  rig.run(40s);
  rig.peer.hung = false;
  check_back_soon();
}

TEST(Ladder, ARebootIsSeenAtOnce) {
  rig.peer.hung = true;
  rig.peer.urc("RDY");
  rig.run(4s);
  rig.peer.hung = false;
  rig.peer.urc("+CFUN: 1");
  rig.peer.urc("+CPIN: READY");
  rig.peer.urc("SMS Ready");
  check_back_soon();
  CHECK_TRUE(troubles("restarted") <= 2);
}

TEST(Ladder, TheRungsInTheirOrderEachToldOnce) {
  rig.peer.hung = true;
  rig.run(300s);
  LONGS_EQUAL(1, troubles("ESC and AT"));
  LONGS_EQUAL(1, troubles("closed and opened"));
  LONGS_EQUAL(1, troubles("AT+CFUN=1,1"));
  CHECK_TRUE_TEXT(rig.closes > 5, "the port is closed again and again");
  LONGS_EQUAL(3, rig.count<drivers::Trouble>());
}

TEST(Ladder, IsQuarantinedInSilenceAndStillProbed) {
  rig.peer.hung = true;
  rig.run(700s);
  STRCMP_EQUAL("quarantined", state_of(rig).c_str());
  const auto troubles_before = rig.count<drivers::Trouble>();
  const auto turns = rig.turns;
  rig.run(3600s);
  LONGS_EQUAL(static_cast<long>(troubles_before), static_cast<long>(rig.count<drivers::Trouble>()));
  CHECK_TRUE_TEXT(rig.turns - turns < 3000, "seldom");
  rig.peer.hung = false;
  const auto well = rig.now;
  CHECK_TRUE(rig.run_until(State::ready, 30s));
  CHECK_TRUE(rig.now - well <= 8s);
}

TEST(Ladder, ResetsAreFarApart) {
  rig.peer.hung = false;
  rig.peer.expect("AT").nothing().always();
  rig.peer.expect("AT+C").nothing().always();
  rig.run(240s);
  std::vector<at::Instant> resets;
  for (std::size_t i = 0; i < rig.peer.lines.size(); ++i)
    if (rig.peer.lines[i] == "AT+CFUN=1,1") resets.push_back(rig.peer.times[i]);
  CHECK_TRUE(resets.size() >= 2);
  for (std::size_t i = 1; i < resets.size(); ++i) CHECK_TRUE(resets[i] - resets[i - 1] >= 60s);
}

TEST(Ladder, APortThatVanishesOnTheLadderIsAskedForAtOnce) {
  rig.peer.hung = true;
  rig.run(36s);
  rig.unplug();
  STRCMP_EQUAL("absent", state_of(rig).c_str());
  rig.run(10s);
  rig.peer.hung = false;
  rig.plug();
  check_back_soon();
}

TEST(Ladder, ACommandThatIsNeverAnsweredDoesNotEndTheModem) {
  rig.peer.expect("AT+COPS?").nothing().always();
  rig.run(40s);
  CHECK_TRUE(rig.run_until(State::ready, 10s));
}

TEST(Ladder, AnAnswerThatComesTooLateAnswersNothingElse) {
  rig.peer.expect("AT+CSQ").after(3'200ms).answer("\r\n+CSQ: 5,99\r\n\r\nOK\r\n");
  rig.run(35s);
  CHECK_TRUE(rig.run_until(State::ready, 10s));
  LONGS_EQUAL(21, rig.last<drivers::SignalSeen>().rssi);
}

TEST(Ladder, AResetThatIsAskedForWaitsForTheSubmitInFlight) {
  rig.peer.expect_pdu().after(4s).answer("\r\n+CMGS: 12\r\n\r\nOK\r\n");
  rig.claim(1);
  rig.run(1s);
  CHECK_TRUE(rig.modem.can_restart());
  rig.modem.restart(rig.now);
  rig.turn();
  CHECK_FALSE_TEXT(rig.modem.can_restart(), "once is enough");
  rig.run(2s);
  CHECK_TRUE(rig.modem.state() == State::ready);
  LONGS_EQUAL_TEXT(0, rig.peer.count("AT+CFUN=1,1"), "not while a submit is in flight");
  CHECK_TRUE(rig.verdict().verdict == Verdict::accepted);
  CHECK_TRUE(rig.run_until(State::recovering, 2s));
  STRCMP_EQUAL(std::string(drivers::kResetAsked).c_str(), rig.last<drivers::StateChanged>().why.c_str());
  rig.run(1s);
  LONGS_EQUAL(1, rig.peer.count("AT+CFUN=1,1"));
  CHECK_TRUE_TEXT(rig.run_until(State::ready, 30s), "and it is back");
  LONGS_EQUAL(1, rig.peer.count("AT+CFUN=1,1"));
  CHECK_TRUE(rig.modem.can_take());
  CHECK_TRUE(rig.modem.can_restart());
}

TEST(Ladder, AResetThatIsAskedForGivesBackWhatWasNotBegun) {
  rig.claim_gated(1);
  rig.modem.restart(rig.now);
  rig.turn();
  CHECK_TRUE(rig.last<drivers::SubmitDone>().verdict == Verdict::not_sent);
  CHECK_FALSE(rig.modem.can_take());
  CHECK_TRUE(rig.run_until(State::recovering, 5s));
  CHECK_TRUE(rig.run_until(State::ready, 30s));
}

TEST(Ladder, AResetOfOneThatGoesAwayMeanwhileIsOver) {
  rig.peer.hung = true;
  rig.claim(1);
  rig.run(1s);
  rig.modem.restart(rig.now);
  rig.unplug();
  rig.peer.hung = false;
  rig.run(1s);
  rig.plug();
  CHECK_TRUE(rig.run_until(State::ready, 60s));
  rig.run(30s);
  LONGS_EQUAL(0, rig.peer.count("AT+CFUN=1,1"));
  CHECK_TRUE(rig.modem.can_take());
}
