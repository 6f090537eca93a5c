#include <CppUTest/TestHarness.h>

#include <string>

#include "at/tpdu.h"
#include "at/ucs2.h"
#include "tests/fuzz/replay.h"

int fuzz_tpdu(const std::uint8_t* bytes, std::size_t size);

namespace {

const std::string kScts = "71213201447440";

at::Pdu read(const std::string& hex, at::Direction direction = at::Direction::from_sc) {
  const auto pdu = at::decode_pdu(hex, direction);
  if (!pdu) FAIL((hex + ": " + pdu.error().reason).c_str());
  return *pdu;
}

at::Deliver deliver(const std::string& hex) {
  return std::get<at::Deliver>(read(hex).tpdu);
}

// "octet: reason"
std::string refusal(const std::string& hex, at::Direction direction = at::Direction::from_sc) {
  const auto pdu = at::decode_pdu(hex, direction);
  return pdu ? "read" : std::to_string(pdu.error().octet) + ": " + pdu.error().reason;
}

std::string defects(const std::string& hex, at::Direction direction = at::Direction::from_sc) {
  std::string all;
  for (const auto& defect : read(hex, direction).defects) all += (all.empty() ? "" : "; ") + defect;
  return all;
}

}  // namespace

TEST_GROUP(Tpdu){};

TEST(Tpdu, Deliver) {
  const at::Pdu pdu = read("07918497483252F0040B918496445078F70000" + kScts + "04D4F29C0E");
  STRCMP_EQUAL("+48798423250", pdu.sc.display().c_str());
  const auto& message = std::get<at::Deliver>(pdu.tpdu);
  STRCMP_EQUAL("+48694405877", message.tp_oa.display().c_str());
  CHECK(message.tp_mms && !message.tp_udhi && !message.tp_sri && !message.tp_rp && !message.tp_lp);
  LONGLONGS_EQUAL(1514022287, *message.tp_scts.unix_seconds);
  STRCMP_EQUAL("Test", message.ud.text().c_str());
  CHECK(pdu.defects.empty());
}

TEST(Tpdu, FlagsOfDeliver) {
  const at::Deliver message = deliver("00A8038121F30000" + kScts + "00");
  CHECK(!message.tp_mms && message.tp_lp && message.tp_sri && message.tp_rp && !message.tp_udhi);
}

TEST(Tpdu, SmallHexDigitsAreRead) {
  STRCMP_EQUAL("Test", deliver("00040b918496445078f70000" + kScts + "04d4f29c0e").ud.text().c_str());
}

TEST(Tpdu, StatusReport) {
  const at::Pdu pdu = read(
      "07911989040020230640"
      "0C91195505000000"
      "51109071838422"
      "51109071832522"
      "00");
  const auto& report = std::get<at::StatusReport>(pdu.tpdu);
  LONGS_EQUAL(64, report.tp_mr);
  STRCMP_EQUAL("+915550000000", report.tp_ra.display().c_str());
  LONGS_EQUAL(22, report.tp_scts.offset_quarters);
  LONGLONGS_EQUAL(4, *report.tp_dt.unix_seconds - *report.tp_scts.unix_seconds);
  LONGS_EQUAL(0, report.tp_st);
  CHECK(pdu.defects.empty() && report.optional_parameters.empty());
}

TEST(Tpdu, StatusReportWithOptionalParameters) {
  const std::string head = "000640038121F3" + kScts + kScts + "00";
  const auto optional = [](const std::string& hex) {
    return at::hex_encode(std::get<at::StatusReport>(read(hex).tpdu).optional_parameters);
  };
  for (const char* tail : {"00", "0155", "030004", "05550161", "078104020102", "8000", "0400"}) {
    STRCMP_EQUAL(tail, optional(head + tail).c_str());
    STRCMP_EQUAL("", defects(head + tail).c_str());
  }
  STRCMP_EQUAL("1 octet after TP-ST", defects(head + "01").c_str());
  STRCMP_EQUAL("2 octets after TP-ST", defects(head + "0405").c_str());
  STRCMP_EQUAL("3 octets of filler after TP-ST", defects(head + "FFFFFF").c_str());
  STRCMP_EQUAL("2 octets after TP-ST", defects(head + "000000").c_str());
}

TEST(Tpdu, MessageTypes) {
  const std::string rest = "038121F30000" + kScts + "00";
  STRCMP_EQUAL("1: TP-MTI 1 from the SC is a SUBMIT-REPORT", refusal("0001" + rest).c_str());
  STRCMP_EQUAL("TP-MTI 3 is reserved, read as DELIVER", defects("0007" + rest).c_str());
  for (const char* first : {"00", "02", "03"}) {
    const std::string expected = std::string("1: TP-MTI ") + first[1] + " to the SC is no SUBMIT";
    STRCMP_EQUAL(expected.c_str(),
                 refusal(std::string("00") + first + "00" + rest, at::Direction::to_sc).c_str());
  }
}

TEST(Tpdu, WhatIsCutIsRefusedUpToTheTextAndClippedInIt) {
  const std::string whole = "00040B918496445078F70000" + kScts + "04D4F29C0E";
  STRCMP_EQUAL("0: SC address missing", refusal("").c_str());
  STRCMP_EQUAL("1: first octet missing", refusal("00").c_str());
  STRCMP_EQUAL("2: TP-OA address missing", refusal(whole.substr(0, 6)).c_str());
  STRCMP_EQUAL("2: TP-OA length 11 with 5 octets left", refusal(whole.substr(0, 18)).c_str());
  STRCMP_EQUAL("10: TP-PID missing", refusal(whole.substr(0, 20)).c_str());
  STRCMP_EQUAL("12: TP-SCTS cut", refusal(whole.substr(0, 36)).c_str());
  STRCMP_EQUAL("TPDU ends before TP-UDL", defects(whole.substr(0, 38)).c_str());
  STRCMP_EQUAL("TP-UDL 4 with 2 octets left", defects(whole.substr(0, 44)).c_str());
  STRCMP_EQUAL("Te", deliver(whole.substr(0, 44)).ud.text().c_str());
  STRCMP_EQUAL("odd last hex digit; TP-UDL 4 with 3 octets left", defects(whole.substr(0, 47)).c_str());
}

TEST(Tpdu, WhatIsNoHexOrFarTooLong) {
  STRCMP_EQUAL("2: not a hex digit", refusal("0004x1").c_str());
  STRCMP_EQUAL("512: more than 512 octets", refusal(std::string(1026, '0')).c_str());
}

TEST(Tpdu, FillerAndMoreAfterTheText) {
  const std::string whole = "00040B918496445078F70000" + kScts + "04D4F29C0E";
  STRCMP_EQUAL("2 octets of filler after TP-UD", defects(whole + "FFFF").c_str());
  STRCMP_EQUAL("1 octet after TP-UD", defects(whole + "00").c_str());
}

TEST(Tpdu, OddAddressesAreReadAndNamed) {
  const std::string rest = "0000" + kScts + "00";
  STRCMP_EQUAL("", defects("0004038121F3" + rest).c_str());
  STRCMP_EQUAL("", defects("00040080" + rest).c_str());
  const char* const kOdd = "TP-OA oddly coded: its length, type or filler";
  for (const char* address : {"030121F3", "03812103", "069121FFFF", "0ED0CDB27C5C97E701"}) {
    STRCMP_EQUAL(kOdd, defects(std::string("0004") + address + rest).c_str());
  }
  STRCMP_EQUAL("TP-DA is empty", defects("00010000810000"
                                         "00",
                                         at::Direction::to_sc)
                                     .c_str());
}

TEST(Tpdu, UserDataTooLong) {
  const std::string head = "0004038121F300";
  STRCMP_EQUAL("TP-UDL 161 above 160 septets",
               defects(head + "00" + kScts + "A1" + std::string(282, '0')).c_str());
  STRCMP_EQUAL("TP-UDL 141 above 140 octets",
               defects(head + "04" + kScts + "8D" + std::string(282, '0')).c_str());
  STRCMP_EQUAL("odd last octet of UCS-2", defects(head + "08" + kScts + "03041600").c_str());
}

TEST(Tpdu, Headers) {
  const std::string eight = "0044038121F30004" + kScts;  // UDHI, 8-bit
  const auto concat = [&](const std::string& ud) { return deliver(eight + ud).ud.concat; };
  CHECK(concat("06050003070201") == (at::Concat{7, 8, 2, 1}));
  CHECK(concat("0706080412340201") == (at::Concat{0x1234, 16, 2, 1}));
  CHECK(!concat("06050003070001"));  // total 0
  CHECK(!concat("06050003070200"));  // sequence 0
  CHECK(!concat("06050003070203"));  // sequence above total
  CHECK(
      !concat("0504000207"
              "02"));  // wrong length
  CHECK(concat("0C0B00030702010804123403"
               "02") == (at::Concat{0x1234, 16, 3, 2}));  // the last one counts
  CHECK(concat("0B0A000307020100030900"
               "00") == (at::Concat{7, 8, 2, 1}));  // unless it makes no sense
  LONGS_EQUAL(2, deliver(eight + "0A0905040B8423F00101FF").ud.udh.size());
  STRCMP_EQUAL("", defects(eight + "0100").c_str());
}

TEST(Tpdu, BrokenHeaders) {
  const std::string eight = "0044038121F30004" + kScts, seven = "0044038121F30000" + kScts;
  STRCMP_EQUAL("UDHL leads out of TP-UD of 2 octets, read as without header",
               defects(eight + "020501").c_str());
  LONGS_EQUAL(2, deliver(eight + "020501").ud.units.size());
  STRCMP_EQUAL("UDHL leads out of TP-UD of 0 octets, read as without header", defects(eight + "00").c_str());
  STRCMP_EQUAL("last element of UDH cut, 2 octets passed over", defects(eight + "03020009").c_str());
  STRCMP_EQUAL("TP-UDL 6 is less than its header", defects(seven + "06050003070201").c_str());
  STRCMP_EQUAL("TP-UDL 7 with 6 octets left; TP-UDL 6 is less than its header",
               defects(seven + "07050003070201").c_str());
}

TEST(Tpdu, ConcatElementBothWidths) {
  CHECK(at::concat_element({0x2A, 8, 3, 1}) == (at::InformationElement{0x00, {0x2A, 3, 1}}));
  CHECK(at::concat_element({0x12A4, 16, 3, 1}) == (at::InformationElement{0x08, {0x12, 0xA4, 3, 1}}));
}

TEST(Tpdu, EightBitAndCompressedHaveNoText) {
  for (const char* dcs : {"04", "F5", "20"}) {
    const at::Deliver message = deliver(std::string("0004038121F300") + dcs + kScts + "024142");
    STRCMP_EQUAL("", message.ud.text().c_str());
    CHECK(message.ud.units == at::Octets({0x41, 0x42}));
  }
}

TEST(Tpdu, WhatCannotBeWritten) {
  at::Submit submit;
  submit.tp_da = at::address_from_display("123");
  const auto reason = [&] {
    const auto pdu = at::encode_pdu(at::Address{}, submit);
    return pdu ? std::string("written") : pdu.error().reason;
  };
  submit.ud.units = at::Septets(161, 'a');
  STRCMP_EQUAL("TP-UD of 161 septets above 160 septets", reason().c_str());
  submit.ud.units = {0x80};
  STRCMP_EQUAL("TP-UD unit above 7F is no septet", reason().c_str());
  submit.ud = {};
  submit.tp_dcs = 8;
  STRCMP_EQUAL("TP-DCS says another alphabet than TP-UD has", reason().c_str());
  submit.tp_dcs = 0;
  submit.tp_vpf = 2;
  STRCMP_EQUAL("TP-VPF is relative and TP-VP missing", reason().c_str());
  submit.tp_vpf = 3;
  STRCMP_EQUAL("TP-VP of this TP-VPF has seven octets", reason().c_str());
  submit.tp_vpf = 4;
  STRCMP_EQUAL("TP-VPF above 3", reason().c_str());
  submit.tp_vpf = 0;
  submit.ud.udh = {{0x70, at::Octets(300)}};
  STRCMP_EQUAL("UDH element above 255 octets", reason().c_str());
  submit.ud.udh = {{0x70, at::Octets(200)}};
  STRCMP_EQUAL("TP-UD of 232 septets above 160 septets", reason().c_str());
  submit.ud = {};
  STRCMP_EQUAL("written", reason().c_str());
}

TEST(Tpdu, CorpusReplays) {
  CHECK(replay_corpus("tpdu", fuzz_tpdu) >= 12);
}
