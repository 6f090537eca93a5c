// SIMs that receive directly: the network keeps a text until it is on disk, whatever happens meanwhile.
#include <CppUTest/TestHarness.h>

#include <algorithm>
#include <set>

#include "tests/support/stories.h"

using namespace klaxon;
using namespace std::chrono_literals;
using rig::Rig;
using rig::count;
using rig::kAna;

namespace {

constexpr const char* kBoss = "+447700900990";

rig::Options direct(int modems = 1, modembank::Family family = modembank::Family::generic) {
  rig::Options options{.modems = modems, .family = family};
  options.settings = [](config::Settings& settings) {
    settings.sim_defaults.receive = config::Receive::direct;
  };
  return options;
}

std::size_t inbox_with(const Rig& rig, const std::string& text) {
  return static_cast<std::size_t>(std::count_if(rig.rows.inbox.begin(), rig.rows.inbox.end(),
                                                [&](const auto& row) { return row.second.text == text; }));
}

bool until_event(Rig& rig, const std::string& event, std::size_t times = 1) {
  return rig.until([&] { return count(rig, event) >= times; }, 2min);
}

// Each of so many texts once in the inbox, none left in the network or on a SIM.
void all_came(Rig& rig, int texts, at::Millis most = 3min) {
  const auto here = [&] {
    for (int n = 0; n < texts; ++n)
      if (inbox_with(rig, "text " + std::to_string(n)) == 0) return false;
    return rig.stored() == 0 && rig.bank.air().counts().waiting == 0;
  };
  CHECK_TEXT(rig.until(here, most), rig.tail_of_notes(20).c_str());
  rig.pass(90s);
  for (int n = 0; n < texts; ++n) LONGS_EQUAL(1, inbox_with(rig, "text " + std::to_string(n)));
  LONGS_EQUAL(texts, static_cast<long>(rig.rows.inbox.size()));
}

}  // namespace

TEST_GROUP(DirectStories){};

TEST(DirectStories, a_text_is_acknowledged_once_it_is_on_disk_and_never_stored) {
  for (const auto family : {modembank::Family::generic, modembank::Family::ec2x}) {
    rig::Options options = direct(1, family);
    options.commit = 700ms;
    Rig rig(options);
    bool early = false;
    rig.on_record = [&](const modembank::Record& r) {
      early = early || (r.event == "acknowledge" && inbox_with(rig, "text 0") == 0);
    };
    rig.ready();
    rig.text_in(0, kAna, "text 0");
    CHECK(until_event(rig, "acknowledge"));
    CHECK_FALSE(early);
    LONGS_EQUAL(1, count(rig, "route"));
    LONGS_EQUAL(0, count(rig, "deliver") + count(rig, "cmgr") + count(rig, "rp_error"));
    all_came(rig, 1);
  }
}

TEST(DirectStories, a_keyword_and_all_it_sets_off_share_the_commit_behind_which_it_is_acknowledged) {
  rig::Options options = direct();
  options.commit = 200ms;
  Rig rig(options);
  KeywordRecord keyword;
  keyword.word = "OUTAGE";
  keyword.from = {kBoss};
  keyword.from_given = true;
  keyword.action = "broadcast";
  keyword.group = "staff";
  keyword.text = "IT outage: {{args}}";
  keyword.lane = Lane::alert;
  rig.group("staff", {"+447910000001", "+447910000002"});
  rig.keyword(keyword);
  rig.ready();
  at::Instant routed{}, begun{}, acknowledged{};
  rig.on_record = [&](const modembank::Record& r) {
    if (r.event == "route") routed = r.at;
    if (r.event == "cmgs" && begun == at::Instant{}) begun = r.at;
    if (r.event == "acknowledge" && acknowledged == at::Instant{}) {
      acknowledged = r.at;
      LONGS_EQUAL(2, rig.rows.messages.size());
    }
  };
  rig.pass(2s);
  rig.text_in(0, kBoss, "OUTAGE mail is down");
  CHECK(rig.until([&] { return begun != at::Instant{}; }));
  CHECK(acknowledged != at::Instant{} && acknowledged <= begun);
  CHECK_TEXT(begun - routed <= 2 * 200ms, "one commit, and what was under way");
  CHECK(rig.until([&] { return rig.on_air().size() >= 3; }));  // its sender gets the counts
}

TEST(DirectStories, killed_before_its_commit_the_text_comes_again) {
  for (const bool made_it : {false, true}) {
    rig::Options options = direct();
    options.commit = 300ms;
    Rig rig(options);
    rig.ready();
    rig.pass(3s);
    rig.text_in(0, kAna, "text 0");
    CHECK(until_event(rig, "route"));
    CHECK(rig.until([&] { return rig.commit_under_way(); }));
    rig.crash(made_it);
    LONGS_EQUAL(made_it ? 1 : 0, inbox_with(rig, "text 0"));
    LONGS_EQUAL(0, count(rig, "acknowledge"));
    all_came(rig, 1);
    CHECK_TEXT(count(rig, "rp_error") >= 1, "what the life before left open was refused");
    LONGS_EQUAL_TEXT(2, count(rig, "route"), "and handed over again");
  }
}

TEST(DirectStories, kills_at_any_moment_lose_and_double_nothing) {
  rig::Options options = direct(2, modembank::Family::mixed);
  options.commit = 40ms;
  options.seed = 5;
  Rig rig(options);
  rig.ready();
  int texts = 0;
  for (int life = 0; life < 12; ++life) {
    rig.send(kAna, "out", {.report = true});
    for (int k = 0; k < 4; ++k) rig.text_in(k % 2, kAna, "text " + std::to_string(texts++));
    rig.pass(at::Millis(137 * (life + 1) % 900));
    rig.crash();
    rig.pass(at::Millis(2'000 + 731 * life % 4'000));
  }
  rig.ready();
  all_came(rig, texts, 10min);
}

TEST(DirectStories, a_disk_that_hangs_leaves_the_text_to_the_network) {
  Rig rig(direct());
  rig.ready();
  rig.pass(10s);
  rig.hang_disk(40s);
  rig.text_in(0, kAna, "text 0");
  CHECK(until_event(rig, "rp_error"));
  const auto& records = rig.air;
  const auto at_of = [&](const char* event) {
    return std::find_if(records.begin(), records.end(), [&](const auto& r) { return r.event == event; })->at;
  };
  CHECK(at_of("rp_error") - at_of("route") < 6s);
  LONGS_EQUAL(0, count(rig, "acknowledge"));
  CHECK(rig.noted("a text was not on disk in time"));
  all_came(rig, 1);
  CHECK_TEXT(count(rig, "deliver") == 1, "the second time it was stored");
  rig.text_in(0, kAna, "text 1");
  CHECK_TEXT(until_event(rig, "acknowledge"), "back to direct");
  all_came(rig, 2);
}

TEST(DirectStories, a_submit_longer_than_the_modems_patience_costs_a_second_delivery) {
  rig::Options options = direct();
  options.bank = [](modembank::BankSettings& bank) {
    bank.submit = modembank::Latency::constant(20s);
    bank.air.redelivery = 60s;
  };
  Rig rig(options);
  rig.settings.policy.submit_timeout = 60s;
  rig.ready();
  rig.send(kAna, "slow", {.report = false});
  CHECK(until_event(rig, "cmgs"));
  rig.text_in(0, kAna, "text 0");
  CHECK(until_event(rig, "rp_error"));
  LONGS_EQUAL_TEXT(1, inbox_with(rig, "text 0"), "it is here all the same");
  all_came(rig, 1);
  CHECK(rig.until([&] { return !rig.on_air().empty(); }));
}

TEST(DirectStories, reports_and_long_texts_come_while_all_modems_send) {
  rig::Options options = direct(2, modembank::Family::mixed);
  options.bank = [](modembank::BankSettings& bank) {
    bank.submit = modembank::Latency::constant(400ms);
    bank.air.report_delay = *modembank::Latency::parse("300ms..2s");
  };
  Rig rig(options);
  rig.ready();
  std::vector<std::string> to;
  for (int k = 0; k < 60; ++k) to.push_back("+4479" + std::to_string(20'000'000 + k));
  rig.send_list(to, "news");
  for (int n = 0; n < 10; ++n) {
    rig.text_in(n % 2, kAna, "text " + std::to_string(n));
    rig.text_in(n % 2, kAna, std::string(200, static_cast<char>('a' + n)));
    rig.pass(700ms);
  }
  const auto delivered = [&] {
    return std::all_of(rig.rows.messages.begin(), rig.rows.messages.end(),
                       [](const auto& row) { return row.second.state == MessageState::delivered; });
  };
  CHECK_TEXT(rig.until(delivered, 3min), rig.tail_of_notes(20).c_str());
  LONGS_EQUAL(60, static_cast<long>(rig.on_air().size()));
  LONGS_EQUAL(20, static_cast<long>(rig.rows.inbox.size()));
  for (int n = 0; n < 10; ++n)
    LONGS_EQUAL(1, inbox_with(rig, std::string(200, static_cast<char>('a' + n))));
  LONGS_EQUAL_TEXT(0, count(rig, "rp_error"), "each was acknowledged in time");
  LONGS_EQUAL(0, rig.stored());
}

TEST(DirectStories, what_came_while_nobody_was_there_is_read_from_the_sim) {
  Rig rig(direct());
  rig.text_in(0, kAna, "text 0");  // settings at their defaults: it is stored
  rig.text_in(0, kAna, "text 1");
  all_came(rig, 2);
  CHECK(count(rig, "delete") >= 1);
}

TEST(DirectStories, a_modem_that_was_away_has_its_texts_again) {
  Rig rig(direct());
  rig.ready();
  rig.text_in(0, kAna, "text 0");
  CHECK(until_event(rig, "route"));
  rig.unplug(0);
  rig.text_in(0, kAna, "text 1");
  rig.pass(5s);
  rig.plug(0);
  all_came(rig, 2);
}
