// Texts from the storage to the delete.
#include <CppUTest/TestHarness.h>

#include "tests/drivers/rig.h"

using drivers::State;
using drivers::StoredAt;
using drivers::StoredPdu;
using drivers::Verdict;

TEST_GROUP(Inbound) {
  Rig rig;
  void setup() override {
    CHECK_TRUE(rig.start());
    rig.run(1s);
  }
  void arrives(const std::string& mem, int index, int text) {
    rig.peer.store[mem][index] = deliver(text);
    rig.peer.urc("+CMTI: \"" + mem + "\"," + std::to_string(index));
  }
  std::size_t line_no(const std::string& prefix) {
    for (std::size_t i = 0; i < rig.peer.lines.size(); ++i)
      if (rig.peer.lines[i].starts_with(prefix)) return i;
    return rig.peer.lines.size();
  }
  std::size_t troubles(const std::string& what) {
    std::size_t n = 0;
    for (const auto& trouble : rig.all<drivers::Trouble>()) n += trouble.what.find(what) != std::string::npos;
    return n;
  }
};

TEST(Inbound, IsReadAtOnceAndDeletedOnlyWhenReleased) {
  arrives("SM", 3, 1);
  CHECK_TRUE(rig.run_until_event<StoredPdu>(1s));
  const auto text = rig.last<StoredPdu>();
  STRCMP_EQUAL(deliver(1).c_str(), text.hex.c_str());
  CHECK_TRUE(text.at == (StoredAt{"SM", 3}));
  rig.run(300s);
  LONGS_EQUAL(0, rig.peer.count("AT+CMGD"));
  LONGS_EQUAL_TEXT(1, rig.count<StoredPdu>(), "not given twice");
  rig.release(text.at);
  rig.run(1s);
  LONGS_EQUAL(1, rig.peer.count("AT+CMGD=3"));
  CHECK_TRUE(rig.peer.store["SM"].empty());
}

TEST(Inbound, FreshlyReadItIsDeletedWithoutASecondLook) {
  rig.release_at_once = true;
  arrives("SM", 3, 1);
  rig.run(1s);
  LONGS_EQUAL(1, rig.peer.count("AT+CMGR="));
  LONGS_EQUAL(1, rig.peer.count("AT+CMGD="));
}

// The keyword's own modem sends its share of the alerts: their commits are a millisecond apart.
TEST(Inbound, ATextToBeDeletedDoesNotDelayTheAlertsThatItSetOff) {
  arrives("SM", 3, 1);
  CHECK_TRUE(rig.run_until_event<StoredPdu>(1s));
  rig.last_alert = 3;
  rig.turn();
  rig.release({"SM", 3});
  for (const std::uint64_t token : {1u, 2u, 3u}) {
    rig.run(1ms);
    rig.committed(token);
    CHECK_TRUE(rig.verdict().verdict == Verdict::accepted);
  }
  rig.run(1s);
  LONGS_EQUAL_TEXT(2, rig.peer.count("AT+CMGR="), "read, and compared once, when all had left");
  LONGS_EQUAL(1, rig.peer.count("AT+CMGD=3"));
}

TEST(Inbound, AnAlertWhoseCommitHangsDoesNotKeepTextsOnTheSim) {
  rig.claim_gated(1, true);
  arrives("SM", 3, 1);
  CHECK_TRUE(rig.run_until_event<StoredPdu>(1s));
  LONGS_EQUAL(0, rig.peer.count("AT+CMGS="));
}

TEST(Inbound, AfterTwoSecondsItIsComparedFirst) {
  arrives("SM", 3, 1);
  CHECK_TRUE(rig.run_until_event<StoredPdu>(1s));
  rig.run(3s);
  rig.release({"SM", 3});
  rig.run(1s);
  LONGS_EQUAL(2, rig.peer.count("AT+CMGR=3"));
  LONGS_EQUAL(1, rig.peer.count("AT+CMGD=3"));
}

TEST(Inbound, AfterASubmitItIsComparedFirst) {
  arrives("SM", 3, 1);
  CHECK_TRUE(rig.run_until_event<StoredPdu>(1s));
  rig.claim(1, true);
  rig.verdict();
  rig.release({"SM", 3});
  rig.run(1s);
  LONGS_EQUAL(2, rig.peer.count("AT+CMGR=3"));
  CHECK_TRUE(rig.peer.store["SM"].empty());
}

TEST(Inbound, AnotherTextInItsPlaceIsNotDeletedButGiven) {
  arrives("SM", 3, 1);
  CHECK_TRUE(rig.run_until_event<StoredPdu>(1s));
  rig.run(3s);
  rig.peer.store["SM"][3] = deliver(2);
  rig.release({"SM", 3});
  rig.run(1s);
  LONGS_EQUAL(0, rig.peer.count("AT+CMGD"));
  LONGS_EQUAL(2, rig.count<StoredPdu>());
  STRCMP_EQUAL(deliver(2).c_str(), rig.last<StoredPdu>().hex.c_str());
  rig.release({"SM", 3});
  rig.run(1s);
  CHECK_TRUE(rig.peer.store["SM"].empty());
}

TEST(Inbound, ASecondNoticeForAHeldPlaceMakesItLookFirst) {
  arrives("SM", 3, 1);
  CHECK_TRUE(rig.run_until_event<StoredPdu>(1s));
  arrives("SM", 3, 2);
  rig.run(10ms);
  rig.release({"SM", 3});
  rig.run(1s);
  LONGS_EQUAL(0, rig.peer.count("AT+CMGD"));
  STRCMP_EQUAL(deliver(2).c_str(), rig.last<StoredPdu>().hex.c_str());
}

TEST(Inbound, TheStorageOfTheNoticeIsSelectedFirst) {
  arrives("ME", 5, 1);
  CHECK_TRUE(rig.run_until_event<StoredPdu>(1s));
  CHECK_TRUE(rig.last<StoredPdu>().at == (StoredAt{"ME", 5}));
  rig.release({"ME", 5});
  rig.run(1s);
  CHECK_TRUE(rig.peer.store["ME"].empty());
  arrives("SM", 5, 2);
  CHECK_TRUE(rig.run_until_event<StoredPdu>(1s));
  CHECK_TRUE(rig.last<StoredPdu>().at == (StoredAt{"SM", 5}));
}

TEST(Inbound, BothStoragesAreSweptAtTheStart) {
  Rig fresh;
  fresh.peer.store["SM"][1] = deliver(1);
  fresh.peer.store["ME"][1] = deliver(2);
  fresh.peer.store["ME"][7] = deliver(3);
  CHECK_TRUE(fresh.start());
  fresh.run(1s);
  LONGS_EQUAL(3, fresh.count<StoredPdu>());
}

TEST(Inbound, ALostNoticeIsMadeUpForByTheSweep) {
  rig.release_at_once = true;
  rig.peer.store["SM"][9] = deliver(9);
  rig.run(61s);
  LONGS_EQUAL(1, rig.count<StoredPdu>());
  CHECK_TRUE(rig.peer.store["SM"].empty());
}

TEST(Inbound, AFullStorageIsSweptAtOnce) {
  rig.peer.store["SM"][9] = deliver(9);
  rig.peer.urc("^SMMEMFULL:\"SM\"");
  CHECK_TRUE(rig.run_until_event<StoredPdu>(1s));
  LONGS_EQUAL(1, troubles("storage full"));
}

TEST(Inbound, WhatIsNoPduIsGivenAllTheSame) {
  rig.peer.store["SM"][2] = "0BD04259303784=96p331p71160016D02B5AEC86";
  rig.peer.urc("+CMTI: \"SM\",2");
  CHECK_TRUE(rig.run_until_event<StoredPdu>(1s));
  STRCMP_EQUAL("0BD04259303784=96p331p71160016D02B5AEC86", rig.last<StoredPdu>().hex.c_str());
}

TEST(Inbound, OwnDraftsAreLeftAlone) {
  Rig fresh;
  fresh.peer.expect("AT+CMGL=4")
      .answer(
          "\r\n+CMGL: 1,2,,12\r\n0001000B914477000000000000\r\n+CMGL: 2,3,,29\r\n"
          "079124602009999002AB098106845688F8907080517375809070805183018000\r\n\r\nOK\r\n");
  CHECK_TRUE(fresh.start());
  fresh.run(1s);
  LONGS_EQUAL(1, fresh.count<StoredPdu>());
  LONGS_EQUAL(2, fresh.last<StoredPdu>().at.index);
}

TEST(Inbound, AnEmptyPlaceIsTriedAFewTimes) {
  rig.peer.urc("+CDSI: \"SM\",0");
  rig.run(30s);
  LONGS_EQUAL(3, rig.peer.count("AT+CMGR=0"));
  LONGS_EQUAL(0, rig.count<StoredPdu>());
}

TEST(Inbound, ADeleteOfWhatIsGoneIsFine) {
  arrives("SM", 3, 1);
  CHECK_TRUE(rig.run_until_event<StoredPdu>(1s));
  rig.peer.store["SM"].clear();
  rig.release({"SM", 3});
  rig.run(60s);
  LONGS_EQUAL(1, rig.peer.count("AT+CMGD=3"));
  LONGS_EQUAL(0, rig.count<drivers::Trouble>());
}

TEST(Inbound, AGhostIsToldOnceAndNotGivenForEver) {
  rig.release_at_once = true;
  rig.peer.expect("AT+CMGD=3").ok().always();
  arrives("SM", 3, 1);
  rig.run(1200s);
  CHECK_TRUE(rig.count<StoredPdu>() <= 4);
  LONGS_EQUAL(1, troubles("ghost"));
}

TEST(Inbound, WhatCannotBeDeletedIsTriedSeldom) {
  rig.release_at_once = true;
  rig.peer.expect("AT+CMGD=3").answer("\r\n+CMS ERROR: 320\r\n").always();
  arrives("SM", 3, 1);
  rig.run(300s);
  LONGS_EQUAL(1, rig.count<StoredPdu>());
  LONGS_EQUAL(1, troubles("can't be deleted"));
  CHECK_TRUE(rig.peer.count("AT+CMGD=3") < 20);
}

TEST(Inbound, WithoutCmglEachPlaceIsAskedFor) {
  Rig fresh;
  fresh.peer.store["SM"][0] = deliver(1);
  fresh.peer.store["SM"][20] = deliver(2);
  fresh.peer.expect("AT+CMGL=4").answer("\r\n+CMS ERROR: 303\r\n").always();
  CHECK_TRUE(fresh.start());
  fresh.run(5s);
  LONGS_EQUAL(2, fresh.count<StoredPdu>());
  LONGS_EQUAL(0, fresh.count<drivers::Trouble>());
}

TEST(Inbound, AListThatHangsTheModemIsNotAskedForEver) {
  Rig fresh;
  fresh.peer.store["SM"][4] = deliver(1);
  fresh.peer.expect("AT+CMGL=4").nothing().always();
  CHECK_TRUE(fresh.start());
  fresh.run(900s);
  LONGS_EQUAL(1, fresh.count<StoredPdu>());
  CHECK_TRUE(fresh.peer.count("AT+CMGL=4") <= 8);
}

TEST(Inbound, ANoticeDuringASubmitIsReadRightAfterIt) {
  rig.peer.expect_pdu().answer("\r\n+CMTI: \"SM\",4\r\n\r\n+CMGS: 187\r\n\r\nOK\r\n");
  rig.peer.store["SM"][4] = deliver(4);
  rig.claim(1);
  CHECK_TRUE(rig.verdict().verdict == Verdict::accepted);
  rig.claim_gated(2);
  rig.run(20ms);
  LONGS_EQUAL_TEXT(1, rig.count<StoredPdu>(), "while the next claim is gated");
}

TEST(Inbound, WaitingTextsGoBeforeAClaim) {
  rig.claim_gated(1);
  for (int i = 0; i < 3; ++i) arrives("SM", i, i);
  rig.run(at::Millis{1});
  rig.committed(1);
  rig.verdict();
  CHECK_TRUE(line_no("AT+CMGR=2") < line_no("AT+CMGS="));
}

TEST(Inbound, AnAlertGoesBeforeWaitingTexts) {
  for (int i = 0; i < 5; ++i) arrives("SM", i, i);
  rig.claim(1, true);
  rig.run(2s);
  CHECK_TRUE(line_no("AT+CMGS=") < line_no("AT+CMGR=1"));
  LONGS_EQUAL(5, rig.count<StoredPdu>());
}

TEST(Inbound, AtMostTenTextsGoBeforeAClaim) {
  rig.claim_gated(1);
  rig.peer.places = 1000;
  for (int i = 0; i < 30; ++i) {
    rig.peer.store["SM"][i] = deliver(i);
    rig.peer.expect("AT+CMGR=" + std::to_string(i))
        .after(at::Millis{1})
        .answer("\r\n+CMGR: 0,,30\r\n" + deliver(i) + "\r\n\r\nOK\r\n");
    rig.peer.urc("+CMTI: \"SM\"," + std::to_string(i));
  }
  rig.run(at::Millis{1});
  rig.committed(1);
  rig.verdict();
  int before = 0;
  for (std::size_t i = 0; i < line_no("AT+CMGS="); ++i) before += rig.peer.lines[i].starts_with("AT+CMGR=");
  CHECK_TRUE_TEXT(before >= 9 && before <= 11, std::to_string(before).c_str());
  rig.run(2s);
  LONGS_EQUAL(30, rig.count<StoredPdu>());
}

TEST(Inbound, OrAHundredAndFiftyMilliseconds) {
  rig.claim_gated(1);
  rig.peer.places = 1000;
  for (int i = 0; i < 8; ++i) {
    rig.peer.expect("AT+CMGR=" + std::to_string(i))
        .after(60ms)
        .answer("\r\n+CMGR: 0,,30\r\n" + deliver(i) + "\r\n\r\nOK\r\n");
    rig.peer.urc("+CMTI: \"SM\"," + std::to_string(i));
  }
  rig.run(at::Millis{1});
  rig.committed(1);
  rig.verdict();
  int before = 0;
  for (std::size_t i = 0; i < line_no("AT+CMGS="); ++i) before += rig.peer.lines[i].starts_with("AT+CMGR=");
  CHECK_TRUE_TEXT(before >= 2 && before <= 4, std::to_string(before).c_str());
}

TEST(Inbound, MoreOfThemWhenTheStorageIsNearlyFull) {
  rig.peer.places = 100;
  for (int i = 0; i < 100; ++i) rig.peer.store["SM"][i] = deliver(i);
  rig.peer.urc("^SMMEMFULL:\"SM\"");
  rig.run(100ms);
  LONGS_EQUAL(100, rig.count<StoredPdu>());
  rig.claim_gated(1);
  for (int i = 0; i < 100; ++i) rig.modem.release({"SM", i}, rig.now);
  rig.committed(1);
  rig.verdict();
  int before = 0;
  for (std::size_t i = 0; i < line_no("AT+CMGS="); ++i) before += rig.peer.lines[i].starts_with("AT+CMGD=");
  CHECK_TRUE_TEXT(before > 15 && before < 25, std::to_string(before).c_str());
}

TEST(Inbound, FullToTheBrimAndAllIsRead) {
  rig.release_at_once = true;
  rig.peer.places = 255;
  for (int i = 0; i < 255; ++i) rig.peer.store["ME"][i] = deliver(i);
  rig.peer.urc("+QIND: \"smsfull\",\"ME\"");
  rig.run(30s);
  LONGS_EQUAL(255, rig.count<StoredPdu>());
  CHECK_TRUE(rig.peer.store["ME"].empty());
}

TEST(Inbound, MoreNoticesThanFitEndInASweep) {
  rig.release_at_once = true;
  rig.peer.hung = true;  // so that they pile up behind a command
  rig.run(31s);
  rig.peer.hung = false;
  for (int i = 0; i < 400; ++i) {
    rig.peer.store["SM"][i] = deliver(i);
    rig.peer.urc("+CMTI: \"SM\"," + std::to_string(i));
  }
  rig.run(120s);
  LONGS_EQUAL(400, rig.count<StoredPdu>());
}

TEST(Inbound, PushedReportsAreHandedOn) {
  rig.peer.says("\r\n+CDS: 25\r\n079119890400202306400C91195505000000511090718384225110907183252200\r\n");
  CHECK_TRUE(rig.run_until_event<drivers::PushedPdu>(1s));
  LONGS_EQUAL('0', rig.last<drivers::PushedPdu>().hex[0]);
}

TEST(Inbound, AReleaseFromBeforeAnUnplugDeletesNothingNew) {
  arrives("SM", 3, 1);
  CHECK_TRUE(rig.run_until_event<StoredPdu>(1s));
  rig.unplug();
  rig.peer.store["SM"][3] = deliver(2);  // another SIM, say
  rig.plug();
  CHECK_TRUE(rig.start());
  rig.run(1s);
  LONGS_EQUAL(2, rig.count<StoredPdu>());
  rig.release({"SM", 3});  // of the first one
  rig.run(1s);
  LONGS_EQUAL(0, rig.peer.count("AT+CMGD"));
  rig.run(61s);
  LONGS_EQUAL_TEXT(3, rig.count<StoredPdu>(), "given again, as its release may never come");
  rig.release({"SM", 3});
  rig.run(1s);
  LONGS_EQUAL(1, rig.peer.count("AT+CMGD=3"));
}

TEST(Inbound, AfterARebootEverythingIsLookedAtTwice) {
  arrives("SM", 3, 1);
  CHECK_TRUE(rig.run_until_event<StoredPdu>(1s));
  rig.peer.urc("RDY");
  rig.run(10ms);
  rig.release({"SM", 3});
  rig.run(5s);
  LONGS_EQUAL(2, rig.peer.count("AT+CMGR=3"));
  CHECK_TRUE(rig.peer.store["SM"].empty());
}

TEST(Inbound, StorageUseIsTold) {
  rig.peer.store["SM"][1] = deliver(1);
  rig.run(61s);
  const auto seen = rig.all<drivers::StorageSeen>();
  CHECK_TRUE(!seen.empty());
  bool told = false;
  for (const auto& s : seen) told = told || (s.mem == "SM" && s.used == 1 && s.total == 20);
  CHECK_TRUE(told);
}

TEST(Inbound, AListThatGotLostIsFoundOutByAnAt) {
  rig.peer.store["SM"][4] = deliver(4);
  rig.peer.expect("AT+CMGL=4").nothing();
  rig.peer.urc("^SMMEMFULL:\"SM\"");
  CHECK_TRUE(rig.run_until_event<StoredPdu>(20s));
  STRCMP_EQUAL("ready", state_of(rig).c_str());
}
