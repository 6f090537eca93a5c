#include <CppUTest/TestHarness.h>

#include <string>

#include "at/tpdu.h"
#include "at/ucs2.h"
#include "tests/fuzz/replay.h"

int fuzz_tpdu(const std::uint8_t* bytes, std::size_t size);
int fuzz_udh(const std::uint8_t* bytes, std::size_t size);

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
std::string refusal(const std::string& hex, at::Reading reading = at::Direction::from_sc) {
  const auto pdu = at::decode_pdu(hex, reading);
  return pdu ? "read" : std::to_string(pdu.error().octet) + ": " + pdu.error().reason;
}

std::string defects(const std::string& hex, at::Direction direction = at::Direction::from_sc) {
  std::string all;
  for (const auto& defect : read(hex, direction).defects) all += (all.empty() ? "" : "; ") + defect.reason;
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
  CHECK(pdu.defects.empty() && report.parameters.tp_pi.empty());
}

TEST(Tpdu, StatusReportWithOptionalParameters) {
  const std::string head = "000640038121F3" + kScts + kScts + "00";
  const auto optional = [&](const std::string& tail) {
    STRCMP_EQUAL("", defects(head + tail).c_str());
    return std::get<at::StatusReport>(read(head + tail).tpdu).parameters;
  };
  CHECK(optional("00").tp_pi == at::Octets{0} && !optional("00").ud);
  LONGS_EQUAL(0x55, *optional("0155").tp_pid);
  LONGS_EQUAL(4, *optional("030004").tp_dcs);
  STRCMP_EQUAL("a", optional("05550161").ud->text().c_str());
  CHECK(optional("0704040"
                 "20102")
            .ud->units == (at::Octets{1, 2}));
  CHECK(optional("0400").ud->units.empty());
}

// 23.040 9.2.3.27: reserved bits of TP-PI announce what a receiver passes over.
TEST(Tpdu, ReservedBitsOfTpPi) {
  const std::string head = "000640038121F3" + kScts + kScts + "00";
  STRCMP_EQUAL("reserved bits of TP-PI are set", defects(head + "8000").c_str());
  STRCMP_EQUAL("reserved bits of TP-PI are set; 2 octets after TP-PI and its parameters",
               defects(head + "08AABB").c_str());
  STRCMP_EQUAL("read", refusal(head + "08AABB", {at::Direction::from_sc, true}).c_str());
}

// Real SCs append octets that are no parameters; the report is read all the same.
TEST(Tpdu, WhatIsNoParameterBehindTpSt) {
  const std::string head = "000640038121F3" + kScts + kScts + "00";
  STRCMP_EQUAL("1 octet after TP-ST", defects(head + "01").c_str());
  STRCMP_EQUAL("2 octets after TP-ST", defects(head + "0405").c_str());
  STRCMP_EQUAL("3 octets of filler after TP-ST", defects(head + "FFFFFF").c_str());
  STRCMP_EQUAL("2 octets after TP-PI and its parameters", defects(head + "000000").c_str());
  STRCMP_EQUAL("", std::string(read(head + "01").ends_before).c_str());
}

// 23.040 9.2.2.2a, for RP-ACK and for RP-ERROR.
TEST(Tpdu, SubmitReport) {
  const auto ack = std::get<at::SubmitReport>(read("000100" + kScts).tpdu);
  CHECK(!ack.tp_fcs && ack.tp_scts.unix_seconds == 1514022287 && ack.parameters.tp_pi == at::Octets{0});
  const auto error = std::get<at::SubmitReport>(read("0001C007" + kScts + "00000141").tpdu);
  LONGS_EQUAL(0xC0, *error.tp_fcs);
  STRCMP_EQUAL("A", error.parameters.ud->text().c_str());
  STRCMP_EQUAL("4: TP-SCTS cut", refusal("0001C000"
                                         "7121",
                                         {at::Direction::from_sc, true})
                                     .c_str());
}

// 23.040 9.2.2.1a: what +CNMA sends.
TEST(Tpdu, DeliverReport) {
  const auto ack = std::get<at::DeliverReport>(read("000000", at::Direction::to_sc).tpdu);
  CHECK(!ack.tp_fcs && ack.parameters.tp_pi == at::Octets{0});
  const auto error = std::get<at::DeliverReport>(read("0000D300", at::Direction::to_sc).tpdu);
  LONGS_EQUAL(0xD3, *error.tp_fcs);
  const auto full = std::get<at::DeliverReport>(read("0000FF07000402"
                                                     "BEEF",
                                                     at::Direction::to_sc)
                                                    .tpdu);
  CHECK(*full.parameters.tp_pid == 0 && *full.parameters.tp_dcs == 4);
  CHECK(full.parameters.ud->units == (at::Octets{0xBE, 0xEF}));
}

// 23.040 9.2.2.4
TEST(Tpdu, Command) {
  const auto command =
      std::get<at::SmsCommand>(read("002207400215038121F302CAFE", at::Direction::to_sc).tpdu);
  CHECK(command.tp_srr && !command.tp_udhi);
  LONGS_EQUAL(7, command.tp_mr);
  LONGS_EQUAL(0x40, command.tp_pid);
  LONGS_EQUAL(2, command.tp_ct);
  LONGS_EQUAL(0x15, command.tp_mn);
  STRCMP_EQUAL("123", command.tp_da.display().c_str());
  CHECK(command.tp_cd == (at::Octets{0xCA, 0xFE}));
}

TEST(Tpdu, MessageTypes) {
  const std::string rest = "038121F30000" + kScts + "00";
  STRCMP_EQUAL("TP-MTI 3 is reserved, read as DELIVER", defects("0007" + rest).c_str());
  STRCMP_EQUAL("read", refusal("0007" + rest, {at::Direction::from_sc, true}).c_str());
  STRCMP_EQUAL("1: TP-MTI 3 to the SC is reserved", refusal("0003" + rest, at::Direction::to_sc).c_str());
}

TEST(Tpdu, ABareTpdu) {
  const auto pdu =
      at::decode_pdu("040B918496445078F70000" + kScts + "04D4F29C0E", {at::Direction::from_sc, true, false});
  STRCMP_EQUAL("Test", std::get<at::Deliver>(pdu->tpdu).ud.text().c_str());
  CHECK(pdu->sc.digits.empty());
  STRCMP_EQUAL("1: TP-OA missing", refusal("04", {at::Direction::from_sc, true, false}).c_str());
}

// Strict names the octet, lenient gives the fields in front of it.
TEST(Tpdu, WhatIsCut) {
  const std::string whole = "00040B918496445078F70000" + kScts + "04D4F29C0E";
  const at::Reading strict(at::Direction::from_sc, true);
  STRCMP_EQUAL("0: SC address missing", refusal("").c_str());
  STRCMP_EQUAL("1: first octet missing", refusal("00").c_str());
  const struct {
    std::size_t digits;
    const char *error, *ends_before;
  } cuts[] = {{4, "2: TP-OA missing", "TP-OA"},
              {6, "2: TP-OA cut", "TP-OA"},
              {18, "2: TP-OA length 11 with 5 octets left", "TP-OA"},
              {20, "10: TP-PID missing", "TP-PID"},
              {22, "11: TP-DCS missing", "TP-DCS"},
              {24, "12: TP-SCTS missing", "TP-SCTS"},
              {36, "12: TP-SCTS cut", "TP-SCTS"},
              {38, "19: TP-UDL missing", "TP-UDL"}};
  for (const auto& cut : cuts) {
    STRCMP_EQUAL(cut.error, refusal(whole.substr(0, cut.digits), strict).c_str());
    const at::Pdu pdu = read(whole.substr(0, cut.digits));
    STRCMP_EQUAL(cut.ends_before, std::string(pdu.ends_before).c_str());
    LONGS_EQUAL(1, pdu.defects.size());
  }
  STRCMP_EQUAL("+48694405877", deliver(whole.substr(0, 36)).tp_oa.display().c_str());
  STRCMP_EQUAL("TP-UDL 4 with 2 octets left", defects(whole.substr(0, 44)).c_str());
  STRCMP_EQUAL("19: TP-UDL 4 with 2 octets left", refusal(whole.substr(0, 44), strict).c_str());
  STRCMP_EQUAL("Te", deliver(whole.substr(0, 44)).ud.text().c_str());
  STRCMP_EQUAL("odd last hex digit; TP-UDL 4 with 3 octets left", defects(whole.substr(0, 47)).c_str());
  STRCMP_EQUAL("23: odd number of hex digits", refusal(whole.substr(0, 47), strict).c_str());
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
  const std::pair<const char*, const char*> odd[] = {
      {"030121F3", "TP-OA: bit 7 of its type is not set"},
      {"03812103", "TP-OA: no filler behind an odd number of digits"},
  };
  for (const auto& [address, why] : odd) {
    STRCMP_EQUAL(why, defects(std::string("0004") + address + rest).c_str());
    STRCMP_EQUAL((std::string("2: ") + why).c_str(),
                 refusal(std::string("0004") + address + rest, {at::Direction::from_sc, true}).c_str());
  }
  const std::string padded =
                        "0004"
                        "069121FFFF" +
                        rest,
                    inside =
                        "0004"
                        "0B91160426F98956" +
                        rest;
  STRCMP_EQUAL("TP-OA: a filler among the digits", defects(padded).c_str());
  STRCMP_EQUAL("+12", deliver(padded).tp_oa.display().c_str());
  STRCMP_EQUAL("+61406299865", deliver(inside).tp_oa.display().c_str());
  STRCMP_EQUAL("read", refusal(inside, {at::Direction::from_sc, true}).c_str());
  // A name's length in whole octets is no crime, only one "@" too many.
  STRCMP_EQUAL("", defects("00040ED0CDB27C5C97E701" + rest).c_str());
  STRCMP_EQUAL("TP-DA is empty", defects("0001000081000000", at::Direction::to_sc).c_str());
  STRCMP_EQUAL("SC address: a filler among the digits",
               defects("0391FF21040B918496445078F70000" + kScts + "00").c_str());
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
  CHECK(deliver(eight + "0A0905040B8423F00101FF").ud.ports == (at::Ports{2948, 9200, 16}));
  CHECK(deliver(eight + "0504040"
                        "2E2D1")
            .ud.ports == (at::Ports{0xE2, 0xD1, 8}));
  STRCMP_EQUAL("", defects(eight + "0100").c_str());
}

// 23.040 9.2.3.24.15 and .16: Turkish by both tables; the elements say nothing to other alphabets.
TEST(Tpdu, NationalTables) {
  const std::string seven = "0044038121F30000" + kScts, ucs2 = "0044038121F30008" + kScts;
  // UDH of 7 octets = 8 septets, no fill bits; then septets 04 (euro) 1B 53 (S cedilla of the single shift
  // table)
  const at::UserData ud = deliver(seven +
                                  "0B"
                                  "06250101240101"
                                  "84CD14")
                              .ud;
  CHECK(ud.tables == (at::Gsm7Tables{1, 1}));
  STRCMP_EQUAL("€Ş", ud.text().c_str());
  STRCMP_EQUAL("A", deliver(ucs2 + "06"
                                   "03250101"
                                   "0041")
                        .ud.text()
                        .c_str());
  CHECK(deliver(seven + "05"
                        "0324"
                        "0101")
            .ud.tables == (at::Gsm7Tables{0, 1}));
  CHECK(deliver(seven + "06"
                        "04240201"
                        "02")
            .ud.tables == at::Gsm7Tables{});  // a wrong length
}

TEST(Tpdu, BrokenHeaders) {
  const std::string eight = "0044038121F30004" + kScts, seven = "0044038121F30000" + kScts;
  STRCMP_EQUAL("UDHL leads out of TP-UD of 2 octets, read as without header",
               defects(eight + "020501").c_str());
  LONGS_EQUAL(2, deliver(eight + "020501").ud.units.size());
  STRCMP_EQUAL("TP-UDHI without TP-UD", defects(eight + "00").c_str());
  STRCMP_EQUAL("last element of UDH cut, the header is passed over", defects(eight + "03020009").c_str());
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
  submit.ud.alphabet = at::Alphabet::compressed;
  submit.tp_dcs = 0x20;
  STRCMP_EQUAL("TP-UD compressed after 23.042 is not written", reason().c_str());
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
  CHECK(replay_corpus("udh", fuzz_udh) >= 10);
}
