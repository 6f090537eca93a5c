// What comes in: stored once, held while there is no room or no modem, given again.
#include <set>

#include <CppUTest/TestHarness.h>
#include "tests/hw/story.h"

using story::Story;
using namespace std::chrono_literals;

namespace {

void says(const char* wanted, const std::string& said) {
  STRCMP_EQUAL(wanted, said.c_str());
}

// Reads and deletes all that is there; how many.
int drain(Story& s) {
  int n = 0;
  for (int slot = 1; slot <= s.sim.sm.total(); ++slot) {
    if (s.type("AT+CMGR=" + std::to_string(slot) + "\r").find("+CMGR:") == std::string::npos) continue;
    s.type("AT+CMGD=" + std::to_string(slot) + "\r");
    ++n;
  }
  return n;
}

}  // namespace

TEST_GROUP(Inbound){};

TEST(Inbound, a_text_comes_twice_where_the_network_is_told_so) {
  Story s;
  s.set_up();
  s.air.mishap(modembank::Air::Mishap::text_twice, 1, 5s);
  s.air.inject(s.sim.line, "+447700900321", "once said", s.now);
  s.air.inject(s.sim.line, "+447700900321", "and this", s.now);
  s.pass(10s);
  const auto texts = s.events("deliver");
  LONGS_EQUAL(3, texts.size());
  STRCMP_EQUAL(texts[0].pdu.c_str(), texts[2].pdu.c_str());
  LONGS_EQUAL(texts[0].inbound, texts[2].inbound);
}

TEST(Inbound, a_long_text_comes_in_parts_that_join) {
  Story s;
  s.set_up();
  std::string text;
  for (int k = 0; k < 60; ++k) text += "part of it ";
  LONGS_EQUAL(5, *s.air.inject(s.sim.line, "+447700900123", text, s.now));
  s.pass(10s);
  std::string joined;
  for (const auto& r : s.events("deliver")) {
    const auto pdu = at::decode_pdu(r.pdu, at::Direction::from_sc);
    CHECK(pdu.has_value());
    joined += std::get<at::Deliver>(pdu->tpdu).ud.text();
  }
  STRCMP_EQUAL(text.c_str(), joined.c_str());
}

TEST(Inbound, what_finds_no_room_is_held_and_comes_when_there_is_some_each_once) {
  Story s;  // 5 slots
  s.set_up();
  for (int k = 0; k < 40; ++k) s.air.inject(s.sim.line, "+447700900123", "text " + std::to_string(k), s.now);
  s.pass(60s);
  LONGS_EQUAL(5, s.sim.sm.used());
  LONGS_EQUAL(35, s.air.counts().held);
  int read = 0;
  for (int round = 0; round < 20; ++round) {
    read += drain(s);
    s.pass(60s);
  }
  LONGS_EQUAL(40, read);
  std::set<std::string> pdus;
  for (const auto& r : s.events("deliver")) pdus.insert(r.pdu);
  LONGS_EQUAL(40, pdus.size());
  LONGS_EQUAL(40, s.events("deliver").size());
  LONGS_EQUAL(0, s.air.counts().waiting);
}

TEST(Inbound, an_unplugged_modem_misses_nothing) {
  Story s;
  s.set_up();
  s.modem.power_off();
  s.air.inject(s.sim.line, "+447700900123", "while away", s.now);
  says("", s.pass(60s));
  LONGS_EQUAL(1, s.air.counts().waiting);
  s.modem.power_on(s.now);
  s.pass(5s);
  LONGS_EQUAL(1, s.sim.sm.used());
  s.type("ATE0\r");
  says("\r\nOK\r\n", s.type("AT+CNMI=2,1,0,1,0\r"));  // its settings were lost, so nothing was announced
  STRCMP_CONTAINS("+CMGL: 1,0,,", s.type("AT+CMGL=4\r").c_str());
}

TEST(Inbound, held_texts_come_again_when_the_modem_registers_with_room) {
  Story s({.sm_slots = 1});
  s.set_up();
  s.air.inject(s.sim.line, "+447700900123", "one", s.now);
  s.air.inject(s.sim.line, "+447700900123", "two", s.now);
  s.pass(5s);
  LONGS_EQUAL(1, s.air.counts().held);
  s.modem.power_off();
  s.sim.sm.erase(0);  // as if another phone had read it
  s.modem.power_on(s.now);
  s.pass(5s);
  LONGS_EQUAL(0, s.air.counts().waiting);
  LONGS_EQUAL(1, s.sim.sm.used());
}

TEST(Inbound, held_texts_come_when_mem3_moves_to_a_memory_with_room) {
  Story s({.sm_slots = 1});
  s.set_up();
  s.air.inject(s.sim.line, "+447700900123", "one", s.now);
  s.air.inject(s.sim.line, "+447700900123", "two", s.now);
  s.pass(5s);
  s.type("AT+CPMS=\"ME\",\"ME\",\"ME\"\r");
  says("\r\n+CMTI: \"ME\",1\r\n", s.pass(5s));
}

TEST(Inbound, class_2_goes_to_the_SIM_wherever_mem3_points) {
  Story s;
  s.set_up("ME");
  at::Submit submit;
  submit.tp_da = at::address_from_display(s.who.number);
  submit.tp_dcs = 0x12;
  submit.ud.units = {0x41};
  s.air.submitted("modem9", s.sim, submit, "00", s.now);
  says("\r\n+CMTI: \"SM\",1\r\n", s.pass(5s));
}

TEST(Inbound, a_text_to_a_SIM_of_the_air_arrives_there) {
  Story s;
  s.set_up();
  s.send("07700900001", "to myself");  // in national form
  s.pass(5s);
  const auto delivered = s.events("deliver");
  LONGS_EQUAL(1, delivered.size());
  const auto pdu = at::decode_pdu(delivered[0].pdu, at::Direction::from_sc);
  STRCMP_EQUAL("to myself", std::get<at::Deliver>(pdu->tpdu).ud.text().c_str());
  STRCMP_EQUAL("+447700900001", std::get<at::Deliver>(pdu->tpdu).tp_oa.display().c_str());
}

TEST(Inbound, mode_0_keeps_announcements_until_the_mode_changes) {
  Story s;
  s.set_up();
  s.type("AT+CNMI=0,1,0,1,0\r");
  s.air.inject(s.sim.line, "+447700900123", "quiet", s.now);
  says("", s.pass(5s));
  says("\r\nOK\r\n\r\n+CMTI: \"SM\",1\r\n", s.type("AT+CNMI=2,1,0,1,0\r"));
}

TEST(Inbound, mt_2_routes_without_storing) {
  Story s;
  s.set_up();
  s.type("AT+CNMI=2,2,0,1,0\r");
  s.air.inject(s.sim.line, "+447700900123", "routed", s.now);
  STRCMP_CONTAINS("\r\n+CMT: ,", s.pass(5s).c_str());
  LONGS_EQUAL(0, s.sim.sm.used());
  LONGS_EQUAL(1, s.events("route").size());
}

TEST(Inbound, a_raw_PDU_is_given_as_it_is_and_nonsense_is_refused) {
  Story s;
  s.set_up();
  CHECK_FALSE(s.air.inject_pdu(s.sim.line, "xyz", s.now).has_value());
  CHECK_FALSE(s.air.inject_pdu(s.sim.line, "07", s.now).has_value());
  CHECK_FALSE(s.air.inject(s.sim.line, "+44", "\xff\xfe", s.now).has_value());
  CHECK(s.air.inject_pdu(s.sim.line, "07914477009099990400", s.now).has_value());
  s.pass(5s);
  STRCMP_CONTAINS("\r\n07914477009099990400\r\n", s.type("AT+CMGR=1\r").c_str());
}
