// Messages to a number and texts from it in one order, and what goes along with them.
#include <CppUTest/TestHarness.h>

#include "daemon/store/idle_work.h"
#include "daemon/store/read_rows.h"
#include "daemon/store/write_ops.h"
#include "desk.h"

using namespace klaxon;
using namespace klaxon::store;

namespace {

constexpr const char* kAna = "+447700900123";
constexpr const char* kBen = "+447700900124";

InboxRecord text(Id id, const char* from = kAna) {
  InboxRecord item = inbox_item(id);
  item.from = item.conversation = from;
  return item;
}

std::string names(const std::vector<ConversationItem>& items) {
  std::string out;
  for (const ConversationItem& item : items)
    out += (out.empty() ? "" : " ") +
           (item.message ? "m" + std::to_string(item.message->id) : "i" + std::to_string(item.inbox->id));
  return out;
}

}  // namespace

TEST_GROUP(Conversations) {
  TempDir dir;
  Connection db = fresh_database(dir);
  OpWriter ops{db};
  SqlReader reader{db};

  void commit(const Batch& batch) {
    const auto failure = ops.commit(batch);
    CHECK_TEXT(!failure, failure ? failure->text.c_str() : "");
  }
  void expect(const char* names_expected, const ConversationPage& page, const char* number = kAna) {
    STRCMP_EQUAL(names_expected, names(reader.conversation(number, page)).c_str());
  }
  void talk() {
    commit({InsertMessage{message(1)}, InsertMessage{message(2, kBen)}});
    commit({InsertInbox{text(1)}});
    commit({InsertInbox{text(2, kBen)}, InsertInbox{text(3)}, InsertMessage{message(3)}});
    commit({InsertMessage{message(4)}, InsertInbox{text(4)}});
  }
};

TEST(Conversations, are_in_the_order_of_their_commits) {
  talk();
  expect("m1 i1 i3 m3 m4 i4", {});
  expect("m2 i2", {}, kBen);
  expect("", {}, "+447700900999");
  while (index_slice(db)) {
  }
  expect("m1 i1 i3 m3 m4 i4", {});
}

TEST(Conversations, go_on_behind_any_item) {
  talk();
  expect("i1 i3 m3 m4 i4", {.after_message = 1});
  expect("i3 m3 m4 i4", {.after_inbox = 1});
  expect("m3 m4 i4", {.after_inbox = 3});
  expect("m4 i4", {.after_message = 3});
  expect("i4", {.after_message = 4});
  expect("", {.after_inbox = 4});
  expect("m1 i1", {.limit = 2});
  expect("i3 m3", {.after_inbox = 1, .limit = 2});
}

TEST(Conversations, end_before_what_may_not_be_seen_yet) {
  talk();
  expect("m1 i1 i3", {.before = 3});
  expect("m1 i1 i3 m3", {.before = 4});
}

TEST(Conversations, of_before_there_were_any_go_by_the_time) {
  talk();
  db.run("UPDATE inbox SET after_message=-1, received_ms=?1 WHERE id<=3", message(3).created_ms);
  expect("m1 m3 i1 i3 m4 i4", {});
  expect("i1 i3 m4 i4", {.after_message = 3});
  expect("i3 m4 i4", {.after_inbox = 1});
}

TEST(Conversations, are_listed_in_the_order_in_which_they_were_first_seen) {
  talk();
  auto all = reader.conversations({});
  LONGS_EQUAL(2, all.size());  // those who wrote; whoever was only written to comes with the index
  commit({InsertMessage{message(5, "80010")}});
  while (index_slice(db)) {
  }
  all = reader.conversations({});
  LONGS_EQUAL(3, all.size());
  STRCMP_EQUAL(kAna, all[0].number.c_str());
  CHECK_TRUE(all[0].last_in == 4 && all[0].last_out == 4 && all[0].last_ms == text(4).received_ms);
  STRCMP_EQUAL("80010", all[2].number.c_str());
  CHECK_TRUE(all[2].last_in == 0 && all[2].last_out == 5);
  CHECK_TRUE(all[0].id < all[1].id && all[1].id < all[2].id);
  LONGS_EQUAL(1, reader.conversations({.after = all[1].id}).size());
  LONGS_EQUAL(2, reader.conversations({.limit = 2}).size());
}

TEST(Conversations, a_text_has_the_context_of_the_newest_message_that_had_one) {
  MessageRecord ticket = message(1), plain = message(2), other = message(3, kBen);
  ticket.context = R"({"ticket":1})";
  other.context = R"({"ticket":3})";
  commit({InsertInbox{text(1)}, InsertMessage{ticket}, InsertMessage{plain}, InsertMessage{other},
          InsertInbox{text(2)}});
  const auto context = [&](Id id) { return reader.inbox_item(id)->context; };
  STRCMP_EQUAL("", context(1).c_str());
  STRCMP_EQUAL(R"({"ticket":1})", context(2).c_str());
  STRCMP_EQUAL(R"({"ticket":1})", reader.message(1)->context.c_str());
  MessageRecord listed = message(5);
  listed.state = MessageState::accepting;
  listed.context = R"({"ticket":5})";
  commit({OpenList{5}, InsertMessage{listed}, InsertInbox{text(3)}});
  STRCMP_EQUAL(R"({"ticket":1})", context(3).c_str());
  commit({CloseList{5, 5, Lane::normal}, InsertInbox{text(4)}});
  STRCMP_EQUAL(R"({"ticket":5})", context(4).c_str());
  STRCMP_EQUAL(kAna, reader.inbox_item(4)->conversation.c_str());
}

TEST(Conversations, find_their_rows_by_an_index) {
  talk();
  db.forget_statements();
  reader.conversation(kAna, {.after_message = 2});
  reader.conversations({});
  for (const std::string& sql : db.cached()) {
    if (!sql.starts_with("SELECT") || sql.find("max(") != std::string::npos) continue;
    Query plan = db.query("EXPLAIN QUERY PLAN " + sql);
    while (plan.next()) {  // a sensitive text is looked up in a table of its own, by an id as well
      if (!plan.view(3).starts_with("CORRELATED")) STRCMP_CONTAINS("SEARCH", plan.text(3).c_str());
    }
  }
}
