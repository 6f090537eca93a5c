// Texts that are handed over by +CMT: who acknowledges them, when, and what happens to those that nobody did.
#include <CppUTest/TestHarness.h>

#include <algorithm>

#include "tests/drivers/rig.h"

using drivers::State;

namespace {

// Is there a moment when texts are handed over and no receipt is asked for? What comes then is lost with who reads it.
bool hands_over_unasked(const std::vector<std::string>& lines, bool handing_over) {
  bool asked = handing_over;
  for (const std::string& line : lines) {
    if (line.starts_with("AT+CSMS=")) asked = line == "AT+CSMS=1";
    if (line.starts_with("AT+CNMI=") && line != "AT+CNMI=?")
      handing_over = line.size() > 10 && line[10] == '2';
    if (handing_over && !asked) return true;
  }
  return false;
}

bool told(const Rig& rig, const std::string& words) {
  const auto all = rig.all<drivers::Trouble>();
  return std::any_of(all.begin(), all.end(),
                     [&](const auto& t) { return t.what.find(words) != t.what.npos; });
}

}  // namespace

TEST_GROUP(Direct) {
  Rig rig;
  void begin(const std::string& receipts = "(0-2)") {
    rig.peer.expect("AT+CNMA=?").always().answer("\r\n+CNMA: " + receipts + "\r\n\r\nOK\r\n");
    rig.modem.receive_direct(true);
    CHECK_TRUE(rig.start());
    rig.run(2s);
    rig.peer.lines.clear();
    rig.peer.times.clear();
  }
  void pushes(int n) {
    rig.peer.urc("+CMT: ,24\r\n" + deliver(n));
    rig.run(20ms);
  }
  std::uint64_t receipt() {
    return rig.last<drivers::PushedPdu>().receipt;
  }
  void commit() {
    rig.modem.acknowledge(receipt(), rig.now);
    rig.turn();
  }
  int said(const std::string& line) {
    return static_cast<int>(std::count(rig.peer.lines.begin(), rig.peer.lines.end(), line));
  }
  void submit_begins() {
    rig.claim(7);
    rig.run(50ms);
  }
};

TEST(Direct, ByDefaultTextsAreStored) {
  CHECK_TRUE(rig.start());
  LONGS_EQUAL(0, rig.peer.count("AT+CSMS=1"));
  LONGS_EQUAL(0, rig.peer.count("AT+CNMI=2,2"));
  rig.peer.urc("+CMT: ,24\r\n" + deliver(1));
  rig.run(10s);
  LONGS_EQUAL_TEXT(0, static_cast<long>(rig.last<drivers::PushedPdu>().receipt), "pushed against its settings");
  LONGS_EQUAL(0, rig.peer.count("AT+CNMA"));
}

TEST(Direct, WhatALifeBeforeHadHandedOverWantsReceiptsUntilItIsStored) {
  CHECK_TRUE(rig.start());
  LONGS_EQUAL(1, said("AT+CSMS=0"));
  LONGS_EQUAL(1, said("AT+CNMI=2,1,0,1,0"));
  CHECK_FALSE(hands_over_unasked(rig.peer.lines, true));
}

TEST(Direct, AndWhenItIsStoredForAWhileToo) {
  begin();
  pushes(1);
  rig.run(10s);
  LONGS_EQUAL(1, said("AT+CSMS=0"));
  CHECK_FALSE(hands_over_unasked(rig.peer.lines, true));
}

TEST(Direct, ATextIsAcknowledgedOnceItIsOnDisk) {
  begin();
  pushes(1);
  STRCMP_EQUAL(deliver(1).c_str(), rig.last<drivers::PushedPdu>().hex.c_str());
  rig.run(3s);
  LONGS_EQUAL(0, said("AT+CNMA"));
  commit();
  rig.run(10s);
  LONGS_EQUAL(1, said("AT+CNMA"));
  LONGS_EQUAL(0, said("AT+CNMA=2"));
}

TEST(Direct, TheModeIsSetAfterTheOneForStoredTexts) {
  rig.modem.receive_direct(true);
  rig.peer.expect("AT+CNMI=2,2").answer("\r\n+CMS ERROR: 303\r\n");
  CHECK_TRUE(rig.start());
  const auto& lines = rig.peer.lines;
  const auto find = [&](const char* line) { return std::find(lines.begin(), lines.end(), line); };
  CHECK_TRUE(find("AT+CNMI=2,1,0,1,0") < find("AT+CSMS=1"));
  CHECK_TRUE(find("AT+CSMS=1") < find("AT+CNMI=1,2,0,1,0"));
  CHECK_TRUE(find("AT+CNMI=1,2,0,1,0") != lines.end());
  LONGS_EQUAL_TEXT(0, rig.peer.count("AT+CNMA=2"), "it does not offer that");
}

TEST(Direct, AReportWantsItsReceiptToo) {
  begin();
  rig.peer.urc("+CDS: 25\r\n0006010B91447709");
  rig.run(20ms);
  commit();
  rig.run(1s);
  LONGS_EQUAL(1, said("AT+CNMA"));
}

TEST(Direct, ReceiptsGoInTheOrderOfTheTexts) {
  begin();
  pushes(1);
  const auto first = receipt();
  pushes(2);
  commit();
  rig.run(1s);
  LONGS_EQUAL_TEXT(0, said("AT+CNMA"), "it would be taken for the first text's");
  rig.modem.acknowledge(first, rig.now);
  rig.turn();
  rig.run(1s);
  LONGS_EQUAL(2, said("AT+CNMA"));
}

TEST(Direct, BesideASubmitTheReceiptWaitsForItsEnd) {
  begin();
  rig.peer.expect_pdu().after(4s).answer("\r\n+CMGS: 9\r\n\r\nOK\r\n");
  submit_begins();
  pushes(1);
  commit();
  rig.run(1s);
  LONGS_EQUAL(0, said("AT+CNMA"));
  CHECK_TRUE(rig.verdict().verdict == drivers::Verdict::accepted);
  rig.run(1s);
  LONGS_EQUAL(1, said("AT+CNMA"));
}

TEST(Direct, TheReceiptGoesBeforeTheNextSubmit) {
  begin();
  pushes(1);
  rig.claim_gated(3);
  rig.modem.acknowledge(receipt(), rig.now);
  rig.committed(3);
  rig.verdict();
  const auto& lines = rig.peer.lines;
  const auto receipt_at = std::find(lines.begin(), lines.end(), "AT+CNMA");
  CHECK_TRUE(receipt_at != lines.end() && *(receipt_at + 1) == "AT+CMGS=6");
}

TEST(Direct, WhatIsNotOnDiskInTimeIsRefusedAndTextsAreStoredForAWhile) {
  begin();
  pushes(1);
  rig.run(4s);
  LONGS_EQUAL(0, said("AT+CNMA=2"));
  rig.run(2s);
  LONGS_EQUAL(1, said("AT+CNMA=2"));
  rig.run(2s);
  CHECK_TRUE(rig.modem.state() == State::ready);
  LONGS_EQUAL(1, said("AT+CSMS=0"));
  LONGS_EQUAL(0, said("AT+CSMS=1"));
  commit();
  rig.run(10s);
  LONGS_EQUAL_TEXT(0, said("AT+CNMA"), "it was refused");
  rig.run(60s);
  LONGS_EQUAL(1, said("AT+CSMS=1"));
  LONGS_EQUAL(1, said("AT+CNMI=2,2,0,1,0"));
}

TEST(Direct, WithoutAFormForItNothingIsRefused) {
  begin("(0,1)");
  pushes(1);
  rig.run(10s);
  LONGS_EQUAL(0, rig.peer.count("AT+CNMA"));
  commit();
  rig.run(1s);
  LONGS_EQUAL(1, said("AT+CNMA"));
}

TEST(Direct, TooLateItAsksWhatTheModemMadeOfItsSettings) {
  begin();
  pushes(1);
  rig.peer.expect("AT+CNMA").answer("\r\n+CMS ERROR: 340\r\n");
  rig.peer.expect("AT+CNMI?").answer("\r\n+CNMI: 2,0,0,0,0\r\n\r\nOK\r\n");
  commit();
  rig.run(3s);
  CHECK_TRUE(rig.modem.state() == State::ready);
  LONGS_EQUAL_TEXT(1, said("AT+CNMI=2,1,0,1,0"), "stored for a while");
  CHECK_TRUE(told(rig, "no longer handed over"));
  rig.run(61s);
  LONGS_EQUAL(1, said("AT+CNMI=2,2,0,1,0"));
}

TEST(Direct, AReceiptThatNobodyWantsChangesNothing) {
  begin();
  rig.peer.urc("+CDS: 25\r\n0006010B91447709");
  rig.run(20ms);
  rig.peer.expect("AT+CNMA").answer("\r\n+CMS ERROR: 340\r\n");
  rig.peer.expect("AT+CNMI?").answer("\r\n+CNMI: 2,2,0,1,0\r\n\r\nOK\r\n");
  commit();
  rig.run(3s);
  LONGS_EQUAL(0, said("AT+CSMS=0"));
  CHECK_FALSE(told(rig, "handed over"));
}

TEST(Direct, TheSettingIsLookedAtNowAndThen) {
  begin();
  rig.run(31s);
  LONGS_EQUAL(1, said("AT+CNMI?"));
  rig.peer.expect("AT+CNMI?").answer("\r\n+CNMI: 2,0,0,0,0\r\n\r\nOK\r\n");
  rig.run(31s);
  LONGS_EQUAL(1, said("AT+CSMS=0"));
}

TEST(Direct, AReceiptOfBeforeIsWorthNothingAfterARestart) {
  begin();
  pushes(1);
  const auto old = receipt();
  rig.peer.urc("RDY");
  rig.run(5s);
  CHECK_TRUE(rig.modem.state() == State::ready);
  pushes(2);
  CHECK_TRUE(receipt() != old);
  rig.modem.acknowledge(old, rig.now);
  rig.turn();
  rig.run(1s);
  LONGS_EQUAL_TEXT(0, said("AT+CNMA"), "it would be taken for the second text's");
  commit();
  rig.run(1s);
  LONGS_EQUAL(1, said("AT+CNMA"));
}

TEST(Direct, WhatTheLastOwnerLeftOpenIsRefused) {
  begin();
  rig.unplug();
  rig.plug();
  CHECK_TRUE(rig.run_until(State::ready));
  LONGS_EQUAL(1, said("AT+CNMA=2"));
}

TEST(Direct, WhatWaitedInThePortIsGivenOutWhenItsSimIsKnown) {
  begin();
  rig.unplug();
  rig.plug();
  rig.peer.says("\r\n+CMT: ,24\r\n" + deliver(5) + "\r\n", 50ms);
  const auto before = rig.count<drivers::PushedPdu>();
  CHECK_TRUE(rig.run_until(State::ready));
  LONGS_EQUAL(before + 1, rig.count<drivers::PushedPdu>());
  std::size_t sim = 0, pdu = 0;
  for (std::size_t k = 0; k < rig.events.size(); ++k) {
    if (std::holds_alternative<drivers::SimSeen>(rig.events[k])) sim = k;
    if (std::holds_alternative<drivers::PushedPdu>(rig.events[k])) pdu = k;
  }
  CHECK_TRUE(sim < pdu);
  LONGS_EQUAL_TEXT(0, static_cast<long>(receipt()), "nobody knows whether it is still open");
}

TEST(Direct, AModemThatRefusesTheServiceStores) {
  rig.modem.receive_direct(true);
  rig.peer.expect("AT+CSMS=1").answer("\r\n+CMS ERROR: 303\r\n");
  CHECK_TRUE(rig.start());
  rig.run(1s);
  LONGS_EQUAL(0, rig.peer.count("AT+CNMI=2,2"));
  CHECK_TRUE(told(rig, "so they are stored: AT+CSMS=1 is answered by +CMS ERROR: 303"));
  STRCMP_EQUAL("AT+CNMI=2,1,0,1,0",
               std::find_if(rig.peer.lines.rbegin(), rig.peer.lines.rend(),
                            [](const auto& line) { return line.starts_with("AT+CNMI="); })->c_str());
  rig.run(200s);
  LONGS_EQUAL(1, rig.peer.count("AT+CSMS=1"));
}

TEST(Direct, AFamilyThatTakesNoReceiptsIsNotAsked) {
  Rig other("simcom_sim800");
  other.modem.receive_direct(true);
  CHECK_TRUE(other.start());
  LONGS_EQUAL(0, other.peer.count("AT+CSMS=1"));
  CHECK_TRUE(told(other, "so they are stored: simcom_sim800"));
}

TEST(Direct, WhatIsStoredAllTheSameIsReadAndDeleted) {
  rig.release_at_once = true;
  rig.peer.store["SM"][3] = deliver(1);
  begin();
  LONGS_EQUAL(1, rig.count<drivers::StoredPdu>());
  LONGS_EQUAL(0, static_cast<long>(rig.peer.store["SM"].size()));
}

TEST(Direct, AStopWaitsForTheReceipt) {
  begin();
  rig.peer.expect_pdu().after(2s).answer("\r\n+CMGS: 9\r\n\r\nOK\r\n");
  submit_begins();
  pushes(1);
  rig.modem.stop(rig.now);
  commit();
  rig.run(3s);
  LONGS_EQUAL(1, said("AT+CNMA"));
  CHECK_TRUE(rig.modem.stopped());
}
