// Sensitive texts: sent like any other, kept no longer than they are needed, in memory and in the rows.
#include <CppUTest/TestHarness.h>

#include <algorithm>

#include "tests/support/stories.h"

using namespace klaxon;
using namespace std::chrono_literals;
using rig::Rig;
using rig::is;
using rig::kAna;
using rig::kBen;

namespace {

constexpr const char* kCode = "Your code is 417 993";
constexpr std::int64_t kHour = 3'600'000;

std::string long_text() {
  std::string text = kCode;
  while (text.size() < 400) text += " and so on";
  return text;
}

}  // namespace

TEST_GROUP(SensitiveTexts){};

TEST(SensitiveTexts, is_sent_and_forgotten_in_the_same_commit) {
  Rig rig({.modems = 1, .on_sqlite = true});
  rig.ready();
  const Id id = rig.accepted(rig.send(kAna, kCode, {.sensitive = true}));
  STRCMP_EQUAL(kCode, rig.row(id).text.c_str());
  CHECK(rig.until([&] {
    const bool owed =
        rig.row(id).state == MessageState::queued || rig.row(id).state == MessageState::submitting;
    CHECK_EQUAL(owed, rig.row(id).text == kCode);
    return !owed;
  }));
  STRCMP_EQUAL("", rig.row(id).text.c_str());
  CHECK(rig.until([&] { return is(rig, id, MessageState::delivered); }, 3min));
  STRCMP_EQUAL(kCode, rig.texts_to(kAna).front().c_str());
  STRCMP_EQUAL("", rig.disk_difference().c_str());
  CHECK(!rig.noted("417"));
}

TEST(SensitiveTexts, of_several_parts_it_stays_until_the_last_is_out) {
  Rig rig({.modems = 1, .on_sqlite = true});
  rig.ready();
  const Id id = rig.accepted(rig.send(kAna, long_text(), {.report = false, .sensitive = true}));
  LONGS_EQUAL(3, rig.row(id).parts.size());
  CHECK(rig.until([&] { return rig.row(id).parts[0].state == MessageState::submitted; }));
  STRCMP_EQUAL(long_text().c_str(), rig.row(id).text.c_str());
  rig.crash(true);  // the rest is cut again from what was kept
  if (rig.until([&] { return is(rig, id, MessageState::unknown); }, 10s)) {
    STRCMP_EQUAL(long_text().c_str(), rig.row(id).text.c_str());
    rig.ask().settle(id, false);  // the part that was on its way
  }
  CHECK(rig.until([&] { return rig.row(id).text.empty(); }, 5min));
  CHECK(is(rig, id, MessageState::submitted) || is(rig, id, MessageState::delivered));
  CHECK(std::all_of(rig.row(id).parts.begin(), rig.row(id).parts.end(),
                    [](const PartRecord& part) { return part.state != MessageState::queued; }));
}

TEST(SensitiveTexts, in_doubt_it_is_kept_and_can_be_repeated) {
  Rig rig({.modems = 1, .family = modembank::Family::generic, .on_sqlite = true});
  rig.ready();
  rig.fault("modem0 lost-answer 1");
  const Id id = rig.accepted(rig.send(kAna, kCode, {.report = false, .sensitive = true}));
  CHECK(rig.until([&] { return is(rig, id, MessageState::unknown); }, 3min));
  STRCMP_EQUAL(kCode, rig.row(id).text.c_str());
  rig.crash(true);
  rig.ready();
  rig.ask().settle(id, false);
  CHECK(rig.until([&] { return is(rig, id, MessageState::submitted); }, 3min));
  LONGS_EQUAL(2, rig.texts_to(kAna).size());
  STRCMP_EQUAL(kCode, rig.texts_to(kAna).back().c_str());
  STRCMP_EQUAL("", rig.row(id).text.c_str());
}

TEST(SensitiveTexts, a_doubt_that_a_person_calls_sent_needs_it_no_more) {
  Rig rig({.modems = 1, .family = modembank::Family::generic, .on_sqlite = true});
  rig.ready();
  rig.fault("modem0 lost-answer 1");
  const Id id = rig.accepted(rig.send(kAna, kCode, {.report = false, .sensitive = true}));
  CHECK(rig.until([&] { return is(rig, id, MessageState::unknown); }, 3min));
  rig.ask().settle(id, true);
  CHECK(rig.until([&] { return is(rig, id, MessageState::submitted); }));
  STRCMP_EQUAL("", rig.row(id).text.c_str());
}

TEST(SensitiveTexts, cancelled_expired_and_refused_ones_are_gone_as_well) {
  Rig rig({.modems = 1, .on_sqlite = true});
  rig.ready();
  const Id cancelled =
      rig.accepted(rig.send(kAna, kCode, {.send_at_ms = rig.unix_ms() + kHour, .sensitive = true}));
  rig.ask().cancel(cancelled);
  CHECK(rig.until([&] { return is(rig, cancelled, MessageState::cancelled); }));
  STRCMP_EQUAL("", rig.row(cancelled).text.c_str());
  rig.unplug(0);
  const Id late = rig.accepted(rig.send(kAna, kCode, {.valid_for_ms = 2000, .sensitive = true}));
  CHECK(rig.until([&] { return is(rig, late, MessageState::expired); }));
  STRCMP_EQUAL("", rig.row(late).text.c_str());
  STRCMP_EQUAL("", rig.disk_difference().c_str());
}

TEST(SensitiveTexts, of_a_list_each_is_forgotten_by_itself) {
  Rig rig({.modems = 1, .on_sqlite = true});
  rig.ready();
  const Id first = rig.accepted(rig.send_list({kAna, kBen}, kCode, {.sensitive = true}));
  CHECK(rig.until([&] { return rig.row(first).text.empty() != rig.row(first + 1).text.empty(); }));
  CHECK(rig.until([&] { return rig.row(first).text.empty() && rig.row(first + 1).text.empty(); }));
  STRCMP_EQUAL(kCode, rig.texts_to(kAna).front().c_str());
  STRCMP_EQUAL(kCode, rig.texts_to(kBen).front().c_str());
}

TEST(SensitiveTexts, a_broadcasts_form_forgets_it_once_all_are_made) {
  Rig rig({.modems = 2, .on_sqlite = true});
  rig.ready();
  BroadcastRequest request;
  request.form.numbers = {kAna, kBen};
  request.form.form.text = kCode;
  request.form.form.sensitive = true;
  request.form.form.parts.resize(1);
  rig.ask().broadcast(std::move(request));
  CHECK(rig.until([&] { return rig.texts_to(kAna).size() == 1 && rig.texts_to(kBen).size() == 1; }));
  STRCMP_EQUAL("", rig.rows.broadcasts.at(1).form.text.c_str());
}

// As a restored copy leaves it.
TEST(SensitiveTexts, without_its_text_a_message_fails_and_nothing_goes_out) {
  Rig rig({.modems = 1});
  rig.ready();
  const Id later =
      rig.accepted(rig.send(kAna, kCode, {.send_at_ms = rig.unix_ms() + kHour, .sensitive = true}));
  rig.fault("modem0 lost-answer 1");
  const Id doubt = rig.accepted(rig.send(kBen, kCode, {.report = false, .sensitive = true}));
  CHECK(rig.until([&] { return is(rig, doubt, MessageState::unknown); }, 3min));
  for (const Id id : {later, doubt}) rig.rows.messages[id].forget_text();
  rig.crash(true);
  rig.ready();
  rig.ask().settle(doubt, false);
  CHECK(rig.until([&] { return is(rig, doubt, MessageState::failed); }));
  CHECK(rig.until([&] { return is(rig, later, MessageState::failed); }, 2h));
  for (const Id id : {later, doubt}) STRCMP_EQUAL("text_gone", rig.row(id).error_code.c_str());
  LONGS_EQUAL(0, rig.texts_to(kAna).size());
  LONGS_EQUAL(1, rig.texts_to(kBen).size());
}
