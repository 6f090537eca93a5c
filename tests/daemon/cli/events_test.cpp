// Following what happens: events taken apart, printed, and gone on with after a lost connection.
#include <CppUTest/TestHarness.h>

#include "daemon/cli/event_text.h"
#include "stage.h"

using klaxon::cli::EventText;
using klaxon::cli::ServerEvent;

namespace {

std::string told(const std::vector<ServerEvent>& events) {
  std::string out;
  for (const auto& event : events) out += event.id + "/" + event.type + "/" + event.data + ";";
  return out;
}

std::string event(const char* id, const char* type, const std::string& data) {
  return "id: " + std::string(id) + "\nevent: " + type + "\ndata: " + data + "\n\n";
}

const std::string kQueued = event(
    "e4", "message",
    R"({"id":"e4","type":"message","at":"2026-11-22T09:30:00.000Z","message":{"id":"m1","to":"+447700900123","state":"queued"}})");
const std::string kReady = event(
    "e5", "modem",
    R"({"id":"e5","type":"modem","at":"2026-11-22T09:30:01.000Z","modem":{"id":"modem0","state":"ready","why":null}})");

}  // namespace

TEST_GROUP(FollowEvents) {
  Stage stage;
};

TEST(FollowEvents, TheTextMayComeInAnyPieces) {
  const std::string text = "retry: 2000\nid: e3\n: hello\n\n" + event("e4", "message", "{}") +
                           ":\n\ndata: a\r\ndata:b\r\rdata\n\nid: e9\nevent: x\n\n";
  const char* expected = "e4/message/{};e4/message/a\nb;e4/message/;";
  for (std::size_t size = 1; size <= text.size(); ++size) {
    EventText parser;
    std::vector<ServerEvent> all;
    for (std::size_t at = 0; at < text.size(); at += size) {
      auto some = parser.feed(std::string_view(text).substr(at, size));
      all.insert(all.end(), some.begin(), some.end());
    }
    STRCMP_EQUAL(expected, told(all).c_str());
    STRCMP_EQUAL("e9", parser.last_id().c_str());
  }
}

TEST(FollowEvents, OneThatIsTooLargeIsDropped) {
  EventText parser;
  parser.feed("data: " + std::string(3 << 20, 'x') + "\n");
  LONGS_EQUAL(0, parser.feed("\n").size());
  STRCMP_EQUAL("/message/y;", told(parser.feed("data: y\n\n")).c_str());
}

TEST(FollowEvents, GoOnBehindTheLastOneWhenTheConnectionIsLost) {
  stage.answers(200, "id: e3\n\n").answers(200, kQueued).refuses_connections().answers(200, kReady);
  LONGS_EQUAL(0, stage.run({"events", "--limit", "2"}));
  STRCMP_EQUAL("GET /v1/events", stage.call(0).c_str());
  STRCMP_EQUAL("GET /v1/events?after=e3", stage.call(1).c_str());
  STRCMP_EQUAL("GET /v1/events?after=e4", stage.call(2).c_str());
  STRCMP_EQUAL("GET /v1/events?after=e4", stage.call(3).c_str());
  STRCMP_EQUAL(
      "2026-11-22T09:30:00.000Z  message  m1  +447700900123  queued\n"
      "2026-11-22T09:30:01.000Z  modem  modem0  ready\n",
      stage.printed().c_str());
  STRCMP_CONTAINS("can't reach klaxond", stage.complained().c_str());
}

TEST(FollowEvents, PrintTheApisOwnJson) {
  stage.answers(200, kReady);
  LONGS_EQUAL(0, stage.run({"--json", "events", "--after", "e0", "--limit", "1"}));
  STRCMP_EQUAL("GET /v1/events?after=e0", stage.call(0).c_str());
  CHECK(stage.printed().starts_with(R"({"id":"e5","type":"modem")"));
  CHECK(stage.printed().ends_with("}\n"));
}

TEST(FollowEvents, EndWhereTheyAreRefused) {
  stage.answers(503, R"({"title":"Service Unavailable"})", "10").answers(403, R"({"title":"Forbidden"})");
  LONGS_EQUAL(1, stage.run({"events"}));
  LONGS_EQUAL(2, stage.asked.size());
}

TEST(FollowEvents, AConversationIsATable) {
  stage.answers(200, R"({"items":[
    {"id":"m1","direction":"out","created_at":"2026-11-22T09:30:00.000Z","state":"delivered","text":"Where are you?"},
    {"id":"i1","direction":"in","received_at":"2026-11-22T09:31:00.000Z","text":"On my way"}],"next":null})");
  LONGS_EQUAL(0, stage.run({"conversation", "+447700900123"}));
  STRCMP_EQUAL("GET /v1/conversations/%2B447700900123?limit=1000", stage.call(0).c_str());
  STRCMP_CONTAINS("m1  2026-11-22T09:30:00.000Z  >  delivered  Where are you?\n", stage.printed().c_str());
  STRCMP_CONTAINS("i1  2026-11-22T09:31:00.000Z  <  -          On my way\n", stage.printed().c_str());
}
