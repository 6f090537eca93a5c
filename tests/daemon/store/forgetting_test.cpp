#include <CppUTest/TestHarness.h>

#include "daemon/store/forgetting.h"
#include "daemon/store/idle_work.h"
#include "daemon/store/message_rows.h"
#include "daemon/store/packed.h"
#include "daemon/store/write_ops.h"
#include "desk.h"

using namespace klaxon;
using namespace klaxon::store;

namespace {
constexpr std::int64_t kDay = 86'400'000, kOldMs = kNowMs - 500 * kDay, kYoungMs = kNowMs - kDay;
constexpr std::int64_t kBeforeMs = kNowMs - 400 * kDay;
const std::string kOne = "+447700900001", kOther = "+447700900002";
}  // namespace

TEST_GROUP(Forgetting) {
  TempDir dir;
  Connection db = fresh_database(dir);
  OpWriter ops{db};
  Forgetting forgetting{db};

  void put(Id id, MessageState state, std::int64_t at_ms, const std::string& to = kOne) {
    MessageRecord row = message(id, to);
    row.state = state;
    row.created_ms = at_ms;
    row.submitted_ms = row.delivered_ms = row.send_at_ms = 0;
    row.ref = "ref";
    insert_message(db, row);
  }
  std::int64_t number(const std::string& sql) {
    return db.number(sql).value_or(-1);
  }
  int run_out() {
    int slices = 1;
    while (forgetting.slice()) ++slices;
    CHECK_FALSE(db.failed());
    return slices;
  }
  void index() {
    while (index_slice(db)) {
    }
  }
};

TEST(Forgetting, nothing_goes_until_it_is_told_to) {
  put(1, MessageState::delivered, kOldMs);
  CHECK_FALSE(forgetting.slice());
  CHECK_EQUAL(1, number("SELECT count(*) FROM messages"));
  CHECK_FALSE(forgetting.wal_holds_it());
}

TEST(Forgetting, what_is_finished_and_old_goes) {
  Id id = 0;
  for (int state = 0; state <= 7; ++state) {
    put(++id, static_cast<MessageState>(state), kOldMs);
    put(++id, static_cast<MessageState>(state), kYoungMs);
  }
  index();
  StateCounts counts(kLanes * kMessageStates, 2);
  ops.commit({SaveCounts{counts}});
  forgetting.older_than(kBeforeMs);
  run_out();
  CHECK_EQUAL(8 + 3,
              number("SELECT count(*) FROM messages"));  // the young, and the old that are owed or in doubt
  CHECK_EQUAL(3, number("SELECT count(*) FROM messages WHERE created_ms<" + std::to_string(kBeforeMs)));
  CHECK_EQUAL(11, number("SELECT count(*) FROM recipients"));
  CHECK_EQUAL(11, number("SELECT count(*) FROM refs"));
  CHECK_TRUE(forgetting.wal_holds_it());
  const StateCounts gone = forgetting.take_counts();
  const auto lane = static_cast<std::size_t>(message(1).lane) * kMessageStates;
  for (std::size_t state = 0; state < kMessageStates; ++state)
    CHECK_EQUAL(state >= 2 && state <= 6 ? 1 : 0, gone[lane + state]);
  CHECK_TRUE(forgetting.take_counts().empty());
  StateCounts kept;
  Query rows = db.query("SELECT value FROM meta WHERE name='counts'");
  CHECK_TRUE(rows.next() && unpack_numbers(rows.view(0), &kept));
  CHECK_EQUAL(1, kept[lane + 3]);
  CHECK_EQUAL(2, kept[lane + 7]);
}

TEST(Forgetting, its_slices_are_bounded_and_a_wrong_clock_hides_nothing) {
  db.run("BEGIN");
  for (Id id = 1; id <= 900; ++id) put(id, MessageState::delivered, id % 10 == 1 ? kYoungMs : kOldMs);
  db.run("COMMIT");
  forgetting.older_than(kBeforeMs);
  CHECK_TRUE(forgetting.slice());
  CHECK_EQUAL(900 - Forgetting::kSlice, number("SELECT count(*) FROM messages"));
  run_out();
  CHECK_EQUAL(90, number("SELECT count(*) FROM messages"));
}

TEST(Forgetting, inbox_parts_audit_and_finished_broadcasts_go_too) {
  InboxRecord item = inbox_item(1);
  item.received_ms = kOldMs;
  InboundPartRecord given = inbound_part(1), waiting = inbound_part(2);
  given.received_ms = waiting.received_ms = kOldMs;
  given.released = true;
  BroadcastRecord done, open;
  done.id = 1;
  open.id = 2;
  done.created_ms = open.created_ms = kOldMs;
  done.numbers = open.numbers = {kOne};
  done.expanded = 1;
  ops.commit({InsertInbox{item}, InsertInbox{[] {
                auto i = inbox_item(2);
                i.received_ms = kYoungMs;
                return i;
              }()},
              InsertInboundPart{given}, InsertInboundPart{waiting}, SaveBroadcast{done}, SaveBroadcast{open},
              InsertAudit{{1, kOldMs, "a", "b", "c"}}, InsertAudit{{2, kYoungMs, "a", "b", "c"}}});
  forgetting.older_than(kBeforeMs);
  run_out();
  CHECK_EQUAL(2, number("SELECT sum(id) FROM inbox"));
  CHECK_EQUAL(2, number("SELECT sum(id) FROM inbound_parts"));
  CHECK_EQUAL(2, number("SELECT sum(id) FROM broadcasts"));
  CHECK_EQUAL(2, number("SELECT sum(broadcast) FROM broadcast_numbers"));
  CHECK_EQUAL(2, number("SELECT sum(id) FROM audit"));
}

TEST(Forgetting, an_erasure_takes_one_number_and_what_was_there_when_it_was_asked) {
  put(1, MessageState::delivered, kYoungMs);
  put(2, MessageState::submitted, kYoungMs);
  put(3, MessageState::delivered, kYoungMs, kOther);
  InboxRecord from_one = inbox_item(1), from_other = inbox_item(2);
  from_one.from = from_one.conversation = kOne;
  from_other.from = from_other.conversation = kOther;
  InboundPartRecord part = inbound_part(1);
  part.sender = kOne;
  BroadcastRecord both;
  both.id = 1;
  both.numbers = {kOther, kOne};
  both.expanded = 2;
  both.from = kOne;
  ops.commit({InsertInbox{from_one}, InsertInbox{from_other}, InsertInboundPart{part}, SaveBroadcast{both},
              SaveLock{{kOne, 1, 0, 0}}, SaveOptOut{{1, kOne, "text", kOldMs}}, EraseNumber{kOne}});
  put(4, MessageState::delivered, kYoungMs);
  index();
  forgetting.look_for_erasures();
  run_out();
  CHECK_EQUAL(0, number("SELECT count(*) FROM messages WHERE id=1"));
  CHECK_EQUAL(
      1,
      number("SELECT count(*) FROM messages WHERE id=2 AND text='' AND to_number='' AND ref='' AND state=2"));
  CHECK_EQUAL(7, number("SELECT sum(id) FROM messages WHERE text<>''"));
  CHECK_EQUAL(2, number("SELECT sum(id) FROM inbox"));
  CHECK_EQUAL(1, number("SELECT count(*) FROM inbound_parts WHERE sender='' AND pdu='' AND key_hash<>0"));
  CHECK_EQUAL(0, number("SELECT count(*) FROM locks"));
  CHECK_EQUAL(1, number("SELECT count(*) FROM opt_outs"));  // it did not ask to be written to again
  CHECK_EQUAL(1, number("SELECT count(*) FROM conversations"));  // the other's
  CHECK_EQUAL(0, number("SELECT count(*) FROM erasures"));
  CHECK_EQUAL(1, number("SELECT count(*) FROM broadcasts WHERE from_number=''"));
  std::vector<std::string> left;
  Query rows = db.query("SELECT numbers FROM broadcast_numbers");
  CHECK_TRUE(rows.next() && unpack_strings(rows.view(0), &left));
  CHECK_TRUE(left == std::vector<std::string>{kOther});
}

// Networks give a number of their own country as they like; the conversation has it in our spelling.
TEST(Forgetting, an_erasure_takes_what_the_network_spelled_otherwise) {
  const std::string national = "07700900001";
  InboxRecord item = inbox_item(1);
  item.from = national;
  item.conversation = kOne;
  InboundPartRecord part = inbound_part(1), other = inbound_part(2);
  part.sender = national;
  other.sender = "07700900002";
  BroadcastRecord started;
  started.id = 1;
  started.numbers = {kOther};
  started.expanded = 1;
  started.from = national;
  ops.commit({InsertInbox{item}, InsertInboundPart{part}, InsertInboundPart{other}, SaveBroadcast{started},
              SaveLock{{national, 1, 0, 0}}, EraseNumber{kOne}});
  forgetting.look_for_erasures();
  run_out();
  CHECK_EQUAL(0, number("SELECT count(*) FROM inbox"));
  CHECK_EQUAL(1, number("SELECT count(*) FROM inbound_parts WHERE sender='' AND pdu='' AND units=X''"));
  CHECK_EQUAL(1, number("SELECT count(*) FROM inbound_parts WHERE sender<>'' AND pdu<>''"));
  CHECK_EQUAL(1, number("SELECT count(*) FROM broadcasts WHERE from_number=''"));
  CHECK_EQUAL(0, number("SELECT count(*) FROM locks"));
}

TEST(Forgetting, an_erasure_does_not_pass_over_a_broadcast_whose_sender_waits_for_the_counts) {
  BroadcastRecord waiting;
  waiting.id = 1;
  waiting.numbers = {kOne, kOther, "+447700900003"};
  waiting.expanded = 3;
  waiting.answer_due = true;
  BroadcastRecord begun = waiting;
  begun.id = 2;
  begun.expanded = 0;
  ops.commit({SaveBroadcast{waiting}, SaveBroadcast{begun}, EraseNumber{kOne}});
  forgetting.look_for_erasures();
  run_out();
  std::vector<std::string> left;
  Query rows = db.query("SELECT numbers FROM broadcast_numbers ORDER BY broadcast");
  CHECK_TRUE(rows.next() && unpack_strings(rows.view(0), &left));
  CHECK_TRUE((left == std::vector<std::string>{"", kOther, "+447700900003"}));  // three places, as it counts them
  CHECK_TRUE(rows.next() && unpack_strings(rows.view(0), &left));
  CHECK_TRUE(left == begun.numbers);  // it is still to be sent
}

TEST(Forgetting, an_erasure_takes_the_number_from_those_still_to_be_tried) {
  const auto put_further = [&](Id id, const FurtherNumbers& further) {
    MessageRecord row = message(id, "+447700900009");
    row.broadcast = 1;
    row.further = further;
    insert_message(db, row);
  };
  put_further(1, {{kOne, kOther}, {kOne}});
  put_further(2, {{kOther}});
  put_further(3, {{kOne}});
  ops.commit({EraseNumber{kOne}});
  put_further(4, {{kOne}});  // made after they asked
  forgetting.look_for_erasures();
  run_out();
  const auto further = [&](Id id) {
    auto rows = rows_of(db.query(select_messages("WHERE id=?1"), id));
    return rows.at(0).further;
  };
  CHECK_TRUE(further(1) == FurtherNumbers{{kOther}});
  CHECK_TRUE(further(2) == FurtherNumbers{{kOther}});
  CHECK_TRUE(further(3).empty());
  CHECK_TRUE(further(4) == FurtherNumbers{{kOne}});
  CHECK_EQUAL(0, number("SELECT count(*) FROM erasures"));
  auto known = rows_of(db.query(select_messages("WHERE id=1"))).at(0);
  known.further = {{kOne}};  // memory still has it
  update_message(db, known);
  CHECK_TRUE(further(1) == FurtherNumbers{{kOther}});
  known.further.clear();
  update_message(db, known);
  CHECK_TRUE(further(1).empty());
}

TEST(Forgetting, an_erasure_goes_on_after_a_restart) {
  for (Id id = 1; id <= 500; ++id) put(id, MessageState::delivered, kYoungMs);
  ops.commit({EraseNumber{kOne}});
  index();
  CHECK_TRUE(forgetting.slice());
  CHECK_TRUE(number("SELECT count(*) FROM messages") > 0);
  Forgetting of_next_life(db);
  while (of_next_life.slice()) {
  }
  CHECK_EQUAL(0, number("SELECT count(*) FROM messages"));
}
