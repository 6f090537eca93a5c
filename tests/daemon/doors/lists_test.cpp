// Lists: pages, filters, and what may not be seen yet.
#include <CppUTest/TestHarness.h>

#include "tests/daemon/doors/desk.h"
#include "tests/daemon/doors/expect.h"

using namespace klaxon;

TEST_GROUP(Lists) {
  Desk desk;
  void add_messages(Id count) {
    for (Id id = 1; id <= count; ++id) {
      MessageRecord row;
      row.id = id;
      row.to = "12345";
      row.parts.resize(1);
      row.created_ms = desk.face.now_ms;
      desk.face.rows.message_rows[id] = row;
    }
  }
  std::size_t items(const doors::HttpResponse& response) {
    return parsed(response).at("items").get_array().size();
  }
};

TEST(Lists, Pages) {
  add_messages(5);
  const auto first = desk.ask("GET", "/v1/messages?limit=2");
  LONGS_EQUAL(2, items(first));
  expect("m2", at_path(first, "/next"));
  const auto last = desk.ask("GET", "/v1/messages?limit=3&after=m2");
  LONGS_EQUAL(3, items(last));
  expect("m3", at_path(last, "/items/0/id"));
  expect("null", at_path(last, "/next"));
  const auto none = desk.ask("GET", "/v1/messages?after=m5");
  LONGS_EQUAL(0, items(none));
  expect("null", at_path(none, "/next"));
  desk.ask("GET", "/v1/messages");
  LONGS_EQUAL(101, desk.face.rows.last_page.limit);
}

TEST(Lists, BadParameters) {
  for (const char* query :
       {"limit=0", "limit=1001", "limit=ten", "limit=-1", "limit=2x", "after=5", "after=i5", "state=sent",
        "state=accepting", "to=nobody", "since=today", "colour=red", "limit=2&limit=3"}) {
    LONGS_EQUAL_TEXT(422, desk.ask("GET", std::string("/v1/messages?") + query).status, query);
  }
  LONGS_EQUAL(200, desk.ask("GET", "/v1/messages?state=&to=&since=&ref=").status);
  LONGS_EQUAL(200, desk.ask("GET", "/v1/messages?limit=1000").status);
}

TEST(Lists, Filters) {
  desk.ask("GET", "/v1/messages?state=unknown&to=+447700900123&since=2026-11-22T10:30:00+01:00&ref=a+b%2Bc");
  const auto& filter = desk.face.rows.last_filter;
  CHECK(filter.state == MessageState::unknown);
  expect("+447700900123", filter.to);
  LONGS_EQUAL(1'795'339'800'000, filter.since_ms);
  expect("a b+c", filter.ref);
  desk.ask("GET", "/v1/messages?to=%2B447700900123");
  expect("+447700900123", desk.face.rows.last_filter.to);
  desk.ask("GET", "/v1/inbox?from=VOICEMAIL");
  expect("VOICEMAIL", desk.face.rows.last_inbox_filter.from);
  desk.ask("GET", "/v1/inbox?from=07700900123");
  expect("+447700900123", desk.face.rows.last_inbox_filter.from);
}

TEST(Lists, NothingBehindAnUnfinishedListIsShown) {
  add_messages(5);
  desk.face.hidden_from = 4;
  LONGS_EQUAL(3, items(desk.ask("GET", "/v1/messages")));
  desk.face.hidden_from = 0;
  desk.face.rows.message_rows[3].state = MessageState::accepting;
  const auto cut = desk.ask("GET", "/v1/messages");
  LONGS_EQUAL(2, items(cut));
  expect("null", at_path(cut, "/next"));
  LONGS_EQUAL(404, desk.ask("GET", "/v1/messages/m3").status);
}

TEST(Lists, Inbox) {
  InboxRecord row;
  row.id = 3;
  row.from = "+447700900123";
  row.iccid = "8944100000000000001";
  row.text = "OUTAGE ••••";
  row.received_ms = desk.face.now_ms;
  row.segments = 3;
  row.complete = false;
  row.missing = {2};
  row.replaces = 2;
  row.keyword = "OUTAGE";
  desk.face.rows.inbox_rows[3] = row;
  const auto list = desk.ask("GET", "/v1/inbox", "", "inbox");
  expect("i3", at_path(list, "/items/0/id"));
  expect("[2]", at_path(list, "/items/0/missing"));
  expect("i2", at_path(list, "/items/0/replaces"));
  expect("null", at_path(list, "/items/0/sent_at"));
  expect("vodafone-1", at_path(list, "/items/0/to_sim_label"));
  expect("OUTAGE", at_path(desk.ask("GET", "/v1/inbox/i3"), "/keyword"));
  LONGS_EQUAL(404, desk.ask("GET", "/v1/inbox/i4").status);
}

TEST(Lists, Audit) {
  desk.face.rows.audit_rows = {{1, desk.face.now_ms, "token:ops", "token.created", "t2"},
                               {2, desk.face.now_ms, "klaxond", "start", ""}};
  const auto list = desk.ask("GET", "/v1/audit?limit=1");
  expect("a1", at_path(list, "/next"));
  expect("token.created", at_path(list, "/items/0/action"));
}

TEST(Lists, WhatLivesInMemoryIsPagedByName) {
  for (const char* name : {"c", "a", "b"}) desk.face.group_rows.push_back({name, {}});
  const auto first = desk.ask("GET", "/v1/groups?limit=2");
  expect("a", at_path(first, "/items/0/name"));
  expect("b", at_path(first, "/next"));
  const auto rest = desk.ask("GET", "/v1/groups?after=b");
  expect("c", at_path(rest, "/items/0/name"));
  LONGS_EQUAL(1, items(rest));
  LONGS_EQUAL(2, items(desk.ask("GET", "/v1/tokens?after=t3")));
}

TEST(Lists, Queue) {
  desk.face.lanes[2 * kMessageStates] = 12;
  desk.face.lanes[7] = 1;
  desk.face.rows.oldest_ms = desk.face.now_ms - 90'000;
  const auto response = desk.ask("GET", "/v1/queue", "", "read");
  expect("12", at_path(response, "/lanes/normal/queued"));
  expect("90", at_path(response, "/lanes/normal/oldest_queued_s"));
  expect("1", at_path(response, "/lanes/alert/unknown"));
  expect("null", at_path(response, "/lanes/alert/oldest_queued_s"));
  expect("(absent)", at_path(response, "/lanes/alert/accepting"));
}

TEST(Lists, Broadcasts) {
  desk.face.group_rows.push_back({"all-staff", {"12345", "12346", "12347"}});
  const auto made = desk.ask("POST", "/v1/broadcasts", R"({"group":"all-staff","text":"hi","lane":"alert"})");
  LONGS_EQUAL(202, made.status);
  expect("b1", at_path(made, "/id"));
  expect("3", at_path(made, "/total"));
  expect("3", at_path(made, "/counts/queued"));
  desk.face.rows.broadcast_states = {0, 0, 1, 1};
  const auto shown = desk.ask("GET", "/v1/broadcasts/b1");
  expect("3", at_path(shown, "/total"));
  expect("1", at_path(shown, "/counts/queued"));
  expect("1", at_path(shown, "/counts/delivered"));
  expect("all-staff", at_path(desk.ask("GET", "/v1/broadcasts"), "/items/0/group"));
  LONGS_EQUAL(404, desk.ask("GET", "/v1/broadcasts/b9").status);
}

TEST(Lists, BroadcastBodies) {
  desk.face.group_rows.push_back({"empty", {}});
  const auto wrong = [&](const char* body) { return pointers(desk.ask("POST", "/v1/broadcasts", body)); };
  expect("/group", wrong(R"({"text":"hi"})"));
  expect("/group", wrong(R"({"group":"nobody","text":"hi"})"));
  expect("/group", wrong(R"({"group":"empty","text":"hi"})"));
  expect("/to", wrong(R"({"group":"empty2","to":"12345","text":"hi"})").substr(0, 3));
  expect("/to/0 /text", wrong(R"({"to":["x"]})"));
}

TEST(Lists, APictureMessageThatWaitsIsTold) {
  InboxRecord row;
  row.id = 1;
  row.from = "+447700900123";
  row.received_ms = desk.face.now_ms;
  row.sent_ms = 1'795'339'800'000;
  // m-notification-ind, from +44/TYPE=PLMN, subject Hi, 29696 octets, expires after an hour, http://a/b
  const char notice[] =
      "\x01\x06\x01\xBE\x8C\x82\x98T1\0\x89\x10\x80+4/TYPE=PLMN\0\0\0\x96Hi\0\x8E\x02\x74\x00\x88\x04\x81\x02\x0E\x10\x83http://a/b";
  row.octets = std::string(notice, sizeof notice);
  desk.face.rows.inbox_rows[1] = row;
  row.id = 2;
  row.octets = "any octets";
  desk.face.rows.inbox_rows[2] = row;
  const auto list = desk.ask("GET", "/v1/inbox");
  expect("+4", at_path(list, "/items/0/mms/from"));
  expect("Hi", at_path(list, "/items/0/mms/subject"));
  expect("29696", at_path(list, "/items/0/mms/size"));
  expect("http://a/b", at_path(list, "/items/0/mms/url"));
  expect("2026-11-22T10:30:00.000Z", at_path(list, "/items/0/mms/expires_at"));
  CHECK(parsed(list).at("items").get_array()[1].get_object().if_contains("mms") == nullptr);
}
