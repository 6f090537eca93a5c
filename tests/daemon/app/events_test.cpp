// What changes leaves an event, in the order of the commits, and not before its commit.
#include <CppUTest/TestHarness.h>

#include <algorithm>

#include "tests/support/stories.h"

using namespace klaxon;
using namespace std::chrono_literals;
using rig::Rig;
using rig::kAna;

namespace {

std::string states_of(const Rig& rig, Id message) {
  constexpr const char* kNames[] = {"queued", "submitting", "submitted", "delivered", "failed", "expired", "cancelled", "unknown"};
  std::string out;
  for (const EventRecord& event : rig.rows.events)
    if (event.message && event.message->id == message)
      out += (out.empty() ? "" : " ") + std::string(kNames[static_cast<std::size_t>(event.message->state)]);
  return out;
}

std::string states_of(const Rig& rig, const std::string& modem) {
  std::string out;
  for (const EventRecord& event : rig.rows.events)
    if (event.modem && event.modem->modem == modem) out += (out.empty() ? "" : " ") + event.modem->state;
  return out;
}

}  // namespace

TEST_GROUP(EventStories){};

TEST(EventStories, a_message_leaves_one_for_each_change) {
  Rig rig({.modems = 1, .on_sqlite = true});
  rig.ready();
  const Id id = rig.accepted(rig.send(kAna, "hello"));
  CHECK(rig.until([&] { return rig.row(id).state == MessageState::delivered; }));
  STRCMP_EQUAL("queued submitting submitted delivered", states_of(rig, id).c_str());
  STRCMP_EQUAL("", rig.disk_difference().c_str());
}

TEST(EventStories, a_list_leaves_its_own_when_it_is_whole) {
  Rig rig({.modems = 1, .on_sqlite = true});
  rig.ready();
  std::vector<std::string> many;
  for (int i = 0; i < 2500; ++i) many.push_back("+4477009" + std::to_string(10'000 + i));
  const Ticket ticket = rig.send_list(many, "hello");
  while (rig.status(ticket) == 0) {
    CHECK(rig.app().last_event() <= rig.rows.events.size());
    CHECK(rig.step(rig.now() + 60s));
  }
  LONGS_EQUAL(202, rig.status(ticket));
  const Id first = rig.accepted(ticket);
  for (const Id id : {first, first + 2499}) STRCMP_CONTAINS("queued", states_of(rig, id).c_str());
  STRCMP_EQUAL("", rig.disk_difference().c_str());
}

TEST(EventStories, are_told_of_only_when_they_are_on_disk) {
  Rig rig({.modems = 1, .commit = 400ms});
  rig.ready();
  rig.pass(2s);
  const Id before = rig.app().last_event();
  CHECK_EQUAL(rig.rows.events.size(), before);
  rig.send(kAna, "hello");
  rig.pass(390ms);
  CHECK_EQUAL(before, rig.app().last_event());
  rig.pass(20ms);
  CHECK_EQUAL(before + 2, rig.app().last_event());  // queued, submitting
}

TEST(EventStories, what_was_sent_from_memory_is_told_when_the_disk_is_back) {
  Rig rig({.modems = 1});
  rig.ready();
  rig.pass(2s);
  const Id before = rig.app().last_event();
  rig.hang_disk(20s);
  const Id id = rig.accepted(rig.send(kAna, "hello", {.lane = Lane::alert}));
  CHECK(rig.until([&] { return rig.on_air().size() == 1; }));
  CHECK_EQUAL(before, rig.app().last_event());
  CHECK(rig.until([&] { return states_of(rig, id).ends_with("delivered"); }));
  CHECK(rig.app().last_event() > before);
}

TEST(EventStories, modems_tell_what_they_go_through) {
  Rig rig({.modems = 1});
  rig.ready();
  rig.pass(1s);
  const std::string up = states_of(rig, "modem0");
  STRCMP_EQUAL("probing initialising ready", up.c_str());
  rig.unplug(0);
  CHECK(rig.until([&] { return states_of(rig, "modem0").ends_with("ready absent"); }));
}

TEST(EventStories, a_text_is_told_with_its_conversation) {
  Rig rig({.modems = 1});
  rig.ready();
  rig.text_in(0, kAna, "hi");
  CHECK(rig.until([&] { return !rig.rows.inbox.empty(); }));
  const auto told = std::count_if(rig.rows.events.begin(), rig.rows.events.end(), [](const EventRecord& event) {
    return event.inbox && event.inbox->conversation == kAna && event.inbox->text == "hi";
  });
  LONGS_EQUAL(1, told);
}

TEST(EventStories, ids_go_on_after_a_crash) {
  Rig rig({.modems = 1, .on_sqlite = true});
  rig.ready();
  rig.accepted(rig.send(kAna, "hello"));
  rig.crash(false);
  CHECK_EQUAL(rig.rows.events.size(), rig.app().last_event());
  rig.ready();
  rig.accepted(rig.send(kAna, "again"));
  CHECK(rig.until([&] { return rig.row(2).state == MessageState::delivered; }));
  STRCMP_EQUAL("", rig.disk_difference().c_str());
}
