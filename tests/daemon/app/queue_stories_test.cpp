// Who goes when, by which SIM, and how often it is tried.
#include <CppUTest/TestHarness.h>

#include <algorithm>

#include "tests/support/stories.h"

using namespace klaxon;
using namespace std::chrono_literals;
using rig::Rig;
using rig::kAna;
using rig::kBen;

namespace {

constexpr std::int64_t kHour = 3'600'000;

std::string number(int i) { return "+4479" + std::to_string(10'000'000 + i); }

std::vector<std::string> numbers(int count, int from = 0) {
  std::vector<std::string> out;
  for (int i = 0; i < count; ++i) out.push_back(number(from + i));
  return out;
}

bool sent(Rig& rig, Id id) {
  const auto at = rig.rows.messages.find(id);
  return at != rig.rows.messages.end() &&
         (at->second.state == MessageState::submitted || at->second.state == MessageState::delivered);
}

void quick(modembank::BankSettings& bank) { bank.submit = modembank::Latency::constant(20ms); }

}  // namespace

TEST_GROUP(QueueStories){};

TEST(QueueStories, an_alert_takes_the_modem_from_a_segment_that_has_not_left) {
  Rig rig({.modems = 1, .commit = 300ms});
  rig.ready();
  rig.pass(1s);
  rig.send(kBen, "bulk", {.lane = Lane::bulk});
  rig.pass(100ms);
  rig.send(kAna, "fire", {.lane = Lane::alert});
  CHECK(rig.until([&] { return rig.on_air().size() == 2; }));
  STRCMP_EQUAL("fire", rig.on_air()[0]->submit->text.c_str());
  STRCMP_EQUAL("bulk", rig.on_air()[1]->submit->text.c_str());
}

// The reader had nothing to say yet when the second was accepted, and read for good while its commit was to
// be tried again.
TEST(QueueStories, what_waits_for_a_commit_that_failed_is_not_taken_for_read) {
  Rig rig({.modems = 1});
  rig.ready();
  rig.fault("modem0 unregister 20");
  rig.pass(1s);
  rig.send(kAna, "first", {.lane = Lane::alert});
  rig.pass(1s);
  rig.fail_reads(true);
  rig.crash(true);
  rig.pass(3s);
  rig.fail_commits(1);
  rig.send(kBen, "second", {.lane = Lane::alert});
  rig.fail_reads(false);
  CHECK(rig.until([&] { return rig.on_air().size() == 2; }, 60s));
}

TEST(QueueStories, to_be_pushed_aside_is_no_attempt) {
  Rig rig({.modems = 1, .commit = 300ms});
  rig.ready();
  rig.pass(1s);
  const Ticket ticket = rig.send(kBen, "bulk", {.lane = Lane::bulk});
  for (int i = 0; i < 8; ++i) {
    rig.pass(50ms);
    rig.send(number(i), "fire", {.lane = Lane::alert});
    rig.until([&] { return rig.on_air(number(i)).size() == 1; });
    rig.until([&] { return rig.app().modems()[0].message == 0 || rig.row(1).parts[0].state == MessageState::submitting; }, 5s);
  }
  CHECK(rig.until([&] { return rig.texts_to(kBen).size() == 1; }));
  rig.pass(3s);
  LONGS_EQUAL(202, rig.status(ticket));
  LONGS_EQUAL(1, rig.row(1).attempts);
}

TEST(QueueStories, an_alert_that_waits_for_its_own_sim_does_not_stop_the_others) {
  Rig rig({.modems = 2});
  rig.ready();
  rig.fault("modem0 slow 2");
  const std::string sim = rig.iccid(0);
  rig.send(kAna, "long on its way", {.lane = Lane::alert, .sim = sim});
  rig.pass(500ms);
  rig.send(kAna, "waits for the same SIM", {.lane = Lane::alert, .sim = sim});
  const Ticket other = rig.send(kBen, "by the other SIM", {.lane = Lane::bulk});
  rig.pass(2'500ms);
  LONGS_EQUAL(202, rig.status(other));
  LONGS_EQUAL(1, rig.texts_to(kBen).size());
  LONGS_EQUAL(1, rig.texts_to(kAna).size());
}

TEST(QueueStories, a_pinned_message_goes_when_its_slow_sim_answers_at_last) {
  Rig rig({.modems = 2});
  rig.ready();
  const std::string sim = rig.iccid(0);
  rig.send(kAna, "first", {.sim = sim});
  rig.pass(1'500ms);
  rig.fault("modem0 silence 8");
  rig.pass(6s);
  CHECK(rig.noted("out of the rotation"));
  const Ticket pinned = rig.send(kBen, "second", {.sim = sim});
  CHECK(rig.until([&] { return rig.texts_to(kBen).size() == 1; }, 20s));
  LONGS_EQUAL(202, rig.status(pinned));
}

TEST(QueueStories, a_message_pinned_to_a_sim_that_is_not_there_waits_for_it) {
  Rig rig({.modems = 2});
  rig.ready();
  rig.unplug(0);
  rig.pass(1s);
  rig.send(kAna, "for SIM 0", {.sim = rig.iccid(0)});
  rig.send(kBen, "for anybody");
  rig.pass(30s);
  LONGS_EQUAL(0, rig.texts_to(kAna).size());
  LONGS_EQUAL(1, rig.texts_to(kBen).size());
  rig.plug(0);
  CHECK(rig.until([&] { return rig.texts_to(kAna).size() == 1; }, 10s));
  STRCMP_EQUAL(rig.iccid(0).c_str(), rig.on_air(kAna)[0]->iccid.c_str());
}

TEST(QueueStories, a_message_for_a_label_goes_when_the_sim_of_that_label_is_seen) {
  rig::Options options{.modems = 2};
  options.settings = [](config::Settings& settings) {
    config::Sim sim;
    sim.modem = "modem1";
    sim.label = "reserve";
    settings.sims.push_back(sim);
  };
  Rig rig(options);
  rig.unplug(1);
  rig.ready(1);
  rig.send(kAna, "by the reserve", {.sim = "reserve"});
  rig.pass(5s);
  LONGS_EQUAL(0, rig.texts_to(kAna).size());
  rig.plug(1);
  CHECK(rig.until([&] { return rig.texts_to(kAna).size() == 1; }, 10s));
  STRCMP_EQUAL(rig.iccid(1).c_str(), rig.on_air(kAna)[0]->iccid.c_str());
}

TEST(QueueStories, a_fault_of_the_sim_is_tried_at_once_by_another_sim) {
  Rig rig({.modems = 2});
  rig.ready();
  rig.fault("modem0 cms 38 9");
  rig.fault("modem1 cms 38 9");
  rig.send(kAna, "stubborn");
  rig.until([&] { return rig.noted("refused"); });
  rig.fault("modem0 clear");
  rig.fault("modem1 clear");
  CHECK(rig.until([&] { return rig.texts_to(kAna).size() == 1; }, 20s));
  const MessageRecord& row = rig.row(1);
  LONGS_EQUAL(2, row.attempts);
  CHECK(row.why.find("not the one that failed") != std::string::npos);
  CHECK(rig.on_air(kAna)[0]->iccid != row.avoid_iccid);
}

TEST(QueueStories, a_permanent_error_fails_the_message_with_its_code) {
  Rig rig({.modems = 1});
  rig.ready();
  rig.fault("modem0 cms 1 1");
  rig.send(kAna, "nobody has this number");
  CHECK(rig.until([&] { return !rig.rows.messages.empty() && rig.row(1).state == MessageState::failed; }));
  STRCMP_EQUAL("cms_1", rig.row(1).error_code.c_str());
  LONGS_EQUAL(1, rig.row(1).attempts);
}

TEST(QueueStories, a_temporary_error_is_tried_again_later_and_at_most_five_times) {
  Rig rig({.modems = 1});
  rig.ready();
  rig.fault("modem0 cms 42 99");
  rig.send(kAna, "congested");
  CHECK(rig.until([&] { return !rig.rows.messages.empty() && rig.row(1).state == MessageState::failed; }, 6h));
  LONGS_EQUAL(5, rig.row(1).attempts);
  STRCMP_EQUAL("cms_42", rig.row(1).error_code.c_str());
}

TEST(QueueStories, what_is_older_than_valid_for_is_never_sent) {
  Rig rig({.modems = 1});
  rig.ready();
  rig.unplug(0);
  rig.send(kAna, "soon stale", {.valid_for_ms = 20'000});
  rig.send(kAna, "soon stale, pinned", {.valid_for_ms = 20'000, .sim = rig.iccid(0)});
  rig.pass(30s);
  CHECK(rig.row(1).state == MessageState::expired);
  CHECK(rig.row(2).state == MessageState::expired);
  rig.plug(0);
  rig.pass(30s);
  LONGS_EQUAL(0, rig.texts_to(kAna).size());
}

TEST(QueueStories, a_message_is_cancelled_until_it_is_on_its_way) {
  Rig rig({.modems = 1});
  rig.ready();
  rig.send(kBen, "keeps the modem busy");
  const Id id = rig.accepted(rig.send(kAna, "not needed any more"));
  const Ticket cancel = rig.ask().cancel(id);
  rig.pass(10s);
  CHECK(std::holds_alternative<Changed>(rig.answer(cancel)->result));
  CHECK(rig.row(id).state == MessageState::cancelled);
  LONGS_EQUAL(0, rig.texts_to(kAna).size());
  const Ticket late = rig.ask().cancel(1), nobody = rig.ask().cancel(999);
  rig.pass(1s);
  LONGS_EQUAL(409, rig.status(late));
  LONGS_EQUAL(404, rig.status(nobody));
}

TEST(QueueStories, five_thousand_bulk_messages_go_in_order_through_a_small_window) {
  rig::Options options{.modems = 2};
  options.bank = quick;
  Rig rig(options);
  rig.ready();
  const Ticket ticket = rig.send_list(numbers(5'000), "bulk", {.lane = Lane::bulk, .report = false});
  rig.until([&] { return rig.status(ticket) != 0; });
  rig.until([&] { return rig.on_air().size() >= 2'000; }, 1h);
  CHECK(rig.on_air().size() < 2'010);
  CHECK(rig.until([&] { return rig.on_air().size() >= 5'000; }, 1h));
  rig.pass(10s);
  const auto air = rig.on_air();
  LONGS_EQUAL(5'000, air.size());
  // Two modems: neighbours may change places, no more.
  for (std::size_t i = 0; i < air.size(); ++i) {
    const int place = std::stoi(air[i]->submit->da.substr(5)) - 10'000'000;
    CHECK(std::abs(place - static_cast<int>(i)) <= 2);
  }
  for (const auto& [id, m] : rig.rows.messages) CHECK(m.state == MessageState::submitted);
  CHECK(rig.rows.counts == rig.rows.counted());
}

TEST(QueueStories, a_backlog_on_disk_goes_out_after_a_crash) {
  rig::Options options{.modems = 1};
  options.bank = quick;
  Rig rig(options);
  rig.ready();
  const Ticket ticket = rig.send_list(numbers(1'500), "bulk", {.lane = Lane::bulk, .report = false});
  rig.until([&] { return rig.status(ticket) != 0; });
  rig.until([&] { return rig.on_air().size() >= 300; }, 1h);
  rig.crash();
  CHECK(rig.until([&] {
    return std::all_of(rig.rows.messages.begin(), rig.rows.messages.end(), [](const auto& row) {
      return row.second.state == MessageState::submitted || row.second.state == MessageState::unknown;
    });
  }, 1h));
  CHECK(rig.on_air().size() >= 1'499);
  CHECK(rig.rows.counts == rig.rows.counted());
}

TEST(QueueStories, a_second_list_of_the_same_sender_goes_when_the_first_filled_the_window) {
  rig::Options options{.modems = 1};
  options.bank = quick;
  Rig rig(options);
  rig.ready();
  rig.send_list(numbers(700), "a", {.report = false});
  rig.send_list(numbers(700, 10'000), "b", {.report = false});
  rig.pass(1s);
  for (int i = 0; i < 20; ++i) rig.send(number(20'000 + i), "c", {.report = false});
  CHECK(rig.until([&] { return rig.on_air().size() == 1'420; }, 1h));
}

TEST(QueueStories, a_list_and_a_broadcast_of_one_sender_do_not_hide_each_other) {
  rig::Options options{.modems = 1};
  options.bank = quick;
  Rig rig(options);
  rig.ready();
  BroadcastRequest request;
  request.form.owner = 1;
  request.form.numbers = numbers(1'200, 10'000);
  request.form.form.text = "to all";
  request.form.form.owner = 1;
  request.form.form.report = false;
  request.form.form.parts.resize(1);
  rig.ask().broadcast(request);
  rig.send_list(numbers(3'000), "listed", {.report = false});
  CHECK(rig.until([&] { return rig.on_air().size() == 4'200; }, 2h));
}

TEST(QueueStories, two_senders_take_turns_whatever_one_of_them_piled_up) {
  Rig rig({.modems = 1});
  rig.ready();
  rig.send_list(numbers(200), "pile", {.lane = Lane::bulk, .owner = 1});
  rig.pass(3s);
  for (int i = 0; i < 3; ++i) rig.send(number(1'000 + i), "small", {.lane = Lane::bulk, .owner = 2});
  rig.pass(16s);
  LONGS_EQUAL(1, rig.on_air(number(1'000)).size());
  LONGS_EQUAL(1, rig.on_air(number(1'001)).size());
  LONGS_EQUAL(1, rig.on_air(number(1'002)).size());
}

TEST(QueueStories, sims_get_equal_shares) {
  Rig rig({.modems = 4});
  rig.ready();
  rig.send_list(numbers(100), "share", {.report = false});
  CHECK(rig.until([&] { return rig.on_air().size() == 100; }, 10min));
  std::map<std::string, int> by_sim;
  for (const auto* record : rig.on_air()) ++by_sim[record->iccid];
  for (const auto& [iccid, count] : by_sim) CHECK(count >= 24 && count <= 26);
}

TEST(QueueStories, what_was_sent_for_later_goes_at_its_time_in_the_order_it_was_asked_for) {
  Rig rig({.modems = 1});
  rig.ready();
  const std::int64_t at = rig.unix_ms() + kHour;
  for (int i = 0; i < 10; ++i) rig.send(number(i), "later", {.send_at_ms = at});
  rig.send(number(50), "sooner", {.send_at_ms = at - 60'000});
  rig.pass(50min);
  LONGS_EQUAL(0, rig.on_air().size());
  rig.pass(15min);
  LONGS_EQUAL(11, rig.on_air().size());
  STRCMP_EQUAL(number(50).c_str(), rig.on_air()[0]->submit->da.c_str());
  for (int i = 0; i < 10; ++i)
    STRCMP_EQUAL(number(i).c_str(), rig.on_air()[static_cast<std::size_t>(i) + 1]->submit->da.c_str());
}

TEST(QueueStories, more_for_later_than_memory_holds_goes_out_all_the_same) {
  rig::Options options{.modems = 1};
  options.bank = quick;
  Rig rig(options);
  rig.ready();
  const std::int64_t at = rig.unix_ms() + kHour;
  rig.send_list(numbers(9'990), "a", {.report = false, .send_at_ms = at});
  rig.send_list(numbers(100, 10'000), "b", {.report = false, .send_at_ms = at + 1'000});
  rig.send_list(numbers(50, 20'000), "c", {.report = false, .send_at_ms = at - 1'000});
  rig.send(number(30'000), "d", {.report = false, .send_at_ms = at + 2'000});
  CHECK(rig.until([&] { return rig.on_air().size() == 10'141; }, 5h));
}

TEST(QueueStories, what_is_asked_for_later_right_after_the_start_is_not_forgotten) {
  Rig rig({.modems = 1, .commit = 50ms, .read = 40ms});
  rig.send(kAna, "later", {.send_at_ms = rig.unix_ms() + 60'000});
  rig.pass(2min);
  LONGS_EQUAL(1, rig.texts_to(kAna).size());
}

TEST(QueueStories, what_was_asked_for_later_survives_a_crash) {
  Rig rig({.modems = 1});
  rig.ready();
  rig.accepted(rig.send(kAna, "later", {.send_at_ms = rig.unix_ms() + 60'000}));
  rig.crash();
  rig.pass(2min);
  LONGS_EQUAL(1, rig.texts_to(kAna).size());
}

TEST(QueueStories, a_reader_that_fails_for_a_while_hides_nothing) {
  rig::Options options{.modems = 1};
  options.bank = quick;
  Rig rig(options);
  rig.ready();
  rig.fail_reads(true);
  const Ticket ticket = rig.send_list(numbers(700), "bulk", {.report = false});
  rig.send(kAna, "later", {.send_at_ms = rig.unix_ms() + 10'000});
  rig.until([&] { return rig.status(ticket) != 0; });
  rig.pass(1min);
  rig.fail_reads(false);
  CHECK(rig.until([&] { return rig.on_air().size() == 701; }, 10min));
}

TEST(QueueStories, parts_go_in_order_by_one_sim_though_others_are_free) {
  Rig rig({.modems = 3});
  rig.ready();
  const std::string text(400, 'x');
  rig.send(kAna, text);
  rig.send(kBen, text);
  CHECK(rig.until([&] { return rig.on_air().size() == 6; }));
  for (const char* to : {kAna, kBen}) {
    const auto air = rig.on_air(to);
    for (std::size_t i = 0; i < 3; ++i) {
      LONGS_EQUAL(i + 1, air[i]->submit->segment->seq);
      STRCMP_EQUAL(air[0]->iccid.c_str(), air[i]->iccid.c_str());
    }
  }
}

TEST(QueueStories, an_alert_between_two_parts_delays_the_second_and_loses_nothing) {
  Rig rig({.modems = 1});
  rig.ready();
  rig.send(kAna, std::string(400, 'x'));
  rig.until([&] { return rig.on_air().size() == 1; });
  rig.send(kBen, std::string(400, 'a'), {.lane = Lane::alert});
  CHECK(rig.until([&] { return rig.on_air().size() == 6; }));
  for (std::size_t i = 1; i < 4; ++i) STRCMP_EQUAL(kBen, rig.on_air()[i]->submit->da.c_str());
  CHECK(rig.until([&] { return sent(rig, 1) && sent(rig, 2); }, 20s));
}

TEST(QueueStories, parts_that_wait_for_an_unplugged_sim_go_when_it_is_back) {
  Rig rig({.modems = 2});
  rig.ready();
  rig.send(kAna, std::string(400, 'x'));
  rig.until([&] { return !rig.rows.messages.empty() && rig.row(1).parts[0].state == MessageState::submitted; });
  const int first = rig.on_air()[0]->modem == "modem0" ? 0 : 1;
  rig.until([&] { return rig.row(1).parts[1].state == MessageState::submitted; });
  rig.unplug(first);
  rig.pass(5s);
  if (rig.row(1).state == MessageState::unknown) return;  // the third was on the wire
  rig.plug(first);
  CHECK(rig.until([&] { return rig.on_air(kAna).size() == 3; }, 20s));
}

TEST(QueueStories, an_alert_whose_sim_is_lost_between_two_parts_starts_anew_on_another) {
  Rig rig({.modems = 2, .commit = 300ms});
  rig.ready();
  rig.send(kAna, std::string(400, 'x'), {.lane = Lane::alert});
  CHECK(rig.until([&] { return rig.on_air().size() == 1; }));
  const std::string first = rig.on_air()[0]->iccid;
  // The second part is claimed and waits for this commit: it has not left.
  CHECK(rig.until([&] { return rig.commit_under_way(); }));
  rig.unplug(rig.iccid(0) == first ? 0 : 1);
  CHECK(rig.until([&] { return !rig.commit_under_way(); }));
  LONGS_EQUAL(1, rig.on_air().size());
  CHECK(rig.until([&] { return rig.on_air(kAna).size() == 4; }, 60s));
  CHECK(rig.until([&] { return sent(rig, 1); }, 10s));
  rig.pass(60s);
  const auto air = rig.on_air(kAna);
  LONGS_EQUAL(4, air.size());
  for (std::size_t i = 1; i < air.size(); ++i) CHECK(air[i]->iccid != first);
  CHECK(air[1]->submit->segment->ref != air[0]->submit->segment->ref);  // a new reference: the phone joins no part of the first try
  CHECK(rig.row(1).in_doubt_ms != 0);
}

TEST(QueueStories, thousands_that_are_too_old_are_cleared_away_at_once) {
  Rig rig({.modems = 1});
  rig.ready();
  CHECK(rig.accepted(rig.send_list(numbers(5'000), "too late", {.valid_for_ms = 10'000})) != 0);
  CHECK(rig.accepted(rig.send(kAna, "in time")) != 0);
  rig.pass(10s);
  CHECK(rig.until([&] { return rig.on_air(kAna).size() == 1; }, 15s));
}
