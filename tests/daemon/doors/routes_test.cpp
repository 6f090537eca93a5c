// Who may ask what, and what is said to the rest.
#include <CppUTest/TestHarness.h>

#include "tests/daemon/doors/desk.h"
#include "tests/daemon/doors/expect.h"

TEST_GROUP(Routes) {
  Desk desk;
};

TEST(Routes, StatusByRequest) {
  struct Row {
    const char *method, *target, *body, *token;
    int status;
  };
  const Row rows[] = {
      {"GET", "/healthz", "", "", 200},
      {"GET", "/readyz", "", "", 200},
      {"GET", "/metrics", "", "", 401},
      {"GET", "/metrics", "", "read", 200},
      {"GET", "/openapi.json", "", "", 200},
      {"GET", "/openapi.json?x=1", "", "", 422},
      {"GET", "/", "", "admin", 404},
      {"GET", "/v1/messages/", "", "admin", 404},
      {"GET", "/v1/nothing", "", "", 404},
      {"GET", "/v1/queue", "", "", 401},
      {"GET", "/v1/queue", "", "nobody", 401},
      {"GET", "/v1/queue", "", "send", 403},
      {"GET", "/v1/queue", "", "read", 200},
      {"GET", "/v1/queue", "", "admin", 200},
      {"GET", "/v1/queue?depth=1", "", "read", 422},
      {"GET", "/v1/inbox", "", "read", 403},
      {"GET", "/v1/inbox", "", "inbox", 200},
      {"POST", "/v1/messages", R"({"to":"+447700900123","text":"hi"})", "read", 403},
      {"POST", "/v1/messages", R"({"to":"+447700900123","text":"hi"})", "send", 202},
      {"POST", "/v1/messages", R"({"to":"+447700900123","text":"hi","lane":"alert"})", "send", 403},
      {"POST", "/v1/messages", R"({"to":"+447700900123","text":"hi","lane":"alert"})", "alert", 403},
      {"POST", "/v1/messages", R"({"to":"+447700900123","text":"hi","lane":"alert"})", "admin", 202},
      {"POST", "/v1/broadcasts", R"({"to":["+447700900123"],"text":"hi","lane":"alert"})", "send", 403},
      {"POST", "/v1/messages/preview", R"({"to":"+447700900123","text":"hi"})", "send", 200},
      {"POST", "/v1/messages/preview", R"({"text":"hi"})", "read", 403},
      {"POST", "/v1/messages/preview", R"({"text":"hi","lane":"alert"})", "send", 403},
      {"POST", "/v1/messages/preview?x=1", R"({"text":"hi"})", "send", 422},
      {"POST", "/v1/messages/preview", "", "send", 400},
      {"GET", "/v1/messages/preview", "", "read", 404},
      {"GET", "/v1/messages/m0", "", "read", 404},
      {"GET", "/v1/messages/m01", "", "read", 404},
      {"GET", "/v1/messages/i1", "", "read", 404},
      {"GET", "/v1/messages/m99999999999999999999", "", "read", 404},
      {"PATCH", "/v1/queue", "{}", "admin", 405},
      {"GET", "/v1/sims/vodafone-1", "", "read", 200},
      {"GET", "/v1/sims/nobody", "", "read", 404},
      {"POST", "/v1/modems/modem0/reset", "{}", "admin", 404},
      {"POST", "/v1/modems/modem0/at", R"({"command":"AT"})", "read", 403},
      {"POST", "/v1/modems/modem0/at", "", "admin", 400},
      {"GET", "/v1/modems/modem0/at", "", "admin", 405},
      {"POST", "/v1/modems/modem0/ussd", R"({"code":"*100#"})", "send", 403},
      {"POST", "/v1/modems/modem0/ussd?x=1", R"({"code":"*100#"})", "admin", 422},
      {"GET", "/v1/contacts", "", "read", 200},
      {"GET", "/v1/conversations", "", "admin", 200},
      {"POST", "/v1/events", "{}", "admin", 405},
      {"GET", "/v1/events", "", "send", 403},
      {"POST", "/v1/backup", "{}", "admin", 404},
      {"PUT", "/v1/groups/staff", R"({"members":[]})", "send", 403},
      {"PUT", "/v1/keywords/HELP", R"({"action":"reply","text":"x"})", "read", 403},
      {"POST", "/v1/keywords/unlock", R"({"number":"+447700900123"})", "send", 403},
      {"GET", "/v1/tokens", "", "read", 403},
      {"GET", "/v1/audit", "", "read", 403},
      {"GET", "/v1/audit", "", "admin", 200},
      {"DELETE", "/v1/messages/m7", "", "read", 403},
      {"DELETE", "/v1/messages/m7", "", "send", 404},
      {"GET", "/v1/%zz", "", "admin", 400},
      {"GET", "/v1/groups/%ff", "", "admin", 400},
      {"GET", "http://host/v1/queue", "", "admin", 400},
      {"BREW", "/v1/queue", "", "admin", 405},
      {"OPTIONS", "/v1/messages", "", "", 405},
  };
  for (const Row& row : rows) {
    const auto response = desk.ask(row.method, row.target, row.body, row.token);
    LONGS_EQUAL_TEXT(row.status, response.status, (std::string(row.method) + " " + row.target).c_str());
    if (response.status >= 400) {
      expect("application/problem+json", response.content_type);
      expect("about:blank", at_path(response, "/type"));
      expect(std::to_string(row.status), at_path(response, "/status"));
    }
  }
}

TEST(Routes, MethodsAreNamed) {
  expect("POST, GET, HEAD", header(desk.ask("PUT", "/v1/messages"), "Allow"));
  expect("GET, HEAD, DELETE", header(desk.ask("POST", "/v1/messages/m1"), "Allow"));
}

TEST(Routes, UnauthorisedSaysHow) {
  expect("Bearer realm=\"klaxon\"", header(desk.ask("GET", "/v1/queue", "", ""), "WWW-Authenticate"));
  expect("Bearer realm=\"klaxon\", error=\"invalid_token\"",
         header(desk.ask("GET", "/v1/queue", "", "nobody"), "WWW-Authenticate"));
  auto lower = request("GET", "/v1/queue");
  lower.authorization = "bearer  admin";
  LONGS_EQUAL(200, desk.ask(lower).status);
  lower.authorization = "Basic admin";
  LONGS_EQUAL(401, desk.ask(lower).status);
}

TEST(Routes, RevokedTokensDoNotWork) {
  desk.face.token_rows[1].revoked_ms = 5;
  LONGS_EQUAL(401, desk.ask("GET", "/v1/queue", "", "read").status);
}

TEST(Routes, BodiesThatAreNoJson) {
  struct Row {
    std::string type, body;
    int status;
  };
  const std::string good = R"({"to":"+447700900123","text":"hi"})";
  const Row rows[] = {
      {"application/json", good, 202},
      {"application/json; charset=utf-8", good, 202},
      {"Application/JSON", good, 202},
      {"application/vnd.api+json", good, 202},
      {"", good, 415},
      {"text/plain", good, 415},
      {"application/x-www-form-urlencoded", "to=1", 415},
      {"application/json", "", 400},
      {"application/json", "to=1", 400},
      {"application/json", good + "x", 400},
      {"application/json", "\xEF\xBB\xBF" + good, 400},
      {"application/json", "{\"to\":\"+447700900123\",\"text\":\"\xFF\xFE\"}", 400},
      {"application/json", "{\"to\":\"+447700900123\",\"text\":\"\\ud800\"}", 400},
      {"application/json", R"({"to":"+447700900123","text":"a","text":"b"})", 400},
      {"application/json", R"({"to":"+447700900123","text":"a","\u0074ext":"b"})", 400},
      {"application/json", std::string(40, '[') + std::string(40, ']'), 400},
      {"application/json", "[]", 422},
      {"application/json", "null", 422},
      {"application/json", "\"text\"", 422},
  };
  for (const Row& row : rows) {
    auto wanted = request("POST", "/v1/messages", row.body);
    wanted.content_type = row.type;
    LONGS_EQUAL_TEXT(row.status, desk.ask(wanted).status, (row.type + " " + row.body).c_str());
  }
  auto zipped = request("POST", "/v1/messages", good);
  zipped.content_encoding = "gzip";
  LONGS_EQUAL(415, desk.ask(zipped).status);
}

TEST(Routes, NotReadySaysWhy) {
  desk.face.state.sim_can_send = false;
  desk.face.state.reasons = {"no SIM is registered"};
  const auto response = desk.ask("GET", "/readyz", "", "");
  LONGS_EQUAL(503, response.status);
  expect("[\"no SIM is registered\"]", at_path(response, "/reasons"));
  CHECK(header(response, "Retry-After") != "(absent)");
  LONGS_EQUAL(200, desk.ask("GET", "/healthz", "", "").status);
}

TEST(Routes, TooManyReadsWait) {
  desk.face.waiting_reads = klaxon::doors::Api::kReadsWaiting;
  const auto response = desk.ask("GET", "/v1/messages");
  LONGS_EQUAL(503, response.status);
  expect("1", header(response, "Retry-After"));
}

TEST(Routes, WhoLeftGetsNothing) {
  desk.face.hold_answers = true;
  const auto slip = desk.hand_in(request("POST", "/v1/messages", R"({"to":"+447700900123","text":"hi"})"));
  slip->gone = true;
  desk.face.hold_answers = false;
  desk.turn();
  CHECK(!slip->response);
  auto gone = desk.hand_in(request("GET", "/v1/messages"));
  gone.reset();
  desk.turn();
}
