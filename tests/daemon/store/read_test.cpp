#include <CppUTest/TestHarness.h>

#include "daemon/store/message_rows.h"
#include "daemon/store/read_rows.h"
#include "daemon/store/write_ops.h"
#include "desk.h"

using namespace klaxon;
using namespace klaxon::store;

TEST_GROUP(Read) {
  TempDir dir;
  Connection db = fresh_database(dir);
  SqlReader reader{db};

  void put(
      Id id, void (*change)(MessageRecord&) = [](MessageRecord&) {}) {
    MessageRecord row = message(id);
    change(row);
    CHECK_TRUE(insert_message(db, row));
  }
  void expect(std::vector<Id> ids, const std::vector<MessageRecord>& found) {
    CHECK_TRUE(ids_of(found) == ids);
  }
};

TEST(Read, ready_is_one_flow_above_an_id) {
  for (Id id = 1; id <= 6; ++id) put(id);
  put(7, [](MessageRecord& m) { m.owner = 2; });
  put(8, [](MessageRecord& m) { m.lane = Lane::bulk; });
  put(9, [](MessageRecord& m) { m.due_ms = 5; });
  put(10, [](MessageRecord& m) { m.state = MessageState::submitting; });
  put(11, [](MessageRecord& m) { m.state = MessageState::accepting; });
  expect({3, 4, 5}, reader.ready(Lane::normal, 1, 2, 3));
  expect({6}, reader.ready(Lane::normal, 1, 5, 100));
  expect({7}, reader.ready(Lane::normal, 2, 0, 100));
  expect({8}, reader.ready(Lane::bulk, 1, 0, 100));
  const auto flows = read_flows(db);
  LONGS_EQUAL(3, flows.size());
  CHECK_TRUE(flows[0].lane == Lane::normal && flows[0].owner == 1 && flows[0].last_id == 6);
  CHECK_TRUE(flows[1].lane == Lane::normal && flows[1].owner == 2 && flows[1].last_id == 7);
  CHECK_TRUE(flows[2].lane == Lane::bulk && flows[2].owner == 1 && flows[2].last_id == 8);
}

TEST(Read, due_is_in_the_order_of_time) {
  CHECK_FALSE(reader.next_due_ms().has_value());
  put(1);
  put(2, [](MessageRecord& m) { m.due_ms = 300; });
  put(3, [](MessageRecord& m) { m.due_ms = 100; });
  put(4, [](MessageRecord& m) { m.due_ms = 200; });
  put(5, [](MessageRecord& m) { m.due_ms = 50, m.state = MessageState::cancelled; });
  expect({3, 4}, reader.due(250, 10));
  expect({3}, reader.due(250, 1));
  CHECK_EQUAL(100, reader.next_due_ms().value_or(0));
}

TEST(Read, the_oldest_queued_is_the_lowest_id_of_any_owner) {
  CHECK_FALSE(reader.oldest_queued_ms(Lane::normal).has_value());
  put(3, [](MessageRecord& m) { m.owner = 1; });
  put(2, [](MessageRecord& m) { m.owner = 7; });
  put(1, [](MessageRecord& m) { m.due_ms = 99; });
  CHECK_EQUAL(message(2).created_ms, reader.oldest_queued_ms(Lane::normal).value_or(0));
  CHECK_FALSE(reader.oldest_queued_ms(Lane::alert).has_value());
}

TEST(Read, filters_add_up) {
  put(1);
  put(2, [](MessageRecord& m) { m.state = MessageState::failed; });
  put(3, [](MessageRecord& m) { m.state = MessageState::failed, m.to = "+447700900009"; });
  put(4, [](MessageRecord& m) { m.state = MessageState::delivered, m.broadcast = 6; });
  put(5, [](MessageRecord& m) { m.state = MessageState::unknown, m.broadcast = 6, m.ref = "r"; });
  put(6, [](MessageRecord& m) { m.state = MessageState::accepting; });
  put(7, [](MessageRecord& m) { m.due_ms = 12; });
  expect({1, 2, 3, 4, 5, 7}, reader.messages({}, {}));
  expect({2, 3}, reader.messages({.state = MessageState::failed}, {}));
  expect({3}, reader.messages({.state = MessageState::failed, .to = "+447700900009"}, {}));
  expect({4, 5}, reader.messages({.broadcast = 6}, {}));
  expect({5}, reader.messages({.state = MessageState::unknown, .broadcast = 6}, {}));
  expect({5}, reader.messages({.ref = "r"}, {}));
  expect({1, 7}, reader.messages({.state = MessageState::queued}, {}));
  expect({4}, reader.messages({.state = MessageState::delivered}, {}));
  expect({}, reader.messages({.state = MessageState::accepting}, {}));
  expect({2, 3}, reader.messages({}, {.after = 1, .limit = 2}));
  expect({1, 2}, reader.messages({}, {.before = 3}));
  CHECK_FALSE(reader.message(6).has_value());
  const StateCounts counts = reader.broadcast_counts(6);
  CHECK_EQUAL(1, counts[static_cast<std::size_t>(MessageState::delivered)]);
  CHECK_EQUAL(1, counts[static_cast<std::size_t>(MessageState::unknown)]);
  CHECK_EQUAL(0, counts[static_cast<std::size_t>(MessageState::queued)]);
}

TEST(Read, of_those_that_follow_one_another_the_last_counts) {
  const auto put_in = [&](Id id, MessageState state, Id instead_of) {
    MessageRecord row = message(id);
    row.state = state;
    row.broadcast = 6;
    row.instead_of = instead_of;
    CHECK_TRUE(insert_message(db, row));
  };
  put_in(1, MessageState::failed, 0);
  put_in(2, MessageState::failed, 1);
  put_in(3, MessageState::delivered, 2);
  put_in(4, MessageState::delivered, 2);
  put_in(5, MessageState::failed, 0);
  const StateCounts counts = reader.broadcast_counts(6);
  CHECK_EQUAL(1, counts[static_cast<std::size_t>(MessageState::failed)]);
  CHECK_EQUAL(2, counts[static_cast<std::size_t>(MessageState::delivered)]);
}

TEST(Read, since_finds_its_place_by_halving_and_survives_a_clock_set_back) {
  constexpr std::int64_t kHour = 3'600'000;
  for (Id id = 1; id <= 300; ++id) {
    MessageRecord row = message(id);
    row.created_ms = static_cast<std::int64_t>(id) * kHour;
    if (id == 200) row.created_ms -= kHour / 2;
    if (id % 7 != 0) CHECK_TRUE(insert_message(db, row));  // gaps
  }
  expect({298, 299, 300}, reader.messages({.since_ms = 297 * kHour + 1}, {}));
  const auto from_200 = reader.messages({.since_ms = 200 * kHour - kHour / 2}, {});
  CHECK_EQUAL(200U, from_200.front().id);
  LONGS_EQUAL(0, reader.messages({.since_ms = 301 * kHour}, {}).size());
  LONGS_EQUAL(100, reader.messages({.since_ms = 1}, {}).size());
}

TEST(Read, the_inbox_is_filtered_by_sender_and_time) {
  OpWriter ops(db);
  for (Id id = 1; id <= 5; ++id) {
    InboxRecord item = inbox_item(id);
    if (id == 2) item.from = "80010";
    ops.apply(InsertInbox{item});
  }
  const auto count = [&](const InboxFilter& filter, const Page& page) {
    return reader.inbox(filter, page).size();
  };
  LONGS_EQUAL(5, count({}, {}));
  LONGS_EQUAL(1, count({.from = "80010"}, {}));
  LONGS_EQUAL(2, count({.since_ms = inbox_item(4).received_ms}, {}));
  LONGS_EQUAL(3, count({}, {.after = 2}));
  LONGS_EQUAL(2, count({}, {.limit = 2}));
  LONGS_EQUAL(1, count({}, {.before = 2}));
}

TEST(Read, a_damaged_row_still_has_a_part) {
  put(1);
  db.run("UPDATE messages SET parts=x'0109' WHERE id=1");
  LONGS_EQUAL(1, reader.message(1)->parts.size());
}

TEST(Read, a_list_is_closed_in_one_stroke) {
  OpWriter ops(db);
  ops.apply(OpenList{2});
  for (Id id = 1; id <= 5; ++id) {
    put(id, [](MessageRecord& m) {
      if (m.id >= 2 && m.id != 4) m.state = MessageState::accepting;
      if (m.id == 3) m.due_ms = 77;
    });
  }
  expect({1, 4}, reader.messages({}, {}));
  ops.apply(CloseList{2, 5, Lane::normal});
  expect({1, 2, 4, 5}, reader.ready(Lane::normal, 1, 0, 10));
  expect({3}, reader.due(100, 10));
  CHECK_EQUAL(0, db.number("SELECT count(*) FROM open_lists").value_or(-1));
}
