// Every query that the store has ever made is explained: each must find its rows by an index.
#include <CppUTest/TestHarness.h>

#include <functional>
#include <set>

#include "daemon/store/idle_work.h"
#include "daemon/store/message_rows.h"
#include "daemon/store/read_rows.h"
#include "daemon/store/restore_rows.h"
#include "daemon/store/write_ops.h"
#include "desk.h"

using namespace klaxon;
using namespace klaxon::store;

namespace {

// The text of a sensitive message is looked up by its id, in every query that shows whole messages.
bool looks_up_a_text(const std::string& step) {
  return step.starts_with("CORRELATED SCALAR SUBQUERY") ||
         step == "SEARCH t USING INTEGER PRIMARY KEY (rowid=?)";
}

}  // namespace

TEST_GROUP(Plans) {
  TempDir dir;
  Connection db = fresh_database(dir);
  SqlReader reader{db};

  // "SEARCH messages USING INDEX messages_ready (lane=? AND owner=? AND rowid>?)" and so on, of every query
  // in `use` that has the words.
  std::string plans(const std::string& words, const std::function<void()>& use) {
    db.forget_statements();
    use();
    CHECK_TEXT(!db.failed(), db.failed() ? db.failure()->text.c_str() : "");
    std::string all;
    for (const std::string& sql : db.cached()) {
      if (sql.find(words) == std::string::npos || sql.starts_with("PRAGMA") || sql.starts_with("BEGIN"))
        continue;
      Query plan = db.query("EXPLAIN QUERY PLAN " + sql);
      while (plan.next()) {
        if (!looks_up_a_text(plan.text(3))) all += plan.text(3) + "\n";
      }
    }
    return all;
  }
  void only(const char* expected, const std::string& plan) {
    STRCMP_EQUAL(expected, plan.c_str());
  }
};

TEST(Plans, the_window_is_refilled_from_its_index) {
  only("SEARCH messages USING INDEX messages_ready (lane=? AND owner=? AND id>?)\n",
       plans("owner=", [&] { reader.ready(Lane::normal, 1, 5, 100); }));
}

TEST(Plans, retries_and_scheduled_messages_are_found_by_their_time) {
  const std::string due = plans("", [&] {
    reader.due(1000, 10);
    reader.next_due_ms();
  });
  STRCMP_CONTAINS("SEARCH messages USING INDEX messages_later (due_ms>? AND due_ms<?)", due.c_str());
  STRCMP_CONTAINS("SEARCH messages USING COVERING INDEX messages_later (due_ms>?)", due.c_str());
  CHECK_TRUE(due.find("TEMP B-TREE") == std::string::npos);
}

TEST(Plans, flows_are_a_loose_scan) {
  insert_message(db, message(1));
  const std::string flows = plans("SELECT", [&] { read_flows(db); });
  STRCMP_CONTAINS("SEARCH messages USING INDEX messages_ready (lane=? AND owner>?)", flows.c_str());
  STRCMP_CONTAINS("SEARCH messages USING INDEX messages_ready (lane=? AND owner=?)", flows.c_str());
  CHECK_TRUE(flows.find("SCAN") == std::string::npos);
}

TEST(Plans, a_start_never_walks_through_the_messages) {
  const std::string start = plans("messages", [&] { read_restored(db, 1'790'000'000'000); });
  for (const char* index : {"messages_in_flight", "messages_partly", "messages_awaiting", "messages_ready",
                            "messages_following"}) {
    STRCMP_CONTAINS(index, start.c_str());
  }
  CHECK_TRUE(start.find("TEMP B-TREE") == std::string::npos);
  const std::string parts = plans("inbound_parts", [&] { read_restored(db, 1'790'000'000'000); });
  STRCMP_CONTAINS("USING COVERING INDEX inbound_parts_keys", parts.c_str());
  STRCMP_CONTAINS("USING COVERING INDEX inbound_parts_sets", parts.c_str());
  STRCMP_CONTAINS("USING INDEX inbound_parts_unreleased", parts.c_str());
}

TEST(Plans, lists_begin_at_their_first_id_or_at_an_index) {
  const auto list = [&](const MessageFilter& filter) {
    return plans("to_number", [&] { reader.messages(filter, {.after = 10}); });
  };
  only("SEARCH messages USING INTEGER PRIMARY KEY (rowid>? AND rowid<?)\n", list({}));
  only("SEARCH messages USING INTEGER PRIMARY KEY (rowid>? AND rowid<?)\n", list({.since_ms = 5}));
  STRCMP_CONTAINS("messages_lost", list({.state = MessageState::failed}).c_str());
  STRCMP_CONTAINS("messages_in_flight", list({.state = MessageState::unknown}).c_str());
  STRCMP_CONTAINS("messages_broadcast (broadcast=?", list({.broadcast = 4}).c_str());
  STRCMP_CONTAINS("messages USING COVERING INDEX messages_later",
                  plans("min(id)", [&] { reader.messages({.state = MessageState::queued}, {}); }).c_str());
  const std::string to = list({.to = "+447700900001"});
  STRCMP_CONTAINS("SEARCH recipients USING PRIMARY KEY (to_number=? AND id>? AND id<?)", to.c_str());
  STRCMP_CONTAINS("SEARCH messages USING INTEGER PRIMARY KEY (rowid>? AND rowid<?)", to.c_str());
}

TEST(Plans, the_rest_of_the_reader_searches_too) {
  const std::string all = plans("SELECT", [&] {
    reader.message(1);
    reader.messages_between(1, 5);
    reader.broadcast_counts(3);
    reader.inbox({.from = "+447700900124"}, {});
    reader.inbox({}, {});
    reader.inbox_item(1);
    reader.broadcasts({});
    reader.broadcast(1);
    reader.audit({});
    reader.oldest_queued_ms(Lane::bulk);
    index_slice(db);
  });
  STRCMP_CONTAINS("SEARCH messages USING COVERING INDEX messages_broadcast (broadcast=?)", all.c_str());
  STRCMP_CONTAINS("SEARCH messages USING COVERING INDEX messages_following (broadcast=? AND instead_of>?)",
                  all.c_str());
  STRCMP_CONTAINS("inbox_from (from_number=?", all.c_str());
  CHECK_TRUE(all.find("SCAN messages\n") == std::string::npos);
  CHECK_TRUE(all.find("SCAN inbox\n") == std::string::npos);
  CHECK_TRUE(all.find("TEMP B-TREE") == std::string::npos);
}

TEST(Plans, writing_finds_its_row_by_id) {
  const std::string all = plans("messages", [&] {
    OpWriter ops(db);
    ops.apply(InsertMessage{message(1)});
    ops.apply(UpdateMessage{message(1)});
    ops.apply(CloseList{1, 5, Lane::normal});
  });
  CHECK_TRUE(all.find("SCAN") == std::string::npos);
  STRCMP_CONTAINS("SEARCH messages USING INTEGER PRIMARY KEY (rowid=?)", all.c_str());
  STRCMP_CONTAINS("SEARCH messages USING INTEGER PRIMARY KEY (rowid>? AND rowid<?)", all.c_str());
}

TEST(Plans, sensitive_texts_go_by_their_ids) {
  const std::string all = plans("sensitive_", [&] {
    OpWriter ops(db);
    MessageRecord row = message(1);
    row.sensitive = true;
    row.state = MessageState::delivered;
    ops.apply(UpdateMessage{row});
    ops.apply(SaveBroadcastProgress{1, 1, false, 0});
    begin_life(db);
  });
  STRCMP_CONTAINS("SEARCH sensitive_texts USING INTEGER PRIMARY KEY (rowid=?)", all.c_str());
  STRCMP_CONTAINS("SEARCH sensitive_forms USING INTEGER PRIMARY KEY (rowid=?)", all.c_str());
  CHECK_TRUE(all.find("SCAN") == std::string::npos);
}
