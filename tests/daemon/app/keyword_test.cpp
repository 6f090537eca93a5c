// From a text on a SIM to the inbox, and to what a keyword sets off.
#include <CppUTest/TestHarness.h>

#include <algorithm>

#include "at/segment.h"
#include "at/tpdu.h"
#include "tests/support/appliance_rig.h"

using namespace klaxon;
using namespace std::chrono_literals;
using rig::Rig;

namespace {

constexpr const char* kBoss = "+447700900990";
constexpr const char* kFirst = "+34600111222";
constexpr const char* kStranger = "+447700900666";

std::vector<std::string> staff(int count) {
  std::vector<std::string> out;
  for (int i = 0; i < count; ++i) out.push_back("+4479" + std::to_string(10'000'000 + i));
  return out;
}

KeywordRecord outage() {
  KeywordRecord k;
  k.word = "OUTAGE";
  k.from = {"group:it", kBoss};
  k.from_given = true;
  k.secret = "pin:file:outage.pin";
  k.action = "broadcast";
  k.group = "staff";
  k.text = "IT outage: {{args}}";
  k.lane = Lane::alert;
  k.cooldown_ms = 60'000;
  return k;
}

void set_up(Rig& rig, int members = 5) {
  rig.secrets["outage.pin"] = "7391";
  rig.group("it", {"+447700900991"});
  rig.group("staff", staff(members));
  rig.keyword(outage());
  rig.ready();
}

std::vector<const InboxRecord*> inbox(const Rig& rig) {
  std::vector<const InboxRecord*> out;
  for (const auto& [id, item] : rig.rows.inbox) out.push_back(&item);
  return out;
}

bool audited(const Rig& rig, std::string_view action) {
  return std::any_of(rig.rows.audit.begin(), rig.rows.audit.end(), [&](const auto& row) { return row.second.action == action; });
}

// Nothing that is kept may show the secret.
bool shows(const Rig& rig, const std::string& secret) {
  const auto has = [&](const std::string& text) { return text.find(secret) != std::string::npos; };
  for (const auto& [id, item] : rig.rows.inbox)
    if (has(item.text)) return true;
  for (const auto& [id, m] : rig.rows.messages)
    if (has(m.text)) return true;
  for (const auto& [id, row] : rig.rows.audit)
    if (has(row.detail)) return true;
  for (const auto& [id, part] : rig.rows.parts) {
    if (part.pdu.empty() || part.total > 1) continue;
    const auto pdu = at::decode_pdu(part.pdu, at::Direction::from_sc);
    if (pdu && has(std::get<at::Deliver>(pdu->tpdu).ud.text())) return true;
  }
  return std::any_of(rig.notes.begin(), rig.notes.end(), has);
}

// One part of a text as the service centre would give it.
std::string deliver(const std::string& from, const std::string& text, int total, int sequence, int reference = 7) {
  at::Deliver d;
  d.tp_oa = at::address_from_display(from);
  d.tp_scts.raw = at::encode_timestamp(1'700'000'000 + sequence, 0);
  d.ud.alphabet = at::Alphabet::gsm7;
  d.ud.units = at::segment_text(text, at::Encoding::gsm7, 1)->parts.front();
  d.tp_udhi = true;
  d.ud.udh.push_back(at::concat_element({static_cast<std::uint16_t>(reference), 8, static_cast<std::uint8_t>(total),
                                         static_cast<std::uint8_t>(sequence)}));
  return at::encode_pdu(at::address_from_display("+447700900999"), d)->hex;
}

}  // namespace

TEST_GROUP(KeywordStories){};

TEST(KeywordStories, a_text_sets_off_a_broadcast_ahead_of_a_backlog_and_its_sender_gets_the_counts) {
  Rig rig({.modems = 2});
  set_up(rig);
  rig.send_list(staff(300), "bulk", {.lane = Lane::bulk, .owner = 1, .report = false});
  rig.pass(5s);
  const std::size_t before = rig.on_air().size();
  rig.text_in(0, kBoss, "OUTAGE 7391 mail is down until 09:30");
  CHECK(rig.until([&] { return !rig.texts_to(kBoss).empty(); }, 60s));
  STRCMP_EQUAL("OUTAGE: 5 of 5 sent", rig.texts_to(kBoss)[0].c_str());
  const auto air = rig.on_air();
  std::size_t bulk_between = 0, seen = 0;
  for (std::size_t i = before; i < air.size() && seen < 5; ++i) {
    if (air[i]->submit->text == "IT outage: mail is down until 09:30") ++seen;
    else ++bulk_between;
  }
  LONGS_EQUAL(5, seen);
  CHECK(bulk_between <= 4);  // what was at the modems, and on the air, when it came
  CHECK_FALSE(shows(rig, "7391"));
}

TEST(KeywordStories, the_text_and_all_it_sets_off_share_one_commit) {
  Rig rig({.modems = 1, .commit = 200ms});
  set_up(rig);
  rig.text_in(0, kBoss, "outage 7391 mail is down");
  rig.until([&] { return !rig.rows.inbox.empty(); });
  LONGS_EQUAL(1, rig.rows.broadcasts.size());
  LONGS_EQUAL(5, rig.rows.messages.size());
  CHECK(std::any_of(rig.rows.messages.begin(), rig.rows.messages.end(),
                    [](const auto& row) { return row.second.state == MessageState::submitting; }));
}

TEST(KeywordStories, a_stranger_gets_no_answer_but_a_line_in_log_and_audit) {
  Rig rig({.modems = 1});
  set_up(rig);
  rig.text_in(0, kStranger, "OUTAGE 7391 ha ha");
  rig.pass(30s);
  LONGS_EQUAL(0, rig.on_air().size());
  LONGS_EQUAL(1, rig.rows.inbox.size());
  CHECK(audited(rig, "keyword.refused"));
  CHECK(rig.noted("not on its list"));
  CHECK_FALSE(shows(rig, "7391"));
}

TEST(KeywordStories, a_wrong_secret_does_nothing_and_five_lock_the_number) {
  Rig rig({.modems = 1});
  set_up(rig);
  for (int i = 0; i < 5; ++i) rig.text_in(0, kBoss, "OUTAGE 100" + std::to_string(i) + " x");
  rig.pass(30s);
  CHECK(audited(rig, "keyword.locked"));
  CHECK_FALSE(shows(rig, "1003"));
  rig.text_in(0, kBoss, "OUTAGE 7391 the right one, too late");
  rig.pass(30s);
  LONGS_EQUAL(0, rig.on_air().size());
  rig.crash();
  rig.ready();
  rig.text_in(0, kBoss, "OUTAGE 7391 still locked after a restart");
  rig.pass(30s);
  LONGS_EQUAL(0, rig.on_air().size());
  rig.ask().unlock(kBoss, 0);
  rig.text_in(0, kBoss, "OUTAGE 7391 unlocked");
  rig.pass(60s);
  CHECK(rig.on_air().size() >= 5);
}

TEST(KeywordStories, a_lock_ends_after_fifteen_minutes) {
  Rig rig({.modems = 1});
  set_up(rig);
  for (int i = 0; i < 5; ++i) rig.text_in(0, kBoss, "OUTAGE 100" + std::to_string(i) + " x");
  rig.pass(16min);
  rig.text_in(0, kBoss, "OUTAGE 7391 again");
  rig.pass(60s);
  LONGS_EQUAL(1, rig.rows.broadcasts.size());
}

TEST(KeywordStories, within_the_cooldown_the_word_only_answers_and_a_bang_sends_anyway) {
  Rig rig({.modems = 1});
  set_up(rig, 1);
  rig.text_in(0, kBoss, "OUTAGE 7391 one");
  rig.pass(12s);
  rig.text_in(0, "+447700900991", "outage 7391 two");
  rig.pass(12s);
  LONGS_EQUAL(1, rig.rows.broadcasts.size());
  const auto answer = rig.texts_to("+447700900991");
  LONGS_EQUAL(1, answer.size());
  CHECK(answer[0].rfind("already sent 1", 0) == 0);
  CHECK(answer[0].find("OUTAGE! sends anyway") != std::string::npos);
  rig.text_in(0, "+447700900991", "Outage! 7391 three");
  rig.pass(20s);
  LONGS_EQUAL(2, rig.rows.broadcasts.size());
  rig.pass(60s);
  rig.text_in(0, kBoss, "OUTAGE 7391 four");
  rig.pass(20s);
  LONGS_EQUAL(3, rig.rows.broadcasts.size());
}

TEST(KeywordStories, the_secret_in_part_one_of_two_is_masked_and_both_parts_make_one_text) {
  Rig rig({.modems = 1});
  set_up(rig);
  rig.bank.control("inject-pdu modem0 " + deliver(kBoss, "and web are down", 2, 2), rig.now());
  rig.bank.control("inject-pdu modem0 " + deliver(kBoss, "OUTAGE 7391 mail ", 2, 1), rig.now());
  CHECK(rig.until([&] { return !rig.rows.inbox.empty(); }, 20s));
  STRCMP_EQUAL("OUTAGE •••• mail and web are down", inbox(rig)[0]->text.c_str());
  CHECK(rig.until([&] { return rig.on_air().size() >= 5; }, 60s));
  STRCMP_EQUAL("IT outage: mail and web are down", rig.on_air()[0]->submit->text.c_str());
  for (const auto& [id, part] : rig.rows.parts)
    if (part.sequence == 1) {
      CHECK(part.pdu.empty());
    }
}

TEST(KeywordStories, a_crash_between_two_parts_loses_neither) {
  Rig rig({.modems = 1});
  set_up(rig);
  rig.bank.control("inject-pdu modem0 " + deliver(kBoss, "OUTAGE 7391 mail ", 2, 1), rig.now());
  rig.until([&] { return !rig.rows.parts.empty() && rig.stored() == 0; }, 20s);
  rig.crash();
  rig.ready();
  rig.bank.control("inject-pdu modem0 " + deliver(kBoss, "and web are down", 2, 2), rig.now());
  CHECK(rig.until([&] { return rig.on_air().size() >= 5; }, 60s));
  STRCMP_EQUAL("IT outage: mail and web are down", rig.on_air()[0]->submit->text.c_str());
}

TEST(KeywordStories, a_text_that_stays_incomplete_is_shown_and_replaced_when_the_rest_comes) {
  Rig rig({.modems = 1});
  set_up(rig);
  rig.bank.control("inject-pdu modem0 " + deliver(kStranger, "second half", 2, 2), rig.now());
  rig.pass(11min);
  LONGS_EQUAL(1, rig.rows.inbox.size());
  CHECK_FALSE(inbox(rig)[0]->complete);
  LONGS_EQUAL(1, inbox(rig)[0]->missing.front());
  rig.bank.control("inject-pdu modem0 " + deliver(kStranger, "first half, ", 2, 1), rig.now());
  rig.pass(10s);
  LONGS_EQUAL(2, rig.rows.inbox.size());
  CHECK(inbox(rig)[1]->complete);
  LONGS_EQUAL(inbox(rig)[0]->id, inbox(rig)[1]->replaces);
  STRCMP_EQUAL("first half, second half", inbox(rig)[1]->text.c_str());
}

TEST(KeywordStories, what_the_network_gives_twice_is_kept_once) {
  Rig rig({.modems = 1});
  set_up(rig);
  const std::string pdu = deliver(kStranger, "hello", 1, 1);
  rig.bank.control("inject-pdu modem0 " + pdu, rig.now());
  rig.pass(10s);
  rig.bank.control("inject-pdu modem0 " + pdu, rig.now());
  rig.pass(10s);
  rig.crash();
  rig.ready();
  rig.bank.control("inject-pdu modem0 " + pdu, rig.now());
  rig.pass(10s);
  LONGS_EQUAL(1, rig.rows.inbox.size());
  LONGS_EQUAL(0, rig.stored());
}

TEST(KeywordStories, a_broadcast_that_was_not_wholly_made_goes_on_after_a_crash) {
  rig::Options options{.modems = 1, .commit = 50ms};
  options.bank = [](modembank::BankSettings& bank) { bank.submit = modembank::Latency::constant(20ms); };
  Rig rig(options);
  set_up(rig, 1'300);
  rig.text_in(0, kBoss, "OUTAGE 7391 all of you");
  rig.until([&] { return !rig.rows.broadcasts.empty(); });
  CHECK(rig.rows.messages.size() < 1'300);
  rig.crash(false);
  CHECK(rig.until([&] { return !rig.texts_to(kBoss).empty(); }, 10min));
  LONGS_EQUAL(1'301, rig.rows.messages.size());
  CHECK(rig.texts_to(kBoss)[0].find("of 1300 sent") != std::string::npos);
}

TEST(KeywordStories, the_counts_are_right_though_the_daemon_died_in_between) {
  Rig rig({.modems = 2, .family = modembank::Family::generic});
  set_up(rig, 6);
  rig.text_in(0, kBoss, "OUTAGE 7391 mail is down");
  rig.until([&] { return rig.on_air().size() == 2; }, 20s);
  rig.crash(true);
  CHECK(rig.until([&] { return !rig.texts_to(kBoss).empty(); }, 2min));
  STRCMP_EQUAL("OUTAGE: 6 of 6 sent", rig.texts_to(kBoss)[0].c_str());
}

TEST(KeywordStories, the_counts_are_answered_though_the_sim_that_heard_is_gone) {
  Rig rig({.modems = 2});
  set_up(rig, 6);
  rig.text_in(0, kBoss, "OUTAGE 7391 mail is down");
  rig.until([&] { return rig.on_air().size() == 6; }, 60s);
  rig.until([&] { return rig.noted("of 6 sent"); }, 30s);
  rig.unplug(0);
  CHECK(rig.until([&] { return !rig.texts_to(kBoss).empty(); }, 30s));
}

TEST(KeywordStories, anybody_may_use_a_reply_without_a_list) {
  Rig rig({.modems = 1});
  KeywordRecord k;
  k.word = "HOURS";
  k.action = "reply";
  k.text = "We are open until 18:00";
  rig.keyword(k);
  rig.ready();
  rig.text_in(0, kStranger, "  \"hours\"? ");
  rig.pass(15s);
  LONGS_EQUAL(1, rig.texts_to(kStranger).size());
  for (int i = 0; i < 30; ++i) rig.text_in(0, kStranger, "hours " + std::to_string(i));
  rig.pass(5min);
  LONGS_EQUAL(10, rig.texts_to(kStranger).size());
  LONGS_EQUAL(31, rig.rows.inbox.size());
}

TEST(KeywordStories, forty_texts_for_a_modem_with_ten_slots_are_all_kept_once_while_it_sends) {
  rig::Options options{.modems = 1};
  options.bank = [](modembank::BankSettings& bank) { bank.sm_slots = bank.me_slots = 10; };
  Rig rig(options);
  rig.ready();
  rig.send_list(staff(100), "bulk", {.lane = Lane::bulk});
  rig.pass(5s);
  for (int i = 0; i < 40; ++i) rig.text_in(0, kStranger, "text " + std::to_string(i));
  rig.pass(4min);
  LONGS_EQUAL(40, rig.rows.inbox.size());
  LONGS_EQUAL(100, rig.on_air().size());
  LONGS_EQUAL(0, rig.stored());
}

TEST_GROUP(Directory){};

TEST(Directory, a_contact_is_reached_by_its_group_renamed_with_it_and_kept_while_in_it) {
  Rig rig({.modems = 1});
  rig.ready();
  const auto said = [&](Ticket ticket) {
    rig.pass(std::chrono::seconds(1));
    return rig.status(ticket);
  };
  const auto done = [&](Ticket ticket) { return said(ticket) == 202; };
  CHECK(done(rig.ask().save_contacts({{"Ana", {kFirst, "+447700900888"}, {}}, {"Bo", {"+447700900777"}, {}}}, "", 0)));
  rig.group("crew", {"Ana", "+447700900666"});
  LONGS_EQUAL(409, said(rig.ask().delete_contact("Ana", 0)));
  LONGS_EQUAL(409, said(rig.ask().save_contacts({{"Bo", {kFirst}, {}}}, "Ana", 0)));
  LONGS_EQUAL(404, said(rig.ask().save_contacts({{"Cleo", {kFirst}, {}}}, "Nobody", 0)));
  CHECK(done(rig.ask().save_contacts({{"Ana Ruiz", {kFirst, "+447700900888"}, {}}}, "Ana", 0)));
  CHECK(done(rig.ask().delete_contact("Bo", 0)));
  LONGS_EQUAL(404, said(rig.ask().delete_contact("Bo", 0)));
  CHECK(audited(rig, "contact.renamed") && audited(rig, "contact.deleted") && audited(rig, "contacts.saved"));

  rig.crash(true);
  rig.ready();
  LONGS_EQUAL(1, rig.app().contacts().size());
  STRCMP_EQUAL("Ana Ruiz", rig.app().groups().at(0).members.at(0).c_str());
  const auto numbers = rig.app().numbers_of(rig.app().groups().at(0));
  CHECK((numbers == std::vector<std::string>{kFirst, "+447700900666"}));
}
