// Streams of events: where one begins, what it is given next, and who is told what. Without sockets.
#include "daemon/doors/event_feed.h"

#include <CppUTest/TestHarness.h>

#include "tests/daemon/doors/desk.h"
#include "tests/daemon/doors/expect.h"

using namespace klaxon;

namespace {

// Takes whatever there is whenever it is told to; one that is stuck takes nothing.
struct Follower final : doors::Asker {
  std::shared_ptr<doors::Stream> stream;
  std::optional<doors::HttpResponse> response;
  std::string got;
  int pieces = 0;
  bool stuck = false;

  bool open() const override { return true; }
  void answer(doors::HttpResponse given) override {
    stream = given.stream;
    response = std::move(given);
    more();
  }
  void more() override {
    while (stream && !stuck) {
      const auto piece = stream->take();
      if (!piece) return;
      got += *piece;
      ++pieces;
    }
  }
};

std::string ids(const std::string& text) {
  std::string out;
  for (auto at = text.find("\nevent: "); at != std::string::npos; at = text.find("\nevent: ", at + 1)) {
    const auto begin = text.rfind("id: ", at) + 4;
    out += (out.empty() ? "" : " ") + text.substr(begin, at - begin);
  }
  return out;
}

}  // namespace

TEST_GROUP(EventStream) {
  Desk desk;

  void happens(int times = 1) {
    for (int i = 0; i < times; ++i) {
      EventRecord event;
      event.at_ms = desk.face.now_ms;
      event.message.emplace();
      event.message->id = desk.face.rows.event_rows.size() + 1;
      event.message->to = "12345";
      event.message->text = "hello";
      event.message->parts.resize(1);
      desk.face.rows.event_rows.push_back(std::move(event));
    }
  }
  std::shared_ptr<Follower> follow(const std::string& query = "", const char* token = "admin",
                                   std::optional<std::string> last = {}) {
    auto follower = std::make_shared<Follower>();
    auto wanted = request("GET", "/v1/events" + query, "", token);
    wanted.last_event_id = std::move(last);
    desk.api.handle(std::move(wanted), follower);
    return follower;
  }
};

TEST(EventStream, BeginsWithWhatHappensNext) {
  happens(3);
  const auto follower = follow();
  LONGS_EQUAL(200, follower->response->status);
  STRCMP_CONTAINS("text/event-stream", follower->response->content_type.c_str());
  // An id without an event: what a client comes back with that is cut off before the first one.
  STRCMP_CONTAINS("id: e3\n", follower->got.c_str());
  expect("", ids(follower->got));
  happens(2);
  desk.turn();
  expect("e4 e5", ids(follower->got));
  STRCMP_CONTAINS(
      R"(data: {"id":"e4","type":"message","at":"2026-11-22T09:30:00.000Z","message":{"id":"m4","state":"queued")",
      follower->got.c_str());
}

TEST(EventStream, GoesOnBehindTheIdItIsGiven) {
  happens(5);
  const auto asked = follow("?after=e2"), returned = follow("?after=e1", "admin", "e4"),
             from_start = follow("?after=e0");
  desk.turn();
  expect("e3 e4 e5", ids(asked->got));
  expect("e5", ids(returned->got));
  expect("e1 e2 e3 e4 e5", ids(from_start->got));
  happens(1);
  desk.turn();
  expect("e3 e4 e5 e6", ids(asked->got));
  expect("e5 e6", ids(returned->got));
}

TEST(EventStream, TellsOfAGapAndGoesOnFromWhatThereIs) {
  desk.face.rows.event_begin = 10;
  happens(2);
  for (const char* id : {"e3", "e99", "nonsense", "\xff\n", "e010", "e00"}) {
    const auto follower = follow("", "admin", std::string(id));
    desk.turn();
    STRCMP_CONTAINS("id: e10\nevent: gap\ndata: {\"id\":\"e10\",\"type\":\"gap\"", follower->got.c_str());
    expect("e10 e11 e12", ids(follower->got));
  }
  const auto exactly = follow("?after=e10");
  desk.turn();
  expect("e11 e12", ids(exactly->got));
}

TEST(EventStream, ShowsInboundTextsToThoseWhoMayReadThem) {
  EventRecord event;
  event.inbox.emplace();
  event.inbox->id = 7;
  event.inbox->from = "+447700900123";
  event.inbox->text = "between us";
  event.inbox->context = R"({"ticket":"T-1"})";
  const auto reader = follow("", "read"), admin = follow();
  desk.face.rows.event_rows.push_back(event);
  happens();
  desk.turn();
  STRCMP_CONTAINS("between us", admin->got.c_str());
  STRCMP_CONTAINS("T-1", admin->got.c_str());
  STRCMP_CONTAINS("\"id\":\"i7\"", reader->got.c_str());
  CHECK(reader->got.find("between us") == std::string::npos);
  CHECK(reader->got.find("T-1") == std::string::npos);
  expect("e1 e2", ids(reader->got));
  const auto later = follow("?after=e0", "read");
  desk.turn();
  CHECK(later->got.find("between us") == std::string::npos);
  LONGS_EQUAL(403, follow("", "inbox")->response->status);
  LONGS_EQUAL(422, follow("?since=now")->response->status);
}

TEST(EventStream, IsReadOnceForAllWhoAreUpToDate) {
  std::vector<std::shared_ptr<Follower>> all;
  for (int i = 0; i < 20; ++i) all.push_back(follow());
  happens(3);
  desk.turn();
  LONGS_EQUAL(1, desk.face.rows.event_reads);
  for (const auto& follower : all) expect("e1 e2 e3", ids(follower->got));
}

TEST(EventStream, ASlowReaderHoldsOnePieceAndMissesNothing) {
  const auto slow = follow(), quick = follow();
  slow->stuck = true;
  for (int i = 0; i < 2000; ++i) {
    happens(3);
    desk.turn();
  }
  expect("", ids(slow->got));
  slow->stuck = false;
  slow->more();
  for (int i = 0; i < 200; ++i) desk.turn();
  expect(ids(quick->got).c_str(), ids(slow->got));
  CHECK(ids(slow->got).ends_with(" e6000"));
}

TEST(EventStream, IsBounded) {
  std::vector<std::shared_ptr<Follower>> all;
  for (std::size_t i = 0; i < doors::EventFeed::Limits{}.streams; ++i) all.push_back(follow());
  const auto refused = follow();
  LONGS_EQUAL(503, refused->response->status);
  expect("10", header(*refused->response, "Retry-After"));
  all.pop_back();
  LONGS_EQUAL(200, follow()->response->status);
}

TEST(EventStream, EndsWithItsToken) {
  const auto follower = follow();
  CHECK_FALSE(follower->stream->over());
  for (TokenRecord& token : desk.face.token_rows) token.revoked_ms = 1;
  happens(1);
  desk.turn();
  CHECK_TRUE(follower->stream->over());
  expect("", ids(follower->got));
}

TEST(EventStream, OutlivesNobodyItNeeds) {
  std::shared_ptr<Follower> follower;
  {
    Desk other;
    follower = std::make_shared<Follower>();
    other.api.handle(request("GET", "/v1/events"), follower);
  }
  CHECK_TRUE(follower->stream->over());
  POINTERS_EQUAL(nullptr, follower->stream->take().get());
}

TEST(EventStream, WhatIsGoneIsPassedOver) {
  const auto follower = follow();
  happens(1);
  desk.face.rows.event_rows.emplace_back();
  happens(1);
  desk.turn();
  expect("e1 e3", ids(follower->got));
  desk.face.rows.event_rows.emplace_back();
  desk.turn();
  happens(1);
  desk.turn();
  expect("e1 e3 e5", ids(follower->got));
}

TEST_GROUP(ConversationCalls) {
  Desk desk;
};

TEST(ConversationCalls, ShowBothDirections) {
  ConversationItem out, in;
  out.message.emplace();
  out.message->id = 4;
  out.message->context = R"({"ticket":"T-1"})";
  out.message->parts.resize(1);
  in.inbox.emplace();
  in.inbox->id = 2;
  in.inbox->conversation = "+447700900123";
  in.inbox->context = R"({"ticket":"T-1"})";
  desk.face.rows.items = {out, in};
  desk.face.hidden_from = 77;
  const auto answer = desk.ask("GET", "/v1/conversations/07700%20900123?after=i1&limit=5");
  LONGS_EQUAL(200, answer.status);
  expect("+447700900123", desk.face.rows.last_number);
  const auto& page = desk.face.rows.last_conversation;
  CHECK_TRUE(page.after_inbox == 1 && page.after_message == 0 && page.limit == 6 && page.before == 77);
  expect("out", at_path(answer, "/items/0/direction"));
  expect("T-1", at_path(answer, "/items/0/context/ticket"));
  expect("in", at_path(answer, "/items/1/direction"));
  expect("+447700900123", at_path(answer, "/items/1/conversation"));
  expect("T-1", at_path(answer, "/items/1/context/ticket"));
  expect("m4", at_path(desk.ask("GET", "/v1/conversations/x?limit=1"), "/next"));
  LONGS_EQUAL(422, desk.ask("GET", "/v1/conversations/80010?after=c1").status);
  LONGS_EQUAL(403, desk.ask("GET", "/v1/conversations/80010", "", "read").status);
}

TEST(ConversationCalls, AreListed) {
  desk.face.rows.conversation_rows = {{1, "+447700900123", 2, 4, 5}, {2, "80010", 0, 5, 6}};
  const auto answer = desk.ask("GET", "/v1/conversations?limit=1");
  expect("c1", at_path(answer, "/items/0/id"));
  expect("m4", at_path(answer, "/items/0/last_out"));
  expect("c1", at_path(answer, "/next"));
  expect("80010", at_path(desk.ask("GET", "/v1/conversations?after=c1"), "/items/0/number"));
  LONGS_EQUAL(422, desk.ask("GET", "/v1/conversations?after=m1").status);
  LONGS_EQUAL(403, desk.ask("GET", "/v1/conversations", "", "inbox").status);
}
