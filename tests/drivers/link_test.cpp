// Links kept open in bursts: which AT+CMMS goes out, and how few.
#include <CppUTest/TestHarness.h>

#include <algorithm>
#include <memory>

#include "drivers/family.h"
#include "hw/modembank/identity.h"
#include "hw/modembank/modem.h"
#include "tests/drivers/rig.h"

using drivers::State;
using drivers::Verdict;

namespace {

const std::string kPdu = "0001000B914477";

}  // namespace

TEST_GROUP(Links) {
  Rig rig;
  std::uint64_t token = 0;
  void begin(const std::string& forms) {
    rig.peer.expect("AT+CMMS=?").answer("\r\n+CMMS: " + forms + "\r\n\r\nOK\r\n");
    rig.modem.keep_link(true);
    CHECK_TRUE(rig.start());
    rig.run(1s);
  }
  void give(bool more, bool alert = false) {
    rig.modem.claim({.token = ++token, .pdu_hex = kPdu, .tpdu_octets = 6, .alert = alert, .more = more}, rig.now);
    rig.modem.committed(token, rig.now);
    rig.turn();
  }
  Verdict submit(bool more, bool alert = false) {
    give(more, alert);
    return rig.verdict().verdict;
  }
  // So many that follow each other; the last knows of no more.
  void burst(int count, bool alert = false) {
    for (int k = 1; k <= count; ++k) CHECK_TRUE(submit(k < count, alert) == Verdict::accepted);
  }
  int set(const std::string& to) {
    return rig.peer.count("AT+CMMS=" + to);
  }
};

TEST(Links, UnlessItIsWantedNothingIsAsked) {
  CHECK_TRUE(rig.start());
  burst(5);
  LONGS_EQUAL(0, rig.peer.count("AT+CMMS"));
}

TEST(Links, With1ItIsSetBeforeEachBurstAndNeverInOne) {
  begin("(0,1)");
  burst(20);
  LONGS_EQUAL(1, set("1"));
  rig.run(10s);
  burst(20);
  LONGS_EQUAL(2, set("1"));
  LONGS_EQUAL_TEXT(1, set("?"), "once in its life");
  LONGS_EQUAL(40, rig.peer.count("AT+CMGS="));
}

TEST(Links, TheSettingGoesRightBeforeTheSubmit) {
  begin("(0,1)");
  give(true);
  rig.verdict();
  const auto& lines = rig.peer.lines;
  const auto at = std::find(lines.begin(), lines.end(), "AT+CMMS=1");
  CHECK_TRUE(at != lines.end() && *(at + 1) == "AT+CMGS=6");
}

TEST(Links, OneTextByItselfNeedsNone) {
  begin("(0,1)");
  for (int k = 0; k < 3; ++k) {
    burst(1);
    rig.run(3s);
  }
  LONGS_EQUAL(0, set("1"));
}

TEST(Links, With2ItIsSetOnceAndForAll) {
  begin("(0-2)");
  LONGS_EQUAL_TEXT(1, set("2"), "before anything is to be sent");
  for (int k = 0; k < 3; ++k) {
    burst(20);
    rig.run(60s);
  }
  LONGS_EQUAL(1, set("2"));
  LONGS_EQUAL(0, set("1"));
}

TEST(Links, ARestartOfTheModemSetsItAnew) {
  begin("(0-2)");
  rig.peer.urc("RDY");
  rig.run(1s);
  CHECK_TRUE(rig.run_until(State::ready));
  rig.run(1s);
  LONGS_EQUAL(2, set("2"));
  LONGS_EQUAL(1, set("?"));
}

TEST(Links, AnAlertsFirstTextWaitsForNoCommand) {
  begin("(0,1)");
  give(true, true);
  LONGS_EQUAL(1, rig.peer.count("AT+CMGS="));
  LONGS_EQUAL(0, set("1"));
  rig.verdict();
  burst(4, true);
  LONGS_EQUAL(1, set("1"));
}

TEST(Links, AfterAnErrorEachSetsUpItsOwnForAWhile) {
  begin("(0-2)");
  burst(10);
  rig.peer.expect_pdu().answer("\r\n+CMS ERROR: 41\r\n");
  CHECK_TRUE(submit(true) == Verdict::refused);
  burst(10);
  LONGS_EQUAL(1, set("0"));
  LONGS_EQUAL(1, set("2"));
  rig.run(60s);
  burst(10);
  LONGS_EQUAL(2, set("2"));
  rig.peer.expect_pdu().answer("\r\n+CMS ERROR: 42\r\n");
  submit(true);
  rig.run(60s);
  burst(10);
  LONGS_EQUAL_TEXT(2, set("2"), "the second time it rests for longer");
  rig.run(60s);
  burst(10);
  LONGS_EQUAL(3, set("2"));
}

TEST(Links, AnErrorWithoutALinkNeedsNoCommand) {
  begin("(0,1)");
  rig.peer.expect_pdu().answer("\r\n+CMS ERROR: 38\r\n");
  submit(false);
  rig.run(1s);
  LONGS_EQUAL(0, set("0"));
}

TEST(Links, WhatIsListedAndRefusedIsTriedLower) {
  begin("(0-1)");
  rig.peer.expect("AT+CMMS=1").answer("\r\n+CMS ERROR: 528\r\n");
  burst(5);
  rig.run(5s);
  burst(5);
  LONGS_EQUAL(1, set("1"));
}

TEST(Links, AModemThatKnowsNoneIsAskedOnce) {
  rig.peer.expect("AT+CMMS=?").answer("\r\nERROR\r\n");
  rig.modem.keep_link(true);
  CHECK_TRUE(rig.start());
  rig.run(60s);
  burst(5);
  LONGS_EQUAL(1, rig.peer.count("AT+CMMS"));
}

// The simulated modem: 1 s a submit, 2 s for a link, and what a burst of 20 takes with and without.
TEST_GROUP(LinkTime) {
  std::chrono::milliseconds burst(bool keep, int* commands) {
    modembank::Air air{modembank::AirSettings{}};
    const auto who = modembank::identity_of(0);
    modembank::Sim sim(who.iccid, who.imsi, who.number, 10);
    air.enrol(&sim);
    modembank::ModemSettings settings;
    settings.name = "modem0";
    settings.submit = modembank::Latency::constant(1s);
    settings.link_setup = modembank::Latency::constant(2s);
    modembank::SimulatedModem peer(settings, air, &sim);
    drivers::Modem modem("auto", {});
    modem.keep_link(keep);
    at::Instant now{std::chrono::hours{1}}, begun{};
    modem.take_output(now);
    drivers::Events events = modem.port_opened(now);
    std::uint64_t given = 0, accepted = 0;
    std::size_t read = 0;
    for (int turns = 0; turns < 20'000 && accepted < 20; ++turns) {
      for (; read < events.size(); ++read)
        if (const auto* done = std::get_if<drivers::SubmitDone>(&events[read]))
          accepted += done->verdict == Verdict::accepted;
      if (modem.can_take() && now - at::Instant{} > 1h + 10s && given < 20) {
        if (given++ == 0) begun = now;
        modem.claim({.token = given, .pdu_hex = "0001000B914477000900F10000054868697604", .tpdu_octets = 18,
                     .more = given < 20}, now);
        modem.committed(given, now);
      }
      if (const auto out = modem.take_output(now); !out.bytes.empty()) peer.feed(out.bytes, now);
      at::Instant next = now + 1s;
      for (const auto due : {modem.deadline(), peer.deadline()})
        if (due) next = std::min(next, *due);
      now = std::max(now, next);
      peer.tick(now);
      for (auto& event : modem.feed(peer.take_output(now), now)) events.push_back(std::move(event));
    }
    LONGS_EQUAL(20, static_cast<long>(accepted));
    const auto log = air.take_log();
    *commands = static_cast<int>(
        std::count_if(log.begin(), log.end(), [](const auto& r) { return r.event == "cmms"; }));
    return std::chrono::duration_cast<std::chrono::milliseconds>(now - begun);
  }
};

TEST(LinkTime, ABurstIsQuickerByAllSetUpsButOne) {
  int without = -1, with = -1;
  const auto slow = burst(false, &without), quick = burst(true, &with);
  LONGS_EQUAL(0, without);
  LONGS_EQUAL(1, with);
  const auto saved = slow - quick;
  CHECK_TRUE(saved >= 19 * 2s - 100ms && saved <= 19 * 2s + 100ms);
  CHECK_TRUE(quick < 20 * 1s + 2s + 20 * 50ms);
}
