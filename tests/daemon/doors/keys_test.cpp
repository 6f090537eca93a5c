// Idempotency-Key, at every moment between asking and being on disk.
#include <CppUTest/TestHarness.h>

#include "tests/daemon/doors/desk.h"
#include "tests/daemon/doors/expect.h"

using namespace klaxon;

TEST_GROUP(Keys) {
  Desk desk;
  doors::HttpRequest keyed(const std::string& key, const std::string& wanted,
                           const std::string& target = "/v1/messages", const std::string& token = "admin") {
    auto out = request("POST", target, wanted, token);
    out.idempotency_key = key;
    return out;
  }
  const std::string body = R"({"to":"12345","text":"x"})";
};

TEST(Keys, SameKeySameAnswer) {
  const auto first = desk.ask(keyed("k 1", body));
  desk.face.rows.message_rows[1].state = MessageState::delivered;
  desk.face.now_ms += 5000;
  const auto again = desk.ask(keyed("k 1", body));
  LONGS_EQUAL(202, first.status);
  LONGS_EQUAL(202, again.status);
  expect(first.body, again.body);
  LONGS_EQUAL(1, desk.face.sent.size());
  LONGS_EQUAL(202, desk.ask(keyed("k 2", body)).status);
  LONGS_EQUAL(2, desk.face.sent.size());
}

TEST(Keys, ListsAreListsAgain) {
  const std::string list = R"({"to":["12345"],"text":"x"})";
  const auto first = desk.ask(keyed("k", list));
  expect(first.body, desk.ask(keyed("k", list)).body);
  expect("m1", at_path(first, "/items/0/id"));
}

TEST(Keys, OtherBodyIsAConflict) {
  desk.ask(keyed("k", body));
  LONGS_EQUAL(409, desk.ask(keyed("k", R"({"to":"12345","text":"y"})")).status);
  LONGS_EQUAL(409, desk.ask(keyed("k", R"({"to":"12345","text":""})")).status);
  LONGS_EQUAL(409, desk.ask(keyed("k", body, "/v1/broadcasts")).status);
}

// Six digits can be tried. The hash that is kept must not tell which it was.
TEST(Keys, OfASensitiveBodyTheHashTellsNothingWithoutTheKey) {
  const std::string code = R"({"to":"12345","text":"417 993","sensitive":true})";
  const auto first = desk.ask(keyed("k", code));
  expect(first.body, desk.ask(keyed("k", code)).body);
  LONGS_EQUAL(409, desk.ask(keyed("k", R"({"to":"12345","text":"417 994","sensitive":true})")).status);
  desk.ask(keyed("another", code));
  CHECK_TRUE(desk.face.sent[0].key->body_hash != desk.face.sent[1].key->body_hash);
  desk.ask(keyed("a third", body));
  desk.ask(keyed("a fourth", body));
  CHECK_TRUE(desk.face.sent[2].key->body_hash == desk.face.sent[3].key->body_hash);
}

TEST(Keys, EachTokenHasItsOwn) {
  desk.ask(keyed("k", body));
  expect("m2", at_path(desk.ask(keyed("k", R"({"to":"12345","text":"y"})", "/v1/messages", "send")), "/id"));
}

TEST(Keys, SameKeyWhileTheFirstIsNotOnDisk) {
  desk.face.hold_answers = true;
  const auto first = desk.hand_in(keyed("k", body));
  const auto second = desk.hand_in(keyed("k", body));
  const auto other = desk.hand_in(keyed("k", R"({"to":"12345","text":"y"})"));
  desk.turn();
  LONGS_EQUAL(1, desk.face.sent.size());
  LONGS_EQUAL(409, other->response.value().status);
  CHECK(!first->response && !second->response);
  desk.face.hold_answers = false;
  desk.turn();
  LONGS_EQUAL(202, first->response.value().status);
  expect(first->response->body, second->response.value().body);
}

TEST(Keys, ASendAtThatHasPassedMeanwhileIsNoError) {
  const std::string later = R"({"to":"12345","text":"x","send_at":"2026-11-22T09:31:00Z"})";
  const auto first = desk.ask(keyed("k", later));
  desk.face.now_ms += 3'600'000;
  expect(first.body, desk.ask(keyed("k", later)).body);
}

TEST(Keys, RefusedRequestsLeaveNoKey) {
  LONGS_EQUAL(422, desk.ask(keyed("k", R"({"to":"12345","text":""})")).status);
  LONGS_EQUAL(202, desk.ask(keyed("k", body)).status);
}

TEST(Keys, Form) {
  LONGS_EQUAL(422, desk.ask(keyed("", body)).status);
  LONGS_EQUAL(422, desk.ask(keyed("tab\there", body)).status);
  LONGS_EQUAL(422, desk.ask(keyed("\xC3\xA9", body)).status);
  LONGS_EQUAL(422, desk.ask(keyed(std::string(256, 'k'), body)).status);
  LONGS_EQUAL(202, desk.ask(keyed(std::string(255, 'k'), body)).status);
}

TEST(Keys, Broadcasts) {
  const std::string wanted = R"({"to":["12345","12346"],"text":"x"})";
  const auto first = desk.ask(keyed("k", wanted, "/v1/broadcasts"));
  desk.face.rows.broadcast_states = {0, 0, 2};
  expect(first.body, desk.ask(keyed("k", wanted, "/v1/broadcasts")).body);
  LONGS_EQUAL(1, desk.face.broadcasts_sent.size());
}

TEST(Keys, AnAlertDoesNotWaitForAReaderThatHangs) {
  desk.face.reader_hangs = true;
  const std::string alert = R"({"to":"12345","text":"x","lane":"alert"})";
  const auto slip = desk.hand_in(keyed("k", alert));
  desk.turn();
  CHECK(!slip->response);
  desk.face.now_ms += 2001;
  desk.turn();
  LONGS_EQUAL(202, slip->response.value().status);
  desk.face.reader_hangs = false;
  desk.turn();
  LONGS_EQUAL(1, desk.face.sent.size());
}

TEST(Keys, AnAlertDoesNotAskADiskThatIsAway) {
  desk.face.reader_hangs = true;
  desk.face.state.disk_writable = false;
  LONGS_EQUAL(202, desk.ask(keyed("k", R"({"to":"12345","text":"x","lane":"alert"})")).status);
}

TEST(Keys, SmallPostsTakeThemToo) {
  const std::string wanted = R"({"name":"ops","scopes":["read"]})";
  const auto first = desk.ask(keyed("k", wanted, "/v1/tokens"));
  LONGS_EQUAL(201, first.status);
  expect(first.body, desk.ask(keyed("k", wanted, "/v1/tokens")).body);
  LONGS_EQUAL(6, desk.face.token_rows.size());
  LONGS_EQUAL(409, desk.ask(keyed("k", R"({"name":"x","scopes":["read"]})", "/v1/tokens")).status);
  LONGS_EQUAL(422, desk.ask(keyed("k2", "{}", "/v1/tokens")).status);
  LONGS_EQUAL(201, desk.ask(keyed("k2", wanted, "/v1/tokens")).status);
  desk.face.now_ms += 25LL * 3'600'000;
  LONGS_EQUAL(201, desk.ask(keyed("k", R"({"name":"x","scopes":["read"]})", "/v1/tokens")).status);
}
