// Opening, losing and taking over a port.
#include <CppUTest/TestHarness.h>

#include "tests/drivers/rig.h"

using drivers::State;
using drivers::Verdict;

TEST_GROUP(Port){};

TEST(Port, IsAskedForOnceAndWaitedFor) {
  Rig rig;
  rig.present = false;
  rig.run(300s);
  LONGS_EQUAL(1, rig.opens);
  STRCMP_EQUAL("absent", state_of(rig).c_str());
  CHECK_FALSE_TEXT(rig.modem.deadline().has_value(), "nothing is due while nobody is there");
  rig.plug();
  CHECK_TRUE(rig.start());
}

TEST(Port, AShellThatRefusesAtOnceIsNotAskedInALoop) {
  Rig rig;
  rig.present = false;
  rig.turn();
  for (int i = 0; i < 50; ++i) {
    rig.asked = false;
    rig.modem.port_closed("busy", rig.now);
    rig.run(200ms);
  }
  CHECK_TRUE(rig.opens <= 52);
  CHECK_TRUE(rig.opens >= 45);
}

TEST(Port, AnUnplugAndAPlugLeadBackToReady) {
  Rig rig;
  CHECK_TRUE(rig.start());
  rig.unplug();
  STRCMP_EQUAL("absent", state_of(rig).c_str());
  LONGS_EQUAL(2, rig.opens);
  rig.run(3600s);
  LONGS_EQUAL(2, rig.opens);
  rig.plug();
  const auto plugged = rig.now;
  CHECK_TRUE(rig.start());
  CHECK_TRUE(rig.now - plugged < 3s);
  LONGS_EQUAL(2, rig.count<drivers::Identified>());
  LONGS_EQUAL(2, rig.count<drivers::SimSeen>());
  LONGS_EQUAL(2, rig.count<drivers::TakenOver>());
}

TEST(Port, LostBeforeThePduIsNotSent) {
  Rig rig;
  CHECK_TRUE(rig.start());
  rig.peer.expect("AT+CMGS=").nothing();
  rig.claim(1);
  rig.run(1s);
  rig.unplug();
  CHECK_TRUE(rig.last<drivers::SubmitDone>().verdict == Verdict::not_sent);
  LONGS_EQUAL(1, rig.count<drivers::SubmitDone>());
}

TEST(Port, LostAfterThePduIsInDoubt) {
  Rig rig;
  CHECK_TRUE(rig.start());
  rig.peer.expect_pdu().nothing();
  rig.claim(1);
  rig.run(1s);
  rig.unplug();
  CHECK_TRUE(rig.last<drivers::SubmitDone>().verdict == Verdict::in_doubt);
  STRCMP_EQUAL("port lost", rig.last<drivers::SubmitDone>().why.c_str());
}

TEST(Port, LostWithTheCmgsButWithoutItsOkIsAccepted) {
  Rig rig;
  CHECK_TRUE(rig.start());
  rig.peer.expect_pdu().answer("\r\n+CMGS: 44\r\n");
  rig.claim(1);
  rig.run(1s);
  rig.unplug();
  CHECK_TRUE(rig.last<drivers::SubmitDone>().verdict == Verdict::accepted);
  LONGS_EQUAL(44, rig.last<drivers::SubmitDone>().tp_mr);
}

TEST(Port, LostWithAGatedClaimGivesItBack) {
  Rig rig;
  CHECK_TRUE(rig.start());
  rig.claim_gated(9);
  rig.unplug();
  CHECK_TRUE(rig.last<drivers::SubmitDone>().verdict == Verdict::not_sent);
  rig.committed(9);  // too late, and nobody minds
  rig.plug();
  CHECK_TRUE(rig.start());
  LONGS_EQUAL(1, rig.count<drivers::SubmitDone>());
}

TEST(Port, ALateCmgsAmongTheLeftoversIsTold) {
  Rig rig;
  rig.turn();
  rig.peer.says("\r\n+CMGS: 77\r\n\r\nOK\r\n", 30ms);
  CHECK_TRUE(rig.start());
  LONGS_EQUAL(1, rig.count<drivers::LateAccepted>());
  LONGS_EQUAL(77, rig.last<drivers::LateAccepted>().tp_mr);
  LONGS_EQUAL(0, rig.count<drivers::DataEntryWasOpen>());
}

TEST(Port, ALateCmgsAfterEscIsNoDataEntry) {
  Rig rig;
  rig.turn();
  rig.peer.says("\r\n+CMGS: 78\r\n\r\nOK\r\n", 250ms);
  CHECK_TRUE(rig.start());
  LONGS_EQUAL(78, rig.last<drivers::LateAccepted>().tp_mr);
  LONGS_EQUAL(0, rig.count<drivers::DataEntryWasOpen>());
}

TEST(Port, AnOpenDataEntryIsClosedByEscAndTold) {
  Rig rig;
  rig.peer.data_entry = true;
  rig.turn();
  rig.peer.says("\r\n> ", 20ms);
  CHECK_TRUE(rig.start());
  LONGS_EQUAL(1, rig.count<drivers::DataEntryWasOpen>());
  STRCMP_EQUAL("\x1B", rig.peer.lines.front().c_str());
  std::size_t entry = 0, taken = 0;
  for (std::size_t i = 0; i < rig.events.size(); ++i) {
    if (std::holds_alternative<drivers::DataEntryWasOpen>(rig.events[i])) entry = i;
    if (std::holds_alternative<drivers::TakenOver>(rig.events[i])) taken = i;
  }
  CHECK_TRUE(entry < taken);
}

TEST(Port, AnOkThatWasOwedToOurselvesIsNoDataEntry) {
  Rig rig;
  CHECK_TRUE(rig.start());
  rig.peer.expect("AT+CSQ").nothing();
  rig.run(1s);
  rig.unplug();
  rig.plug();
  rig.turn();
  rig.run(at::Millis{1});
  rig.peer.says("\r\nOK\r\n", 200ms);
  CHECK_TRUE(rig.start());
  LONGS_EQUAL(0, rig.count<drivers::DataEntryWasOpen>());
}

TEST(Port, AnAnswerThatStraddlesEscIsNoDataEntry) {
  Rig rig;
  rig.turn();
  rig.peer.says("\r\n+CSQ: 20,99\r\n", 90ms);
  rig.peer.says("\r\nOK\r\n", 150ms);
  CHECK_TRUE(rig.start());
  LONGS_EQUAL(0, rig.count<drivers::DataEntryWasOpen>());
}

// A slow modem still answers what a life before asked, one at a time.
TEST(Port, AnOkAfterEscThatOthersFollowIsNoDataEntry) {
  Rig rig;
  rig.turn();
  for (const auto at : {at::Millis{200}, at::Millis{490}, at::Millis{780}, at::Millis{1'070}}) rig.peer.says("\r\nOK\r\n", at);
  CHECK_TRUE(rig.start());
  LONGS_EQUAL(0, rig.count<drivers::DataEntryWasOpen>());
  LONGS_EQUAL(1, rig.count<drivers::TakenOver>());
}

TEST(Port, AnOkAfterEscAndOneBeforeItAreNoDataEntry) {
  Rig rig;
  rig.turn();
  rig.peer.says("\r\nOK\r\n", 50ms);
  rig.peer.says("\r\nOK\r\n", 250ms);
  CHECK_TRUE(rig.start());
  LONGS_EQUAL(0, rig.count<drivers::DataEntryWasOpen>());
}

TEST(Port, TheLeftoversAreReadBeforeAnythingIsWritten) {
  Rig rig;
  rig.turn();
  rig.run(90ms);
  LONGS_EQUAL(0, static_cast<long>(rig.peer.lines.size()));
  rig.run(100ms);
  LONGS_EQUAL(1, static_cast<long>(rig.peer.lines.size()));
  rig.run(150ms);
  LONGS_EQUAL_TEXT(1, static_cast<long>(rig.peer.lines.size()), "300 ms belong to ESC");
}

TEST(Port, TheFirstATsMayGetLost) {
  Rig rig;
  rig.peer.expect("AT").nothing().twice();
  CHECK_TRUE(rig.start());
  LONGS_EQUAL(0, rig.count<drivers::Trouble>());
}
