#include <CppUTest/TestHarness.h>

#include "at/script.h"

using namespace std::chrono_literals;
using at::ScriptEnded;
using at::Step;

TEST_GROUP(Script) {
  at::Channel channel;
  at::ScriptRunner runner;
  at::Instant now{std::chrono::hours{1}};
  at::ScriptEvents events;

  // What is written now; empty if nothing is.
  std::string next() {
    runner.take_output(channel, now);
    std::string line = channel.take_output(now);
    if (!line.empty()) line.pop_back();
    return line;
  }
  void answer(const std::string& text) {
    for (auto& event : channel.feed("\r\n" + text + "\r\n", now))
      if (const auto* end = std::get_if<at::Completed>(&event)) add(runner.feed(*end, now));
  }
  void wait(at::Millis time) {
    now += time;
    for (auto& event : channel.tick(now))
      if (const auto* end = std::get_if<at::Completed>(&event)) add(runner.feed(*end, now));
    add(runner.tick(now));
  }
  void add(const at::ScriptEvents& more) {
    events.insert(events.end(), more.begin(), more.end());
  }
  ScriptEnded ended() {
    CHECK_FALSE(runner.running());
    return std::get<ScriptEnded>(events.back());
  }
};

TEST(Script, StepsInOrderAndAlternativesWhereRefused) {
  runner.start({{.tries = {"ATE0"}}, {.id = 5, .tries = {"AT+CNMI=2,1", "AT+CNMI=1,1"}}}, now);
  STRCMP_EQUAL("ATE0", next().c_str());
  STRCMP_EQUAL("", next().c_str());
  answer("OK");
  STRCMP_EQUAL("AT+CNMI=2,1", next().c_str());
  answer("ERROR");
  STRCMP_EQUAL("AT+CNMI=1,1", next().c_str());
  answer("OK");
  CHECK_TRUE(ended().how == ScriptEnded::How::done);
  LONGS_EQUAL(1, static_cast<long>(std::get<at::Captured>(events[0]).alternative));
  LONGS_EQUAL(5, std::get<at::Captured>(events[0]).id);
}

TEST(Script, ARefusalIsIgnoredOrTheEnd) {
  runner.start(
      {{.tries = {"AT+A"}}, {.tries = {"AT+B"}, .on_error = Step::OnError::fail}, {.tries = {"AT+C"}}}, now);
  next();
  answer("ERROR");
  next();
  answer("+CMS ERROR: 302");
  CHECK_TRUE(ended().how == ScriptEnded::How::refused);
  STRCMP_EQUAL("AT+B", ended().line.c_str());
  STRCMP_EQUAL("", next().c_str());
}

TEST(Script, SilenceEndsItWhateverTheStep) {
  runner.start({{.tries = {"AT+A", "AT+B"}, .timeout = 2s}, {.tries = {"AT+C"}}}, now);
  next();
  wait(2s);
  CHECK_TRUE(ended().how == ScriptEnded::How::silent);
}

TEST(Script, RepeatsUntilOkOrTheEndOfItsTime) {
  runner.start({{.tries = {"AT+CMGF=0"}, .repeat_gap = 1s, .repeat_for = 3s}, {.tries = {"AT+C"}}}, now);
  int asked = 0;
  while (next() == "AT+CMGF=0" && asked < 10) {
    ++asked;
    answer("ERROR");
    STRCMP_EQUAL("", channel.idle() ? "" : "busy");
    wait(1s);
  }
  LONGS_EQUAL(3, asked);
  CHECK_TRUE(runner.running());
}

TEST(Script, HurryTriesAtOnce) {
  runner.start({{.tries = {"AT+CPMS?"}, .repeat_gap = 1s, .repeat_for = 60s}}, now);
  next();
  answer("ERROR");
  STRCMP_EQUAL("", next().c_str());
  runner.hurry(now);
  wait(0ms);
  STRCMP_EQUAL("AT+CPMS?", next().c_str());
  answer("OK");
  CHECK_TRUE(ended().how == ScriptEnded::How::done);
}

TEST(Script, AnEmptyOneIsDone) {
  runner.start({}, now);
  wait(0ms);
  CHECK_TRUE(ended().how == ScriptEnded::How::done);
}
