// What may be said only when it is on disk, and what is done when the disk is not there.
#include <CppUTest/TestHarness.h>

#include <algorithm>

#include "tests/support/stories.h"

using namespace klaxon;
using namespace std::chrono_literals;
using rig::Rig;
using rig::kAna;
using rig::kBen;

namespace {

rig::Options one_modem() { return {.modems = 1}; }

const Accepted& accepted_of(Rig& rig, Ticket ticket) { return std::get<Accepted>(rig.answer(ticket)->result); }

std::size_t commands(const Rig& rig) {
  return static_cast<std::size_t>(std::count_if(rig.air.begin(), rig.air.end(), [](const auto& r) { return r.event == "cmgs"; }));
}

}  // namespace

TEST_GROUP(Gates){};

TEST(Gates, no_answer_and_no_byte_of_a_submit_before_the_commit) {
  Rig rig({.modems = 1, .commit = 400ms});
  rig.ready();
  const Ticket ticket = rig.send(kAna, "hello");
  rig.pass(390ms);
  LONGS_EQUAL(0, rig.status(ticket));
  LONGS_EQUAL(0, commands(rig));
  rig.until([&] { return rig.status(ticket) != 0; });
  LONGS_EQUAL(202, rig.status(ticket));
  rig.until([&] { return commands(rig) == 1; });
  LONGS_EQUAL(1, rig.row(1).attempts);
}

TEST(Gates, acceptance_and_attempt_share_one_commit_when_a_modem_is_free) {
  Rig rig({.modems = 1, .commit = 400ms});
  rig.ready();
  rig.pass(1s);
  const at::Instant asked = rig.now();
  rig.send(kAna, "hello");
  rig.until([&] { return commands(rig) == 1; });
  CHECK(rig.now() - asked < 450ms);
}

TEST(Gates, a_text_stays_on_its_sim_until_its_row_is_written) {
  Rig rig({.modems = 1, .commit = 300ms});
  rig.ready();
  rig.text_in(0, kBen, "hi");
  rig.until([&] { return rig.stored() == 1; });
  rig.until([&] { return !rig.rows.inbox.empty(); });
  LONGS_EQUAL(1, rig.stored());
  CHECK(rig.until([&] { return rig.stored() == 0; }, 2s));
}

TEST(Gates, a_failed_commit_is_tried_again_whole) {
  Rig rig(one_modem());
  rig.ready();
  rig.fail_commits(3);
  const Ticket ticket = rig.send(kAna, "hello");
  rig.text_in(0, kBen, "hi");
  rig.pass(500ms);
  LONGS_EQUAL(0, rig.status(ticket));
  rig.pass(10s);
  LONGS_EQUAL(202, rig.status(ticket));
  LONGS_EQUAL(1, rig.texts_to(kAna).size());
  LONGS_EQUAL(1, rig.rows.inbox.size());
  LONGS_EQUAL(0, rig.stored());
  CHECK(rig.rows.faults.empty());
}

TEST(Gates, while_the_disk_is_away_an_alert_goes_out_and_says_that_it_is_not_durable) {
  Rig rig(one_modem());
  rig.ready();
  rig.fail_commits(1'000);
  rig.send(kBen, "normal");
  rig.pass(3s);
  const Ticket alert = rig.send(kAna, "fire", {.lane = Lane::alert});
  CHECK(rig.until([&] { return rig.texts_to(kAna).size() == 1; }, 5s));
  LONGS_EQUAL(202, rig.status(alert));
  CHECK_FALSE(accepted_of(rig, alert).durable);
  CHECK(rig.noted("disk: cannot write"));
  CHECK(rig.app().unwritten(accepted_of(rig, alert).first).has_value());
  rig.fail_commits(0);
  rig.pass(10s);
  CHECK(rig.row(accepted_of(rig, alert).first).durable_late);
  CHECK_FALSE(rig.app().unwritten(accepted_of(rig, alert).first).has_value());
  LONGS_EQUAL(1, rig.texts_to(kAna).size());
}

TEST(Gates, a_list_of_alerts_is_answered_too_while_the_disk_is_away) {
  Rig rig(one_modem());
  rig.ready();
  rig.fail_commits(1'000);
  rig.send(kBen, "normal");
  rig.pass(3s);
  const Ticket alerts = rig.send_list({kAna, kBen}, "fire", {.lane = Lane::alert});
  rig.pass(6s);
  LONGS_EQUAL(202, rig.status(alerts));
  CHECK_FALSE(accepted_of(rig, alerts).durable);
  LONGS_EQUAL(1, rig.texts_to(kAna).size());
}

TEST(Gates, while_the_disk_is_away_everything_else_gets_503_and_is_really_gone) {
  Rig rig(one_modem());
  rig.ready();
  rig.fail_commits(1'000);
  const Ticket before = rig.send(kAna, "asked just before");
  rig.pass(3s);
  const Ticket later = rig.send(kAna, "asked when it was known");
  rig.pass(1s);
  LONGS_EQUAL(503, rig.status(before));
  LONGS_EQUAL(503, rig.status(later));
  rig.fail_commits(0);
  rig.pass(60s);
  LONGS_EQUAL(0, rig.texts_to(kAna).size());
  for (const auto& [id, m] : rig.rows.messages) CHECK(m.to != kAna);
  CHECK(rig.rows.counts == rig.rows.counted());
}

TEST(Gates, what_waits_behind_a_hung_commit_gets_503_and_is_really_gone) {
  Rig rig(one_modem());
  rig.ready();
  rig.pass(1s);  // that it is ready has been written
  rig.hang_disk(20s);
  const Ticket in_flight = rig.send(kAna, "in the commit that hangs");
  rig.pass(500ms);
  const Ticket behind = rig.send(kBen, "behind it");
  rig.pass(5s);
  LONGS_EQUAL(0, rig.status(in_flight));
  LONGS_EQUAL(503, rig.status(behind));
  rig.pass(60s);
  LONGS_EQUAL(202, rig.status(in_flight));
  LONGS_EQUAL(1, rig.texts_to(kAna).size());
  LONGS_EQUAL(0, rig.texts_to(kBen).size());
  CHECK(rig.rows.counts == rig.rows.counted());
}

TEST(Gates, a_backlog_of_unwritten_work_does_not_keep_an_alert_out_while_the_disk_hangs) {
  Rig rig(one_modem());
  rig.ready();
  rig.hang_disk(60s);
  std::vector<std::string> many;
  for (int i = 0; i < 6'000; ++i) many.push_back("+4479" + std::to_string(10'000'000 + i));
  rig.send_list(many, "bulk", {.lane = Lane::bulk});
  rig.pass(4s);
  rig.send(kAna, "fire", {.lane = Lane::alert});
  CHECK(rig.until([&] { return rig.texts_to(kAna).size() == 1; }, 5s));
}

TEST(Gates, texts_that_come_while_the_disk_is_away_stay_on_the_sim_and_are_written_later) {
  Rig rig(one_modem());
  rig.ready();
  rig.hang_disk(30s);
  rig.send(kAna, "to have a commit that hangs");
  rig.pass(3s);
  rig.text_in(0, kBen, "hi");
  rig.pass(10s);
  LONGS_EQUAL(1, rig.stored());
  rig.pass(60s);
  LONGS_EQUAL(0, rig.stored());
  LONGS_EQUAL(1, rig.rows.inbox.size());
  CHECK(rig.rows.inbox.begin()->second.durable_late);
}

TEST(Gates, a_change_of_the_directory_is_refused_while_the_disk_is_away) {
  Rig rig(one_modem());
  rig.ready();
  rig.fail_commits(1'000);
  rig.send(kAna, "asked just before");
  rig.pass(3s);
  const Ticket ticket = rig.ask().save_group({"staff", {kAna}}, 0);
  rig.pass(1s);
  LONGS_EQUAL(503, rig.status(ticket));
  CHECK(rig.app().groups().empty());
}

TEST(Gates, a_list_is_whole_or_not_there_after_a_crash) {
  Rig rig({.modems = 1, .commit = 50ms});
  rig.ready();
  rig.pass(1s);  // that it is ready has been written
  std::vector<std::string> many;
  for (int i = 0; i < 3'500; ++i) many.push_back("+4479" + std::to_string(10'000'000 + i));
  const Ticket ticket = rig.send_list(many, "bulk", {.lane = Lane::bulk});
  rig.until([&] { return rig.rows.messages.size() > 500; });
  LONGS_EQUAL(0, rig.status(ticket));
  rig.crash(true);
  rig.pass(5s);
  LONGS_EQUAL(0, rig.rows.messages.size());
  CHECK(rig.rows.counts == rig.rows.counted());
}

TEST(Gates, the_counts_on_disk_fit_the_rows_whenever_the_end_comes) {
  Rig rig({.modems = 1, .commit = 50ms});
  rig.ready();
  for (int i = 0; i < 3'000; ++i) rig.send("+4479" + std::to_string(10'000'000 + i), "bulk", {.lane = Lane::bulk});
  rig.until([&] { return rig.rows.messages.size() > 500; });
  CHECK(rig.rows.messages.size() < 3'000);
  CHECK(rig.rows.counts == rig.rows.counted());
}

TEST(Gates, stop_ends_when_what_is_in_flight_has_ended) {
  Rig rig({.modems = 2});
  rig.ready();
  rig.unplug(1);
  const Id id = rig.accepted(rig.send(kAna, "last words", {.report = false}));
  rig.until([&] { return commands(rig) == 1; });
  rig.ask().stop();
  const Ticket late = rig.send(kBen, "too late");
  CHECK(rig.until([&] { return rig.app().stopped(); }, 5s));
  LONGS_EQUAL(503, rig.status(late));
  CHECK(rig.row(id).state == MessageState::submitted);
}

TEST(Gates, stop_gives_a_claim_back_that_has_not_left) {
  Rig rig({.modems = 1, .commit = 300ms});
  rig.ready();
  rig.send(kAna, "not yet");
  rig.pass(100ms);
  rig.ask().stop();
  CHECK(rig.until([&] { return rig.app().stopped(); }, 5s));
  rig.crash();
  CHECK(rig.until([&] { return rig.texts_to(kAna).size() == 1; }));
  CHECK(rig.until([&] { return rig.row(1).state == MessageState::delivered; }));
  LONGS_EQUAL(0, rig.row(1).in_doubt_ms);
}

// Its rows, and how far it is, are one commit, however much else waits for the disk: else a crash between two makes rows twice.
TEST(Gates, a_broadcast_that_begins_behind_a_backlog_is_not_begun_twice) {
  Rig rig({.modems = 1, .settings = [](config::Settings& settings) { settings.policy.disk_deadline = 60s; }});
  rig.ready();
  std::vector<std::string> many;
  for (int i = 0; i < 100; ++i) many.push_back("+4479" + std::to_string(10'000'000 + i));
  rig.group("many", many);
  rig.unplug(0);
  rig.pass(10s);
  rig.hang_disk(20s);
  rig.send(kAna, "the commit that hangs");
  rig.pass(1s);
  for (std::size_t i = 0; i < Turn::kMaxOps - 20; ++i) rig.send(kAna, "behind it");
  rig.pass(1s);
  BroadcastRequest request;
  request.form.group = "many";
  request.form.form.text = "x";
  request.form.form.parts.resize(1);
  rig.ask().broadcast(std::move(request));
  const auto rows = [&] {
    return std::count_if(rig.rows.messages.begin(), rig.rows.messages.end(), [](const auto& row) { return row.second.broadcast != 0; });
  };
  CHECK(rig.until([&] { return rig.rows.messages.size() > 1'000; }));
  rig.crash(false);  // the one after it did not make it
  rig.pass(60s);
  CHECK(rows() == 0 || rows() == 100);
}
