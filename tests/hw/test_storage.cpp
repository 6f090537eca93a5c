// 27.005: storages, lists, reading, deleting, writing.
#include <CppUTest/TestHarness.h>
#include "tests/hw/story.h"

using story::Story;
using namespace std::chrono_literals;

namespace {
void says(const char* wanted, const std::string& said) {
  STRCMP_EQUAL(wanted, said.c_str());
}
}  // namespace

TEST_GROUP(Storage){};

TEST(Storage, memories_are_chosen_one_by_one) {
  Story s;
  s.type("ATE0\r");
  says("\r\n+CPMS: (\"SM\",\"ME\"),(\"SM\",\"ME\"),(\"SM\",\"ME\")\r\n\r\nOK\r\n", s.type("AT+CPMS=?\r"));
  says("\r\n+CPMS: 0,10,0,5,0,5\r\n\r\nOK\r\n", s.type("AT+CPMS=\"ME\"\r"));
  says("\r\n+CPMS: \"ME\",0,10,\"SM\",0,5,\"SM\",0,5\r\n\r\nOK\r\n", s.type("AT+CPMS?\r"));
  says("\r\n+CMS ERROR: 302\r\n", s.type("AT+CPMS=\"XX\"\r"));
}

TEST(Storage, reading_makes_a_text_read_and_deleting_frees_its_slot) {
  Story s;
  s.set_up();
  s.air.inject(s.sim.line, "+447700900123", "one", s.now);
  s.air.inject(s.sim.line, "+447700900123", "two", s.now);
  says("\r\n+CMTI: \"SM\",1\r\n\r\n+CMTI: \"SM\",2\r\n", s.pass(1s));
  STRCMP_CONTAINS("\r\n+CMGR: 0,,", s.type("AT+CMGR=1\r").c_str());
  STRCMP_CONTAINS("\r\n+CMGR: 1,,", s.type("AT+CMGR=1\r").c_str());
  STRCMP_CONTAINS("\r\n+CMGL: 2,0,,", s.type("AT+CMGL=0\r").c_str());
  const std::string all = s.type("AT+CMGL=4\r");
  STRCMP_CONTAINS("\r\n+CMGL: 1,1,,", all.c_str());
  STRCMP_CONTAINS("\r\n+CMGL: 2,1,,", all.c_str());
  says("\r\nOK\r\n", s.type("AT+CMGD=1\r"));
  says("\r\n+CMS ERROR: 321\r\n", s.type("AT+CMGR=1\r"));
  says("\r\n+CMS ERROR: 321\r\n", s.type("AT+CMGD=99\r"));
  says("\r\nOK\r\n", s.type("AT+CMGD=0,4\r"));
  LONGS_EQUAL(0, s.sim.sm.used());
  LONGS_EQUAL(2, s.events("cmgr").size());
  LONGS_EQUAL(3, s.events("cmgl").size());
  LONGS_EQUAL(2, s.events("delete").size());
}

TEST(Storage, an_ec2x_counts_from_0_and_answers_an_empty_slot_with_OK) {
  Story s({.make = modembank::Make::ec2x});
  s.set_up();
  s.air.inject(s.sim.line, "+447700900123", "one", s.now);
  says("\r\n+CMTI: \"SM\",0\r\n", s.pass(1s));
  STRCMP_CONTAINS("\r\n+CMGR: 0,,", s.type("AT+CMGR=0\r").c_str());
  says("\r\nOK\r\n", s.type("AT+CMGR=1\r"));
}

TEST(Storage, what_lies_in_ME_stays_with_the_modem) {
  Story s;
  s.set_up("ME");
  s.air.inject(s.sim.line, "+447700900123", "one", s.now);
  says("\r\n+CMTI: \"ME\",1\r\n", s.pass(1s));
  s.modem.power_off();
  s.modem.insert(nullptr);
  LONGS_EQUAL(1, s.modem.me().used());
  LONGS_EQUAL(0, s.sim.sm.used());
}

TEST(Storage, CMGW_and_CMSS_send_from_storage) {
  Story s;
  s.set_up();
  const auto pdu = Story::submit("+447700900123", "stored first");
  says("\r\n> ", s.type("AT+CMGW=" + std::to_string(pdu.tpdu_octets) + "\r"));
  says("\r\n+CMGW: 1\r\n\r\nOK\r\n", s.type(pdu.hex + "\x1a"));
  STRCMP_CONTAINS("\r\n+CMGL: 1,2,,", s.type("AT+CMGL=2\r").c_str());
  says("", s.type("AT+CMSS=1\r"));
  says("\r\n+CMSS: 0\r\n\r\nOK\r\n", s.pass(2s));
  STRCMP_CONTAINS("\r\n+CMGL: 1,3,,", s.type("AT+CMGL=3\r").c_str());
  STRCMP_EQUAL("stored first", s.events("submit").at(0).submit->text.c_str());
}

TEST(Storage, a_slot_is_marked_as_sent_the_moment_its_submit_is_on_the_air) {
  for (const bool on_air : {false, true}) {
    Story s;
    s.set_up();
    const auto pdu = Story::submit("+447700900123", "cut off");
    s.type("AT+CMGW=" + std::to_string(pdu.tpdu_octets) + "\r");
    s.type(pdu.hex + "\x1a");
    s.type("AT+CMSS=1\r");
    s.pass(on_air ? 1100ms : 900ms);
    s.modem.power_off();
    LONGS_EQUAL(on_air ? 1 : 0, s.events("submit").size());
    CHECK((on_air ? modembank::Stat::sto_sent : modembank::Stat::sto_unsent) == s.sim.sm.at(0)->stat);
  }
}

TEST(Storage, a_full_storage_refuses_and_a_store_is_logged) {
  Story s;
  s.set_up();
  const auto pdu = Story::submit("+447700900123", "kept");
  const auto store = [&] {
    s.type("AT+CMGW=" + std::to_string(pdu.tpdu_octets) + "\r");
    return s.type(pdu.hex + "\x1a");
  };
  for (int k = 0; k < s.sim.sm.total(); ++k) STRCMP_CONTAINS("OK", store().c_str());
  says("\r\n+CMS ERROR: 322\r\n", store());
  LONGS_EQUAL(s.sim.sm.total(), s.events("store").size());
  LONGS_EQUAL(s.sim.sm.total() + 1, s.events("cmgw").size());
}

TEST(Storage, slots_in_numbers) {
  modembank::Storage storage(2);
  LONGS_EQUAL(0, storage.add({}));
  LONGS_EQUAL(1, storage.add({}));
  LONGS_EQUAL(-1, storage.add({}));
  CHECK(storage.full());
  CHECK(storage.erase(0));
  CHECK_FALSE(storage.erase(0));
  CHECK_FALSE(storage.erase(-1));
  CHECK_FALSE(storage.erase(2));
  LONGS_EQUAL(0, storage.add({}));
}
