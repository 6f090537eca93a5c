// What a port was given, in memory that a kill leaves alone.
#include <CppUTest/TestHarness.h>

#include <memory>

#include "daemon/app/port_marks.h"
#include "tests/support/stories.h"

using namespace klaxon;
using namespace std::chrono_literals;
using rig::is;
using rig::kAna;
using rig::kBen;
using rig::one;
using rig::Rig;

namespace {

rig::Options marked() {
  rig::Options options = one();
  options.marks = true;
  return options;
}

void until_the_prompt(Rig& rig) {
  rig.until([&] { return !rig.air.empty() && rig.air.back().event == "cmgs"; });
}

}  // namespace

TEST_GROUP(PortMarks) {
  std::unique_ptr<PortMarkPage> page = std::make_unique<PortMarkPage>();
  PortMarks marks{page.get()};
  using Wrote = PortMarks::Wrote;
  const PortMarks::Attempt first{{7, 0}, 1}, second{{7, 0}, 2}, other{{9, 3}, 1};
  void setup() override { marks.begin_life(1); }
};

TEST(PortMarks, say_how_much_of_an_attempt_was_written) {
  CHECK(!marks.of("a", first));
  marks.give("a", first);
  CHECK(marks.of("a", first) == Wrote::nothing);
  CHECK(!marks.newest("a"));
  marks.wrote("a", first.part, Wrote::command);
  CHECK(marks.of("a", first) == Wrote::command);
  CHECK(marks.newest("a") == first.part);
  marks.wrote("a", first.part, Wrote::pdu);
  marks.wrote("a", first.part, Wrote::command);
  CHECK(marks.of("a", first) == Wrote::pdu);
  CHECK(!marks.of("b", first));
}

TEST(PortMarks, an_attempt_is_not_the_one_before_it) {
  marks.give("a", first);
  marks.wrote("a", first.part, Wrote::pdu);
  marks.give("a", second);
  CHECK(marks.of("a", first) == Wrote::pdu);
  CHECK(marks.of("a", second) == Wrote::nothing);
}

TEST(PortMarks, what_was_taken_back_and_given_again_may_have_left) {
  marks.give("a", first);
  marks.wrote("a", first.part, Wrote::pdu);
  marks.give("a", first);
  CHECK(marks.of("a", first) == Wrote::pdu);
}

TEST(PortMarks, the_newest_is_the_last_of_which_anything_was_written) {
  marks.give("a", first);
  marks.wrote("a", first.part, Wrote::pdu);
  marks.give("a", other);
  CHECK(marks.newest("a") == first.part);
  marks.wrote("a", other.part, Wrote::command);
  CHECK(marks.newest("a") == other.part);
}

TEST(PortMarks, so_many_are_kept_and_of_the_others_nothing_is_said) {
  marks.give("a", first);
  for (Id id = 100; id < 100 + PortMarkPage::kNewest; ++id) marks.give("a", {{id, 0}, 1});
  CHECK(!marks.of("a", first));
  CHECK(marks.of("a", {{100, 0}, 1}) == Wrote::nothing);
}

TEST(PortMarks, that_a_port_was_opened_is_known_to_each_life_after) {
  CHECK_FALSE(marks.was_opened("a"));
  marks.open("a");
  PortMarks(page.get()).begin_life(2);
  PortMarks later{page.get()};
  later.begin_life(3);
  CHECK(later.was_opened("a"));
  CHECK_FALSE(later.was_opened("b"));
}

TEST(PortMarks, count_for_the_very_next_life_alone) {
  marks.give("a", first);
  PortMarks next(page.get());
  next.begin_life(2);
  CHECK(next.of("a", first) == Wrote::nothing);
  PortMarks later(page.get());
  later.begin_life(4);  // one lived elsewhere, and may have sent it
  CHECK(!later.of("a", first));
}

TEST(PortMarks, those_of_another_version_do_not_count) {
  marks.give("a", first);
  page->version = PortMarkPage::kVersion + 1;
  marks.begin_life(2);
  CHECK(!marks.of("a", first));
}

TEST(PortMarks, without_a_page_nothing_is_known) {
  PortMarks none(nullptr);
  none.begin_life(1);
  none.give("a", first);
  none.wrote("a", first.part, Wrote::pdu);
  CHECK(!none.of("a", first));
  CHECK(!none.newest("a"));
}

TEST_GROUP(Marked){};

TEST(Marked, a_kill_before_the_pdu_leaves_no_doubt) {
  Rig rig(marked());
  rig.ready();
  rig.send(kAna, "once", {.report = false});
  until_the_prompt(rig);
  rig.crash(true);
  LONGS_EQUAL(0, rig.row(1).in_doubt_ms);
  CHECK(rig.until([&] { return is(rig, 1, MessageState::submitted); }, 20s));
  CHECK(rig.noted("not sent, the end came before its PDU was written"));
  LONGS_EQUAL(1, rig.on_air().size());
}

TEST(Marked, the_end_of_the_machine_leaves_the_doubt_to_the_port) {
  Rig rig(marked());
  rig.ready();
  rig.send(kAna, "once", {.report = false});
  until_the_prompt(rig);
  rig.lose_marks();
  rig.crash(true);
  CHECK(rig.until([&] { return is(rig, 1, MessageState::submitted); }, 20s));
  CHECK(rig.row(1).in_doubt_ms != 0);
  LONGS_EQUAL(1, rig.on_air().size());
}

// The life between them has written ESC and AT, and is killed before either is answered or the doubt is on disk.
TEST(Marked, what_a_life_between_had_asked_is_no_sign_of_an_open_data_entry) {
  Rig rig(marked());
  rig.ready();
  rig.send(kAna, "once");
  rig.until([&] { return rig.on_air().size() == 1; });
  rig.lose_marks();
  rig.crash(false);
  CHECK(rig.app().slot(0).entry_may_be_open);
  rig.fault("modem0 slow 19");
  rig.fail_commits(100);
  rig.pass(450ms);
  rig.crash(false);
  CHECK_FALSE(rig.app().slot(0).entry_may_be_open);
  rig.mend_disk();
  rig.pass(2min);
  LONGS_EQUAL(1, rig.on_air().size());
}

TEST(Marked, a_kill_behind_the_pdu_leaves_a_doubt_and_the_late_answer_settles_it) {
  Rig rig(marked());
  rig.ready();
  rig.send(kAna, "once", {.report = false});
  rig.until([&] { return rig.on_air().size() == 1; });
  rig.crash(true);
  CHECK(rig.row(1).parts[0].state == MessageState::submitting);
  CHECK(rig.until([&] { return is(rig, 1, MessageState::submitted); }, 20s));
  CHECK(rig.noted("sent: its +CMGS came late"));
  LONGS_EQUAL(1, rig.on_air().size());
}

// An alert left from memory by the port at which a text in doubt had been begun, and no row knows of it after the kill: what the
// port says then is about the alert.
TEST(Marked, what_the_port_says_of_a_forgotten_alert_settles_nothing_else) {
  rig::Options options = marked();
  options.bank = [](modembank::BankSettings& bank) { bank.submit = modembank::Latency::constant(2s); };
  Rig rig(options);
  rig.ready();
  rig.fault("modem0 drop-submit 1");
  rig.send(kAna, "it never leaves", {.report = false, .in_doubt = DoubtPolicy::hold});
  CHECK(rig.until([&] { return is(rig, 1, MessageState::unknown); }, 120s));
  rig.ready();
  rig.hang_disk(10min);
  rig.send(kBen, "alarm", {.lane = Lane::alert, .report = false});
  CHECK(rig.until([&] { return rig.on_air().size() == 1; }, 30s));
  rig.crash(false);
  rig.mend_disk();
  rig.pass(60s);
  CHECK(is(rig, 1, MessageState::unknown));
}
