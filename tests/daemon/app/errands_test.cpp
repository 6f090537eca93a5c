// What a person has said to a modem: not before it is in the audit, one thing at a time, and alerts go first.
#include <CppUTest/TestHarness.h>

#include "tests/support/appliance_rig.h"

using namespace klaxon;
using namespace std::chrono_literals;
using drivers::Errand;
using rig::Rig;

namespace {

Ticket says(Rig& rig, const std::string& line, const std::string& modem = "modem0") {
  return rig.ask().run_errand(modem, {.kind = Errand::Kind::command, .text = line, .timeout = 10s}, 1);
}

Ticket dials(Rig& rig, const std::string& code) {
  return rig.ask().run_errand("modem0", {.kind = Errand::Kind::ussd, .text = code, .timeout = 60s}, 1);
}

bool written(const Rig& rig, const std::string& line) {
  return rig.app().recording("modem0", false)->find("> " + line) != std::string::npos;
}

const drivers::ErrandDone& outcome(const Rig& rig, Ticket ticket) {
  return std::get<drivers::ErrandDone>(rig.answer(ticket)->result);
}

}  // namespace

TEST_GROUP(Errands){};

TEST(Errands, no_byte_of_it_before_its_line_in_the_audit_is_on_disk) {
  Rig rig({.modems = 1, .commit = 400ms});
  rig.ready();
  rig.pass(1s);
  const Ticket ticket = says(rig, "AT+COPS?;+CSQ");
  rig.pass(390ms);
  CHECK(!written(rig, "AT+COPS?;+CSQ"));
  CHECK(rig.until([&] { return rig.answer(ticket) != nullptr; }, 2s));
  CHECK(written(rig, "AT+COPS?;+CSQ"));
  LONGS_EQUAL(2, outcome(rig, ticket).lines.size());
  STRCMP_EQUAL("OK", outcome(rig, ticket).result.text.c_str());
  CHECK(rig.until([&] { return rig.app().modems()[0].state == "ready"; }, 5s));
  LONGS_EQUAL_TEXT(0, rig.app().modems()[0].recoveries, "nothing went wrong");
  CHECK(!rig.app().recording("modem0", true).has_value());
}

TEST(Errands, one_thing_at_a_time_and_a_modem_that_is_there) {
  Rig rig({.modems = 2});
  rig.ready();
  rig.bank.control("ussd modem0 silent", rig.now());
  const Ticket first = dials(rig, "*100#");
  const Ticket second = says(rig, "AT"), other = says(rig, "AT", "modem1"), none = says(rig, "AT", "modem9");
  rig.pass(5s);
  LONGS_EQUAL(0, rig.status(first));
  LONGS_EQUAL(409, rig.status(second));
  LONGS_EQUAL(202, rig.status(other));
  LONGS_EQUAL(404, rig.status(none));
  rig.unplug(0);
  rig.pass(1s);
  LONGS_EQUAL(502, rig.status(first));
  const Ticket gone = says(rig, "AT");
  rig.pass(1s);
  LONGS_EQUAL(409, rig.status(gone));
}

TEST(Errands, while_the_disk_is_away_nothing_is_said) {
  Rig rig({.modems = 1});
  rig.ready();
  rig.pass(1s);
  rig.hang_disk(20s);
  const Ticket before = says(rig, "AT+COPS?;+CSQ");
  rig.pass(5s);
  LONGS_EQUAL(503, rig.status(before));
  const Ticket meanwhile = says(rig, "AT+COPS?;+CSQ");
  rig.pass(1s);
  LONGS_EQUAL(503, rig.status(meanwhile));
  rig.pass(60s);
  CHECK(!written(rig, "AT+COPS?;+CSQ"));
  const Ticket after = says(rig, "AT+COPS?;+CSQ");
  rig.pass(5s);
  LONGS_EQUAL(202, rig.status(after));
}

TEST(Errands, an_alert_ends_a_dialogue_where_there_is_no_other_modem) {
  Rig rig({.modems = 1});
  rig.ready();
  rig.bank.control("ussd modem0 silent", rig.now());
  const Ticket balance = dials(rig, "*100#");
  CHECK(rig.until([&] { return written(rig, "AT+CUSD=1"); }, 5s));
  rig.pass(1s);
  const Id bulk = rig.accepted(rig.send("+34600111222", "later"));
  rig.pass(10s);
  LONGS_EQUAL(0, rig.row(bulk).attempts);
  const at::Instant asked = rig.now();
  rig.send("+34600111333", "now", {.lane = Lane::alert});
  CHECK(rig.until([&] { return rig.texts_to("+34600111333").size() == 1; }, 10s));
  CHECK(rig.now() - asked < 5s);
  LONGS_EQUAL(502, rig.status(balance));
  CHECK(rig.until([&] { return rig.texts_to("+34600111222").size() == 1; }, 10s));
}

TEST(Errands, what_was_said_leaves_no_text_behind) {
  Rig rig({.modems = 1});
  rig.ready();
  for (int k = 0; k < 10; ++k) {
    rig.send("+34600111222", "out " + std::to_string(k));
    rig.text_in(0, "+34600111333", "in " + std::to_string(k));
    rig.pass(at::Millis{130 * k});
    says(rig, k % 2 == 0 ? "AT+CNMI=0,0;+CPMS=\"ME\";+CMGF=1" : "AT+CFUN=4");
    rig.pass(20s);
  }
  rig.pass(120s);
  LONGS_EQUAL(10, rig.texts_to("+34600111222").size());
  LONGS_EQUAL(10, rig.rows.inbox.size());
  LONGS_EQUAL(0, rig.stored());
}
