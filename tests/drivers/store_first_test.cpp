// Submits that are written to the SIM before they are sent, and what their slots say after a misfortune.
#include <CppUTest/TestHarness.h>

#include <algorithm>

#include "tests/drivers/rig.h"

using drivers::State;
using drivers::Storing;
using drivers::Verdict;

namespace {

const std::string kDraft = "0001000B914477";

bool told(const Rig& rig, const std::string& words) {
  const auto all = rig.all<drivers::Trouble>();
  return std::any_of(all.begin(), all.end(),
                     [&](const auto& t) { return t.what.find(words) != t.what.npos; });
}

}  // namespace

TEST_GROUP(StoreFirst) {
  Rig rig;
  std::uint64_t token = 0;
  void begin() {
    rig.store_first = true;
    rig.modem.store_first(true);
    CHECK_TRUE(rig.start());
    rig.run(1s);
  }
  drivers::SubmitDone submit() {
    rig.claim(++token);
    return rig.verdict();
  }
  void back() {
    rig.plug();
    CHECK_TRUE(rig.run_until(State::ready));
    rig.run(1s);
  }
  drivers::StoredSubmits list() {
    return rig.last<drivers::StoredSubmits>();
  }
  void is_direct(Verdict verdict) {
    rig.run(1s);
    LONGS_EQUAL(static_cast<int>(Storing::off), static_cast<int>(rig.modem.storing()));
    const int before = rig.peer.count("AT+CMGS=");
    CHECK_TRUE(submit().verdict == verdict);
    LONGS_EQUAL(before + 1, rig.peer.count("AT+CMGS="));
  }
};

TEST(StoreFirst, ItIsWrittenThenSentAndDeletedOnceItIsReleased) {
  begin();
  CHECK_TRUE(rig.modem.storing() == Storing::ready);
  const auto done = submit();
  CHECK_TRUE(done.verdict == Verdict::accepted);
  LONGS_EQUAL(1, done.tp_mr);
  LONGS_EQUAL(0, rig.peer.count("AT+CMGS="));
  CHECK_TRUE(done.stored == drivers::StoredAt("SM", 1));
  rig.run(5s);
  CHECK_TRUE_TEXT(rig.modem.storing() == Storing::waiting, "its slot is not free yet");
  LONGS_EQUAL(1, static_cast<long>(rig.peer.store["SM"].size()));
  rig.release(*done.stored);
  rig.run(1s);
  CHECK_TRUE(rig.modem.storing() == Storing::ready);
  LONGS_EQUAL(0, static_cast<long>(rig.peer.store["SM"].size()));
  CHECK_TRUE(submit().verdict == Verdict::accepted);
  LONGS_EQUAL(2, static_cast<long>(rig.peer.air.size()));
  LONGS_EQUAL_TEXT(0, rig.count<drivers::StoredPdu>(), "a submit is no text");
}

TEST(StoreFirst, NothingIsStoredBeforeTheSimWasListed) {
  rig.modem.store_first(true);
  rig.peer.expect("AT+CMGL=").after(3s).answer("\r\nOK\r\n");
  CHECK_TRUE(rig.start());
  rig.run(1s);
  CHECK_TRUE(rig.modem.storing() == Storing::waiting);
  rig.run(10s);
  CHECK_TRUE(rig.modem.storing() == Storing::ready);
  LONGS_EQUAL(0, static_cast<long>(list().all.size()));
}

TEST(StoreFirst, AfterALostPortTheSlotTellsWhatWasNotSent) {
  begin();
  rig.peer.expect("AT+CMSS=").nothing();
  rig.claim(1);
  rig.run(1s);
  rig.unplug();
  CHECK_TRUE(rig.last<drivers::SubmitDone>().verdict == Verdict::in_doubt);
  CHECK_FALSE(rig.last<drivers::SubmitDone>().stored.has_value());
  back();
  LONGS_EQUAL(1, static_cast<long>(list().all.size()));
  CHECK_FALSE(list().all[0].sent);
  STRCMP_EQUAL(kDraft.c_str(), list().all[0].hex.c_str());
  CHECK_TRUE(rig.modem.storing() == Storing::waiting);
  rig.release(list().all[0].at);
  rig.run(1s);
  CHECK_TRUE(rig.modem.storing() == Storing::ready);
  CHECK_TRUE(rig.peer.store["SM"].empty());
}

TEST(StoreFirst, AfterALostAnswerTheSlotTellsWhatWasSent) {
  begin();
  rig.peer.expect("AT+CMSS=").nothing();
  rig.peer.expect("AT").nothing();
  rig.claim(1);
  rig.run(1s);
  rig.peer.stats["SM"][1] = 3;
  const auto done = rig.verdict();
  CHECK_TRUE(done.verdict == Verdict::in_doubt);
  CHECK_TRUE(rig.run_until(State::ready));
  rig.run(1s);
  LONGS_EQUAL(1, static_cast<long>(list().all.size()));
  CHECK_TRUE(list().all[0].sent);
}

TEST(StoreFirst, ABareOkAndADoubtfulErrorHaveTheSimListed) {
  begin();
  for (const char* answer : {"\r\nOK\r\n", "\r\n+CMS ERROR: 500\r\n"}) {
    const auto lists = rig.count<drivers::StoredSubmits>();
    rig.peer.expect("AT+CMSS=").answer(answer);
    CHECK_FALSE(submit().stored.has_value());
    rig.run(10s);
    LONGS_EQUAL(static_cast<long>(lists + 1), static_cast<long>(rig.count<drivers::StoredSubmits>()));
    LONGS_EQUAL(1, static_cast<long>(list().all.size()));
    rig.release(list().all[0].at);
    rig.run(2s);
  }
}

// The same message at the same place, deleted each time: that is no ghost, and the slot still tells.
TEST(StoreFirst, WhatWasDeletedThereBeforeDoesNotHideALaterAttempt) {
  begin();
  for (int attempt = 1; attempt <= 5; ++attempt) {
    const auto lists = rig.count<drivers::StoredSubmits>();
    rig.peer.expect("AT+CMSS=").answer("\r\nOK\r\n");
    CHECK_TRUE(submit().verdict == Verdict::in_doubt);
    rig.run(10s);
    LONGS_EQUAL(static_cast<long>(lists + 1), static_cast<long>(rig.count<drivers::StoredSubmits>()));
    LONGS_EQUAL_TEXT(1, static_cast<long>(list().all.size()), "its slot was passed over");
    rig.release(list().all[0].at);
    rig.run(2s);
  }
  CHECK_TRUE(rig.modem.storing() == Storing::ready);
}

TEST(StoreFirst, WhatTheNetworkRefusesLeavesItsSlotToBeDeleted) {
  begin();
  rig.peer.expect("AT+CMSS=").answer("\r\n+CMS ERROR: 38\r\n");
  const auto done = submit();
  CHECK_TRUE(done.verdict == Verdict::refused);
  rig.release(done.stored.value());
  rig.run(1s);
  CHECK_TRUE(rig.peer.store["SM"].empty());
  CHECK_TRUE(rig.modem.storing() == Storing::ready);
}

TEST(StoreFirst, AFullStorageIsGoneAroundForAMinute) {
  begin();
  for (int i = 1; i <= rig.peer.places; ++i) rig.peer.store["SM"][i] = deliver(i);
  const auto done = submit();
  CHECK_TRUE(done.verdict == Verdict::not_sent);
  CHECK_FALSE(done.stored.has_value());
  CHECK_TRUE(told(rig, "it goes directly: AT+CMGW is answered by +CMS ERROR: 322"));
  is_direct(Verdict::accepted);
  rig.peer.store["SM"].clear();
  rig.run(61s);
  CHECK_TRUE(rig.modem.storing() == Storing::ready);
  CHECK_TRUE(submit().stored.has_value());
}

TEST(StoreFirst, AModemWithoutTheCommandsIsLeftToSendDirectly) {
  rig.peer.expect("AT+CMGW=").answer("\r\nERROR\r\n");
  begin();
  CHECK_TRUE(submit().verdict == Verdict::not_sent);
  is_direct(Verdict::accepted);
  rig.run(5min);
  CHECK_TRUE(rig.modem.storing() == Storing::off);
}

TEST(StoreFirst, ARefusedSendingFromStorageIsGoneAroundToo) {
  rig.peer.expect("AT+CMSS=").answer("\r\nERROR\r\n").always();
  begin();
  const auto done = submit();
  CHECK_TRUE(done.verdict == Verdict::not_sent);
  rig.release(done.stored.value());
  rig.run(5s);
  is_direct(Verdict::accepted);
  CHECK_TRUE(rig.peer.store["SM"].empty());
}

TEST(StoreFirst, AFirmwareThatDoesNotMarkWhatItSentIsFoundOut) {
  rig.peer.marks_sent = false;
  begin();
  const auto done = submit();
  CHECK_TRUE(done.verdict == Verdict::accepted);
  rig.release(done.stored.value());
  rig.run(2s);
  CHECK_TRUE(told(rig, "not marked in SM"));
  CHECK_TRUE(rig.peer.store["SM"].empty());
  is_direct(Verdict::accepted);
}

TEST(StoreFirst, AMarkIsLookedForOnceOnly) {
  begin();
  for (int i = 0; i < 3; ++i) {
    rig.release(submit().stored.value());
    rig.run(1s);
  }
  LONGS_EQUAL(1, rig.peer.count("AT+CMGR="));
  LONGS_EQUAL(3, rig.peer.count("AT+CMGD="));
}

TEST(StoreFirst, BothCommandsShareTheLimits) {
  begin();
  rig.peer.expect_pdu().after(3s).answer("\r\n+CMGW: 1\r\n\r\nOK\r\n");
  rig.peer.expect("AT+CMSS=").nothing();
  rig.peer.expect("AT").nothing().always();
  rig.claim(1);
  rig.run(100ms);
  const auto began = rig.now;
  CHECK_TRUE(rig.run_until_event<drivers::SubmitOverdue>());
  CHECK_TRUE(rig.now - began < 5s);
  CHECK_TRUE(rig.verdict().verdict == Verdict::in_doubt);
  CHECK_TRUE(rig.now - began > 59s && rig.now - began < 61s);
}

TEST(StoreFirst, WhatIsStoredTooSlowlyIsNotSent) {
  begin();
  rig.peer.expect_pdu().after(8s).answer("\r\n+CMGW: 1\r\n\r\nOK\r\n");
  rig.peer.expect("AT").nothing().always();
  rig.claim(1);
  CHECK_TRUE(rig.run_until_event<drivers::SubmitOverdue>());
  const auto done = rig.verdict();
  CHECK_TRUE(done.verdict == Verdict::not_sent);
  CHECK_TRUE(done.stored.has_value());
  LONGS_EQUAL(0, rig.peer.count("AT+CMSS="));
}

TEST(StoreFirst, StoringWithoutAnAnswerIsNotSent) {
  begin();
  rig.peer.expect_pdu().nothing();
  rig.peer.expect("AT").nothing().twice();
  CHECK_TRUE(submit().verdict == Verdict::not_sent);
  LONGS_EQUAL(0, rig.peer.count("AT+CMSS="));
  CHECK_TRUE(rig.run_until(State::ready));
}

TEST(StoreFirst, NoPromptIsNotSent) {
  begin();
  rig.peer.expect("AT+CMGW=").nothing();
  CHECK_TRUE(submit().verdict == Verdict::not_sent);
  CHECK_TRUE(rig.run_until(State::ready));
  LONGS_EQUAL(0, rig.peer.count("PDU:"));
}

TEST(StoreFirst, ARestartBetweenStoringAndSendingIsNotSent) {
  begin();
  rig.peer.expect_pdu().answer("\r\n+CMGW: 1\r\n\r\nOK\r\n\r\nRDY\r\n");
  CHECK_TRUE(submit().verdict == Verdict::not_sent);
  CHECK_TRUE(rig.run_until(State::ready));
  LONGS_EQUAL(0, rig.peer.count("AT+CMSS="));
}

TEST(StoreFirst, AnAnswerThatComesAfterTheHardLimitIsHeard) {
  begin();
  rig.peer.expect("AT+CMSS=").nothing();
  rig.peer.expect("AT").nothing().always();
  CHECK_TRUE(submit().verdict == Verdict::in_doubt);
  rig.peer.says("\r\n+CMSS: 12\r\n\r\nOK\r\n", 2s);
  rig.run(3s);
  LONGS_EQUAL(12, rig.last<drivers::LateAccepted>().tp_mr);
}

TEST(StoreFirst, LeftoversAreShownOnceAndNeverAsTexts) {
  rig.peer.store["SM"] = {{3, kDraft}, {4, deliver(1)}, {5, kDraft}};
  rig.peer.stats["SM"] = {{3, 3}, {5, 2}};
  rig.peer.store["ME"] = {{3, kDraft}};
  rig.peer.stats["ME"] = {{3, 2}};
  begin();
  LONGS_EQUAL(1, static_cast<long>(rig.count<drivers::StoredPdu>()));
  LONGS_EQUAL(2, static_cast<long>(list().all.size()));
  CHECK_TRUE(list().all[0].sent);
  CHECK_FALSE(list().all[1].sent);
  rig.run(3min);
  LONGS_EQUAL_TEXT(0, static_cast<long>(list().all.size()), "they are known");
  LONGS_EQUAL_TEXT(0, rig.peer.count("AT+CMGD="), "nobody released them");
}

TEST(StoreFirst, DraftsOnOtherSimsAreLetAlone) {
  rig.peer.store["SM"] = {{3, kDraft}};
  rig.peer.stats["SM"] = {{3, 2}};
  CHECK_TRUE(rig.start());
  rig.run(3min);
  LONGS_EQUAL(0, rig.count<drivers::StoredPdu>());
  LONGS_EQUAL(0, rig.count<drivers::StoredSubmits>());
  LONGS_EQUAL(0, rig.peer.count("AT+CMGD="));
  CHECK_TRUE(rig.modem.storing() == Storing::off);
}

TEST(StoreFirst, WhereNothingCanBeListedNothingIsStoredFirst) {
  rig.peer.store["SM"] = {{3, kDraft}, {4, deliver(1)}};
  rig.peer.stats["SM"] = {{3, 2}};
  rig.peer.expect("AT+CMGL=").answer("\r\n+CMS ERROR: 303\r\n").always();
  begin();
  rig.run(20s);
  LONGS_EQUAL_TEXT(1, rig.count<drivers::StoredPdu>(), "a draft is no text, however it is read");
  LONGS_EQUAL(0, rig.count<drivers::StoredSubmits>());
  is_direct(Verdict::accepted);
}

TEST(StoreFirst, SubmitsLieOnTheSimWhereverTextsLie) {
  rig.peer.manufacturer = "Quectel";
  rig.peer.model = "EC25";
  begin();
  LONGS_EQUAL(1, rig.peer.count("AT+CPMS=\"SM\",\"SM\",\"ME\""));
  CHECK_TRUE(submit().stored == drivers::StoredAt("SM", 1));
}

TEST(StoreFirst, AFamilyWhoseSlotsProveNothingSendsDirectly) {
  rig.peer.manufacturer = "huawei";
  rig.peer.model = "E173";
  begin();
  CHECK_TRUE(told(rig, "can't be stored first here: huawei_stick"));
  is_direct(Verdict::accepted);
}

TEST(StoreFirst, ASlotThatCantBeDeletedEndsIt) {
  begin();
  rig.peer.expect("AT+CMGD=").answer("\r\n+CMS ERROR: 302\r\n").always();
  rig.release(submit().stored.value());
  rig.run(10s);
  is_direct(Verdict::accepted);
}
