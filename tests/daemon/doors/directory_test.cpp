// Groups, keywords, tokens: what people edit.
#include <CppUTest/TestHarness.h>

#include "tests/daemon/doors/desk.h"
#include "tests/daemon/doors/expect.h"

using namespace klaxon;

TEST_GROUP(Directory) {
  Desk desk;
  void setup() override {
    desk.face.group_rows.push_back({"all-staff", {"+447700900123"}});
  }
  doors::HttpResponse put_keyword(const std::string& body, const std::string& word = "OUTAGE") {
    return desk.ask("PUT", "/v1/keywords/" + word, body);
  }
};

TEST(Directory, Groups) {
  const auto made =
      desk.ask("PUT", "/v1/groups/on_call-1", R"({"members":["07700900123","+44 7700 900123","12345"]})");
  LONGS_EQUAL(201, made.status);
  expect(R"({"name":"on_call-1","members":["+447700900123","12345"]})", made.body);
  LONGS_EQUAL(200, desk.ask("PUT", "/v1/groups/on_call-1", R"({"members":[],"name":"on_call-1"})").status);
  expect("[]", at_path(desk.ask("GET", "/v1/groups/on_call-1"), "/members"));
  expect("/members/1", pointers(desk.ask("PUT", "/v1/groups/g", R"({"members":["12345","Ana"]})")));
  expect("/members", pointers(desk.ask("PUT", "/v1/groups/g", R"({})")));
  expect("/name", pointers(desk.ask("PUT", "/v1/groups/g", R"({"members":[],"name":"h"})")));
  expect("/name", pointers(desk.ask("PUT", "/v1/groups/a%20b", R"({"members":[]})")));
  const auto gone = desk.ask("DELETE", "/v1/groups/on_call-1");
  LONGS_EQUAL(204, gone.status);
  expect("", gone.body);
  LONGS_EQUAL(404, desk.ask("DELETE", "/v1/groups/on_call-1").status);
}

TEST(Directory, Keyword) {
  const auto made = put_keyword(R"({"from":["group:all-staff","07700 900124"],"secret":"pin:file:outage.pin",
      "action":"broadcast","group":"all-staff","text":"IT outage: {{args}}","lane":"alert"})",
                                "outage");
  LONGS_EQUAL(201, made.status);
  expect("OUTAGE", at_path(made, "/word"));
  expect(R"(["group:all-staff","+447700900124"])", at_path(made, "/from"));
  expect("1m", at_path(made, "/cooldown"));
  expect("pin:file:outage.pin", at_path(made, "/secret"));
  LONGS_EQUAL(60'000, desk.face.keyword_rows[0].cooldown_ms);
  const std::string shown = desk.ask("GET", "/v1/keywords/Outage").body;
  expect(made.body, shown);
  LONGS_EQUAL(201, put_keyword(shown).status);
  LONGS_EQUAL(204, desk.ask("DELETE", "/v1/keywords/outage").status);
}

TEST(Directory, ReplyIsOpenToAll) {
  LONGS_EQUAL(201, put_keyword(R"({"action":"reply","text":"Call 101."})").status);
  CHECK(!desk.face.keyword_rows[0].from_given);
  LONGS_EQUAL(0, desk.face.keyword_rows[0].cooldown_ms);
}

TEST(Directory, KeywordsThatAreRefused) {
  struct Row {
    const char *body, *pointers;
  };
  const Row rows[] = {
      {R"({})", "/action /text"},
      {R"({"action":"broadcast","group":"all-staff","text":"x"})", "/from"},
      {R"({"action":"broadcast","group":"all-staff","text":"x","from":[]})", "/from"},
      {R"({"action":"broadcast","text":"x","from":["12345"]})", "/group"},
      {R"({"action":"broadcast","group":"nobody","text":"x","from":["12345"]})", "/group"},
      {R"({"action":"broadcast","group":"all-staff","text":"x","from":["group:x","Ana",1]})",
       "/from/0 /from/1 /from/2"},
      {R"({"action":"reply","group":"all-staff","text":"x"})", "/group"},
      {R"({"action":"alert","text":"x","from":["12345"]})", "/action"},
      {R"({"action":"flow","text":"x","from":["12345"]})", "/action"},
      {R"({"action":"reply","text":"{{#open}}"})", "/text"},
      {R"({"action":"reply","text":""})", "/text"},
      {R"({"action":"reply","text":"x","secret":"7391"})", "/secret"},
      {R"({"action":"reply","text":"x","secret":"pin:file:../x"})", "/secret"},
      {R"({"action":"reply","text":"x","secret":"pin:file:/etc/x"})", "/secret"},
      {R"({"action":"reply","text":"x","secret":"pin:file:"})", "/secret"},
      {R"({"action":"reply","text":"x","secret":"totp:file:x"})", "/secret"},
      {R"({"action":"reply","text":"x","cooldown":"often"})", "/cooldown"},
      {R"({"action":"reply","text":"x","lane":"fast"})", "/lane"},
      {R"({"action":"reply","text":"x","word":"OTHER"})", "/word"},
      {R"({"action":"reply","text":"x","priority":1})", "/priority"},
  };
  for (const Row& row : rows)
    STRCMP_EQUAL_TEXT(row.pointers, pointers(put_keyword(row.body)).c_str(), row.body);
  CHECK(put_keyword(R"({"action":"reply","text":"x","secret":"7391"})").body.find("7391") ==
        std::string::npos);
  for (const char* word : {"two%20words", "%22HELP%22", "HELP!", "%20"}) {
    expect("/word", pointers(put_keyword(R"({"action":"reply","text":"x"})", word)));
  }
  LONGS_EQUAL(0, desk.face.keyword_rows.size());
}

TEST(Directory, TheApplianceMayRefuseTheSecret) {
  desk.face.refuse_next = Refused{422, "/secret", "its file can't be read", 0};
  const auto response = put_keyword(R"({"action":"reply","text":"x","secret":"pin:file:a.pin"})");
  LONGS_EQUAL(422, response.status);
  expect("/secret", pointers(response));
}

TEST(Directory, UnlockAndReload) {
  LONGS_EQUAL(204, desk.ask("POST", "/v1/keywords/unlock", R"({"number":"07700900123"})").status);
  expect("+447700900123", desk.face.unlocked[0]);
  expect("/number", pointers(desk.ask("POST", "/v1/keywords/unlock", R"({"number":"x"})")));
  LONGS_EQUAL(204, desk.ask("POST", "/v1/keywords/reload").status);
  LONGS_EQUAL(204, desk.ask("POST", "/v1/keywords/reload", "{}").status);
  LONGS_EQUAL(422, desk.ask("POST", "/v1/keywords/reload", R"({"x":1})").status);
  LONGS_EQUAL(2, desk.face.reloads);
}

TEST(Directory, Tokens) {
  const auto made = desk.ask("POST", "/v1/tokens", R"({"name":"ops","scopes":["read","inbox","read"]})");
  LONGS_EQUAL(201, made.status);
  expect("t100", at_path(made, "/id"));
  expect(R"(["read","inbox"])", at_path(made, "/scopes"));
  const std::string token = at_path(made, "/token");
  LONGS_EQUAL(64, token.size());
  LONGS_EQUAL(200, desk.ask("GET", "/v1/queue", "", token).status);
  LONGS_EQUAL(403, desk.ask("GET", "/v1/tokens", "", token).status);
  CHECK(desk.ask("GET", "/v1/tokens").body.find(token) == std::string::npos);
  expect("(absent)", at_path(desk.ask("GET", "/v1/tokens/t100"), "/token"));
  LONGS_EQUAL(204, desk.ask("DELETE", "/v1/tokens/t100").status);
  LONGS_EQUAL(401, desk.ask("GET", "/v1/queue", "", token).status);
  CHECK(at_path(desk.ask("GET", "/v1/tokens/t100"), "/revoked_at") != "null");
  LONGS_EQUAL(404, desk.ask("DELETE", "/v1/tokens/t77").status);
  expect("/name /scopes", pointers(desk.ask("POST", "/v1/tokens", "{}")));
  expect("/scopes/1", pointers(desk.ask("POST", "/v1/tokens", R"({"name":"a","scopes":["read","all"]})")));
  LONGS_EQUAL(409, desk.ask("DELETE", "/v1/tokens/t5").status);
}

TEST(Directory, OptOuts) {
  const auto made = desk.ask("PUT", "/v1/opt-outs/07700900123");
  LONGS_EQUAL(201, made.status);
  expect("+447700900123", at_path(made, "/number"));
  expect("o1", at_path(made, "/id"));
  LONGS_EQUAL(200, desk.ask("PUT", "/v1/opt-outs/+447700900123", "{}").status);
  LONGS_EQUAL(201, desk.ask("PUT", "/v1/opt-outs/12345").status);
  expect(made.body, desk.ask("GET", "/v1/opt-outs/%2B447700900123").body);
  expect("12345", at_path(desk.ask("GET", "/v1/opt-outs?after=o1"), "/items/0/number"));
  expect("o1", at_path(desk.ask("GET", "/v1/opt-outs?limit=1"), "/next"));
  LONGS_EQUAL(404, desk.ask("GET", "/v1/opt-outs/+447700900124").status);
  LONGS_EQUAL(422, desk.ask("PUT", "/v1/opt-outs/Ana").status);
  expect("/why", pointers(desk.ask("PUT", "/v1/opt-outs/12345", R"({"why":"letter"})")));
  LONGS_EQUAL(204, desk.ask("DELETE", "/v1/opt-outs/12345").status);
  LONGS_EQUAL(404, desk.ask("DELETE", "/v1/opt-outs/12345").status);
}
