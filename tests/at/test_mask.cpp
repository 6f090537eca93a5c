// What is shown of a dialogue: the form stays, what is private does not.
#include <CppUTest/TestHarness.h>

#include "at/mask.h"
#include "at/params.h"
#include "at/tpdu.h"
#include "at/transcript.h"

namespace {

void same(const std::string& wanted, const std::string& got) {
  STRCMP_EQUAL(wanted.c_str(), got.c_str());
}
std::string written(const char* line) {
  at::Mask mask;
  const std::string once = mask.written(line);
  at::Mask again;
  same(once, again.written(once));
  return once;
}
std::string read(const char* line) {
  at::Mask mask;
  const std::string once = mask.read(line);
  at::Mask again;
  same(once, again.read(once));
  return once;
}
const at::Submit& submit_of(const at::Pdu& pdu) {
  return std::get<at::Submit>(pdu.tpdu);
}

}  // namespace

TEST_GROUP(Mask){};

TEST(Mask, PinsAndSecretsAreGone) {
  same("AT+CPIN=\"****\"", written("AT+CPIN=\"1234\""));
  same("AT+CPIN=\"****\"", written("AT+CPIN=1234"));
  same("at+cpin=\"****\",\"****\"", written("at+cpin=\"12345678\",\"1234\""));
  same("AT+CMEE=1;+CPIN=\"****\";+CREG?", written("AT+CMEE=1;+CPIN=\"1234\";+CREG?"));
  same("AT+CLCK=\"SC\",1,\"****\"", written("AT+CLCK=\"SC\",1,\"1234\""));
  same("AT+CLCK=\"SC\",2", written("AT+CLCK=\"SC\",2"));
  same("AT+CPWD=\"SC\",\"****\",\"****\"", written("AT+CPWD=\"SC\",\"1234\",\"4321\""));
  same("AT+CGAUTH=1,1,\"****\",\"****\"", written("AT+CGAUTH=1,1,\"user\",\"pass\""));
  same("AT+CPIN=\"****\"", read("AT+CPIN=\"1234\""));  // its echo
  same("AT+CPIN=\"****\"", written("AT+CPIN=\"12"));
  same("AT+CPIN?", written("AT+CPIN?"));
}

TEST(Mask, NumbersAndIdentitiesAreShortenedAlike) {
  same("+CNUM: \"\",\"+447700000023\",145", read("+CNUM: \"\",\"+447700900123\",145"));
  same("+CNUM: \"xx xxxxxx\",\"+447700000023\",145", read("+CNUM: \"My number\",\"+447700900123\",145"));
  same("001010000000001", read("001010000900001"));
  same("+CCID: 8944000000000000018f", read("+CCID: 8944001234567890018f"));
  same("+CSCA: \"+447000000000\",145", read("+CSCA: \"+447012345600\",145"));
  same("60777", read("60777"));
  same("12000067", read("12345667"));
}

TEST(Mask, WhatIsNotPrivateStays) {
  for (const char* line :
       {"+CSQ: 17,99", "+COPS: 0,0,\"Vodafone UK\",2", "Revision:1418B05SIM800L24", "OK", "+CMS ERROR: 38",
        "+CMGS: 34", "+CMTI: \"SM\",3", "Quectel", "+CPMS: \"SM\",0,30,\"SM\",0,30,\"SM\",0,30", "\xFF\x80~"})
    same(line, read(line));
  for (const char* line : {"AT", "AT+CMGS=23", "AT+CNMI=2,1,0,2,0", "AT+CUSD=1,\"*100#\",15", "\x1B"})
    same(line, written(line));
}

TEST(Mask, OfASubmitOnlyNumberAndTextChange) {
  at::Submit submit;
  submit.tp_mr = 7;
  submit.tp_srr = true;
  submit.tp_da = at::address_from_display("+447700900123");
  submit.ud.udh = {at::concat_element({.reference = 9, .total = 2, .sequence = 1})};
  submit.ud.units = {'s', 'e', 'c', 'r', 'e', 't', '!'};
  submit.tp_udhi = true;
  const auto pdu = at::encode_pdu(at::address_from_display("+447700900009"), submit);
  CHECK_TRUE(pdu.has_value());
  at::Mask mask;
  const std::string masked = mask.written(pdu->hex + '\x1A');
  LONGS_EQUAL(pdu->hex.size() + 1, masked.size());
  const auto back = at::decode_pdu(masked.substr(0, pdu->hex.size()), {at::Direction::to_sc, true});
  CHECK_TRUE(back.has_value());
  same("+447700000009", back->sc.display());
  same("+447700000023", submit_of(*back).tp_da.display());
  same("@@@@@@@", submit_of(*back).ud.text());
  LONGS_EQUAL(7, submit_of(*back).tp_mr);
  LONGS_EQUAL(9, submit_of(*back).ud.concat->reference);
  same(masked, at::Mask().written(masked));
}

TEST(Mask, OfADeliverOnlySenderAndTextChange) {
  at::Deliver deliver;
  deliver.tp_oa = at::address_from_display("KLAXON");
  deliver.tp_dcs = 8;
  deliver.ud.alphabet = at::Alphabet::ucs2;
  deliver.ud.units = {0x04, 0x1F, 0x04, 0x40};
  deliver.tp_scts.raw = at::encode_timestamp(1'790'000'000, 4);
  const auto pdu = at::encode_pdu({}, deliver);
  CHECK_TRUE(pdu.has_value());
  at::Mask mask;
  same("+CMGR: 0,,24", mask.read("+CMGR: 0,,24"));
  const auto back = at::decode_pdu(mask.read(pdu->hex), {at::Direction::from_sc, true});
  CHECK_TRUE(back.has_value());
  const auto& read_back = std::get<at::Deliver>(back->tpdu);
  same("@@@@@@", read_back.tp_oa.digits);
  same("@@", read_back.ud.text());
  LONGS_EQUAL(1'790'000'000, *read_back.tp_scts.unix_seconds);
}

TEST(Mask, AStatusReportKeepsAllButItsNumber) {
  const std::string masked = at::mask_pdu("0006070C91447700091032621111123456006211111234560046");
  const auto back = at::decode_pdu(masked, {at::Direction::from_sc});
  CHECK_TRUE(back.has_value());
  const auto& report = std::get<at::StatusReport>(back->tpdu);
  same("+447700000023", report.tp_ra.display());
  LONGS_EQUAL(7, report.tp_mr);
  LONGS_EQUAL(0x46, report.tp_st);
}

TEST(Mask, TextModeAndUssdAreBlanked) {
  at::Mask mask;
  same("+CMGR: \"xxx xxxx\",\"+447700000023\"", mask.read("+CMGR: \"REC READ\",\"+447700900123\""));
  same("xxxx xx 0000", mask.read("code is 1234"));
  same("xxxxxx xxxx", mask.read("second line"));
  same("OK", mask.read("OK"));
  same("+CSQ: 1,2", mask.read("+CSQ: 1,2"));
  same("+CUSD: 0,\"xxxx xxxxxxx 00.00\",15", mask.read("+CUSD: 0,\"Your balance 12.34\",15"));
  same("+CUSD: 1,\"xxx", mask.read("+CUSD: 1,\"one"));
  same("xxx 0\",00", mask.read("two 2\",15"));
  same("+CSQ: 1,2", mask.read("+CSQ: 1,2"));
  same("AT+CUSD=1,\"0000\",15", mask.written("AT+CUSD=1,\"4711\",15"));
  same("AT+CUSD=1,\"*100*0000#\",15", mask.written("AT+CUSD=1,\"*100*4711#\",15"));
}

TEST(Mask, OfATornLineTheRestIsBlank) {
  at::Mask mask;
  same("AT+CPIN=\"****\"", mask.read("AT+CPIN=\"12", true));
  same("00\"", mask.read("34\""));
  same("+CSQ: 1,2", mask.read("+CSQ: 1,2"));
}

// Whatever comes: total, and no PDU shows its text.
TEST(Mask, CutOffPdusAreBlankFromWhereTheyCantBeFollowed) {
  const std::string hex = "0001000C91447700091032000006C8329BFD0E01";
  for (std::size_t n = 0; n <= hex.size(); ++n) {
    const std::string masked = at::mask_pdu(hex.substr(0, n));
    CHECK_TRUE(masked.find("C8329B") == std::string::npos);
    CHECK_TRUE(masked.find("00091032") == std::string::npos);
    same(masked, at::mask_pdu(masked));
  }
}

TEST_GROUP(Transcript){};

TEST(Transcript, EscapesComeBack) {
  std::string all;
  for (int c = 0; c < 256; ++c) all += static_cast<char>(c);
  const auto moves = at::read_transcript("< " + at::escape_move(all) + "\n");
  CHECK_TRUE(moves.has_value());
  CHECK_TRUE(moves->front().text == all);
}

TEST(Transcript, MovesWithTheirPauses) {
  const auto moves =
      at::read_transcript("# head\n> AT\\r\n@ 5\n@ 7\n= made of it\n< \\r\\nOK\\r\\n\n! lost\n");
  CHECK_TRUE(moves.has_value());
  LONGS_EQUAL(3, moves->size());
  same("AT\r", (*moves)[0].text);
  LONGS_EQUAL(12, (*moves)[1].after.count());
  CHECK_TRUE((*moves)[2].kind == at::Move::Kind::port);
  LONGS_EQUAL(0, (*moves)[2].after.count());
}

TEST(Transcript, RefusalsNameTheLine) {
  for (const char* wrong : {"> AT\\q", "> \\x1", "? what", "@ soon", "@ -1", "@ 99999999999999"}) {
    const auto moves = at::read_transcript(std::string("# fine\n") + wrong + "\n");
    CHECK_FALSE(moves.has_value());
    STRNCMP_EQUAL("line 2: ", moves.error().c_str(), 8);
  }
}
