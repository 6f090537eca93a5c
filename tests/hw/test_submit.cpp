// 27.005 3.5.1: the prompt, the way to the air, TP-MR, reports.
#include <CppUTest/TestHarness.h>
#include "tests/hw/story.h"

using story::Story;
using namespace std::chrono_literals;

namespace {
void says(const char* wanted, const std::string& said) {
  STRCMP_EQUAL(wanted, said.c_str());
}
}  // namespace

TEST_GROUP(Submit){};

TEST(Submit, a_text_goes_out_at_half_of_its_time_and_is_answered_at_the_end) {
  Story s;
  s.set_up();
  const at::Instant start = s.now;
  s.begin_submit("+447700900123", "to the air");
  says("", s.pass(1999ms));
  says("\r\n+CMGS: 0\r\n\r\nOK\r\n", s.pass(1ms));
  const auto sent = s.events("submit").at(0);
  CHECK(sent.at - start == 1010ms);
  STRCMP_EQUAL("+447700900123", sent.submit->da.c_str());
  STRCMP_EQUAL("to the air", sent.submit->text.c_str());
  STRCMP_EQUAL("gsm7", sent.submit->alphabet.c_str());
  CHECK(sent.submit->srr);
  CHECK(s.events("cmgs").at(0).at == start);
}

TEST(Submit, TP_MR_counts_what_went_out_and_wraps) {
  Story s;
  s.set_up();
  s.sim.next_mr = 255;
  says("\r\n+CMGS: 255\r\n\r\nOK\r\n", s.send("+447700900123", "a"));
  s.modem.fail_submits(38, 1);
  says("\r\n+CMS ERROR: 38\r\n", s.send("+447700900123", "b"));
  s.pass(10s);
  says("\r\n+CMGS: 0\r\n\r\nOK\r\n", s.send("+447700900123", "c"));
  LONGS_EQUAL(2, s.events("submit").size());
}

TEST(Submit, ESC_ends_the_prompt_with_OK_and_nothing_is_sent) {
  Story s;
  s.set_up();
  says("\r\n> ", s.type("AT+CMGS=20\r"));
  says("\r\nOK\r\n", s.type("0011\x1b"));
  says("\r\nOK\r\n", s.type("AT\r"));
  LONGS_EQUAL(0, s.events("submit").size());
}

TEST(Submit, a_PDU_of_another_length_or_of_no_sense_is_304) {
  Story s;
  s.set_up();
  const auto pdu = Story::submit("+447700900123", "right");
  s.type("AT+CMGS=" + std::to_string(pdu.tpdu_octets + 1) + "\r");
  says("\r\n+CMS ERROR: 304\r\n", s.type(pdu.hex + "\x1a"));
  s.type("AT+CMGS=10\r");
  says("\r\n+CMS ERROR: 304\r\n", s.type("\x1a"));
  s.type("AT+CMGS=7\r");
  says("\r\n+CMS ERROR: 304\r\n", s.type("0002000000000000\x1a"));
  says("\r\n+CMS ERROR: 304\r\n", s.type("AT+CMGS=900\r"));
  LONGS_EQUAL(0, s.events("submit").size());
}

TEST(Submit, a_submit_goes_on_without_its_owner_and_the_answer_waits) {
  Story s;
  s.set_up();
  s.begin_submit("+447700900123", "orphan");
  says("", s.pass(1s));
  says("\r\n+CMGS: 0\r\n\r\nOK\r\n", s.pass(1h).substr(0, 18));
}

TEST(Submit, AT_during_a_submit_is_answered_after_it) {
  Story s;
  s.set_up();
  s.begin_submit("+447700900123", "slow");
  says("", s.type("AT\r"));
  says("\r\n+CMGS: 0\r\n\r\nOK\r\n", s.pass(1990ms));
  says("\r\nOK\r\n", s.pass(10ms));
}

TEST(Submit, the_report_comes_as_CDS_of_two_lines) {
  Story s;
  s.set_up();
  says("\r\n+CMGS: 0\r\n\r\nOK\r\n", s.send("+447700900123", "report please"));
  const std::string said = s.pass(4s);
  STRCMP_CONTAINS("\r\n+CDS: ", said.c_str());
  const std::string pdu = s.events("report").at(0).pdu;
  STRCMP_CONTAINS(("\r\n" + pdu + "\r\n").c_str(), said.c_str());
  const auto decoded = at::decode_pdu(pdu, at::Direction::from_sc);
  CHECK(decoded.has_value());
  const auto& report = std::get<at::StatusReport>(decoded->tpdu);
  LONGS_EQUAL(0, report.tp_mr);
  LONGS_EQUAL(0, report.tp_st);
  STRCMP_EQUAL("+447700900123", report.tp_ra.display().c_str());
  LONGS_EQUAL(5, *report.tp_dt.unix_seconds - *report.tp_scts.unix_seconds);
}

TEST(Submit, numbers_can_be_told_to_fail_or_to_say_nothing) {
  Story s;
  s.set_up();
  s.air.set_report("+447700900123", {.silent = false, .tp_st = 0x41});
  s.air.set_report("+447700900124", {.silent = true, .tp_st = 0});
  s.send("+447700900124", "a");
  s.send("+447700900123", "b");
  s.pass(10s);
  const auto reports = s.events("report");
  LONGS_EQUAL(1, reports.size());
  const auto decoded = at::decode_pdu(reports[0].pdu, at::Direction::from_sc);
  LONGS_EQUAL(0x41, std::get<at::StatusReport>(decoded->tpdu).tp_st);
}

TEST(Submit, reports_come_early_late_twice_or_never_where_the_network_is_told_so) {
  using enum modembank::Air::Mishap;
  Story s;
  s.set_up();
  s.air.mishap(report_early, 1, 0s);
  s.begin_submit("+447700900123", "a");
  s.pass(1s);
  LONGS_EQUAL(1, s.events("report").size());  // and no +CMGS yet
  s.pass(5s);
  s.air.mishap(report_lost, 1, 0s);
  s.send("+447700900123", "b");
  s.pass(1min);
  LONGS_EQUAL(1, s.events("report").size());
  s.air.mishap(report_late, 1, 30s);
  s.air.mishap(report_twice, 1, 10s);
  s.send("+447700900123", "c");
  s.pass(25s);
  LONGS_EQUAL(1, s.events("report").size());
  s.pass(20s);
  const auto reports = s.events("report");
  LONGS_EQUAL(3, reports.size());
  STRCMP_EQUAL(reports[1].pdu.c_str(), reports[2].pdu.c_str());
}

TEST(Submit, with_ds_2_the_report_is_stored_and_announced) {
  Story s;
  s.set_up();
  s.type("AT+CNMI=2,1,0,2,0\r");
  s.send("+447700900123", "a");
  says("\r\n+CDSI: \"SM\",1\r\n", s.pass(4s));
  LONGS_EQUAL(1, s.sim.sm.used());
}

TEST(Submit, with_ds_0_it_is_lost) {
  Story s;
  s.set_up();
  s.type("AT+CNMI=2,1,0,0,0\r");
  s.send("+447700900123", "a");
  says("", s.pass(10s));
  LONGS_EQUAL(1, s.events("report_lost").size());
}

TEST(Submit, URCs_wait_for_the_end_of_data_entry) {
  Story s;
  s.set_up();
  const auto pdu = Story::submit("+447700900123", "entry");
  s.type("AT+CMGS=" + std::to_string(pdu.tpdu_octets) + "\r");
  s.air.inject(s.sim.line, "+447700900321", "meanwhile", s.now);
  says("", s.pass(1s));
  s.modem.feed(pdu.hex + "\x1a", s.now);
  says("\r\n+CMGS: 0\r\n\r\nOK\r\n\r\n+CMTI: \"SM\",1\r\n", s.pass(2s));
}

TEST(Submit, URCs_come_between_Ctrl_Z_and_CMGS) {
  Story s;
  s.set_up();
  s.begin_submit("+447700900123", "a");
  s.air.inject(s.sim.line, "+447700900321", "meanwhile", s.now);
  says("\r\n+CMTI: \"SM\",1\r\n\r\n+CMGS: 0\r\n\r\nOK\r\n", s.pass(2s));
}
