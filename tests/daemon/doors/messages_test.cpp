// POST /v1/messages: what is accepted, what is refused, and with which words.
#include <CppUTest/TestHarness.h>

#include "tests/daemon/doors/desk.h"
#include "tests/daemon/doors/expect.h"

using namespace klaxon;

TEST_GROUP(Messages) {
  Desk desk;
  doors::HttpResponse post(const std::string& body) {
    return desk.ask("POST", "/v1/messages", body);
  }
};

TEST(Messages, SingleOne) {
  const auto response = post(R"({"to":"07700 900123","text":"mail is down","ref":"T-1","valid_for":"24h"})");
  LONGS_EQUAL(202, response.status);
  expect("m1", at_path(response, "/id"));
  expect("+447700900123", at_path(response, "/to"));
  expect("queued", at_path(response, "/state"));
  expect("normal", at_path(response, "/lane"));
  expect("auto", at_path(response, "/encoding"));
  expect("24h", at_path(response, "/valid_for"));
  expect("T-1", at_path(response, "/ref"));
  expect("1", at_path(response, "/segments"));
  expect("queued", at_path(response, "/parts/0/state"));
  expect("2026-11-22T09:30:00.000Z", at_path(response, "/created_at"));
  expect("null", at_path(response, "/submitted_at"));
  expect("0", at_path(response, "/attempts"));
  expect("(absent)", at_path(response, "/durable"));
  LONGS_EQUAL(5, desk.face.sent[0].form.owner);
}

TEST(Messages, EveryField) {
  const auto response = post(
      R"({"to":"12345","data":"0a1B","lane":"urgent","flash":true,"report":false,"send_at":"2026-11-22T12:30:00+01:00",
          "sim":"vodafone-1","in_doubt":"hold","encoding":"auto","valid_for":"63d","ref":null})");
  LONGS_EQUAL(202, response.status);
  expect("0A1B", at_path(response, "/data"));
  expect("(absent)", at_path(response, "/text"));
  expect("2026-11-22T11:30:00.000Z", at_path(response, "/send_at"));
  expect("8944100000000000001", at_path(response, "/sim"));
  expect("vodafone-1", at_path(response, "/sim_label"));
  expect("hold", at_path(response, "/in_doubt"));
  const MessageRecord& form = desk.face.sent[0].form;
  LONGS_EQUAL(2, form.octets.size());
  CHECK(form.flash && !form.report && form.lane == Lane::urgent && form.in_doubt == DoubtPolicy::hold);
  LONGS_EQUAL(form.send_at_ms, form.due_ms);
}

TEST(Messages, ASensitiveTextIsShownToNobody) {
  const auto response = post(R"({"to":"+447700900123","text":"Your code is 417 993","sensitive":true})");
  LONGS_EQUAL(202, response.status);
  expect("true", at_path(response, "/sensitive"));
  expect("null", at_path(response, "/text"));
  expect("1", at_path(response, "/segments"));
  CHECK_TRUE(desk.face.sent[0].form.sensitive);
  expect("Your code is 417 993", desk.face.sent[0].form.text);
  const auto octets = post(R"({"to":"+447700900123","data":"0a1B","sensitive":true})");
  expect("null", at_path(octets, "/text"));
  expect("(absent)", at_path(octets, "/data"));
  expect("false", at_path(post(R"({"to":"+447700900123","text":"x"})"), "/sensitive"));
}

TEST(Messages, SendAtJustPastIsNow) {
  LONGS_EQUAL(202, post(R"({"to":"12345","text":"x","send_at":"2026-11-22T09:29:01Z"})").status);
  LONGS_EQUAL(0, desk.face.sent[0].form.due_ms);
}

TEST(Messages, WrongFieldsAreNamedAllAtOnce) {
  struct Row {
    const char *body, *pointers;
  };
  const std::string too_large = R"({"to":"12345","text":"x","context":{"a":")" + std::string(2041, 'x') + "\"}}";
  const Row rows[] = {
      {R"({})", "/to /text"},
      {R"({"to":"+447700900123"})", "/text"},
      {R"({"to":"hello","text":"x"})", "/to"},
      {R"({"to":447700900123,"text":"x"})", "/to"},
      {R"({"to":[],"text":"x"})", "/to"},
      {R"({"to":["+447700900123","12",7,"+44 7700 900124"],"text":"x"})", "/to/1 /to/2"},
      {R"({"to":"+1234567890123456","text":"x"})", "/to"},
      {R"({"to":"12345","text":""})", "/text"},
      {R"({"to":"12345","text":5})", "/text"},
      {R"({"to":"12345","text":"x","data":"00"})", "/data"},
      {R"({"to":"12345","data":"0"})", "/data"},
      {R"({"to":"12345","data":""})", "/data"},
      {R"({"to":"12345","data":"00","encoding":"gsm7"})", "/encoding"},
      {R"({"to":"12345","text":"x","lane":"fast"})", "/lane"},
      {R"({"to":"12345","text":"x","encoding":"utf8"})", "/encoding"},
      {R"({"to":"12345","text":"привет","encoding":"gsm7"})", "/encoding"},
      {R"({"to":"12345","text":"x","flash":1})", "/flash"},
      {R"({"to":"12345","text":"x","report":"yes"})", "/report"},
      {R"({"to":"12345","text":"x","valid_for":3600})", "/valid_for"},
      {R"({"to":"12345","text":"x","valid_for":"500ms"})", "/valid_for"},
      {R"({"to":"12345","text":"x","valid_for":"442d"})", "/valid_for"},
      {R"({"to":"12345","text":"x","valid_for":"soon"})", "/valid_for"},
      {R"({"to":"12345","text":"x","send_at":"2026-11-22T09:28:59Z"})", "/send_at"},
      {R"({"to":"12345","text":"x","send_at":"2028-01-01T00:00:00Z"})", "/send_at"},
      {R"({"to":"12345","text":"x","send_at":"tomorrow"})", "/send_at"},
      {R"({"to":"12345","text":"x","sim":"nobody"})", "/sim"},
      {R"({"to":"12345","text":"x","in_doubt":"maybe"})", "/in_doubt"},
      {R"({"to":"12345","text":"x","simplify":"yes"})", "/simplify"},
      {R"({"to":"12345","data":"00","simplify":true})", "/simplify"},
      {R"({"to":"12345","text":"x","national_tables":"turkish"})", "/national_tables"},
      {R"({"to":"12345","text":"x","national_tables":["turkish","klingon",5,"default"]})",
       "/national_tables/1 /national_tables/2 /national_tables/3"},
      {R"({"to":"12345","data":"00","national_tables":["turkish"]})", "/national_tables"},
      {R"({"to":"12345","text":"x","replace_type":0})", "/replace_type"},
      {R"({"to":"12345","text":"x","replace_type":8})", "/replace_type"},
      {R"({"to":"12345","text":"x","replace_type":"1"})", "/replace_type"},
      {R"({"to":"12345","text":"x","sensitive":"yes"})", "/sensitive"},
      {R"({"to":"12345","text":"x","context":"T-1"})", "/context"},
      {R"({"to":"12345","text":"x","context":[]})", "/context"},
      {too_large.c_str(), "/context"},
      {R"({"to":"12345","text":"x","sender":"me","a/b~":1})", "/sender /a~1b~0"},
      {R"({"to":"?","text":"","lane":1,"flash":"no","colour":"red"})", "/to /lane /text /flash /colour"},
  };
  for (const Row& row : rows) {
    const auto response = post(row.body);
    LONGS_EQUAL_TEXT(422, response.status, row.body);
    STRCMP_EQUAL_TEXT(row.pointers, pointers(response).c_str(), row.body);
  }
  LONGS_EQUAL(0, desk.face.sent.size());
}

TEST(Messages, LongTextsSayHowLong) {
  const auto response = post(R"({"to":"12345","text":")" + std::string(100'000, 'a') + "\"}");
  LONGS_EQUAL(422, response.status);
  expect("/text", pointers(response));
  CHECK(at_path(response, "/errors/0/detail").find("at most 10") != std::string::npos);
  LONGS_EQUAL(202, post(R"({"to":"12345","text":")" + std::string(1530, 'a') + "\"}").status);
  LONGS_EQUAL(10, desk.face.sent[0].form.parts.size());
  const auto eleven = post(R"({"to":"12345","text":")" + std::string(1531, 'a') + "\"}");
  CHECK(at_path(eleven, "/errors/0/detail").find("11 segments") != std::string::npos);
  const auto octets = post(R"({"to":"12345","data":")" + std::string(2 * 1341, '0') + "\"}");
  CHECK(at_path(octets, "/errors/0/detail").find("11 segments") != std::string::npos);
}

TEST(Messages, TheMissingCharacterIsNamed) {
  const auto response = post(R"({"to":"12345","text":"5 ₿","encoding":"gsm7"})");
  CHECK(at_path(response, "/detail").find("U+20BF") != std::string::npos);
}

TEST(Messages, ReplaceTypeIsForOneSegment) {
  const auto fits = post(R"({"to":"12345","text":"up again","replace_type":3})");
  LONGS_EQUAL(202, fits.status);
  expect("3", at_path(fits, "/replace_type"));
  LONGS_EQUAL(3, desk.face.sent[0].form.replace_type);
  const auto longer = post(R"({"to":"12345","replace_type":3,"text":")" + std::string(161, 'a') + "\"}");
  expect("/replace_type", pointers(longer));
  CHECK(at_path(longer, "/detail").find("needs 2") != std::string::npos);
}

TEST(Messages, SimplifyChangesTheTextThatIsKept) {
  const auto plain = post(R"({"to":"12345","text":"“It’s” – off…","simplify":true})");
  expect("\"It's\" - off...", at_path(plain, "/text"));
  STRCMP_EQUAL("\"It's\" - off...", desk.face.sent[0].form.text.c_str());
  const auto left = post(R"({"to":"12345","text":"“It’s” – off…","simplify":false})");
  expect("“It’s” – off…", at_path(left, "/text"));
  // 69 characters that need UCS-2 anyway, and an ellipsis: three dots would take a second segment.
  std::string cyrillic;
  for (int i = 0; i < 69; ++i) cyrillic += "ж";
  const auto worse = post(R"({"to":"12345","simplify":true,"text":")" + cyrillic + "…\"}");
  expect(cyrillic + "…", at_path(worse, "/text"));
  expect("1", at_path(worse, "/segments"));
}

TEST(Messages, NationalTablesByMessageAndByCountry) {
  std::string turkish;
  for (int i = 0; i < 100; ++i) turkish += "ş";
  const auto send = [&](const std::string& more) {
    return post(R"({"text":")" + turkish + "\"," + more + "}");
  };
  const auto none = send(R"("to":"+905321234567")");
  expect("2", at_path(none, "/segments"));
  expect("null", at_path(none, "/national"));
  expect("null", at_path(none, "/national_tables"));
  const auto asked = send(R"("to":"+447700900123","national_tables":["turkish","urdu"])");
  expect("1", at_path(asked, "/segments"));
  expect("turkish", at_path(asked, "/national/locking"));
  expect("null", at_path(asked, "/national/single"));
  expect("[\"turkish\",\"urdu\"]", at_path(asked, "/national_tables"));

  desk.face.config.policy.national_tables.by_prefix = {{"90", 1 << 1}};
  expect("1", at_path(send(R"("to":"+905321234567")"), "/segments"));
  expect("2", at_path(send(R"("to":"+447700900123")"), "/segments"));
  const auto off = send(R"("to":"+905321234567","national_tables":[])");
  expect("2", at_path(off, "/segments"));
  expect("[]", at_path(off, "/national_tables"));
  // Whichever recipient takes most is what has to fit.
  desk.face.config.policy.max_segments = 1;
  LONGS_EQUAL(202, send(R"("to":["+905321234567","+905321234568"])").status);
  expect("/text", pointers(send(R"("to":["+905321234567","+447700900123"])")));
}

TEST(Messages, BroadcastsToAGroupAreCutForItsMembers) {
  std::string turkish;
  for (int i = 0; i < 100; ++i) turkish += "ş";
  desk.face.group_rows = {{"ankara", {"+905321234567"}}, {"both", {"+905321234567", "+447700900123"}}};
  desk.face.config.policy.national_tables.by_prefix = {{"90", 1 << 1}};
  const auto send = [&](const std::string& group) {
    return desk.ask("POST", "/v1/broadcasts", R"({"group":")" + group + R"(","text":")" + turkish + "\"}");
  };
  expect("1", at_path(send("ankara"), "/segments"));
  expect("2", at_path(send("both"), "/segments"));
  LONGS_EQUAL(-1, desk.face.broadcasts_sent[1].form.form.languages);
}

TEST(Messages, ListIsAcceptedWhole) {
  const auto response = post(R"({"to":["+447700900123","07700900124","+44 7700 900123"],"text":"hi"})");
  LONGS_EQUAL(202, response.status);
  LONGS_EQUAL(2, parsed(response).at("items").get_array().size());
  expect("m1", at_path(response, "/items/0/id"));
  expect("+447700900124", at_path(response, "/items/1/to"));
  const auto one = post(R"({"to":["+447700900123"],"text":"hi"})");
  expect("m3", at_path(one, "/items/0/id"));
}

TEST(Messages, AListIsAnsweredWithoutTheReaderAsItsRowsWouldBe) {
  for (const char* more : {"", R"(,"sensitive":true)", R"(,"ref":"a \" b","lane":"alert","context":{"x":[1]})"}) {
    const std::string body = R"({"to":["+447700900123","+447700900124"],"text":"hi \" there")" + std::string(more) + "}";
    const auto by_reader = desk.ask("POST", "/v1/messages", body);
    desk.face.alike = desk.face.reader_hangs = true;
    const auto at_once = desk.ask("POST", "/v1/messages", body);
    desk.face.alike = desk.face.reader_hangs = false;
    LONGS_EQUAL(202, at_once.status);
    auto expected = parsed(by_reader), given = parsed(at_once);
    for (auto* list : {&expected, &given})
      for (auto& item : list->at("items").get_array()) item.get_object().erase("id");
    STRCMP_EQUAL(boost::json::serialize(expected.at("items").at(1).at("to")).c_str(), "\"+447700900124\"");
    CHECK(expected == given);
    expect("m" + std::to_string(desk.face.rows.message_rows.rbegin()->first), at_path(at_once, "/items/1/id"));
  }
}

TEST(Messages, ListHasABound) {
  std::string body = R"({"text":"hi","to":["12345")";
  for (int i = 1; i < 10'000; ++i) body += ",\"+4477" + std::to_string(10'000'000 + i) + "\"";
  LONGS_EQUAL(202, post(body + "]}").status);
  LONGS_EQUAL(10'000, desk.face.sent[0].to.size());
  expect("/to", pointers(post(body + ",\"54321\"]}")));
}

TEST(Messages, ErrorsHaveABound) {
  std::string body = R"({"text":"hi","to":["x")";
  for (int i = 1; i < 5000; ++i) body += ",\"x\"";
  const auto response = post(body + "]}");
  LONGS_EQUAL(422, response.status);
  LONGS_EQUAL(100, parsed(response).at("errors").get_array().size());
  CHECK(at_path(response, "/detail").starts_with("5000 fields"));
}

TEST(Messages, RefusalsOfTheAppliance) {
  desk.face.refuse_next = Refused{429, "", "the queue is full", 30};
  const auto full = post(R"({"to":"12345","text":"x"})");
  LONGS_EQUAL(429, full.status);
  expect("30", header(full, "Retry-After"));
  desk.face.refuse_next = Refused{503, "", "the disk is away", 0};
  const auto away = post(R"({"to":"12345","text":"x"})");
  LONGS_EQUAL(503, away.status);
  expect("1", header(away, "Retry-After"));
}

TEST(Messages, WhatIsNotOnDiskIsSaid) {
  desk.face.durable = false;
  desk.face.reader_hangs = true;
  const auto single = post(R"({"to":"12345","text":"x","lane":"alert"})");
  LONGS_EQUAL(202, single.status);
  expect("false", at_path(single, "/durable"));
  const auto list = post(R"({"to":["12345","12346"],"text":"x","lane":"alert"})");
  LONGS_EQUAL(202, list.status);
  expect("false", at_path(list, "/durable"));
  expect("m3", at_path(list, "/items/1/id"));
  desk.face.alike = true;
  const auto alike = post(R"({"to":["12345","12346"],"text":"x","lane":"alert"})");
  LONGS_EQUAL(202, alike.status);
  expect("false", at_path(alike, "/durable"));
  expect("false", at_path(alike, "/items/1/durable"));
  expect("12346", at_path(alike, "/items/1/to"));
  expect("12345", at_path(desk.ask("GET", "/v1/messages/m1"), "/to"));
}

TEST(Messages, AnswersWaitForTheDisk) {
  desk.face.hold_answers = true;
  const auto slip = desk.hand_in(request("POST", "/v1/messages", R"({"to":"12345","text":"x"})"));
  desk.turn();
  CHECK(!slip->response);
  desk.face.hold_answers = false;
  desk.turn();
  CHECK(slip->response.has_value());
}

TEST(Messages, CancelAndSettle) {
  post(R"({"to":"12345","text":"x"})");
  expect("m1", at_path(desk.ask("DELETE", "/v1/messages/m1"), "/id"));
  LONGS_EQUAL(200, desk.ask("POST", "/v1/messages/m1/settle", R"({"as":"sent"})").status);
  LONGS_EQUAL(200, desk.ask("POST", "/v1/messages/m1/settle", R"({"as":"resend"})").status);
  CHECK(desk.face.settled[0].second && !desk.face.settled[1].second);
  expect("/as", pointers(desk.ask("POST", "/v1/messages/m1/settle", R"({"as":"lost"})")));
  expect("/as /why", pointers(desk.ask("POST", "/v1/messages/m1/settle", R"({"why":"x"})")));
  desk.face.refuse_next = Refused{409, "", "it is too late", 0};
  LONGS_EQUAL(409, desk.ask("DELETE", "/v1/messages/m1").status);
}

TEST(Messages, ShowsWhatBecameOfIt) {
  MessageRecord row;
  row.id = 7;
  row.to = "+447700900123";
  row.text = "two parts";
  row.state = MessageState::failed;
  row.parts.resize(2);
  row.parts[0] = {MessageState::submitted, "8944100000000000001", "modem3", 17, 1000, 3000, 0, -1};
  row.parts[1].state = MessageState::failed;
  row.created_ms = 1;
  row.submitted_ms = 3000;
  row.attempts = 3;
  row.error_code = "cms_38";
  row.error_text = "network out of order";
  row.why = "no SIM left";
  row.broadcast = 4;
  row.unconfirmed = true;
  desk.face.rows.message_rows[7] = row;
  const auto response = desk.ask("GET", "/v1/messages/m7", "", "read");
  expect("failed", at_path(response, "/state"));
  expect("17", at_path(response, "/parts/0/tp_mr"));
  expect("null", at_path(response, "/parts/1/tp_mr"));
  expect("modem3", at_path(response, "/modem"));
  expect("vodafone-1", at_path(response, "/sim_label"));
  expect("cms_38", at_path(response, "/error/code"));
  expect("no SIM left", at_path(response, "/why"));
  expect("b4", at_path(response, "/broadcast"));
  expect("true", at_path(response, "/unconfirmed"));
}
