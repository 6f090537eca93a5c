// A contact's numbers in order of trying: what follows on a message that has ended without having arrived.
#include <CppUTest/TestHarness.h>

#include <algorithm>
#include <set>

#include "tests/support/appliance_rig.h"

using namespace klaxon;
using namespace std::chrono_literals;
using rig::Rig;

namespace {

constexpr const char* kFirst = "+34600111001";
constexpr const char* kSecond = "+34600111002";
constexpr const char* kThird = "+34600111003";
constexpr const char* kOther = "+34600111004";
constexpr const char* kBoss = "+447700900990";

struct Field {
  Rig rig;
  explicit Field(rig::Options options = {}) : rig(with_disk(std::move(options))) { rig.ready(); }

  static rig::Options with_disk(rig::Options options) {
    options.on_sqlite = true;
    return options;
  }
  void person(const char* name, std::vector<std::string> numbers) {
    rig.ask().save_contacts({{name, std::move(numbers), {}}}, "", 1);
    members.push_back(name);
    rig.group("crew", members);
  }
  void dead(const char* number) {
    CHECK(rig.bank.control(std::string("report ") + number + " st=41", rig.now()) == "ok");
  }
  Id text_crew(const MessageRecord& form = {}) {
    BroadcastRequest request;
    request.form.group = "crew";
    request.form.owner = 1;
    request.form.form = form;
    request.form.form.owner = 1;
    request.form.form.text = "pump 3 is dry";
    request.form.form.parts.resize(1);
    const Ticket ticket = rig.ask().broadcast(std::move(request));
    CHECK(rig.until([&] { return rig.status(ticket) != 0; }));
    LONGS_EQUAL(202, rig.status(ticket));
    return std::get<Accepted>(rig.answer(ticket)->result).broadcast;
  }
  std::vector<const MessageRecord*> to(std::string_view number) const {
    std::vector<const MessageRecord*> out;
    for (const auto& [id, row] : rig.rows.messages)
      if (row.to == number) out.push_back(&row);
    return out;
  }
  bool has(std::string_view number, MessageState state) const {
    const auto rows = to(number);
    return rows.size() == 1 && rows.front()->state == state;
  }
  bool delivered(std::string_view number) const { return has(number, MessageState::delivered); }
  void agree() {
    STRCMP_EQUAL("", rig.disk_difference().c_str());
    CHECK(rig.rows.faults.empty());
    CHECK(rig.rows.counted() == rig.rows.counts);
  }
  std::vector<std::string> members;
};

KeywordRecord outage() {
  KeywordRecord k;
  k.word = "OUTAGE";
  k.from = {kBoss};
  k.from_given = true;
  k.action = "broadcast";
  k.group = "crew";
  k.text = "{{args}}";
  k.lane = Lane::alert;
  return k;
}

}  // namespace

TEST_GROUP(Trying){};

TEST(Trying, the_next_number_gets_it_when_a_report_says_that_the_first_did_not) {
  Field field;
  field.person("Ana", {kFirst, kSecond, kThird});
  field.dead(kFirst);
  const Id broadcast = field.text_crew();
  CHECK(field.rig.until([&] { return field.delivered(kSecond); }));
  field.rig.pass(60s);
  const MessageRecord& second = *field.to(kSecond).front();
  UNSIGNED_LONGS_EQUAL(field.to(kFirst).front()->id, second.instead_of);
  UNSIGNED_LONGS_EQUAL(broadcast, second.broadcast);
  CHECK(second.further.empty() && field.to(kFirst).front()->further.empty());
  LONGS_EQUAL(0, field.to(kThird).size());
  STRCMP_EQUAL("pump 3 is dry", field.rig.texts_to(kSecond).front().c_str());
  field.agree();
}

TEST(Trying, one_number_after_the_other_and_then_no_more) {
  Field field;
  field.person("Ana", {kFirst, kSecond, kThird});
  for (const char* number : {kFirst, kSecond, kThird}) field.dead(number);
  field.text_crew();
  CHECK(field.rig.until([&] { return field.has(kThird, MessageState::failed); }));
  UNSIGNED_LONGS_EQUAL(field.to(kSecond).front()->id, field.to(kThird).front()->instead_of);
  field.rig.pass(10min);
  LONGS_EQUAL(3, field.rig.on_air().size());
  field.agree();
}

TEST(Trying, a_refusal_that_is_final_is_enough) {
  Field field({.modems = 1});
  field.person("Ana", {kFirst, kSecond});
  field.rig.fault("modem0 cms 1 1");
  field.text_crew();
  CHECK(field.rig.until([&] { return field.delivered(kSecond); }));
  CHECK(field.has(kFirst, MessageState::failed));
  LONGS_EQUAL(0, field.rig.on_air(kFirst).size());
}

TEST(Trying, so_is_the_last_of_many_tries) {
  Field field(
      {.modems = 1, .settings = [](config::Settings& settings) { settings.policy.max_attempts = 2; }});
  field.person("Ana", {kFirst, kSecond});
  field.rig.fault("modem0 cms 42 2");
  field.text_crew();
  CHECK(field.rig.until([&] { return field.delivered(kSecond); }, 10min));
  LONGS_EQUAL(2, field.to(kFirst).front()->attempts);
}

TEST(Trying, a_doubt_is_no_failure) {
  Field field({.modems = 1});
  field.person("Ana", {kFirst, kSecond});
  field.rig.fault("modem0 lost-answer 1");
  MessageRecord form;
  form.report = false;
  field.text_crew(form);
  CHECK(field.rig.until([&] { return field.has(kFirst, MessageState::unknown); }, 5min));
  field.rig.pass(10min);
  LONGS_EQUAL(0, field.to(kSecond).size());
  CHECK_FALSE(field.to(kFirst).front()->further.empty());  // it may turn out not to have arrived
}

TEST(Trying, nor_is_what_somebody_called_off) {
  Field field({.modems = 1});
  field.person("Ana", {kFirst, kSecond});
  field.rig.unplug(0);
  field.text_crew();
  CHECK(field.rig.until([&] { return field.to(kFirst).size() == 1; }));
  field.rig.ask().cancel(field.to(kFirst).front()->id);
  CHECK(field.rig.until([&] { return field.has(kFirst, MessageState::cancelled); }));
  field.rig.plug(0);
  field.rig.pass(5min);
  LONGS_EQUAL(0, field.to(kSecond).size());
  CHECK(field.to(kFirst).front()->further.empty());
  field.agree();
}

TEST(Trying, the_time_of_the_first_is_the_time_of_all) {
  Field field({.bank = [](modembank::BankSettings& bank) {
    bank.air.report_delay = modembank::Latency::constant(40s);
  }});
  field.person("Ana", {kFirst, kSecond, kThird});
  field.dead(kFirst);
  field.dead(kSecond);
  MessageRecord form;
  form.valid_for_ms = 60'000;
  field.text_crew(form);
  CHECK(field.rig.until([&] { return field.to(kSecond).size() == 1; }));
  const MessageRecord& first = *field.to(kFirst).front();
  const MessageRecord& second = *field.to(kSecond).front();
  LONGS_EQUAL(first.created_ms + 60'000, second.created_ms + second.valid_for_ms);
  CHECK(field.rig.until([&] { return field.has(kSecond, MessageState::failed); }));
  field.rig.pass(5min);
  LONGS_EQUAL(0, field.to(kThird).size());  // it could not have got it in time
}

TEST(Trying, what_grew_too_old_waiting_is_too_old_for_the_next_number_as_well) {
  Field field({.modems = 1});
  field.person("Ana", {kFirst, kSecond});
  field.rig.unplug(0);
  MessageRecord form;
  form.valid_for_ms = 60'000;
  field.text_crew(form);
  field.rig.pass(5min);
  CHECK(field.has(kFirst, MessageState::expired));
  LONGS_EQUAL(0, field.to(kSecond).size());
  field.agree();
}

TEST(Trying, a_number_that_two_people_share_gets_it_once) {
  Field field;
  field.person("Ana", {kFirst, kThird});
  field.person("Ben", {kSecond, kThird, kOther});
  field.dead(kFirst);
  field.dead(kSecond);
  field.text_crew();
  CHECK(field.rig.until([&] { return field.delivered(kThird) && field.delivered(kOther); }));
  field.rig.pass(60s);
  LONGS_EQUAL(1, field.rig.on_air(kThird).size());
  field.agree();
}

TEST(Trying, it_is_remembered_over_a_restart) {
  Field field({.modems = 1, .bank = [](modembank::BankSettings& bank) {
                 bank.air.report_delay = modembank::Latency::constant(40s);
               }});
  field.person("Ana", {kFirst, kThird});
  field.person("Ben", {kSecond, kThird});
  field.rig.fault("modem0 cms 1 1");
  field.dead(kSecond);
  field.text_crew();
  CHECK(field.rig.until([&] {
    return field.has(kThird, MessageState::submitted) && field.has(kSecond, MessageState::submitted);
  }));
  field.rig.crash();
  field.rig.ready();
  CHECK(field.rig.until([&] { return field.has(kSecond, MessageState::failed); }, 5min));
  field.rig.pass(60s);
  LONGS_EQUAL(1, field.to(kThird).size());
  LONGS_EQUAL(1, field.rig.on_air(kThird).size());
}

TEST(Trying, two_people_behind_one_first_number_are_looked_for_apart) {
  Field field;
  field.person("Ana", {kFirst, kSecond});
  field.person("Ben", {kFirst, kThird});
  field.dead(kFirst);
  const Id broadcast = field.text_crew();
  CHECK(field.rig.until([&] { return field.delivered(kSecond) && field.delivered(kThird); }));
  LONGS_EQUAL(1, field.rig.on_air(kFirst).size());
  rig::RowReader reader(field.rig.rows);
  const StateCounts counts = reader.broadcast_counts(broadcast);
  LONGS_EQUAL(0, counts[static_cast<std::size_t>(MessageState::failed)]);
  LONGS_EQUAL(2, counts[static_cast<std::size_t>(MessageState::delivered)]);
}

TEST(Trying, who_is_gone_from_the_directory_meanwhile_is_still_looked_for) {
  Field field;
  field.person("Ana", {kFirst, kSecond});
  field.dead(kFirst);
  field.text_crew();
  field.rig.group("crew", {kOther});
  field.rig.ask().delete_contact("Ana", 1);
  CHECK(field.rig.until([&] { return field.delivered(kSecond); }));
}

TEST(Trying, who_asked_not_to_be_written_to_is_not_looked_for_further) {
  Field field;
  field.person("Ana", {kFirst, kSecond, kThird});
  field.dead(kFirst);
  field.rig.ask().opt_out(kSecond, 1);
  field.text_crew();
  CHECK(field.rig.until([&] { return field.has(kSecond, MessageState::cancelled); }));
  field.rig.pass(60s);
  STRCMP_EQUAL("opted_out", field.to(kSecond).front()->error_code.c_str());
  LONGS_EQUAL(0, field.rig.on_air(kSecond).size());
  LONGS_EQUAL(0, field.to(kThird).size());
  field.agree();
}

TEST(Trying, the_next_number_has_the_quiet_hours_of_its_own_country) {
  Field field;
  const int day = 24 * 60, now = static_cast<int>(field.rig.unix_ms() / 60'000 % day);
  field.rig.settings.policy.quiet_hours.by_prefix = {{"33", {(now + day - 60) % day, (now + 120) % day}}};
  field.person("Ana", {kFirst, "+33612345678"});
  field.dead(kFirst);
  MessageRecord form;
  form.lane = Lane::bulk;
  field.text_crew(form);
  CHECK(field.rig.until([&] { return field.to("+33612345678").size() == 1; }));
  field.rig.pass(60s);
  CHECK(field.to("+33612345678").front()->due_ms > field.rig.unix_ms());
  LONGS_EQUAL(0, field.rig.on_air("+33612345678").size());
}

TEST(Trying, the_counts_are_of_persons) {
  Field field({.modems = 1});
  field.person("Ana", {kFirst, kSecond});
  field.person("Ben", {kThird});
  field.rig.keyword(outage());
  field.rig.fault("modem0 cms 1 1");
  field.rig.text_in(0, kBoss, "OUTAGE mail is down");
  CHECK(field.rig.until([&] { return !field.rig.texts_to(kBoss).empty(); }));
  STRCMP_EQUAL("OUTAGE: 2 of 2 sent", field.rig.texts_to(kBoss).front().c_str());
}

TEST(Trying, the_counts_are_of_persons_after_a_restart_too) {
  Field field({.modems = 1});
  field.person("Ana", {kFirst, kSecond});
  field.person("Ben", {kThird});
  field.rig.keyword(outage());
  field.rig.fault("modem0 cms 1 1");
  field.rig.text_in(0, kBoss, "OUTAGE mail is down");
  CHECK(field.rig.until([&] { return field.to(kSecond).size() == 1; }));
  field.rig.crash(false);
  CHECK(field.rig.until([&] { return !field.rig.texts_to(kBoss).empty(); }, 10min));
  STRCMP_EQUAL("OUTAGE: 2 of 2 sent", field.rig.texts_to(kBoss).front().c_str());
  CHECK(field.to(kFirst).size() == 1 && field.to(kSecond).size() == 1);
}

// Wherever it dies, every person ends with exactly one text that arrived, and no number has two messages.
TEST(Trying, a_crash_neither_loses_the_next_number_nor_tries_it_twice) {
  for (int place = 1; place < 60; place += 2) {
    Field field({.modems = 2, .seed = static_cast<std::uint64_t>(place)});
    field.person("Ana", {kFirst, kSecond});
    field.person("Ben", {kThird, kOther});
    field.dead(kFirst);
    field.dead(kThird);
    field.text_crew();
    CHECK(field.rig.until([&] { return field.rig.on_air().size() == 2; }));
    field.rig.crash_in(place * 8);
    const auto ended = [&](const char* first, const char* second) {
      const auto tried = field.to(first);
      const bool doubtful = tried.size() == 1 && tried.front()->state == MessageState::unknown;
      return doubtful || field.delivered(second) || field.has(second, MessageState::unknown);
    };
    CHECK(field.rig.until([&] { return ended(kFirst, kSecond) && ended(kThird, kOther); }, 10min));
    for (const char* number : {kFirst, kSecond, kThird, kOther}) CHECK(field.to(number).size() <= 1);
    CHECK(field.rig.rows.faults.empty());
    STRCMP_EQUAL("", field.rig.disk_difference().c_str());
  }
}
