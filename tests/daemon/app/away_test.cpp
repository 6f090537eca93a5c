// What lane alert was promised in the very commit that begins to hang or to fail: from memory, readable, and
// marked later.
#include <CppUTest/TestHarness.h>

#include <algorithm>

#include "tests/support/stories.h"

using namespace klaxon;
using namespace std::chrono_literals;
using rig::Rig;
using rig::kAna;
using rig::kBen;

namespace {

const rig::Form kAlert{.lane = Lane::alert};

const Accepted& accepted_of(Rig& rig, Ticket ticket) {
  return std::get<Accepted>(rig.answer(ticket)->result);
}

std::vector<std::string> people(int count) {
  std::vector<std::string> out;
  for (int i = 0; i < count; ++i) out.push_back("+4479" + std::to_string(10'000'000 + i));
  return out;
}

bool all_marked(const Rig& rig) {
  return std::all_of(rig.rows.messages.begin(), rig.rows.messages.end(),
                     [](const auto& row) { return row.second.durable_late; });
}

}  // namespace

TEST_GROUP(Away) {
  Rig rig{{.modems = 1}};
  void setup() override {
    rig.ready();
    rig.pass(1s);  // that it is ready has been written
  }
};

TEST(Away, an_alert_whose_own_commit_begins_to_hang_is_readable_and_marked_later) {
  rig.hang_disk(20s);
  const Ticket alert = rig.send(kAna, "fire", kAlert);
  CHECK(rig.until([&] { return rig.texts_to(kAna).size() == 1; }, 5s));
  CHECK_FALSE(accepted_of(rig, alert).durable);
  const Id id = accepted_of(rig, alert).first;
  const auto read = rig.app().unwritten(id);
  CHECK(read && read->durable_late);
  CHECK(rig.until([&] { return rig.rows.messages.contains(id) && rig.row(id).durable_late; }, 30s));
  CHECK_FALSE(rig.app().unwritten(id).has_value());
  rig.pass(10s);
  LONGS_EQUAL(1, rig.texts_to(kAna).size());
}

TEST(Away, so_is_one_whose_own_commit_fails) {
  rig.fail_commits(1'000);
  const Ticket alert = rig.send(kAna, "fire", kAlert);
  CHECK(rig.until([&] { return rig.texts_to(kAna).size() == 1; }, 5s));
  const Id id = accepted_of(rig, alert).first;
  CHECK(rig.app().unwritten(id).has_value());
  rig.fail_commits(0);
  rig.pass(10s);
  CHECK(rig.row(id).durable_late);
  LONGS_EQUAL(1, rig.texts_to(kAna).size());
}

TEST(Away, and_what_a_keyword_has_set_off_in_it) {
  KeywordRecord keyword;
  keyword.word = "OUTAGE";
  keyword.from = {kBen};
  keyword.from_given = true;
  keyword.action = "broadcast";
  keyword.group = "staff";
  keyword.text = "outage";
  keyword.lane = Lane::alert;
  rig.group("staff", {kAna});
  rig.keyword(keyword);
  rig.pass(1s);
  rig.hang_disk(20s);
  rig.text_in(0, kBen, "OUTAGE now");
  CHECK(rig.until([&] { return rig.texts_to(kAna).size() == 1; }, 10s));
  rig.pass(30s);
  CHECK_FALSE(rig.rows.messages.empty());
  CHECK(std::all_of(rig.rows.messages.begin(), rig.rows.messages.end(),
                    [](const auto& row) { return row.second.broadcast == 0 || row.second.durable_late; }));
  LONGS_EQUAL(1, rig.texts_to(kAna).size());
}

TEST(Away, what_was_on_disk_before_is_not_marked) {
  rig.unplug(0);
  const Id before = rig.accepted(rig.send(kAna, "durable", kAlert));
  rig.hang_disk(20s);
  rig.plug(0);
  CHECK(rig.until([&] { return rig.texts_to(kAna).size() == 1; }, 15s));
  rig.pass(30s);
  CHECK_FALSE(rig.row(before).durable_late);
}

TEST(Away, the_answer_of_a_list_names_all_of_it_though_memory_holds_the_first_few_hundred) {
  Rig each({.settings = [](config::Settings& settings) {
    settings.policy.national_tables.by_prefix = {{"90", 1 << 1}};
  }});
  each.ready();
  each.hang_disk(20s);
  const Ticket alerts = each.send_list(people(700), "fire", kAlert);
  each.pass(3s);
  LONGS_EQUAL(202, each.status(alerts));
  const auto& rows = accepted_of(each, alerts).rows;
  LONGS_EQUAL(700, rows.size());
  for (std::size_t i = 0; i < rows.size(); ++i) {
    LONGS_EQUAL(accepted_of(each, alerts).first + i, rows[i].id);
    STRCMP_EQUAL(people(700)[i].c_str(), rows[i].to.c_str());
  }
  each.pass(30s);
  LONGS_EQUAL(700, each.rows.messages.size());
  CHECK(all_marked(each));
}

TEST(Away, a_list_whose_messages_are_alike_is_answered_by_what_they_have_in_common) {
  rig.hang_disk(20s);
  const Ticket alerts = rig.send_list(people(700), "fire", kAlert);
  rig.pass(3s);
  LONGS_EQUAL(202, rig.status(alerts));
  const Accepted& accepted = accepted_of(rig, alerts);
  CHECK_FALSE(accepted.durable);
  CHECK(accepted.rows.empty());
  CHECK(accepted.alike->to == people(700));
  rig.pass(30s);
  LONGS_EQUAL(700, rig.rows.messages.size());
  CHECK(all_marked(rig));
}

TEST(Away, a_list_is_marked_whole_though_the_disk_left_in_the_middle_of_it) {
  const Ticket alerts = rig.send_list(people(3'500), "fire", kAlert);
  CHECK(rig.until([&] { return rig.rows.messages.size() > 500; }));
  LONGS_EQUAL(0, rig.status(alerts));
  rig.hang_disk(20s);
  rig.pass(4s);
  LONGS_EQUAL(202, rig.status(alerts));
  rig.pass(30s);
  LONGS_EQUAL(3'500, rig.rows.messages.size());
  CHECK(all_marked(rig));
}

TEST(Away, what_was_withdrawn_is_in_no_count_of_the_batch_that_held_it) {
  rig.fail_commits(1'000);
  const Ticket withdrawn = rig.send(kBen, "normal");
  CHECK(rig.until([&] { return rig.status(withdrawn) == 503; }, 5s));
  bool written = false;
  rig.on_commit = [&](const store::Batch&) { written = true; };
  rig.fail_commits(0);
  CHECK(rig.until([&] { return written; }, 5s));
  rig.crash(false);
  CHECK(rig.rows.messages.empty());
  CHECK(rig.rows.counts == rig.rows.counted());
}
