// What the service manager hears of the loop, in virtual time.
#include <CppUTest/TestHarness.h>

#include "daemon/ops/pulse.h"

using namespace std::chrono_literals;
using klaxon::ops::Pulse;
using klaxon::ops::Standing;

namespace {

std::string joined(Pulse& pulse) {
  std::string all;
  for (const std::string& datagram : pulse.take_output()) all += "[" + datagram + "]";
  return all;
}

}  // namespace

TEST_GROUP(Pulse) {
  at::Instant now{1'000'000s};
  Standing standing{.modems = 8, .ready = 7, .waiting = 12, .complaints = {}};
};

TEST(Pulse, SaysNothingBeforeATurnWentThrough) {
  Pulse pulse(30s);
  CHECK(pulse.due(now));
  CHECK(!pulse.deadline());
  STRCMP_EQUAL("", joined(pulse).c_str());
}

TEST(Pulse, TheFirstTurnMakesItReady) {
  Pulse pulse(30s);
  pulse.beat(now, standing);
  STRCMP_EQUAL("[READY=1\nWATCHDOG=1\nSTATUS=7 of 8 modems ready, 12 messages wait\n]",
               joined(pulse).c_str());
  STRCMP_EQUAL("", joined(pulse).c_str());
}

TEST(Pulse, BeatsFourTimesAWatch) {
  Pulse pulse(2s);
  pulse.beat(now, standing);
  joined(pulse);
  CHECK(pulse.deadline() == now + 500ms);
  pulse.beat(now + 499ms, standing);
  STRCMP_EQUAL("", joined(pulse).c_str());
  pulse.beat(now + 500ms, standing);
  STRCMP_EQUAL("[WATCHDOG=1\n]", joined(pulse).c_str());
}

TEST(Pulse, ALoopThatHangsIsSilent) {
  Pulse pulse(2s);
  pulse.beat(now, standing);
  joined(pulse);
  CHECK(pulse.due(now + 10s));
  STRCMP_EQUAL("", joined(pulse).c_str());
}

TEST(Pulse, AStatusIsToldWhenItChanges) {
  Pulse pulse(std::nullopt);
  pulse.beat(now, standing);
  joined(pulse);
  pulse.beat(now + 5s, standing);
  STRCMP_EQUAL("", joined(pulse).c_str());
  standing.ready = 0;
  standing.waiting = 1;
  standing.complaints = {"no SIM can send", "the disk cannot be written"};
  pulse.beat(now + 10s, standing);
  STRCMP_EQUAL("[STATUS=0 of 8 modems ready, 1 message waits; no SIM can send; the disk cannot be written\n]",
               joined(pulse).c_str());
}

TEST(Pulse, AnAbsurdlyShortWatchCostsNoProcessor) {
  Pulse pulse(1ms);
  pulse.beat(now, standing);
  CHECK(pulse.deadline() == now + 50ms);
}

TEST(Pulse, AReloadBeginsAndEnds) {
  Pulse pulse(30s);
  pulse.beat(now, standing);
  joined(pulse);
  pulse.reloaded(now);
  STRCMP_EQUAL("[RELOADING=1\nMONOTONIC_USEC=1000000000000\n][READY=1\n]", joined(pulse).c_str());
}

TEST(Pulse, WhileItStopsTheWatchdogIsFedAndTheStatusStays) {
  Pulse pulse(2s);
  pulse.beat(now, standing);
  joined(pulse);
  pulse.stopping();
  standing.ready = 3;
  pulse.beat(now + 1s, standing);
  STRCMP_EQUAL("[STOPPING=1\nSTATUS=waiting for what is at the modems\n][WATCHDOG=1\n]",
               joined(pulse).c_str());
}
