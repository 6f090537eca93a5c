// What happens between the first request and the exit code.
#include <CppUTest/TestHarness.h>

#include "daemon/cli/api.h"
#include "stage.h"

namespace {

constexpr const char* kQueued = R"({"id":"m1","to":"+447700900123","state":"queued","segments":1})";
constexpr const char* kDelivered = R"({"id":"m1","to":"+447700900123","state":"delivered","segments":1})";
constexpr const char* kFailed =
    R"({"id":"m1","to":"+447700900123","state":"failed","error":{"code":"cms_38","text":"network out of order"}})";

}  // namespace

TEST_GROUP(Sessions) {
  Stage stage;
};

TEST(Sessions, SayWhyTheApiRefused) {
  stage.answers(
      422,
      R"({"type":"about:blank","title":"Unprocessable Content","status":422,"detail":"2 fields are wrong",
                         "errors":[{"pointer":"/to","detail":"no number"},{"pointer":"/lane","detail":"unknown"}]})");
  LONGS_EQUAL(1, stage.run({"send", "x", "hi"}));
  STRCMP_EQUAL("", stage.printed().c_str());
  STRCMP_EQUAL(
      "klaxon: 422 Unprocessable Content\n"
      "  /to: no number\n"
      "  /lane: unknown\n",
      stage.complained().c_str());
}

TEST(Sessions, SayWhenToComeBackAndWhereTokensGo) {
  stage.answers(503, R"({"title":"Service Unavailable"})", "5").answers(401, R"({"title":"Unauthorized"})");
  LONGS_EQUAL(1, stage.run({"send", "+447700900123", "hi"}));
  CHECK(stage.complained().find("try again in 5 s") != std::string::npos);
  LONGS_EQUAL(1, stage.run({"queue"}));
  CHECK(stage.complained().find("KLAXON_TOKEN") != std::string::npos);
}

TEST(Sessions, WithNobodyThereAreCode3) {
  LONGS_EQUAL(3, stage.refuses_connections().run({"queue"}));
  STRCMP_EQUAL("klaxon: can't reach klaxond: Connection refused\n", stage.complained().c_str());
  LONGS_EQUAL(1, stage.asked.size());
}

TEST(Sessions, WithSomebodyElseAreCode3) {
  LONGS_EQUAL(3, stage.answers(200, "<html>").run({"queue"}));
  LONGS_EQUAL(3, stage.answers(301, "").run({"queue"}));
  LONGS_EQUAL(1, stage.answers(404, "<html>").run({"queue"}));
}

TEST(Sessions, TryOnceMoreWithTheSameKeyWhenTheConnectionIsLost) {
  LONGS_EQUAL(0, stage.loses_the_connection().answers(202, kQueued).run({"send", "+447700900123", "hi"}));
  LONGS_EQUAL(2, stage.asked.size());
  STRCMP_EQUAL(stage.asked[0].idempotency_key.c_str(), stage.asked[1].idempotency_key.c_str());
  LONGS_EQUAL(3, stage.loses_the_connection().loses_the_connection().run({"send", "+447700900123", "hi"}));
}

TEST(Sessions, RepeatNothingThatHasNoKey) {
  LONGS_EQUAL(3, stage.loses_the_connection().answers(201, "{}").run(
                     {"token", "create", "--name", "x", "--scope", "send"}));
  LONGS_EQUAL(1, stage.asked.size());
}

TEST(Sessions, ReadListsPageByPage) {
  stage.answers(200, R"({"items":[{"iccid":"1","label":"a"}],"next":"s1"})");
  stage.answers(
      200, R"({"items":[{"iccid":"2","daily_limit":{"value":5,"source":"file"},"weight":0.5}],"next":null})");
  LONGS_EQUAL(0, stage.run({"sims"}));
  STRCMP_EQUAL("GET /v1/sims?limit=1000&after=s1", stage.call(1).c_str());
  STRCMP_EQUAL(
      "ICCID  LABEL  NUMBER  MODEM  STATE  TODAY  HOURLY  DAILY     MONTHLY  WEIGHT\n"
      "1      a      -       -      -      -      -       -         -        -\n"
      "2      -      -       -      -      -      -       5 (file)  -        0.5\n",
      stage.printed().c_str());
}

TEST(Sessions, EndListsAtTheirLimit) {
  stage.answers(200, R"({"items":[{"id":"i1"},{"id":"i2"}],"next":"i2"})");
  LONGS_EQUAL(0, stage.run({"inbox", "--limit", "2", "--json"}));
  STRCMP_EQUAL("{\"items\":[{\"id\":\"i1\"},{\"id\":\"i2\"}],\"next\":\"i2\"}\n", stage.printed().c_str());
}

TEST(Sessions, NeverLetATextSteerTheTerminal) {
  stage.answers(200,
                R"({"items":[{"id":"i1","from":"+1234567","text":"a\u001b[2Jb\nc\u009b"}],"next":null})");
  stage.run({"inbox"});
  CHECK(stage.printed().find("a·[2Jb⏎c·\n") != std::string::npos);
  LONGS_EQUAL(std::string::npos, stage.printed().find('\x1b'));
}

TEST(Sessions, FollowTheInboxUntilRefused) {
  stage.answers(200, R"({"items":[{"id":"i1","from":"+1234567","text":"one"}],"next":null})");
  stage.refuses_connections().refuses_connections();
  stage.answers(200, R"({"items":[{"id":"i2","from":"+1234567","text":"two"}],"next":null})");
  stage.answers(200, R"({"items":[],"next":null})").answers(403, R"({"title":"Forbidden"})");
  LONGS_EQUAL(1, stage.run({"inbox", "--follow", "--from", "+1234567"}));
  STRCMP_EQUAL("GET /v1/inbox?from=%2B1234567&limit=1000", stage.call(0).c_str());
  STRCMP_EQUAL("GET /v1/inbox?from=%2B1234567&after=i1&limit=1000", stage.call(1).c_str());
  STRCMP_EQUAL("GET /v1/inbox?from=%2B1234567&after=i2&limit=1000", stage.call(4).c_str());
  STRCMP_EQUAL("i1  -  +1234567  -  one\ni2  -  +1234567  -  two\n", stage.printed().c_str());
  STRCMP_EQUAL("klaxon: can't reach klaxond: Connection refused\nklaxon: 403 Forbidden\n",
               stage.complained().c_str());
}

TEST(Sessions, WaitUntilDelivered) {
  stage.answers(202, kQueued).answers(200, kQueued).refuses_connections().answers(200, kDelivered);
  LONGS_EQUAL(0, stage.run({"send", "+447700900123", "hi", "--wait"}));
  STRCMP_EQUAL("GET /v1/messages/m1", stage.call(3).c_str());
  CHECK(stage.printed().find("delivered") != std::string::npos);
}

TEST(Sessions, WaitNoLongerThanAsked) {
  stage.answers(202, kQueued);
  LONGS_EQUAL(1, stage.run({"send", "--wait", "2s", "+447700900123", "hi"}));
  LONGS_EQUAL(6, stage.asked.size());  // every half second, the daemon away
  CHECK(stage.printed().find("queued") != std::string::npos);
  CHECK(stage.complained().find("not all was delivered within 2s") != std::string::npos);
}

TEST(Sessions, WaitForEachOfSeveralAndTellFailures) {
  stage.answers(202,
                R"({"items":[{"id":"m1","state":"queued"},{"id":"m2","state":"submitted","report":false}]})");
  stage.answers(200, kFailed);
  LONGS_EQUAL(1, stage.run({"send", "+447700900123", "+447700900124", "hi", "--wait", "--json"}));
  LONGS_EQUAL(2, stage.asked.size());
  CHECK(stage.printed().find("cms_38") != std::string::npos);
}

TEST(Sessions, SayThatTheDiskIsAway) {
  stage.answers(202, R"({"id":"m1","to":"+447700900123","state":"queued","durable":false})");
  LONGS_EQUAL(0, stage.run({"send", "+447700900123", "hi", "--lane", "alert"}));
  CHECK(stage.complained().find("accepted from memory") != std::string::npos);
}

TEST(Sessions, CountTheQueue) {
  stage.answers(200, R"({"lanes":{"alert":{"queued":0,"unknown":1,"oldest_queued_s":null},
                                  "bulk":{"queued":12345,"unknown":0,"oldest_queued_s":61}}})");
  LONGS_EQUAL(0, stage.run({"queue"}));
  STRCMP_EQUAL(
      "LANE   QUEUED  UNKNOWN  OLDEST QUEUED S\n"
      "alert  0       1        -\n"
      "bulk   12345   0        61\n",
      stage.printed().c_str());
}

TEST(Sessions, PrintANewTokenAlone) {
  stage.answers(201, R"({"id":"t2","name":"ops","scopes":["send","read"],"token":"abcdef"})");
  LONGS_EQUAL(0, stage.run({"token", "create", "--name", "ops", "--scope", "send"}));
  STRCMP_EQUAL("abcdef\n", stage.printed().c_str());
  STRCMP_EQUAL("t2: send, read; it is shown this once\n", stage.complained().c_str());
}

TEST(Sessions, SurviveAnyJson) {
  for (const char* body :
       {"null", "[]", "5", "\"x\"", "{}", R"({"items":5})", R"({"items":[5,null,[]]})",
        R"({"lanes":{"alert":5}})", R"({"lanes":[]})", R"({"items":[{"members":5}],"next":5})"}) {
    for (const char* command : {"queue", "modems", "sims", "inbox", "audit", "export"}) {
      Stage each;
      each.answers(200, body).answers(200, body);
      const int code = each.run({command});
      CHECK_TEXT(code == 0 || code == 3, body);
    }
  }
}
