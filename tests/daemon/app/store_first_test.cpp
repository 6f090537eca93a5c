// SIMs that store first: the status of a slot settles what was begun, whenever the end came.
#include <CppUTest/TestHarness.h>

#include <algorithm>

#include "tests/support/stories.h"

using namespace klaxon;
using namespace std::chrono_literals;
using rig::Rig;
using rig::count;
using rig::is;
using rig::kAna;
using rig::kBen;

namespace {

rig::Options storing(int modems = 1, modembank::Family family = modembank::Family::generic) {
  rig::Options options{.modems = modems, .family = family};
  options.settings = [](config::Settings& settings) {
    settings.sim_defaults.submit = config::Submit::store_first;
  };
  return options;
}

// Until it happens for the nth time.
void until_event(Rig& rig, const std::string& event, std::size_t times = 1) {
  CHECK_TEXT(rig.until([&] { return count(rig, event) >= times; }, 2min), event.c_str());
}

void ends_well(Rig& rig, std::size_t on_air = 1, at::Millis most = 90s) {
  const bool sent = rig.until(
      [&] {
        return std::all_of(rig.rows.messages.begin(), rig.rows.messages.end(),
                           [](const auto& row) { return row.second.state == MessageState::submitted; }) &&
               rig.stored() == 0;
      },
      most);
  CHECK_TEXT(sent, rig.tail_of_notes(12).c_str());
  rig.pass(60s);
  LONGS_EQUAL_TEXT(static_cast<long>(on_air), static_cast<long>(rig.on_air().size()),
                   rig.tail_of_notes(20).c_str());
  LONGS_EQUAL(0, rig.stored());
  LONGS_EQUAL_TEXT(0, static_cast<long>(rig.rows.inbox.size()), "a submit is no text");
}

}  // namespace

TEST_GROUP(StoreFirstStories){};

TEST(StoreFirstStories, what_is_stored_is_sent_and_its_slot_emptied) {
  for (const auto family : {modembank::Family::generic, modembank::Family::ec2x}) {
    Rig rig(storing(1, family));
    rig.ready();
    rig.send(kAna, std::string(400, 'x'), {.report = false});
    rig.send(kBen, "short", {.report = false});
    ends_well(rig, 4);
    LONGS_EQUAL(0, count(rig, "cmgs"));
    LONGS_EQUAL(4, count(rig, "cmgw"));
    LONGS_EQUAL(4, count(rig, "cmss"));
    LONGS_EQUAL(4, count(rig, "delete"));
  }
}

TEST(StoreFirstStories, a_slot_is_emptied_only_when_the_outcome_is_on_disk) {
  rig::Options options = storing();
  options.commit = 700ms;
  Rig rig(options);
  bool early = false;
  rig.on_record = [&](const modembank::Record& r) {
    early = early || (r.event == "delete" && !is(rig, 1, MessageState::submitted));
  };
  rig.ready();
  rig.send(kAna, "x", {.report = false});
  rig.send(kBen, "y", {.report = false});
  ends_well(rig, 2);
  CHECK_FALSE(early);
}

TEST(StoreFirstStories, killed_before_it_was_stored_it_is_sent_once) {
  Rig rig(storing());
  rig.ready();
  rig.send(kAna, "x", {.report = false});
  until_event(rig, "cmgw");
  rig.crash(true);
  CHECK(rig.until([&] { return is(rig, 1, MessageState::submitted); }, 15s));
  ends_well(rig);
}

TEST(StoreFirstStories, killed_before_a_byte_left_it_was_never_stored) {
  Rig rig(storing());
  rig.ready();
  rig.send(kAna, "x", {.report = false});
  CHECK(rig.until([&] { return rig.app().modems()[0].message == 1 && rig.commit_under_way(); }));
  rig.crash(true);
  CHECK(rig.until([&] { return rig.noted("not sent: it was never stored on the SIM"); }, 10s));
  ends_well(rig);
}

TEST(StoreFirstStories, killed_between_storing_and_sending_it_is_sent_once) {
  Rig rig(storing());
  rig.ready();
  rig.send(kAna, "x", {.report = false});
  until_event(rig, "store");
  rig.crash(true);
  CHECK(rig.until([&] { return rig.noted("not sent: its slot on the SIM is not marked as sent"); }, 10s));
  ends_well(rig);
}

TEST(StoreFirstStories, killed_while_it_is_sent_it_is_sent_once) {
  Rig rig(storing());
  rig.ready();
  rig.send(kAna, "x", {.report = false});
  until_event(rig, "cmss");
  rig.pass(500ms);
  rig.crash(true);
  ends_well(rig);
}

TEST(StoreFirstStories, unplugged_before_and_after_it_was_on_the_air_its_slot_tells) {
  for (const bool after : {false, true}) {
    Rig rig(storing());
    rig.ready();
    rig.send(kAna, "x", {.report = false});
    until_event(rig, after ? "submit" : "cmss");
    rig.pass(100ms);
    rig.unplug(0);
    CHECK(rig.until([&] { return is(rig, 1, MessageState::unknown); }, 5s));
    rig.crash();
    rig.pass(5s);
    rig.plug(0);
    CHECK(rig.until(
        [&] { return rig.noted(after ? ": doubt settled, sent: its slot" : "not sent: its slot"); }, 30s));
    ends_well(rig);
    CHECK(rig.row(1).in_doubt_ms != 0);
  }
}

TEST(StoreFirstStories, the_slot_is_read_in_whichever_modem_its_sim_is_put) {
  Rig rig(storing(2, modembank::Family::mixed));
  rig.ready();
  rig.unplug(1);
  rig.send(kAna, "x", {.report = false});
  until_event(rig, "submit");
  rig.pass(100ms);
  const std::string iccid = rig.iccid(0);
  rig.unplug(0);
  rig.pass(5s);
  rig.bank.control("plug modem1 sim=" + iccid, rig.now());
  CHECK(rig.until([&] { return is(rig, 1, MessageState::submitted); }, 60s));
  LONGS_EQUAL(1, rig.on_air().size());
}

TEST(StoreFirstStories, an_answer_that_never_comes_is_settled_without_a_report) {
  for (const char* fault : {"lost-answer", "drop-submit"}) {
    Rig rig(storing());
    rig.ready();
    rig.fault(std::string("modem0 ") + fault + " 1");
    rig.send(kAna, "x", {.report = false});
    CHECK(rig.until([&] { return is(rig, 1, MessageState::unknown); }, 90s));
    ends_well(rig);
  }
}

TEST(StoreFirstStories, the_last_one_with_the_same_words_is_not_taken_for_the_next) {
  Rig rig(storing());
  rig.ready();
  rig.send(kAna, "again", {.report = false});
  CHECK(rig.until([&] { return is(rig, 1, MessageState::submitted); }));
  LONGS_EQUAL(0, count(rig, "delete"));
  rig.crash();  // its slot is marked as sent and not emptied yet
  rig.send(kAna, "again", {.report = false});
  CHECK(rig.until([&] { return is(rig, 2, MessageState::submitting); }, 30s));
  rig.crash(true);
  ends_well(rig, 2);
}

TEST(StoreFirstStories, a_kill_at_any_point_loses_and_doubles_nothing) {
  int killed = 0;
  for (int point = 1; point <= 120; ++point) {
    rig::Options options = storing(1, point % 2 == 0 ? modembank::Family::ec2x : modembank::Family::generic);
    options.seed = static_cast<std::uint64_t>(point);
    Rig rig(options);
    rig.ready();
    rig.pass(1s);
    CHECK(rig.accepted(rig.send(
              kAna, "x", {.lane = point % 3 == 0 ? Lane::alert : Lane::normal, .report = false})) != 0);
    rig.crash_in(point);
    rig.pass(5s);
    killed += rig.crashes();
    ends_well(rig);
  }
  CHECK_TEXT(killed > 35, "hardly ever killed");
}

TEST(StoreFirstStories, a_full_sim_sends_directly) {
  rig::Options options = storing();
  options.bank = [](modembank::BankSettings& bank) { bank.sm_slots = 0; };
  Rig rig(options);
  rig.ready();
  rig.send(kAna, "x", {.report = false});
  rig.send(kBen, "y", {.report = false});
  ends_well(rig, 2);
  LONGS_EQUAL(1, count(rig, "cmgw"));
  LONGS_EQUAL(2, count(rig, "cmgs"));
  CHECK(rig.noted("can't be stored first, so it goes directly"));
}

TEST(StoreFirstStories, a_direct_attempt_is_not_judged_by_slots) {
  Rig rig(storing());
  rig.settings.sim_defaults.submit.reset();
  rig.crash();
  rig.ready();
  rig.send(kAna, "x", {.report = false});
  until_event(rig, "submit");
  rig.pass(100ms);
  rig.unplug(0);
  rig.settings.sim_defaults.submit = config::Submit::store_first;
  rig.crash();
  rig.plug(0);
  rig.pass(2min);
  CHECK(is(rig, 1, MessageState::unknown));
  LONGS_EQUAL(1, rig.on_air().size());
}

TEST(StoreFirstStories, a_sim_that_no_longer_stores_first_still_tells_what_it_holds) {
  Rig rig(storing());
  rig.ready();
  rig.send(kAna, "x", {.report = false});
  until_event(rig, "submit");
  rig.pass(100ms);
  rig.unplug(0);
  rig.settings.sim_defaults.submit.reset();
  rig.crash();
  rig.plug(0);
  CHECK(rig.until([&] { return is(rig, 1, MessageState::submitted); }, 30s));
  ends_well(rig);
}

TEST(StoreFirstStories, alerts_that_leave_from_memory_wait_for_no_slot) {
  Rig rig(storing());
  rig.ready();
  rig.send(kAna, "stored", {.report = false});
  until_event(rig, "cmss");
  rig.hang_disk(60s);
  rig.send(kBen, "fire", {.lane = Lane::alert, .report = false});
  rig.send(kBen, "fire again", {.lane = Lane::alert, .report = false});
  CHECK(rig.until([&] { return rig.texts_to(kBen).size() == 2; }, 15s));
  LONGS_EQUAL_TEXT(0, count(rig, "delete"), "nothing is deleted before it is on disk");
  ends_well(rig, 3, 3min);
}

TEST(StoreFirstStories, an_alert_that_is_in_doubt_is_settled_before_it_is_repeated) {
  Rig rig(storing(2));
  rig.ready();
  rig.send(kAna, "fire", {.lane = Lane::alert, .report = false});
  until_event(rig, "submit");
  rig.pass(100ms);
  const int at = rig.on_air()[0]->modem == "modem0" ? 0 : 1;
  rig.unplug(at);
  rig.pass(1s);
  rig.plug(at);
  ends_well(rig);
}
