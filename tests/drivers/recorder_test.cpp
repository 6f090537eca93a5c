// The flight recorder: what it keeps, and that a failure which it kept can be lived through again.
#include <CppUTest/TestHarness.h>

#include <algorithm>

#include "drivers/recorder.h"
#include "hw/modembank/playback.h"
#include "tests/drivers/rig.h"

using drivers::State;
using drivers::Verdict;

namespace {

constexpr at::Instant kStart{std::chrono::hours{5}};

bool holds(const std::string& text, const std::string& wanted) {
  return text.find(wanted) != std::string::npos;
}

// A Modem at a recording instead of a peer.
struct Replay {
  explicit Replay(const std::string& chat) : modembank(*modembank::Playback::of(chat)) {}

  void step(at::Instant end) {
    at::Instant next = end;
    if (const auto t = modem.deadline()) next = std::min(next, *t);
    if (const auto t = modembank.deadline()) next = std::min(next, *t);
    now = std::max(now, next);
    modembank.tick(now);
    if (open && !modembank.plugged()) {
      open = false;
      collect(modem.port_closed("gone", now));
    }
    if (const std::string bytes = modembank.take_output(now); open && !bytes.empty())
      collect(modem.feed(bytes, now));
    collect(modem.tick(now));
    const drivers::Output out = modem.take_output(now);
    if (out.close_port) open = false;
    asked = asked || out.open_port;
    if (open && !out.bytes.empty()) modembank.feed(out.bytes, now);
    if (!asked || !modembank.plugged()) return;
    asked = false;
    open = true;
    collect(modem.port_opened(now));
  }
  void run(at::Millis time) {
    const auto end = now + time;
    step(now);
    for (int turns = 0; now < end; ++turns) {
      CHECK_TRUE_TEXT(turns < 100'000, "busy loop");
      step(end);
    }
  }
  bool run_until(State state, at::Millis at_most) {
    const auto end = now + at_most;
    step(now);
    for (int turns = 0; modem.state() != state && now < end && turns < 100'000; ++turns) step(end);
    return modem.state() == state;
  }
  void sends() {
    CHECK_TRUE_TEXT(modem.can_take(), "not free");
    modem.claim(
        {.token = 9, .pdu_hex = "0001000A912143658709000003C8329B", .tpdu_octets = 15, .alert = false}, now);
    modem.committed(9, now);
  }
  void collect(drivers::Events more) {
    for (auto& event : more) {
      if (const auto* change = std::get_if<drivers::StateChanged>(&event)) states.push_back(change->to);
      if (const auto* done = std::get_if<drivers::SubmitDone>(&event)) verdicts.push_back(*done);
    }
  }

  modembank::Playback modembank;
  drivers::Modem modem{"auto", drivers::Timers{}};
  at::Instant now = kStart;
  bool open = false, asked = false;
  std::vector<State> states;
  std::vector<drivers::SubmitDone> verdicts;
};

}  // namespace

TEST_GROUP(Recorder) {
  drivers::Recorder recorder;
  at::Instant now = kStart;
  std::string chat() {
    return recorder.chat({});
  }
};

TEST(Recorder, LinesBothWaysWithTheirPauses) {
  recorder.opened(now);
  recorder.wrote("AT+CSQ\r", now);
  recorder.heard("\r\n+CSQ: 1", now + 20ms);
  recorder.heard("7,99\r\n\r\nOK\r\n", now + 21ms);
  recorder.wrote("AT+CMGS=19\r", now + 100ms);
  recorder.heard("\r\n> ", now + 110ms);
  recorder.remark("a remark", now + 110ms);
  recorder.lost(now + 5s);
  STRCMP_EQUAL(
      "! opened\n> AT+CSQ\\r\n@ 20\n< \\r\\n+CSQ: 17,99\\r\\n\n@ 1\n< \\r\\nOK\\r\\n\n@ 79\n> "
      "AT+CMGS=19\\r\n@ 10\n"
      "< \\r\\n> \n# a remark\n@ 4890\n! lost\n",
      chat().c_str());
}

TEST(Recorder, WhatIsPrivateNeverGetsIn) {
  recorder.wrote(
      "\x1B"
      "AT+CPIN=\"1234\"\r0001000C91447700091032000006C8329BFD0E01\x1A",
      now);
  for (const char c : std::string("\r\n+CMGR: 0,,24\r\n07914477000900F0040C914477009010320000621111901400000"
                                  "6C8329BFD0E01\r\n\r\nOK\r\n"))
    recorder.heard(std::string(1, c), now);
  const std::string kept = chat();
  for (const char* secret : {"1234", "C8329B", "7700091032", "7700901032"})
    CHECK_FALSE_TEXT(holds(kept, secret), kept.c_str());
  CHECK_TRUE(holds(kept, "> \\x1b\n> AT+CPIN=\"****\"\\r\n> 0001000C9144770000"));
}

TEST(Recorder, APieceIsShownAndItsRestIsBlank) {
  recorder.heard("AT+CPIN=\"12", now);
  CHECK_TRUE(holds(chat(), "< AT+CPIN=\"****\"\n"));
  recorder.wrote("AT\r", now);
  recorder.heard("34\"\r\n", now);
  STRCMP_EQUAL("< AT+CPIN=\"****\"\n> AT\\r\n< 00\"\\r\\n\n", chat().c_str());
}

TEST(Recorder, IsBoundedWhateverComes) {
  recorder.opened(now);
  recorder.wrote("AT+CGMI\r", now);
  recorder.became_ready();
  for (int n = 0; n < 5000; ++n) recorder.heard(std::string(700, '\xFE'), now + at::Millis{n});
  for (int n = 0; n < 5000; ++n) recorder.wrote("AT\r", now + at::Millis{n});
  const std::string kept = chat();
  CHECK_TRUE(kept.size() < 8 * drivers::Recorder::kOctets + 16 * drivers::Recorder::kMoves);
  CHECK_TRUE_TEXT(holds(kept, "AT+CGMI"), "how it became ready is kept");
  CHECK_TRUE(holds(kept, "moves are left out here"));
}

TEST_GROUP(Replayed) {
  Rig rig;
};

TEST(Replayed, ASubmitThatIsNeverAnsweredAndSilenceAfterIt) {
  CHECK_TRUE(rig.start());
  rig.run(100s);  // health was asked a few times
  rig.claim(1);
  CHECK_TRUE(rig.verdict().verdict == Verdict::accepted);
  rig.peer.on_pdu = [&] { rig.peer.hung = true; };
  rig.claim(2);
  CHECK_TRUE(rig.verdict().verdict == Verdict::in_doubt);
  CHECK_TRUE(rig.run_until(State::recovering, 120s));

  Replay replay(rig.recorder.chat({"a submit that is never answered"}));
  CHECK_TRUE(replay.run_until(State::ready, 60s));
  replay.sends();
  replay.run(10s);
  LONGS_EQUAL(1, replay.verdicts.size());
  CHECK_TRUE(replay.verdicts[0].verdict == Verdict::accepted);
  replay.sends();
  CHECK_TRUE(replay.run_until(State::recovering, 120s));
  CHECK_TRUE(replay.verdicts.at(1).verdict == Verdict::in_doubt);
  STRCMP_EQUAL(rig.last<drivers::SubmitDone>().why.c_str(), replay.verdicts[1].why.c_str());
}

TEST(Replayed, SilenceAndItsEnd) {
  CHECK_TRUE(rig.start());
  rig.run(10s);
  rig.peer.hung = true;
  CHECK_TRUE(rig.run_until(State::recovering, 120s));
  rig.run(20s);
  rig.peer.hung = false;
  CHECK_TRUE(rig.run_until(State::ready, 60s));

  Replay replay(rig.recorder.chat({}));
  CHECK_TRUE(replay.run_until(State::ready, 60s));
  CHECK_TRUE_TEXT(replay.run_until(State::recovering, 120s), "it falls silent");
  CHECK_TRUE_TEXT(replay.run_until(State::ready, 120s), "and is back");
}

TEST(Replayed, VanishedInASubmitAndPluggedInAgain) {
  CHECK_TRUE(rig.start());
  rig.peer.on_pdu = [&] { rig.peer.hung = true; };
  rig.claim(1);
  rig.run(2s);
  rig.unplug();
  rig.peer.hung = false;
  rig.run(3s);
  rig.plug();
  CHECK_TRUE(rig.run_until(State::ready, 60s));

  Replay replay(rig.recorder.chat({}));
  CHECK_TRUE(replay.run_until(State::ready, 60s));
  replay.sends();
  CHECK_TRUE(replay.run_until(State::absent, 30s));
  CHECK_TRUE(replay.verdicts.at(0).verdict == Verdict::in_doubt);
  STRCMP_EQUAL("port lost", replay.verdicts[0].why.c_str());
  CHECK_TRUE_TEXT(replay.run_until(State::ready, 60s), "plugged in again");
}

TEST(Replayed, ARefusedSubmit) {
  CHECK_TRUE(rig.start());
  rig.peer.expect_pdu().answer("\r\n+CMS ERROR: 38\r\n");
  rig.claim(1);
  CHECK_TRUE(rig.verdict().verdict == Verdict::refused);
  Replay replay(rig.recorder.chat({}));
  CHECK_TRUE(replay.run_until(State::ready, 60s));
  replay.sends();
  replay.run(20s);
  CHECK_TRUE(replay.verdicts.at(0).verdict == Verdict::refused);
  LONGS_EQUAL(38, *replay.verdicts[0].error.code);
}
