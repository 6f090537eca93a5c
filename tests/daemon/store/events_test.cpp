// The log of changes: written in the commit that changes, read from wherever somebody was.
#include <CppUTest/TestHarness.h>

#include "daemon/store/event_log.h"
#include "daemon/store/read_rows.h"
#include "daemon/store/write_ops.h"
#include "desk.h"

using namespace klaxon;
using namespace klaxon::store;

namespace {

constexpr Id kAll = 1'000'000'000;
constexpr std::int64_t kDay = 86'400'000;

MessageRecord submitted(Id id) {
  MessageRecord m = message(id);
  m.state = MessageState::submitted;
  m.attempts = 1;
  m.submitted_ms = 77;
  m.why = "because";
  m.parts[0] = {MessageState::submitted, "8944000000000000001", "modem0", 17, 1, 2, 0, -1};
  m.text = "not in the log";
  return m;
}

}  // namespace

TEST_GROUP(Events) {
  TempDir dir;
  Connection db = fresh_database(dir);
  OpWriter ops{db};
  SqlReader reader{db};

  Id commit(Batch batch, std::int64_t now_ms = kNowMs) {
    batch.push_back(RecordEvents{now_ms});
    const auto failure = ops.commit(batch);
    CHECK_TEXT(!failure, failure ? failure->text.c_str() : "");
    return ops.last_event();
  }
};

TEST(Events, are_numbered_in_the_order_of_the_ops) {
  CHECK_EQUAL(2U, commit({InsertMessage{message(1)}, UpdateMessage{submitted(1)}}));
  CHECK_EQUAL(0U, commit({SaveCounts{}}));
  CHECK_EQUAL(
      4U, commit({InsertInbox{inbox_item(1)}, NoteModem{{"modem0", "ready", "found", "8944"}}}, kNowMs + 5));
  const EventPage page = reader.events(0, kAll, 100);
  CHECK_FALSE(page.gap);
  CHECK_EQUAL(4U, page.reached);
  LONGS_EQUAL(4, page.events.size());
  CHECK_EQUAL(1U, page.events[0].id);
  CHECK_TRUE(page.events[0].message->state == MessageState::queued);
  STRCMP_EQUAL("Pump 3 is dry", page.events[0].message->text.c_str());
  const MessageRecord& change = *page.events[1].message;
  CHECK_TRUE(change.state == MessageState::submitted && change.attempts == 1 && change.submitted_ms == 77);
  CHECK_EQUAL(17, change.parts.at(0).tp_mr);
  STRCMP_EQUAL("because", change.why.c_str());
  STRCMP_EQUAL("Pump 3 is dry", change.text.c_str());
  CHECK_TRUE(page.events[1].at_ms == kNowMs && page.events[2].at_ms == kNowMs + 5);
  CHECK_EQUAL(1U, page.events[2].inbox->id);
  STRCMP_EQUAL("ready", page.events[3].modem->state.c_str());
}

TEST(Events, show_a_message_as_it_was_then) {
  commit({InsertMessage{message(1)}});
  commit({UpdateMessage{submitted(1)}});
  const EventPage page = reader.events(0, kAll, 100);
  CHECK_TRUE(page.events[0].message->state == MessageState::queued);
  CHECK_EQUAL(0, page.events[0].message->attempts);
  CHECK_TRUE(reader.message(1)->state == MessageState::submitted);
}

TEST(Events, of_a_list_come_when_it_is_whole) {
  MessageRecord two = message(2), three = message(3);
  two.state = three.state = MessageState::accepting;
  CHECK_EQUAL(0U, commit({OpenList{2}, InsertMessage{two}}));
  CHECK_EQUAL(1U, commit({InsertMessage{message(4)}}));
  CHECK_EQUAL(3U, commit({InsertMessage{three}, CloseList{2, 3, Lane::normal}}));
  const EventPage page = reader.events(1, kAll, 100);
  LONGS_EQUAL(2, page.events.size());
  CHECK_TRUE(page.events[0].id == 2 && page.events[0].message->id == 2);
  CHECK_TRUE(page.events[1].id == 3 && page.events[1].message->state == MessageState::queued);
}

TEST(Events, are_read_from_and_to_anywhere) {
  for (Id id = 1; id <= 10; id += 2) commit({InsertMessage{message(id)}, InsertMessage{message(id + 1)}});
  for (Id after = 0; after <= 10; ++after) {
    const EventPage page = reader.events(after, kAll, 3);
    CHECK_FALSE(page.gap);
    CHECK_EQUAL(std::min<Id>(after + 3, 10), page.reached);
    for (const EventRecord& event : page.events) CHECK_EQUAL(event.id, event.message->id);
    LONGS_EQUAL(page.reached - after, page.events.size());
  }
  CHECK_EQUAL(5U, reader.events(3, 5, 100).reached);
  LONGS_EQUAL(2, reader.events(3, 5, 100).events.size());
  LONGS_EQUAL(0, reader.events(5, 5, 100).events.size());
}

TEST(Events, tell_of_a_gap_when_the_id_is_too_old_or_was_never_given) {
  CHECK_FALSE(reader.events(0, kAll, 10).gap);
  CHECK_TRUE(reader.events(7, kAll, 10).gap);
  for (Id id = 1; id <= 6; ++id) commit({InsertMessage{message(id)}}, kNowMs - (id <= 4 ? 8 * kDay : 0));
  trim_events(db, kNowMs);
  const EventPage page = reader.events(2, kAll, 10);
  CHECK_TRUE(page.gap);
  CHECK_EQUAL(4U, page.begin);
  LONGS_EQUAL(2, page.events.size());
  CHECK_EQUAL(5U, page.events[0].id);
  CHECK_FALSE(reader.events(4, kAll, 10).gap);
  CHECK_FALSE(reader.events(6, kAll, 10).gap);
  CHECK_TRUE(reader.events(99, kAll, 10).gap);
  CHECK_EQUAL(4U, reader.events(99, kAll, 10).begin);
}

TEST(Events, are_bounded_by_number_and_the_newest_stays) {
  for (Id id = 1; id <= 6; ++id) commit({InsertMessage{message(id)}});
  trim_events(db, kNowMs, 2);
  CHECK_EQUAL(4U, reader.events(0, kAll, 10).begin);
  trim_events(db, kNowMs + 30 * kDay);
  CHECK_EQUAL(5U, reader.events(0, kAll, 10).begin);
  OpWriter next_life(db);
  CHECK_FALSE(next_life.commit({InsertMessage{message(9)}, RecordEvents{kNowMs}}).has_value());
  CHECK_EQUAL(7U, next_life.last_event());
}

TEST(Events, go_by_age_while_others_come) {
  commit({InsertMessage{message(1)}}, kNowMs - 8 * kDay);
  for (Id id = 2; id <= 300; ++id) commit({InsertMessage{message(id)}});
  CHECK_TRUE(reader.events(0, kAll, 1).gap);
  commit({Maintain{kNowMs + 8 * kDay}});
  CHECK_EQUAL(299U, reader.events(0, kAll, 1).begin);
}

TEST(Events, of_a_row_that_is_gone_are_empty_and_keep_their_place) {
  commit({InsertMessage{message(1)}, InsertMessage{message(2)}});
  db.run("DELETE FROM messages WHERE id=1");
  const EventPage page = reader.events(0, kAll, 10);
  LONGS_EQUAL(2, page.events.size());
  CHECK_FALSE(page.events[0].message.has_value());
  CHECK_EQUAL(2U, page.events[1].message->id);
}

TEST(Events, a_commit_that_fails_uses_up_no_id) {
  commit({InsertMessage{message(1)}});
  CHECK_TRUE(
      ops.commit({InsertMessage{message(2)}, InsertMessage{message(1)}, RecordEvents{kNowMs}}).has_value());
  CHECK_EQUAL(0U, ops.last_event());
  db.clear_failure();
  CHECK_EQUAL(2U, commit({InsertMessage{message(2)}}));
  LONGS_EQUAL(2, reader.events(0, kAll, 10).events.size());
}

TEST(Events, the_newest_is_told_with_the_completion_and_at_the_next_start) {
  const TempDir place;
  Desk desk(place.path());
  CHECK_EQUAL(1U, desk.commit({InsertMessage{message(1)}, RecordEvents{kNowMs}}).last_event);
  CHECK_EQUAL(0U, desk.commit({SaveCounts{}}).last_event);
  desk.close();
  Desk again(place.path());
  CHECK_EQUAL(1U, again.store().restore().last_event);
}

TEST(Events, changes_that_are_damaged_are_none) {
  ChangeList list;
  list.message(submitted(3));
  list.queued(4, 9);
  list.inbox(2);
  list.modem({"modem0", "ready", "", "8944"});
  LONGS_EQUAL(9, list.events());
  std::vector<Change> back;
  CHECK_TRUE(unpack_changes(list.bytes(), &back));
  LONGS_EQUAL(4, back.size());
  for (std::size_t cut = 0; cut < list.bytes().size(); ++cut) {
    std::size_t events = 0;
    unpack_changes(std::string_view(list.bytes()).substr(0, cut), &back);
    for (const Change& change : back) events += change.events();
    CHECK_TRUE(events < 9);
  }
  std::string broken = list.bytes();
  broken[1] = 100;
  CHECK_FALSE(unpack_changes(broken, &back));
}

TEST(Events, are_found_by_their_key) {
  commit({InsertMessage{message(1)}});
  db.forget_statements();
  reader.events(0, kAll, 10);
  trim_events(db, kNowMs);
  int explained = 0;
  for (const std::string& sql : db.cached()) {
    if (sql.find(" events") == std::string::npos) continue;
    Query plan = db.query("EXPLAIN QUERY PLAN " + sql);
    while (plan.next()) {
      CHECK_TRUE(plan.text(3).find("TEMP B-TREE") == std::string::npos);
      ++explained;
    }
  }
  CHECK_TRUE(explained >= 4);
}
