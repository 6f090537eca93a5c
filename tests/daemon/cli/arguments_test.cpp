// From the command line to the request.
#include <CppUTest/TestHarness.h>

#include <unistd.h>

#include <cstdio>
#include <fstream>

#include "stage.h"

namespace {

constexpr const char* kQueued = R"({"id":"m1","to":"+447700900123","state":"queued","segments":1})";

}  // namespace

TEST_GROUP(Arguments) {
  Stage stage;
  std::string body() const {
    return stage.asked.at(0).body;
  }
};

TEST(Arguments, SendOneNumber) {
  LONGS_EQUAL(0, stage.answers(202, kQueued).run({"send", "+447700900123", "hello there"}));
  STRCMP_EQUAL("POST /v1/messages", stage.call(0).c_str());
  STRCMP_EQUAL(R"({"text":"hello there","to":"+447700900123"})", body().c_str());
  STRCMP_EQUAL(
      "ID  TO             STATE   SEGMENTS  SIM  ERROR\n"
      "m1  +447700900123  queued  1         -    -\n",
      stage.printed().c_str());
}

TEST(Arguments, SendManyNumbersAndEveryField) {
  stage.answers(202, R"({"items":[]})");
  LONGS_EQUAL(0, stage.run({"send",        "+447700900123", "60777",      "--text",    "hi",
                            "--lane",      "alert",         "--encoding", "gsm7",      "--flash",
                            "--no-report", "--valid-for",   "24h",        "--send-at", "2026-11-22T08:00:00Z",
                            "--sim",       "vodafone-1",    "--ref",      "r1",        "--in-doubt",
                            "hold"}));
  STRCMP_EQUAL(
      R"({"text":"hi","lane":"alert","encoding":"gsm7","valid_for":"24h","send_at":"2026-11-22T08:00:00Z",)"
      R"("sim":"vodafone-1","ref":"r1","in_doubt":"hold","flash":true,"report":false,"to":["+447700900123","60777"]})",
      body().c_str());
}

TEST(Arguments, ASensitiveTextFromStandardInput) {
  stage.in << "Your code is 417 993\n";
  stage.answers(202, kQueued);
  LONGS_EQUAL(0, stage.run({"send", "--sensitive", "+447700900123", "-"}));
  STRCMP_EQUAL(R"({"text":"Your code is 417 993","sensitive":true,"to":"+447700900123"})", body().c_str());
}

TEST(Arguments, SayHowATextMayBeWritten) {
  stage.answers(202, kQueued);
  LONGS_EQUAL(0, stage.run({"send", "+905321234567", "hi", "--simplify", "--national-tables", "turkish,urdu",
                            "--replace-type", "3"}));
  STRCMP_EQUAL(
      R"({"text":"hi","simplify":true,"national_tables":["turkish","urdu"],"replace_type":3,"to":"+905321234567"})",
      body().c_str());
  Stage none;
  none.answers(202, "{}");
  LONGS_EQUAL(0, none.run({"broadcast", "staff", "hi", "--national-tables", "none"}));
  STRCMP_EQUAL(R"({"text":"hi","national_tables":[],"group":"staff"})", none.asked[0].body.c_str());
}

TEST(Arguments, PreviewForPeople) {
  stage.answers(
      200,
      R"({"encoding":"gsm7","national":{"locking":"turkish","single":null},"segments":2,"unit":"septet",)"
      R"("units":156,"units_left":142,"lengths":[149,7],"text":"x","not_in_gsm7":[)"
      R"({"char":"ş","code":"U+015F","count":156,"at":0}],"cheaper":[{"change":"simplify","segments":1,)"
      R"("encoding":"gsm7","national":null,"replacements":[{"char":"’","code":"U+2019","with":"'","count":3}]},)"
      R"({"change":"shorten","segments":1,"encoding":"gsm7","national":null,"units":1}]})");
  LONGS_EQUAL(0, stage.run({"preview", "x", "--to", "+905321234567", "--encoding", "auto", "--simplify"}));
  STRCMP_EQUAL("POST /v1/messages/preview", stage.call(0).c_str());
  STRCMP_EQUAL(R"({"text":"x","to":"+905321234567","encoding":"auto","simplify":true})", body().c_str());
  STRCMP_EQUAL(
      "encoding     gsm7, locking turkish\n"
      "segments     2\n"
      "length       156 septets: 149, 7\n"
      "left         142 septets\n"
      "not in gsm7  ş U+015F (156)\n"
      "cheaper      simplify: 1 segment (gsm7), replaces ’ U+2019 (3) by \"'\"\n"
      "             shorten by 1 septet: 1 segment (gsm7)\n",
      stage.printed().c_str());
}

TEST(Arguments, PreviewTakesThePipeAndSaysWhatIsWrong) {
  stage.in.str("from a pipe\n");
  stage.answers(
      422,
      R"({"title":"Unprocessable Content","errors":[{"pointer":"/text","detail":"needs 11 segments"}]})");
  LONGS_EQUAL(1, stage.run({"preview", "-", "--json"}));
  STRCMP_EQUAL(R"({"text":"from a pipe"})", body().c_str());
  CHECK(stage.complained().find("/text: needs 11 segments") != std::string::npos);
}

TEST(Arguments, LeaveTextsAsTheyAre) {
  for (const char* text :
       {"[urgent, really]", "queue", "show", "{{args}}", "", "a b  c", "\"quoted\"", "%%", "50s"}) {
    Stage each;
    each.answers(202, kQueued);
    LONGS_EQUAL_TEXT(0, each.run({"send", "+447700900123", text}), text);
    const auto sent = klaxon::cli::json::parse(each.asked.at(0).body);
    STRCMP_EQUAL(text, std::string(sent.at("text").as_string()).c_str());
  }
}

TEST(Arguments, TakeTextsWithDashesBehindTwoOfThem) {
  stage.answers(202, kQueued);
  LONGS_EQUAL(0, stage.run({"send", "--", "+447700900123", "--wait is no option here"}));
  STRCMP_EQUAL(R"({"text":"--wait is no option here","to":"+447700900123"})", body().c_str());
}

TEST(Arguments, TakeTheTextFromStandardInput) {
  stage.in.str("two\nlines\n");
  stage.answers(202, kQueued);
  LONGS_EQUAL(0, stage.run({"send", "+447700900123", "-"}));
  STRCMP_EQUAL(R"({"text":"two\nlines","to":"+447700900123"})", body().c_str());
}

TEST(Arguments, CarryAnIdempotencyKey) {
  stage.answers(202, kQueued).answers(202, kQueued).answers(202, kQueued);
  stage.run({"send", "+447700900123", "hi", "--idempotency-key", "mine"});
  stage.run({"send", "+447700900123", "hi"});
  stage.run({"broadcast", "staff", "hi"});
  STRCMP_EQUAL("mine", stage.asked[0].idempotency_key.c_str());
  LONGS_EQUAL(39, stage.asked[1].idempotency_key.size());
  CHECK(stage.asked[1].idempotency_key != stage.asked[2].idempotency_key);
}

TEST(Arguments, PutGlobalOptionsBeforeOrBehind) {
  stage.answers(200, R"({"items":[],"next":null})").answers(200, R"({"items":[],"next":null})");
  LONGS_EQUAL(
      0, stage.run({"--url", "http://[::1]:9000/klaxon/", "--token", "abc", "--json", "keyword", "list"}));
  STRCMP_EQUAL("::1", stage.url.host.c_str());
  LONGS_EQUAL(9000, stage.url.port);
  STRCMP_EQUAL("/klaxon", stage.url.prefix.c_str());
  LONGS_EQUAL(0, stage.run({"keyword", "list", "--json", "--token", "abc", "--url", "http://gateway"}));
  STRCMP_EQUAL("gateway", stage.url.host.c_str());
  LONGS_EQUAL(80, stage.url.port);
  STRCMP_EQUAL("abc", stage.asked[1].token.c_str());
  STRCMP_EQUAL("{\"items\":[],\"next\":null}\n{\"items\":[],\"next\":null}\n", stage.printed().c_str());
}

TEST(Arguments, ComeFromTheEnvironmentToo) {
  stage.environment = {{"KLAXON_URL", "http://127.0.0.1:9001"}, {"KLAXON_TOKEN", "from-there"}};
  stage.answers(200, "{}").answers(200, "{}");
  stage.run({"queue"});
  LONGS_EQUAL(9001, stage.url.port);
  STRCMP_EQUAL("from-there", stage.asked[0].token.c_str());
  stage.run({"queue", "--token", "from-here"});
  STRCMP_EQUAL("from-here", stage.asked[1].token.c_str());
}

TEST(Arguments, NameAFileOfTheToken) {
  const std::string path = "/tmp/klaxon-cli-token-" + std::to_string(getpid());
  std::ofstream(path) << "secret-token\n";
  stage.environment = {{"KLAXON_TOKEN", "not-this-one"}};
  stage.answers(200, "{}");
  LONGS_EQUAL(0, stage.run({"queue", "--token-file", path}));
  STRCMP_EQUAL("secret-token", stage.asked[0].token.c_str());
  std::remove(path.c_str());
  LONGS_EQUAL(2, stage.run({"queue", "--token-file", path}));
}

TEST(Arguments, ThatAreWrongAreCode2AndAskNothing) {
  const std::vector<std::vector<std::string>> wrong{
      {},
      {"sned", "+447700900123", "hi"},
      {"send"},
      {"send", "+447700900123"},
      {"send", "--text", "hi"},
      {"send", "+447700900123", "hi", "--colour", "red"},
      {"send", "+447700900123", "hi", "--wait=soon"},
      {"preview"},
      {"preview", "a", "b"},
      {"preview", "a", "--replace-type", "three"},
      {"message"},
      {"settle", "m1"},
      {"settle", "m1", "--as", "lost"},
      {"inbox", "--limit", "0"},
      {"inbox", "--limit", "x"},
      {"inbox", "--limit", "5", "--follow"},
      {"broadcast", "staff"},
      {"broadcast", "staff", "hi", "more"},
      {"broadcast", "--group", "staff", "--to", "+447700900123", "hi"},
      {"keyword"},
      {"keyword", "set", "OUTAGE"},
      {"group", "set", "staff"},
      {"token", "create", "--name", "x"},
      {"apply"},
      {"pdu", "decode"},
      {"pdu", "decode", "00", "--dir", "up"},
      {"queue", "--url", "ftp://127.0.0.1"},
      {"queue", "--url", "127.0.0.1:8025"},
      {"queue", "--token", "two words"},
  };
  for (const auto& arguments : wrong) {
    Stage each;
    const std::string shown = arguments.empty() ? "none" : arguments.front();
    LONGS_EQUAL_TEXT(2, each.run(arguments), shown.c_str());
    LONGS_EQUAL_TEXT(0, each.asked.size(), shown.c_str());
    CHECK_TEXT(!each.complained().empty(), shown.c_str());
    CHECK_TEXT(each.printed().empty(), shown.c_str());
  }
}

TEST(Arguments, AskForHelpAndVersion) {
  LONGS_EQUAL(0, stage.run({"--help"}));
  CHECK(stage.printed().find("broadcast") != std::string::npos);
  Stage version;
  LONGS_EQUAL(0, version.run({"--version"}));
  CHECK(version.printed().starts_with("klaxon "));
  Stage deep;
  LONGS_EQUAL(0, deep.run({"keyword", "set", "--help"}));
  CHECK(deep.printed().find("--cooldown") != std::string::npos);
  Stage send;
  LONGS_EQUAL(0, send.run({"send", "--help"}));
  CHECK(send.printed().find("Usage: klaxon send [OPTIONS] TO... TEXT\n") != std::string::npos);
}

TEST_GROUP(Calls){
    void expect(std::vector<std::string> arguments, const char* call, const char* body){Stage stage;
stage.answers(200, "{}");
LONGS_EQUAL_TEXT(0, stage.run(std::move(arguments)), call);
STRCMP_EQUAL(call, stage.call(0).c_str());
STRCMP_EQUAL(body, stage.asked[0].body.c_str());
}
}
;

TEST(Calls, OfMessages) {
  expect({"message", "m1"}, "GET /v1/messages/m1", "");
  expect({"message", "../tokens"}, "GET /v1/messages/..%2Ftokens", "");
  expect({"cancel", "m1"}, "DELETE /v1/messages/m1", "");
  expect({"settle", "m1", "--as", "resend"}, "POST /v1/messages/m1/settle", R"({"as":"resend"})");
  expect({"inbox", "--from", "+447700900123", "--since", "2026-11-22T08:00:00Z", "--limit", "5"},
         "GET /v1/inbox?since=2026-11-22T08%3A00%3A00Z&from=%2B447700900123&limit=5", "");
  expect({"queue"}, "GET /v1/queue", "");
  expect({"queue", "--in-doubt"}, "GET /v1/messages?state=unknown&limit=1000", "");
}

TEST(Calls, OfTheBank) {
  expect({"modems"}, "GET /v1/modems?limit=1000", "");
  expect({"modems", "reset", "modem0"}, "POST /v1/modems/modem0/reset", "{}");
  expect({"modems", "at", "modem0", "AT+CSQ"}, "POST /v1/modems/modem0/at", R"({"command":"AT+CSQ"})");
  expect({"modems", "ussd", "a/b", "*100#", "--timeout", "20s"}, "POST /v1/modems/a%2Fb/ussd",
         R"({"code":"*100#","timeout":"20s"})");
  expect({"modems", "recording", "modem0"}, "GET /v1/modems/modem0/recording", "");
  expect({"modems", "recording", "pci-0:1/2", "--last-failure"}, "GET /v1/modems/pci-0%3A1%2F2/recording?last=failure", "");
  expect({"sims"}, "GET /v1/sims?limit=1000", "");
}

TEST(Calls, OfBroadcasts) {
  expect({"broadcast", "all staff", "hi"}, "POST /v1/broadcasts", R"({"text":"hi","group":"all staff"})");
  expect({"broadcast", "--group", "show", "hi", "--lane", "alert"}, "POST /v1/broadcasts",
         R"({"text":"hi","lane":"alert","group":"show"})");
  expect({"broadcast", "--to", "+447700900123", "--to", "07700900124", "hi"}, "POST /v1/broadcasts",
         R"({"text":"hi","to":["+447700900123","07700900124"]})");
  expect({"broadcast", "staff", "--text", "hi"}, "POST /v1/broadcasts", R"({"text":"hi","group":"staff"})");
  expect({"broadcast", "show", "b1"}, "GET /v1/broadcasts/b1", "");
  expect({"broadcast", "list"}, "GET /v1/broadcasts?limit=1000", "");
}

TEST(Calls, OfKeywordsAndGroups) {
  expect({"keyword",
          "set",
          "OUTAGE",
          "--action",
          "broadcast",
          "--from",
          "group:oncall",
          "--from",
          "+447700900123",
          "--secret",
          "pin:file:outage.pin",
          "--group",
          "staff",
          "--text",
          "IT: {{args}}",
          "--lane",
          "alert",
          "--cooldown",
          "90s",
          "--no-report"},
         "PUT /v1/keywords/OUTAGE",
         R"({"action":"broadcast","from":["group:oncall","+447700900123"],"secret":"pin:file:outage.pin",)"
         R"("group":"staff","text":"IT: {{args}}","lane":"alert","cooldown":"90s","report":false})");
  expect({"keyword", "delete", "HELP"}, "DELETE /v1/keywords/HELP", "");
  expect({"keyword", "unlock", "+447700900123"}, "POST /v1/keywords/unlock", R"({"number":"+447700900123"})");
  expect({"contacts", "list", "--tag", "on call"}, "GET /v1/contacts?tag=on%20call&limit=1000", "");
  expect({"contacts", "add", "Ana Ruiz", "+447700900123", "+447700900124", "--tag", "madrid"},
         "PUT /v1/contacts/Ana%20Ruiz", R"({"numbers":["+447700900123","+447700900124"],"tags":["madrid"]})");
  expect({"contacts", "remove", "Ana Ruiz"}, "DELETE /v1/contacts/Ana%20Ruiz", "");
  expect({"contacts", "export"}, "GET /v1/contacts?format=csv", "");
  expect({"group", "export"}, "GET /v1/groups?format=csv", "");
  expect({"group", "list"}, "GET /v1/groups?limit=1000", "");
  expect({"group", "show", "staff"}, "GET /v1/groups/staff", "");
  expect({"group", "set", "staff", "+447700900123", "+447700900124"}, "PUT /v1/groups/staff",
         R"({"members":["+447700900123","+447700900124"]})");
  expect({"group", "delete", "staff"}, "DELETE /v1/groups/staff", "");
}

TEST(Calls, OfTokens) {
  expect({"token", "create", "--name", "ops", "--scope", "send", "--scope", "read,inbox"}, "POST /v1/tokens",
         R"({"name":"ops","scopes":["send","read","inbox"]})");
  expect({"token", "revoke", "t2"}, "DELETE /v1/tokens/t2", "");
  expect({"audit", "--limit", "7"}, "GET /v1/audit?limit=7", "");
}
