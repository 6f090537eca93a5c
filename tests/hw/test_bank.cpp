// The control protocol, and the air's lines as they are written.
#include "hw/modembank/bank.h"

#include <CppUTest/TestHarness.h>
#include "hw/modembank/record.h"

using modembank::Bank;
using namespace std::chrono_literals;

namespace {

modembank::BankSettings small() {
  modembank::BankSettings settings;
  settings.modems = 3;
  settings.sm_slots = 10;
  return settings;
}

}  // namespace

TEST_GROUP(BankControl) {
  Bank bank{small()};
  at::Instant now = at::Instant{} + 1h;

  std::string tell(const char* line) {
    return bank.control(line, now);
  }
  void answers(const char* wanted, const char* line) {
    STRCMP_EQUAL(wanted, tell(line).c_str());
  }
  void refuses(const char* line) {
    CHECK_TEXT(tell(line).starts_with("error "), line);
  }
  void pass(modembank::Duration d) {
    const at::Instant end = now + d;
    for (auto due = bank.deadline(); due && *due <= end; due = bank.deadline()) {
      now = std::max(now, *due);
      bank.tick(now);
    }
    now = end;
  }
};

TEST(BankControl, texts_are_injected_and_parts_counted) {
  answers("ok 1", "inject modem1 +447700900123 hello  there ");
  answers("ok 1", "inject 2 KLAXON two\\nlines \\\\ \\x");
  pass(5s);
  LONGS_EQUAL(2, *bank.count("delivered"));
  const auto log = bank.air().take_log();
  const auto first = at::decode_pdu(log.at(0).pdu, at::Direction::from_sc);
  STRCMP_EQUAL("hello  there ", std::get<at::Deliver>(first->tpdu).ud.text().c_str());
  const auto second = at::decode_pdu(log.at(1).pdu, at::Direction::from_sc);
  STRCMP_EQUAL("two\nlines \\ \\x", std::get<at::Deliver>(second->tpdu).ud.text().c_str());
}

TEST(BankControl, what_it_does_not_understand_it_refuses) {
  for (const char* line : {"",
                           "bogus",
                           "bogus modem0",
                           "inject",
                           "inject modem9 +44 x",
                           "inject modem0",
                           "fault modem0",
                           "ussd modem0",
                           "fault modem0 what",
                           "fault modem0 silence",
                           "fault modem0 silence x",
                           "fault modem0 cms",
                           "fault modem0 cms x",
                           "fault modem0 slow -1",
                           "fault modem0 slow nan",
                           "report +44",
                           "report +44 st=1ff",
                           "report +44 later",
                           "network",
                           "network reports",
                           "network reports burnt",
                           "network texts late",
                           "network reports late -1",
                           "network reports late 1 x",
                           "inject-pdu modem0 xx",
                           "plug modem0",
                           "plug modem0 sim=modem1",
                           "unplug modem-1",
                           "unplug modem0x"}) {
    refuses(line);
  }
}

TEST(BankControl, every_fault_is_taken) {
  for (const char* line :
       {"fault modem0 silence 20", "fault modem0 garbage 500ms", "fault modem0 lost-answer",
        "fault modem0 drop-submit 3", "fault modem0 cms 38 5", "fault modem0 reboot",
        "fault modem0 reboot 10", "fault modem0 prompt", "fault modem0 slow 2.5", "fault modem0 unregister 5",
        "fault modem0 clear", "report +447700900123 st=41", "report +447700900123 silent",
        "report +447700900123 default", "network reports late 3 30", "network reports twice",
        "network reports lost 2", "network reports early 2", "network texts twice 1 500ms"}) {
    answers("ok", line);
  }
}

TEST(BankControl, an_unplugged_modem_is_off_and_its_SIM_may_go_elsewhere) {
  answers("ok", "unplug modem0");
  refuses("unplug modem0");
  CHECK_FALSE(bank.plugged(0));
  refuses("fault modem0 silence 5");
  refuses("plug modem0 sim=modem1");
  answers("ok", "unplug modem1");
  answers("ok", "plug modem0 sim=modem1");
  LONGS_EQUAL(2, bank.plugs(0));
  POINTERS_EQUAL(nullptr, bank.modem(1).sim());
  answers("ok", "plug modem1");
  pass(5s);
  CHECK(bank.modem(0).registered());
  CHECK_FALSE(bank.modem(1).registered());
  answers("error no SIM in it", "inject modem1 +44 x");
  answers("ok", "unplug modem1");
  answers("ok", "plug modem1 sim=8944000000000000019");
  pass(5s);
  CHECK(bank.modem(1).registered());
}

TEST(BankControl, status_and_air_are_one_line_of_JSON) {
  const std::string status = tell("status");
  STRCMP_CONTAINS(
      "ok {\"modems\":[{\"modem\":\"modem0\",\"plugged\":true,\"registered\":true,\"state\":\"idle\"",
      status.c_str());
  STRCMP_CONTAINS("\"sm_used\":0,\"sm_total\":10", status.c_str());
  CHECK(status.find('\n') == std::string::npos);
  STRCMP_CONTAINS("ok {\"submits\":0,", tell("air").c_str());
  CHECK_FALSE(bank.count("nonsense").has_value());
}

TEST(BankControl, makes_alternate_unless_told) {
  CHECK(bank.modem(0).settings().make == modembank::Make::generic);
  CHECK(bank.modem(1).settings().make == modembank::Make::ec2x);
}

TEST_GROUP(AirRecord){};

TEST(AirRecord, a_submit_line_has_all_its_fields) {
  modembank::Record r;
  r.event = "submit";
  r.at = at::Instant{} + 1500ms;
  r.modem = "modem0";
  r.iccid = "8944";
  r.pdu = "0001";
  r.submit.emplace();
  r.submit->da = "+447700900123";
  r.submit->text = "a \"quote\"\n\\";
  r.submit->alphabet = "gsm7";
  r.submit->tp_mr = 7;
  r.submit->segment = modembank::Record::Submitted::Segment{9, 3, 2};
  r.submit->srr = true;
  STRCMP_EQUAL(
      "{\"event\":\"submit\",\"at_ms\":1000,\"at_mono_ms\":1500.000,\"modem\":\"modem0\",\"iccid\":\"8944\","
      "\"da\":\"+447700900123\",\"text\":\"a \\\"quote\\\"\\u000a\\\\\",\"tp_mr\":7,\"alphabet\":\"gsm7\","
      "\"segment\":{\"ref\":9,\"total\":3,\"seq\":2},\"srr\":true,\"vp\":null,\"pdu\":\"0001\"}",
      modembank::to_json(r, 1000).c_str());
}
