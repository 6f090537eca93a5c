// Whoever texts STOP is written to no more, but for alerts; and hours in which bulk leaves people alone.
#include <CppUTest/TestHarness.h>

#include <algorithm>

#include "tests/support/stories.h"

using namespace klaxon;
using namespace std::chrono_literals;
using rig::Rig;
using rig::kAna;

namespace {

constexpr const char* kBob = "+447700900123";

std::size_t audited(const Rig& rig, std::string_view action) {
  return static_cast<std::size_t>(
      std::count_if(rig.rows.audit.begin(), rig.rows.audit.end(),
                    [&](const auto& row) { return row.second.action == action; }));
}

bool dropped(const Rig& rig, Id id) {
  const MessageRecord& row = rig.row(id);
  return row.state == MessageState::cancelled && row.error_code == "opted_out" && row.attempts == 0;
}

void stop(Rig& rig, const char* number) {
  rig.text_in(0, number, "STOP");
  CHECK(rig.until([&] { return rig.rows.opt_outs.contains(number); }));
}

}  // namespace

TEST_GROUP(ConsentStories){};

TEST(ConsentStories, one_confirmation_each_way) {
  Rig rig({.on_sqlite = true});
  rig.ready();
  rig.text_in(0, kAna, " Stop! ");
  CHECK(rig.until([&] { return rig.on_air(kAna).size() == 1; }));
  rig.text_in(0, kAna, "STOP");
  rig.text_in(1, kAna, "Baja");
  rig.pass(30s);
  LONGS_EQUAL(1, rig.on_air(kAna).size());
  STRCMP_EQUAL(rig.settings.policy.stop_reply.c_str(), rig.texts_to(kAna).front().c_str());
  rig.text_in(0, kAna, "start");
  CHECK(rig.until([&] { return rig.on_air(kAna).size() == 2; }));
  rig.text_in(0, kAna, "START");
  rig.pass(30s);
  LONGS_EQUAL(2, rig.on_air(kAna).size());
  STRCMP_EQUAL(rig.settings.policy.start_reply.c_str(), rig.texts_to(kAna).back().c_str());
  LONGS_EQUAL(1, audited(rig, "number.opted_out"));
  LONGS_EQUAL(1, audited(rig, "number.opted_in"));
  CHECK(rig.rows.opt_outs.empty());
  STRCMP_EQUAL("", rig.disk_difference().c_str());
}

TEST(ConsentStories, a_single_message_is_refused_and_an_alert_goes_out) {
  Rig rig;
  rig.ready();
  stop(rig, kAna);
  for (const Lane lane : {Lane::urgent, Lane::normal, Lane::bulk}) {
    const Ticket refused = rig.send(kAna, "news", {.lane = lane});
    CHECK_EQUAL(0U, rig.accepted(refused));
    LONGS_EQUAL(422, rig.status(refused));
    const auto& why = std::get<Refused>(rig.answer(refused)->result);
    STRCMP_EQUAL("/to", why.pointer.c_str());
    STRCMP_CONTAINS("opted out", why.detail.c_str());
  }
  CHECK(rig.accepted(rig.send(kBob, "news")) != 0);
  LONGS_EQUAL(0, audited(rig, "opt_out.overridden"));
  CHECK(rig.accepted(rig.send(kAna, "fire", {.lane = Lane::alert})) != 0);
  CHECK(rig.until([&] { return rig.on_air(kAna).size() == 2; }));  // beside the confirmation
  const auto texts = rig.texts_to(kAna);
  CHECK(std::find(texts.begin(), texts.end(), "fire") != texts.end());
  LONGS_EQUAL(1, audited(rig, "opt_out.overridden"));
}

TEST(ConsentStories, in_a_list_they_are_cancelled_and_the_rest_goes) {
  Rig rig({.on_sqlite = true});
  rig.ready();
  stop(rig, kAna);
  const Id first =
      rig.accepted(rig.send_list({"+447700900001", kAna, "+447700900002"}, "news", {.lane = Lane::bulk}));
  CHECK(first != 0);
  CHECK(dropped(rig, first + 1));
  CHECK(rig.until(
      [&] { return rig.on_air("+447700900002").size() == 1 && rig.on_air("+447700900001").size() == 1; }));
  rig.pass(10s);
  LONGS_EQUAL(1, rig.on_air(kAna).size());  // the confirmation
  CHECK(rig.rows.counted() == rig.app().counts());
  STRCMP_EQUAL("", rig.disk_difference().c_str());
}

TEST(ConsentStories, a_broadcast_leaves_them_out_and_says_so) {
  Rig rig;
  KeywordRecord news;
  news.word = "NEWS";
  news.from = {kBob};
  news.from_given = true;
  news.action = "broadcast";
  news.group = "all";
  news.text = "{{args}}";
  rig.group("all", {"+447700900001", kAna, "+447700900002"});
  rig.keyword(news);
  rig.ready();
  stop(rig, kAna);
  rig.text_in(1, kBob, "NEWS soup");
  CHECK(rig.until([&] { return rig.on_air(kBob).size() == 1; }));
  STRCMP_CONTAINS("2 of 3 sent, 1 opted out", rig.texts_to(kBob).front().c_str());
  LONGS_EQUAL(1, rig.on_air(kAna).size());
  CHECK(rig.rows.counted() == rig.app().counts());
}

TEST(ConsentStories, what_waits_is_cancelled_in_memory_and_on_disk) {
  Rig rig({.modems = 1});
  rig.ready();
  const std::int64_t tomorrow = rig.unix_ms() + 86'400'000;
  const Id later = rig.accepted(rig.send(kAna, "tomorrow", {.send_at_ms = tomorrow}));
  std::vector<std::string> crowd(2'000);
  for (std::size_t i = 0; i < crowd.size(); ++i) crowd[i] = "+4479" + std::to_string(10'000'000 + i);
  crowd.push_back(kAna);
  const Id first = rig.accepted(rig.send_list(crowd, "news", {.lane = Lane::bulk}));
  const Id alert = rig.accepted(rig.send(kAna, "at night", {.lane = Lane::alert, .send_at_ms = tomorrow}));
  CHECK(first != 0 && later != 0 && alert != 0);
  rig.text_in(0, kAna, "stop");
  CHECK(rig.until([&] { return dropped(rig, later) && dropped(rig, first + 2'000); }, 120s));
  LONGS_EQUAL(static_cast<int>(MessageState::queued), static_cast<int>(rig.row(alert).state));
  CHECK(rig.rows.counted() == rig.app().counts());
}

TEST(ConsentStories, it_outlives_a_crash_and_is_confirmed_once) {
  for (int point = 1; point < 60; point += 3) {
    Rig rig({.modems = 1, .seed = static_cast<std::uint64_t>(point)});
    rig.ready();
    rig.text_in(0, kAna, "STOP");
    rig.crash_in(point);
    CHECK(rig.until([&] { return rig.stored() == 0 && rig.rows.opt_outs.contains(kAna); }, 120s));
    rig.pass(60s);
    LONGS_EQUAL(1, audited(rig, "number.opted_out"));
    const auto confirmations = std::count_if(rig.rows.messages.begin(), rig.rows.messages.end(),
                                             [](const auto& row) { return row.second.to == kAna; });
    LONGS_EQUAL(1, confirmations);
    CHECK_EQUAL(0U, rig.accepted(rig.send(kAna, "news")));
  }
}

TEST(ConsentStories, a_keyword_of_that_word_goes_before_and_opt_out_may_be_off) {
  Rig rig;
  KeywordRecord own;
  own.word = "STOP";
  own.action = "reply";
  own.text = "the pumps stop";
  rig.keyword(own);
  rig.ready();
  rig.text_in(0, kAna, "stop");
  CHECK(rig.until([&] { return rig.on_air(kAna).size() == 1; }));
  STRCMP_EQUAL("the pumps stop", rig.texts_to(kAna).front().c_str());
  CHECK(rig.rows.opt_outs.empty());

  Rig off({.settings = [](config::Settings& s) { s.policy.opt_out = false; }});
  off.ready();
  off.text_in(0, kAna, "stop");
  CHECK(off.until([&] { return off.stored() == 0 && off.rows.inbox.size() == 1; }));
  off.pass(10s);
  CHECK(off.on_air().empty() && off.rows.opt_outs.empty());
}

TEST(ConsentStories, no_answer_goes_to_a_short_code_or_a_name) {
  Rig rig;
  rig.ready();
  rig.text_in(0, "60777", "STOP");
  rig.text_in(1, "Vodafone", "STOP");
  CHECK(rig.until([&] { return rig.stored() == 0 && rig.rows.inbox.size() == 2; }));
  rig.pass(10s);
  CHECK(rig.on_air().empty());
  LONGS_EQUAL(1, rig.rows.opt_outs.size());
}

TEST(ConsentStories, people_at_the_console_may_do_the_same) {
  Rig rig;
  rig.ready();
  const Ticket put = rig.ask().opt_out(kAna, 0);
  CHECK(rig.until([&] { return rig.answer(put) != nullptr; }));
  CHECK(std::get<Changed>(rig.answer(put)->result).created);
  LONGS_EQUAL(0, rig.accepted(rig.send(kAna, "news")));
  const Ticket gone = rig.ask().opt_in(kAna, 0), again = rig.ask().opt_in(kAna, 0);
  CHECK(rig.until([&] { return rig.answer(gone) && rig.answer(again); }));
  LONGS_EQUAL(404, rig.status(again));
  CHECK(rig.accepted(rig.send(kAna, "news")) != 0);
}

TEST(ConsentStories, bulk_waits_for_the_end_of_quiet_hours_and_others_go) {
  Rig rig;
  rig.ready();
  // From an hour ago until in two hours, wherever the clock stands.
  const int now = local_minute(rig.unix_ms()), day = 24 * 60;
  rig.settings.policy.quiet_hours.by_prefix = {{"34", {(now + day - 60) % day, (now + 120) % day, ""}}};
  const Id quiet = rig.accepted(rig.send(kAna, "offer", {.lane = Lane::bulk}));
  const Id late = rig.accepted(rig.send(kAna, "short", {.lane = Lane::bulk, .valid_for_ms = 3'600'000}));
  CHECK(rig.accepted(rig.send(kAna, "now", {.lane = Lane::normal})) != 0);
  CHECK(rig.accepted(rig.send(kBob, "offer", {.lane = Lane::bulk})) != 0);
  CHECK(rig.until([&] { return rig.on_air(kAna).size() == 1 && rig.on_air(kBob).size() == 1; }));
  STRCMP_EQUAL("now", rig.texts_to(kAna).front().c_str());
  STRCMP_CONTAINS("quiet", rig.row(quiet).why.c_str());
  rig.pass(110min);
  LONGS_EQUAL(1, rig.on_air(kAna).size());
  CHECK(rig.until([&] { return rig.on_air(kAna).size() == 2; }, 15min));
  STRCMP_EQUAL("offer", rig.texts_to(kAna).back().c_str());
  CHECK(rig.until([&] { return rig.row(late).state == MessageState::expired; }, 5min));
}

TEST(ConsentStories, quiet_hours_are_those_of_the_recipient_s_clock) {
  Rig rig;
  rig.ready();
  const int tokyo = local_minute(rig.unix_ms(), "Asia/Tokyo"), day = 24 * 60;
  LONGS_EQUAL((local_minute(rig.unix_ms(), "UTC") + 9 * 60) % day, tokyo);
  const config::QuietHours::Span night{(tokyo + day - 60) % day, (tokyo + 120) % day, "Asia/Tokyo"};
  rig.settings.policy.quiet_hours.by_prefix = {{"34", night},
                                               {"44", {night.from, night.until, "America/New_York"}}};
  const Id quiet = rig.accepted(rig.send(kAna, "offer", {.lane = Lane::bulk}));
  CHECK(rig.accepted(rig.send(kBob, "offer", {.lane = Lane::bulk})) != 0);
  CHECK(rig.until([&] { return rig.on_air(kBob).size() == 1; }));
  STRCMP_CONTAINS("quiet", rig.row(quiet).why.c_str());
  CHECK(rig.until([&] { return rig.on_air(kAna).size() == 1; }, 130min));
}

TEST(ConsentStories, thousands_that_wait_for_the_morning_slow_down_nobody) {
  Rig rig({.modems = 1});
  rig.ready();
  const int now = local_minute(rig.unix_ms()), day = 24 * 60;
  std::vector<std::string> crowd(3'000);
  for (std::size_t i = 0; i < crowd.size(); ++i) crowd[i] = "+34600" + std::to_string(100'000 + i);
  const Id first = rig.accepted(rig.send_list(crowd, "offer", {.lane = Lane::bulk}));  // by day
  CHECK(first != 0);
  const std::size_t sent = rig.on_air().size();
  rig.settings.policy.quiet_hours.by_prefix = {{"34", {now, (now + 600) % day, ""}}};  // and night falls
  const Id other = rig.accepted(rig.send(kBob, "offer", {.lane = Lane::bulk}));
  const Id timed = rig.accepted(rig.send(kBob, "timed", {.send_at_ms = rig.unix_ms() + 600'000}));
  CHECK(rig.until([&] { return rig.on_air(kBob).size() == 1; }, 300s));
  CHECK(rig.until([&] { return rig.on_air(kBob).size() == 2; }, 700s));
  CHECK(other != 0 && timed != 0);
  CHECK(rig.on_air().size() <= sent + 2 + 5);  // what was at a modem then
  CHECK(rig.most_turns_a_second < 2'000);
  CHECK(rig.rows.counted() == rig.app().counts());
}
