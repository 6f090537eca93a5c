// Texts on the air as they were meant: tables by country, kept over a restart; texts that replace older ones.
#include <CppUTest/TestHarness.h>

#include <algorithm>

#include "tests/support/appliance_rig.h"

using namespace klaxon;
using namespace std::chrono_literals;
using rig::Rig;

namespace {

constexpr const char* kAnkara = "+905321234567";
constexpr const char* kLondon = "+447700900123";
constexpr std::int64_t kHour = 3'600'000;

std::string repeated(int count, const std::string& text) {
  std::string all;
  for (int i = 0; i < count; ++i) all += text;
  return all;
}

void turkish_for_turkey(config::Settings& settings) { settings.policy.national_tables.by_prefix = {{"90", 1 << 1}}; }

// PDUs that reached the air for a number.
std::vector<std::string> pdus_to(const Rig& rig, const char* number) {
  std::vector<std::string> out;
  for (const auto* record : rig.on_air(number)) out.push_back(record->pdu);
  return out;
}

at::Submit submit_of(const std::string& pdu) {
  return std::get<at::Submit>(at::decode_pdu(pdu, at::Direction::to_sc)->tpdu);
}

const std::vector<at::InformationElement> kLockingTurkish{{0x25, {1}}};

}  // namespace

TEST_GROUP(TextStories){};

TEST(TextStories, each_country_gets_its_own_tables) {
  Rig rig({.modems = 2, .settings = turkish_for_turkey});
  rig.ready();
  rig.send_list({kAnkara, kLondon}, repeated(100, "ş"));
  CHECK(rig.until([&] { return pdus_to(rig, kAnkara).size() == 1 && pdus_to(rig, kLondon).size() == 2; }));
  const at::Submit ankara = submit_of(pdus_to(rig, kAnkara)[0]);
  LONGS_EQUAL(0x00, ankara.tp_dcs);
  CHECK(ankara.ud.udh == kLockingTurkish);
  STRCMP_EQUAL(repeated(100, "ş").c_str(), at::gsm7_decode(ankara.ud.units, {1, 0}).c_str());
  LONGS_EQUAL(0x08, submit_of(pdus_to(rig, kLondon)[0]).tp_dcs);
  LONGS_EQUAL(1, rig.row(1).parts.size());
  LONGS_EQUAL(2, rig.row(2).parts.size());
}

TEST(TextStories, a_restart_under_another_policy_changes_no_message) {
  Rig rig({.modems = 1, .settings = turkish_for_turkey});
  rig.ready();
  const Id id = rig.accepted(rig.send(kAnkara, repeated(100, "ş"), {.send_at_ms = rig.unix_ms() + kHour}));
  rig.settings.policy.national_tables = {};
  rig.crash();
  CHECK(rig.until([&] { return !pdus_to(rig, kAnkara).empty(); }, 2h));
  rig.pass(10s);
  LONGS_EQUAL(1, pdus_to(rig, kAnkara).size());
  CHECK(submit_of(pdus_to(rig, kAnkara)[0]).ud.udh == kLockingTurkish);
  LONGS_EQUAL(1, rig.row(id).parts.size());
}

// As a version would have left it that cut through clusters: 66 characters and an accented one, twice 67 units.
TEST(TextStories, what_another_version_cut_is_cut_anew_while_none_of_it_went_out) {
  Rig rig({.modems = 1});
  rig.ready();
  const std::string text = repeated(66, "漢") + "e\u0301" + repeated(66, "漢");
  const Id id = rig.accepted(rig.send(kLondon, text, {.send_at_ms = rig.unix_ms() + kHour}));
  LONGS_EQUAL(3, rig.row(id).parts.size());
  rig.rows.messages[id].parts.resize(2);
  rig.crash();
  CHECK(rig.until([&] { return pdus_to(rig, kLondon).size() == 3; }, 2h));
  std::string joined;
  for (const auto& pdu : pdus_to(rig, kLondon)) joined += submit_of(pdu).ud.text();
  STRCMP_EQUAL(text.c_str(), joined.c_str());
  LONGS_EQUAL(3, rig.row(id).parts.size());
}

TEST(TextStories, a_replacing_text_carries_its_type) {
  Rig rig({.modems = 1});
  rig.ready();
  for (const std::uint8_t type : std::initializer_list<std::uint8_t>{1, 7, 0}) {
    SendRequest request;
    request.to = {kLondon};
    request.form.text = "outage, news " + std::to_string(type);
    request.form.parts.resize(1);
    request.form.owner = 1;
    request.form.replace_type = type;
    CHECK(rig.accepted(rig.ask().send(std::move(request))) != 0);
  }
  CHECK(rig.until([&] { return pdus_to(rig, kLondon).size() == 3; }));
  const auto pdus = pdus_to(rig, kLondon);
  LONGS_EQUAL(0x41, submit_of(pdus[0]).tp_pid);
  LONGS_EQUAL(0x47, submit_of(pdus[1]).tp_pid);
  LONGS_EQUAL(0x00, submit_of(pdus[2]).tp_pid);
}

TEST(TextStories, a_keywords_broadcast_and_its_answer_follow_the_policy) {
  Rig rig({.modems = 2, .settings = turkish_for_turkey});
  rig.group("staff", {kAnkara, kLondon});
  KeywordRecord keyword;
  keyword.word = "HABER";
  keyword.from = {kAnkara};
  keyword.from_given = true;
  keyword.action = "broadcast";
  keyword.group = "staff";
  keyword.text = repeated(90, "ş") + "{{args}}";
  keyword.lane = Lane::alert;
  rig.keyword(keyword);
  rig.ready();
  rig.text_in(0, kAnkara, "HABER acil");
  CHECK(rig.until([&] { return pdus_to(rig, kAnkara).size() == 2 && pdus_to(rig, kLondon).size() == 2; }));
  CHECK(submit_of(pdus_to(rig, kAnkara)[0]).ud.udh == kLockingTurkish);
  STRCMP_EQUAL("HABER: 2 of 2 sent", submit_of(pdus_to(rig, kAnkara)[1]).ud.text().c_str());
}
