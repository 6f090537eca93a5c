#include "daemon/store/restore_copy.h"

#include <CppUTest/TestHarness.h>

#include <filesystem>
#include <fstream>

#include "daemon/store/message_rows.h"
#include "desk.h"

using namespace klaxon;
using namespace klaxon::store;

namespace fs = std::filesystem;

TEST_GROUP(RestoreCopy) {
  TempDir here, there;

  // A database with one message in each state that matters, as a copy.
  std::string copy() {
    {
      Desk desk(there.path());
      desk.store().restore();
      MessageRecord queued = message(1), begun = message(2), later = message(3), doubt = message(4),
                    done = message(5);
      queued.state = MessageState::queued;
      begun.state = MessageState::submitting;
      begun.parts = {{}, {}};
      begun.parts[0].state = MessageState::submitted;
      begun.parts[1].state = MessageState::submitting;
      begun.parts[1].modem = "modem0";
      begun.parts[1].tp_mr = PartRecord::kStoredFirst;
      later.state = MessageState::queued;
      later.attempts = 0;
      later.send_at_ms = later.due_ms = kNowMs + 1000;
      doubt.state = MessageState::unknown;
      doubt.lane = Lane::alert;
      doubt.parts.assign(1, {});
      doubt.parts[0].state = MessageState::unknown;
      doubt.parts[0].tp_mr = PartRecord::kStoredFirst;
      done.state = MessageState::delivered;
      for (MessageRecord* each : {&queued, &later}) each->parts.assign(1, {});
      SimRecord sim;
      sim.iccid = "8944";
      sim.last_tp_mr = 7;
      BroadcastRecord half;
      half.id = 1;
      half.numbers = {"+447700900001", "+447700900002"};
      half.expanded = 1;
      CHECK_TRUE(
          desk.commits({InsertMessage{queued}, InsertMessage{begun}, InsertMessage{later},
                        InsertMessage{doubt}, InsertMessage{done}, SaveSim{sim}, SaveBroadcast{half}}));
    }
    fs::remove(there.database() + "-wal");
    return there.database();
  }
};

TEST(RestoreCopy, what_may_have_gone_is_held) {
  const auto done = restore_copy(copy(), here.path(), kNowMs, Owed::hold);
  CHECK_TEXT(done.has_value(), done ? "" : done.error().text.c_str());
  CHECK_EQUAL(5, done->messages);
  CHECK_EQUAL(2, done->in_doubt);
  CHECK_EQUAL(1, done->unsent_recipients);
  Desk desk(here.path());
  const Restored all = desk.store().restore();
  LONGS_EQUAL(0, all.submitting.size());
  LONGS_EQUAL(3, all.unknown.size());
  for (const MessageRecord& held : all.unknown) CHECK_TRUE(held.in_doubt == DoubtPolicy::hold);
  CHECK_TRUE(all.unknown[1].parts[0].state == MessageState::submitted);
  CHECK_TRUE(all.unknown[1].parts[1].state == MessageState::unknown);
  STRCMP_EQUAL("", all.unknown[1].parts[1].modem.c_str());
  LONGS_EQUAL(0, all.broadcasts.size());
  CHECK_EQUAL(-1, all.sims.front().last_tp_mr);
  for (const MessageRecord& held : all.unknown)
    for (const PartRecord& part : held.parts)
      CHECK_FALSE_TEXT(part.stored_first(), "its slot may have been emptied since");
  CHECK_TRUE(all.next_message > 1'000'000);
  CHECK_TRUE(all.clean_shutdown);
  const auto later = desk.read([](Reader& reader) { return reader.message(3); });
  CHECK_TRUE(later->state == MessageState::queued);
  const auto lane = static_cast<std::size_t>(message(1).lane) * kMessageStates;
  CHECK_EQUAL(1, all.counts[lane + static_cast<std::size_t>(MessageState::queued)]);
}

TEST(RestoreCopy, what_is_owed_stays_owed_where_that_is_said) {
  const auto done = restore_copy(copy(), here.path(), kNowMs, Owed::send);
  CHECK_EQUAL(0, done->in_doubt);
  Desk desk(here.path());
  CHECK_TRUE(desk.read([](Reader& reader) { return reader.message(1); })->state == MessageState::queued);
}

TEST(RestoreCopy, a_power_cut_in_the_middle_is_gone_on_with) {
  { Desk old(here.path()); }
  const std::string copied = copy();
  fs::copy_file(copied, here.path() + "/klaxon.restored-20261122T120000Z");
  std::ofstream(here.database() + "-wal") << "of the old one";
  Desk desk(here.path());
  LONGS_EQUAL(5, desk.read([](Reader& reader) { return reader.messages({}, {}); }).size());
  CHECK_TRUE(fs::exists(here.path() + "/before-restore-20261122T120000Z/klaxon.db"));
  CHECK_TRUE(fs::exists(here.path() + "/before-restore-20261122T120000Z/klaxon.db-wal"));
}

TEST(RestoreCopy, nothing_is_touched_while_a_daemon_runs) {
  const std::string copied = copy();
  Desk running(here.path());
  const auto refused = restore_copy(copied, here.path(), kNowMs, Owed::hold);
  CHECK_FALSE(refused.has_value());
  CHECK_TRUE(refused.error().kind == Failure::Kind::busy);
}
