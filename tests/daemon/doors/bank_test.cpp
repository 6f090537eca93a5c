// The bank as the API shows it, and the metrics.
#include <CppUTest/TestHarness.h>

#include "tests/daemon/doors/desk.h"
#include "tests/daemon/doors/expect.h"

using namespace klaxon;

TEST_GROUP(Bank) {
  Desk desk;
  void setup() override {
    ModemView modem;
    modem.id = "modem0";
    modem.port = "/dev/ttyUSB0";
    modem.state = "ready";
    modem.rssi = 20;
    modem.message = 12;
    modem.since_ms = desk.face.now_ms;
    modem.can_take = true;
    modem.submitted = 3;
    desk.face.modem_views = {modem, modem};
    desk.face.modem_views[1].id = "pci-0000:00:14.0-usb-0:1\"x\"";
    desk.face.modem_views[1].rssi = 99;
    desk.face.modem_views[1].message = 0;
  }
};

TEST(Bank, Modems) {
  const auto list = desk.ask("GET", "/v1/modems", "", "read");
  expect("-73", at_path(list, "/items/0/signal_dbm"));
  expect("null", at_path(list, "/items/1/signal_dbm"));
  expect("m12", at_path(list, "/items/0/message"));
  expect("null", at_path(list, "/items/1/message"));
  expect("null", at_path(list, "/items/0/storage/mem"));
  LONGS_EQUAL(200, desk.ask("GET", "/v1/modems/pci-0000%3A00:14.0-usb-0:1%22x%22").status);
  LONGS_EQUAL(404, desk.ask("GET", "/v1/modems/modem9").status);
}

TEST(Bank, Recordings) {
  LONGS_EQUAL(404, desk.ask("GET", "/v1/modems/modem0/recording").status);
  desk.face.chat = "> AT\\r\n";
  const auto now = desk.ask("GET", "/v1/modems/modem0/recording", "", "read");
  LONGS_EQUAL(200, now.status);
  expect("text/plain; charset=utf-8", now.content_type);
  expect("> AT\\r\n", now.body);
  LONGS_EQUAL(404, desk.ask("GET", "/v1/modems/modem0/recording?last=failure").status);
  desk.face.failure_chat = "# then";
  expect("# then", desk.ask("GET", "/v1/modems/modem0/recording?last=failure").body);
  LONGS_EQUAL(422, desk.ask("GET", "/v1/modems/modem0/recording?last=5").status);
  LONGS_EQUAL(422, desk.ask("GET", "/v1/modems/modem0/recording?first=1").status);
  LONGS_EQUAL(404, desk.ask("GET", "/v1/modems/modem9/recording").status);
  LONGS_EQUAL(403, desk.ask("GET", "/v1/modems/modem0/recording", "", "send").status);
  LONGS_EQUAL(405, desk.ask("POST", "/v1/modems/modem0/recording", "{}").status);
}

TEST(Bank, Reset) {
  const auto answer = desk.ask("POST", "/v1/modems/modem0/reset");
  LONGS_EQUAL(202, answer.status);
  expect("modem0", at_path(answer, "/id"));
  LONGS_EQUAL(202, desk.ask("POST", "/v1/modems/modem0/reset", "{}").status);
  LONGS_EQUAL(2, desk.face.resets.size());
  LONGS_EQUAL(422, desk.ask("POST", "/v1/modems/modem0/reset", R"({"now":true})").status);
  LONGS_EQUAL(403, desk.ask("POST", "/v1/modems/modem0/reset", "", "read").status);
  desk.face.refuse_next = Refused{409, "", "the modem is absent", 0};
  const auto refusal = desk.ask("POST", "/v1/modems/modem0/reset");
  LONGS_EQUAL(409, refusal.status);
  expect("the modem is absent", at_path(refusal, "/detail"));
}

TEST(Bank, ACommandIsSaidToAModem) {
  desk.face.errand_done.result.text = "OK";
  desk.face.errand_done.lines = {"+CSQ: 20,99"};
  desk.face.errand_done.took = at::Millis{12};
  const auto answer = desk.ask("POST", "/v1/modems/modem0/at", R"({"command":"AT+CSQ"})");
  LONGS_EQUAL(200, answer.status);
  expect(R"({"modem":"modem0","command":"AT+CSQ","final":"OK","lines":["+CSQ: 20,99"],"took_ms":12})", answer.body);
  LONGS_EQUAL(10'000, desk.face.errands.at(0).second.timeout.count());
  LONGS_EQUAL(200, desk.ask("POST", "/v1/modems/modem0/at", R"({"command":"AT","timeout":"60s"})").status);
  LONGS_EQUAL(60'000, desk.face.errands.at(1).second.timeout.count());
  const std::pair<const char*, const char*> wrong[] = {
      {R"({"command":"AT+CMGS=20"})", "/command"}, {R"({"command":"AT+CSQ\r"})", "/command"}, {"{}", "/command"},
      {R"({"command":5})", "/command"}, {R"({"command":"AT","timeout":"61s"})", "/timeout"},
      {R"({"command":"AT","timeout":"0s"})", "/timeout"}, {R"({"command":"AT","code":"*1#"})", "/code"}};
  for (const auto& [body, pointer] : wrong) {
    const auto refused = desk.ask("POST", "/v1/modems/modem0/at", body);
    LONGS_EQUAL_TEXT(422, refused.status, body);
    expect(pointer, pointers(refused));
  }
  LONGS_EQUAL(2, desk.face.errands.size());
  desk.face.refuse_next = Refused{504, "", "no final result within 10 s", 0};
  const auto late = desk.ask("POST", "/v1/modems/modem0/at", R"({"command":"AT"})");
  LONGS_EQUAL(504, late.status);
  expect("Gateway Timeout", at_path(late, "/title"));
}

TEST(Bank, ACodeIsDialled) {
  const auto dial = [this] { return desk.ask("POST", "/v1/modems/modem0/ussd", R"({"code":"*100#"})"); };
  drivers::ErrandDone& done = desk.face.errand_done;
  done.ussd = drivers::UssdAnswer{0, "3,00 €", 15};
  const auto answer = dial();
  LONGS_EQUAL(200, answer.status);
  expect(R"({"modem":"modem0","code":"*100#","status":"done","text":"3,00 €","dcs":15,"took_ms":0})", answer.body);
  LONGS_EQUAL(30'000, desk.face.errands.at(0).second.timeout.count());
  CHECK(desk.face.errands.at(0).second.kind == drivers::Errand::Kind::ussd);
  const std::pair<int, const char*> words[] = {{1, "further_action"}, {2, "ended"}};
  for (const auto& [status, word] : words) {
    done.ussd = drivers::UssdAnswer{status, std::nullopt, std::nullopt};
    expect(word, at_path(dial(), "/status"));
    expect("null", at_path(dial(), "/text"));
  }
  const std::pair<int, int> refusals[] = {{3, 502}, {4, 502}, {5, 504}, {9, 502}};
  for (const auto& [status, http] : refusals) {
    done.ussd = drivers::UssdAnswer{status, std::nullopt, std::nullopt};
    LONGS_EQUAL(http, dial().status);
  }
  done.ussd.reset();
  done.result = *at::parse_final("+CME ERROR: 30");
  const auto refused = dial();
  LONGS_EQUAL(502, refused.status);
  CHECK(at_path(refused, "/detail").starts_with("the modem refused: +CME ERROR: 30"));
  expect("/code", pointers(desk.ask("POST", "/v1/modems/modem0/ussd", R"({"code":"balance"})")));
}

TEST(Bank, Sims) {
  desk.face.sim_views[0].limits[index_of(klaxon::Quota::day)] = {7, {200, klaxon::Source::file}};
  const auto one = desk.ask("GET", "/v1/sims/8944100000000000001", "", "read");
  expect(R"({"value":200,"source":"file"})", at_path(one, "/daily_limit"));
  expect(R"({"value":1,"source":"default"})", at_path(one, "/weight"));
  expect("0", at_path(one, "/open_doubts"));
}

TEST(Bank, WhatIsSetForASim) {
  const std::string path = "/v1/sims/vodafone-1";
  LONGS_EQUAL(200, desk.ask("PATCH", path, R"({"hourly_limit":10,"daily_limit":null,"weight":0.5})", "admin").status);
  const auto& [iccid, change] = desk.face.sim_changes.at(0);
  expect("8944100000000000001", iccid);
  CHECK(change.limits[index_of(klaxon::Quota::hour)] == std::optional(std::optional<std::int64_t>(10)));
  const auto& daily = change.limits[index_of(klaxon::Quota::day)];
  CHECK(daily.has_value() && !daily->has_value());
  CHECK_FALSE(change.limits[index_of(klaxon::Quota::month)].has_value());
  CHECK(change.weight == std::optional(std::optional(0.5)));
  const std::pair<const char*, const char*> wrong[] = {
      {R"({"daily_limit":-1})", "/daily_limit"}, {R"({"daily_limit":1.5})", "/daily_limit"},
      {R"({"monthly_limit":"9"})", "/monthly_limit"}, {R"({"weight":0})", "/weight"},
      {R"({"weight":1001})", "/weight"}, {R"({"recipients_limit":100001})", "/recipients_limit"}, {R"({"daly_limit":1})", "/daly_limit"}, {"{}", ""}};
  for (const auto& [body, pointer] : wrong) {
    const auto refused = desk.ask("PATCH", path, body, "admin");
    LONGS_EQUAL_TEXT(422, refused.status, body);
    expect(pointer, pointers(refused));
  }
  LONGS_EQUAL(404, desk.ask("PATCH", "/v1/sims/nobody", R"({"weight":1})", "admin").status);
  LONGS_EQUAL(403, desk.ask("PATCH", path, R"({"weight":1})", "read").status);
  LONGS_EQUAL(1, desk.face.sim_changes.size());
}

TEST(Bank, Metrics) {
  desk.face.count.accepted[0] = 5;
  desk.face.count.commit_micros = 1'500'000;
  desk.face.lanes[2] = 4;
  const auto response = desk.ask("GET", "/metrics", "", "read");
  expect("text/plain; version=0.0.4; charset=utf-8", response.content_type);
  for (const char* line :
       {"klaxon_messages_accepted_total{lane=\"alert\"} 5\n", "klaxon_commit_seconds_total 1.500000\n",
        "klaxon_messages{lane=\"alert\",state=\"submitted\"} 4\n",
        "klaxon_modem_state{modem=\"modem0\",state=\"ready\"} 1\n",
        "klaxon_modem_can_take{modem=\"pci-0000:00:14.0-usb-0:1\\\"x\\\"\"} 1\n",
        "klaxon_modem_submitted_total{modem=\"modem0\"} 3\n", "# TYPE klaxon_modem_state gauge\n",
        "klaxon_sim_sent_today{iccid=\"8944100000000000001\",label=\"vodafone-1\"} 0\n",
        "klaxon_disk_writable 1\n"}) {
    CHECK_TEXT(response.body.find(line) != std::string::npos, line);
  }
}
