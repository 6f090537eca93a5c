// One command at a time, and no answer for the wrong one.
#include <CppUTest/TestHarness.h>

#include <algorithm>
#include <string>

#include "at/channel.h"

using namespace std::chrono_literals;
using at::Outcome;

TEST_GROUP(Channel) {
  at::Channel channel;
  at::Instant now{std::chrono::hours{1}};
  at::ChannelEvents events;

  void add(at::ChannelEvents more) {
    std::move(more.begin(), more.end(), std::back_inserter(events));
  }
  std::string start(at::Command command) {
    channel.start(std::move(command), now);
    return channel.take_output(now);
  }
  void read(std::string_view bytes) {
    add(channel.feed(bytes, now));
  }
  std::string wait(at::Millis time) {
    now += time;
    add(channel.tick(now));
    return channel.take_output(now);
  }
  template <class Event>
  std::vector<Event> all() {
    std::vector<Event> out;
    for (const auto& event : events)
      if (const auto* e = std::get_if<Event>(&event)) out.push_back(*e);
    return out;
  }
  at::Completed done() {
    LONGS_EQUAL_TEXT(1, static_cast<long>(all<at::Completed>().size()), "exactly one end");
    const auto end = all<at::Completed>().back();
    events.clear();
    return end;
  }
  at::Command submit() {
    return {.line = "AT+CMGS=6",
            .prefix = "+CMGS:",
            .timeout = 60s,
            .payload = "0001000B914477",
            .prompt_timeout = 10s};
  }
};

TEST(Channel, ACommandAndItsAnswer) {
  STRCMP_EQUAL("AT+CSQ\r", start({.line = "AT+CSQ", .prefix = "+CSQ:"}).c_str());
  CHECK_FALSE(channel.idle());
  read("\r\n+CSQ: 21,99\r\n\r\nOK\r\n");
  const auto end = done();
  CHECK_TRUE(end.outcome == Outcome::answered && end.result.ok());
  LONGS_EQUAL(1, static_cast<long>(end.lines.size()));
  CHECK_TRUE(channel.idle());
  CHECK_FALSE(channel.deadline().has_value());
}

TEST(Channel, ATextThatSaysOkIsNoResult) {
  start({.line = "AT+CGMM"});
  read("\r\nOK computer\r\n\r\nERROR 7\r\n\r\nOK\r\n");
  LONGS_EQUAL(2, static_cast<long>(done().lines.size()));
}

TEST(Channel, OnlyTheOwnPrefixBelongs) {
  start({.line = "AT+CSQ", .prefix = "+CSQ:"});
  read("\r\n+CREG: 1\r\n^FOO: 3\r\nhello\r\n+CSQ: 1,99\r\n\r\nOK\r\n");
  LONGS_EQUAL(1, static_cast<long>(all<at::Urc>().size()));
  LONGS_EQUAL(2, static_cast<long>(all<at::Stray>().size()));
  LONGS_EQUAL(1, static_cast<long>(done().lines.size()));
}

TEST(Channel, WithoutAPrefixWhateverIsNoUrc) {
  start({.line = "AT+CGMM"});
  read("AT+CGMM\r\r\n^RSSI: 9\r\nM1\r\nRDY\r\n\r\nOK\r\n");
  LONGS_EQUAL(2, static_cast<long>(all<at::Urc>().size()));
  const auto end = done();
  LONGS_EQUAL(1, static_cast<long>(end.lines.size()));
  STRCMP_EQUAL("M1", end.lines[0].line.c_str());
}

TEST(Channel, AUrcBetweenHeaderAndPduIsNoPdu) {
  start({.line = "AT+CMGR=1", .prefix = "+CMGR:", .data_lines = true});
  read("\r\n+CMGR: 0,,6\r\n+CMTI: \"SM\",2\r\n^NEW: 1\r\n0001000B914477\r\n\r\nOK\r\n");
  STRCMP_EQUAL("0001000B914477", done().lines[0].data.c_str());
}

TEST(Channel, SubmitWritesThePduAfterThePromptInOnePiece) {
  STRCMP_EQUAL("AT+CMGS=6\r", start(submit()).c_str());
  read("\r\n>");
  LONGS_EQUAL(1, static_cast<long>(all<at::PromptSeen>().size()));
  STRCMP_EQUAL("0001000B914477\x1A", channel.take_output(now).c_str());
  CHECK_TRUE(channel.payload_written());
  read(" ");
  read("\r\n+CMGS: 5\r\n\r\nOK\r\n");
  const auto end = done();
  CHECK_TRUE(end.payload_written);
  STRCMP_EQUAL("+CMGS: 5", end.lines[0].line.c_str());
}

TEST(Channel, NoPromptIsEscaped) {
  start(submit());
  STRCMP_EQUAL("\x1B", wait(10s).c_str());
  CHECK_TRUE(done().outcome == Outcome::no_prompt);
  CHECK_TRUE(channel.lost());
}

TEST(Channel, AnOkBeforeThePromptIsSomebodyElses) {
  start(submit());
  read("\r\nOK\r\n");
  CHECK_TRUE(events.size() == 1 && std::holds_alternative<at::Stray>(events[0]));
  read("\r\n> ");
  CHECK_FALSE(channel.take_output(now).empty());
}

TEST(Channel, ACmgsBeforeThePromptIsALateOne) {
  start(submit());
  read("\r\n+CMGS: 3\r\n\r\nOK\r\n");
  LONGS_EQUAL(2, static_cast<long>(all<at::Stray>().size()));
  read("\r\n> ");
  channel.take_output(now);
  read("\r\n+CMGS: 4\r\n\r\nOK\r\n");
  const auto end = done();
  LONGS_EQUAL(1, static_cast<long>(end.lines.size()));
  STRCMP_EQUAL("+CMGS: 4", end.lines[0].line.c_str());
}

TEST(Channel, AfterATimeoutOnlyAnAnsweredProbeAndAFenceLeadOn) {
  start({.line = "AT+CSQ", .prefix = "+CSQ:", .timeout = 3s});
  wait(3s);
  CHECK_TRUE(done().outcome == Outcome::timed_out);
  CHECK_TRUE(channel.lost());
  channel.probe(now);
  STRCMP_EQUAL("AT\r", channel.take_output(now).c_str());
  read("\r\n+CSQ: 3,99\r\n\r\nOK\r\n");  // the late answer of the first
  STRCMP_EQUAL("AT+CMEE?\r", channel.take_output(now).c_str());
  wait(2s);
  read("\r\nOK\r\n");  // the probe's own
  wait(2s);
  CHECK_FALSE_TEXT(channel.idle(), "the fence's is still owed");
  read("\r\n+CMEE: 1\r\n\r\nOK\r\n");
  CHECK_TRUE(channel.idle());
  LONGS_EQUAL(1, static_cast<long>(all<at::Drained>().size()));
  LONGS_EQUAL(0, static_cast<long>(all<at::Completed>().size()));
}

TEST(Channel, WithoutAFenceTheCountAndSilenceDo) {
  channel.lose();
  channel.probe(now);
  read("\r\nOK\r\n");
  read("\r\nERROR\r\n");  // it knows no +CMEE
  wait(200ms);
  CHECK_TRUE(channel.idle());
}

// However slowly what the port's last owner asked is answered: a bare OK can't be the fence's.
TEST(Channel, OksOfAnEarlierOwnerAreNotTakenForTheFences) {
  channel.take_over();
  channel.probe(now);
  read("\r\nOK\r\n");
  STRCMP_CONTAINS("AT+CMEE?\r", channel.take_output(now).c_str());
  for (int k = 0; k < 4; ++k) {
    wait(1s);
    CHECK_FALSE(channel.idle());
    read("\r\nOK\r\n");
  }
  read("\r\n+CMEE: 1\r\n\r\nOK\r\n");
  STRCMP_EQUAL_TEXT("AT+CMGF?\r", channel.take_output(now).c_str(), "one that nothing came before");
  CHECK_FALSE(channel.idle());
  read("\r\n+CMGF: 0\r\n\r\nOK\r\n");
  CHECK_TRUE(channel.idle());
  CHECK_TRUE(all<at::Drained>().at(0).strangers);
}

TEST(Channel, AFenceOfAnEarlierOwnerLeadsNowhere) {
  channel.take_over();
  channel.probe(now);
  channel.probe(now);
  read("\r\nOK\r\n");
  CHECK_TRUE(channel.take_output(now).ends_with("AT+CMEE?\r"));
  read("\r\n+CMEE: 1\r\n\r\nOK\r\n");  // before the second AT was answered: it is not ours
  STRCMP_EQUAL("AT+CMGF?\r", channel.take_output(now).c_str());
  read("\r\nOK\r\n\r\n+CMEE: 1\r\n\r\nOK\r\n\r\n+CMGF: 0\r\n\r\nOK\r\n");
  STRCMP_EQUAL("AT+CMEE?\r", channel.take_output(now).c_str());
  CHECK_FALSE(channel.idle());
  read("\r\n+CMEE: 1\r\n\r\nOK\r\n");
  CHECK_TRUE(channel.idle());
}

TEST(Channel, APortThatAnswersEverythingTwiceIsTakenOverAllTheSame) {
  channel.take_over();
  channel.probe(now);
  read("\r\nOK\r\n\r\nOK\r\n");
  int fences = 0;
  for (std::string asked; !channel.idle() && fences < 100; ++fences) {
    asked = channel.take_output(now);
    const std::string answer = asked.ends_with("+CMEE?\r") ? "\r\n+CMEE: 1\r\n\r\nOK\r\n" : "\r\n+CMGF: 0\r\n\r\nOK\r\n";
    read("\r\nOK\r\n" + answer);
  }
  CHECK_TRUE(channel.idle());
  CHECK_TRUE(fences < 10);
}

TEST(Channel, WhatIsOwedAndDoesNotComeIsLostAgain) {
  channel.lose();
  channel.probe(now);
  read("\r\nOK\r\n");
  wait(3s);
  CHECK_TRUE(channel.lost());
  channel.probe(now);
  channel.take_output(now);
  read("\r\n+CMEE: 1\r\n\r\nOK\r\n");  // of the fence that was given up
  STRCMP_EQUAL("AT+CMGF?\r", channel.take_output(now).c_str());
  CHECK_FALSE(channel.idle());
  read("\r\nOK\r\n\r\n+CMGF: 0\r\n\r\nOK\r\n");
  CHECK_TRUE(channel.idle());
}

TEST(Channel, ALateAnswerInTheMiddleOfTheNextCommandTakesItsOkWithIt) {
  start(submit());
  read("\r\n> ");
  channel.take_output(now);
  wait(60s);
  CHECK_TRUE(done().outcome == Outcome::timed_out);
  channel.probe(now);
  channel.take_output(now);
  read("\r\nOK\r\n\r\n+CMEE: 1\r\n\r\nOK\r\n");
  CHECK_TRUE(channel.idle());
  start({.line = "AT+CSQ", .prefix = "+CSQ:"});
  read("\r\n+CMGS: 12\r\n\r\nOK\r\n");
  LONGS_EQUAL(0, static_cast<long>(all<at::Completed>().size()));
  read("\r\n+CSQ: 4,99\r\n\r\nOK\r\n");
  LONGS_EQUAL(1, static_cast<long>(done().lines.size()));
}

TEST(Channel, ProbesBesideASubmitAreSwallowedAfterIt) {
  start(submit());
  read("\r\n> ");
  channel.take_output(now);
  channel.probe(now);
  channel.probe(now);
  STRCMP_EQUAL("AT\rAT\r", channel.take_output(now).c_str());
  read("\r\n+CMGS: 5\r\n\r\nOK\r\n");
  CHECK_TRUE(done().probed);
  CHECK_FALSE_TEXT(channel.idle(), "two are owed");
  STRCMP_EQUAL("AT+CMEE?\r", channel.take_output(now).c_str());
  read("\r\nOK\r\n\r\nOK\r\n\r\n+CMEE: 1\r\n\r\nOK\r\n");
  CHECK_TRUE(channel.idle());
}

TEST(Channel, PortThatNeverFallsSilentIsDrainedAllTheSame) {
  channel.lose();
  channel.probe(now);
  bool idle = false;
  for (int i = 0; i < 400 && !idle; ++i) {
    wait(100ms);
    read("noise\r\nOK\r\n");
    idle = channel.idle();
  }
  CHECK_TRUE(idle);
}

TEST(Channel, AbortTakesBackWhatWasNotWritten) {
  channel.start({.line = "AT+CMGD=1"}, now);
  channel.abort(now, events);
  CHECK_TRUE(done().outcome == Outcome::aborted);
  CHECK_TRUE(channel.idle());
  STRCMP_EQUAL("", channel.take_output(now).c_str());
}

TEST(Channel, AbortAtThePromptEscapes) {
  start(submit());
  read("\r\n> ");
  channel.abort(now, events);
  CHECK_FALSE(done().payload_written);
  STRCMP_EQUAL("\x1B", channel.take_output(now).c_str());
}

TEST(Channel, AbortAfterThePduWritesNothing) {
  start(submit());
  read("\r\n> ");
  channel.take_output(now);
  channel.abort(now, events);
  CHECK_TRUE(done().payload_written);
  STRCMP_EQUAL("", channel.take_output(now).c_str());
}

TEST(Channel, CloseEndsWhatRunsAndForgetsTheRest) {
  start(submit());
  channel.close(events);
  CHECK_TRUE(done().outcome == Outcome::closed);
  channel.close(events);
  CHECK_TRUE(events.empty());
  CHECK_TRUE(channel.idle());
}

TEST(Channel, APduThatNeverFollowsItsHeaderHoldsNothingUp) {
  read("\r\n+CDS: 25\r\n");
  CHECK_TRUE(events.empty());
  wait(2s);
  LONGS_EQUAL(1, static_cast<long>(all<at::Urc>().size()));
  CHECK_TRUE(all<at::Urc>()[0].data.empty());
}

TEST(Channel, ANoticeBetweenCdsAndItsPdu) {
  read("\r\n+CDS: 25\r\n+CMTI: \"SM\",1\r\n0791\r\n");
  LONGS_EQUAL(2, static_cast<long>(all<at::Urc>().size()));
  STRCMP_EQUAL("0791", all<at::Urc>()[1].data.c_str());
}

TEST(Channel, AnAnswerHasABound) {
  start({.line = "AT+CMGL=4", .prefix = "+CMGL:", .data_lines = true});
  for (int i = 0; i < 5000; ++i) read("\r\n+CMGL: 1,1,,20\r\n0791728301\r\n");
  read("\r\nOK\r\n");
  CHECK_TRUE(done().lines.size() <= at::Channel::kMaxLines);
}

TEST(Channel, EchoOfThePduWithItsResultGluedBehind) {
  start(submit());
  read("AT+CMGS=6\r\r\n> ");
  channel.take_output(now);
  // Too short to be taken for an echo with something behind it; a real one is not.
  read("0001000B914477\x1A\r\n\r\n+CMGS: 1\r\n\r\nOK\r\n");
  CHECK_TRUE(done().result.ok());
  at::Command longer = submit();
  longer.payload = std::string(40, 'A');
  start(longer);
  read("\r\n> ");
  channel.take_output(now);
  read(std::string(40, 'A') + "\x1A+CMS ERROR: 38\r\n");
  STRCMP_EQUAL("cms_38", done().result.name().c_str());
}

TEST(Channel, AnOpenUssdHoldsBackWhatFollowsForTwoSeconds) {
  start({.line = "AT+CSQ", .prefix = "+CSQ:"});
  read("\r\n+CUSD: 1,\"lost\r\n\r\n+CSQ: 21,99\r\n\r\nOK\r\n");
  CHECK_TRUE(events.empty());
  CHECK_TRUE(*channel.deadline() == now + at::Channel::kUssdText);
  wait(at::Channel::kUssdText - 1ms);
  CHECK_TRUE(events.empty());
  wait(1ms);
  STRCMP_EQUAL("+CUSD: 1,\"lost", all<at::Urc>().at(0).line.c_str());
  STRCMP_EQUAL("+CSQ: 21,99", done().lines.at(0).line.c_str());
}

TEST(Channel, AnOpenUssdHoldsBackOnlySoMuch) {
  start({.line = "AT+CSQ", .prefix = "+CSQ:"});
  read("\r\n+CUSD: 1,\"lost\r\n\r\n+CSQ: 21,99\r\n\r\nOK\r\n");
  read(std::string(at::Channel::kMaxUssd / 2, 'x') + "\r\n");
  CHECK_TRUE(events.empty());
  read(std::string(at::Channel::kMaxUssd / 2, 'y') + "\r\n");
  LONGS_EQUAL(2, static_cast<long>(all<at::Stray>().size()));
  CHECK_TRUE(done().result.ok());
}

TEST(Channel, AnOpenUssdIsGivenOutAtTheEnd) {
  read("\r\n+CUSD: 1,\"one\r\ntwo\r\n");
  channel.close(events);
  STRCMP_EQUAL("+CUSD: 1,\"one\ntwo", all<at::Urc>().at(0).line.c_str());
  CHECK_FALSE(channel.deadline());
}
