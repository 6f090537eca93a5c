// decode(encode(x)) = x, for every field and for texts from end to end.
#include <CppUTest/TestHarness.h>

#include <algorithm>
#include <random>
#include <string>

#include "at/assembler.h"
#include "at/segment.h"
#include "at/ucs2.h"

namespace {

at::Timestamp timestamp(std::int64_t seconds, int quarters) {
  return at::decode_timestamp(at::encode_timestamp(seconds, quarters).data());
}

// Writes, reads, and writes again: a field that was lost on the way shows in the hex.
template <class Tpdu>
Tpdu again(const Tpdu& tpdu, at::Direction direction) {
  const at::Address sc = at::address_from_display("+48798423250");
  const auto encoded = at::encode_pdu(sc, tpdu);
  if (!encoded) FAIL(encoded.error().reason.c_str());
  const auto pdu = at::decode_pdu(encoded->hex, direction);
  CHECK(pdu && pdu->defects.empty() && pdu->sc == sc);
  const Tpdu read = std::get<Tpdu>(pdu->tpdu);
  STRCMP_EQUAL(encoded->hex.c_str(), at::encode_pdu(sc, read)->hex.c_str());
  LONGS_EQUAL(encoded->hex.size(), static_cast<std::size_t>(encoded->tpdu_octets) * 2 + 16);
  return read;
}

// A character from a pool that favours what is special: extensions, Cyrillic, what needs a surrogate pair.
std::string random_text(std::mt19937& random, std::size_t length, bool within_gsm7) {
  static constexpr std::u32string_view kGsm7 = U"@£$èéÇ\nØΔ_ΩÆß !abcXYZ019ÄÖÑ§¿äöñüà^{}\\[~]|€";
  static constexpr std::u32string_view kMore = U"Жç`😀🚒e\u0301\u200D漢字\U0010FFFF";
  const std::size_t size = kGsm7.size() + (within_gsm7 ? 0 : kMore.size());
  std::string text;
  for (std::size_t i = 0; i < length; ++i) {
    const std::size_t pick = random() % size;
    at::utf8_append(&text, pick < kGsm7.size() ? kGsm7[pick] : kMore[pick - kGsm7.size()]);
  }
  return text;
}

at::Part part_of(const std::string& hex, std::uint64_t id, at::PartKey* key) {
  const auto pdu = at::decode_pdu(hex, at::Direction::to_sc);
  CHECK(pdu && pdu->defects.empty());
  const auto& ud = std::get<at::Submit>(pdu->tpdu).ud;
  const at::Concat concat = ud.concat.value_or(at::Concat{});
  *key = {"8944", "1:+15550100", concat.reference_bits, concat.reference, concat.total};
  return {id, concat.sequence, ud.alphabet, ud.units, 0};
}

// Through segments, PDUs and the assembler, in any order.
std::string through_the_air(const std::string& text, std::mt19937& random) {
  const auto segmented = at::segment_text(text, at::Encoding::automatic, 255);
  std::vector<std::string> pdus;
  at::SubmitOptions options{at::address_from_display("+15550100")};
  options.concat_reference = static_cast<std::uint8_t>(random() % 256);
  for (std::size_t i = 0; i < segmented->parts.size(); ++i) {
    pdus.push_back(at::submit_pdu(*segmented, i, options)->hex);
  }
  std::shuffle(pdus.begin(), pdus.end(), random);
  at::Assembler assembler({1000, 5000});
  for (std::size_t i = 0; i < pdus.size(); ++i) {
    at::PartKey key;
    const at::Part part = part_of(pdus[i], i, &key);
    const auto out = assembler.add(key, part);
    if (i + 1 < pdus.size()) CHECK(out.empty());
    if (i + 1 == pdus.size() && !out.empty()) return out.front().text;
  }
  return "nothing came out";
}

}  // namespace

TEST_GROUP(RoundTrip){};

TEST(RoundTrip, DeliverWithEveryFlag) {
  for (int flags = 0; flags < 32; ++flags) {
    at::Deliver deliver;
    deliver.tp_oa = at::address_from_display(flags % 2 ? "Klaxon" : "+447700900123");
    deliver.tp_mms = flags & 1, deliver.tp_sri = flags & 2, deliver.tp_rp = flags & 4,
    deliver.tp_lp = flags & 8;
    deliver.tp_pid = 0x41;
    deliver.tp_scts = timestamp(1514022287, -20);
    deliver.ud.units = *at::gsm7_encode("power back at 14:30 €");
    if (flags & 16) deliver.ud.udh.push_back(at::concat_element({0x1234, 16, 3, 2}));
    const at::Deliver read = again(deliver, at::Direction::from_sc);
    CHECK(read.tp_oa == deliver.tp_oa);
    CHECK(read.tp_mms == deliver.tp_mms && read.tp_sri == deliver.tp_sri && read.tp_rp == deliver.tp_rp);
    CHECK(read.tp_lp == deliver.tp_lp && read.tp_udhi == !deliver.ud.udh.empty());
    LONGS_EQUAL(deliver.tp_pid, read.tp_pid);
    CHECK(read.tp_scts.unix_seconds == 1514022287);
    CHECK(read.ud.units == deliver.ud.units && read.ud.udh == deliver.ud.udh);
    if (flags & 16) CHECK(read.ud.concat == (at::Concat{0x1234, 16, 3, 2}));
  }
}

TEST(RoundTrip, SubmitWithEveryFlagAndValidity) {
  for (int flags = 0; flags < 32; ++flags) {
    at::Submit submit;
    submit.tp_rd = flags & 1, submit.tp_srr = flags & 2, submit.tp_rp = flags & 4;
    submit.tp_vpf = static_cast<std::uint8_t>(flags >> 3);
    if (submit.tp_vpf == 2) submit.tp_vp = 0xA7;
    if (submit.tp_vpf % 2 != 0) submit.tp_vp_octets = {1, 2, 3, 4, 5, 6, 7};
    submit.tp_mr = 200;
    submit.tp_da = at::address_from_display("60777");
    submit.tp_dcs = 0x18;
    submit.ud.alphabet = at::Alphabet::ucs2;
    submit.ud.units = at::ucs2_octets("Ж😀");
    const at::Submit read = again(submit, at::Direction::to_sc);
    CHECK(read.tp_rd == submit.tp_rd && read.tp_srr == submit.tp_srr && read.tp_rp == submit.tp_rp);
    CHECK(read.tp_vpf == submit.tp_vpf && read.tp_vp == submit.tp_vp &&
          read.tp_vp_octets == submit.tp_vp_octets);
    LONGS_EQUAL(200, read.tp_mr);
    CHECK(read.tp_da == submit.tp_da);
    STRCMP_EQUAL("Ж😀", read.ud.text().c_str());
  }
}

TEST(RoundTrip, StatusReportWithEveryStatus) {
  for (int status = 0; status < 256; ++status) {
    at::StatusReport report;
    report.tp_mms = status & 1, report.tp_srq = status & 2, report.tp_lp = status & 4;
    report.tp_mr = static_cast<std::uint8_t>(255 - status);
    report.tp_ra = at::address_from_display("+447700900123");
    report.tp_scts = timestamp(1514022287, 4);
    report.tp_dt = timestamp(1514022300, 4);
    report.tp_st = static_cast<std::uint8_t>(status);
    if (status & 8) report.parameters = {{0x01}, 0x41, {}, {}};
    const at::StatusReport read = again(report, at::Direction::from_sc);
    CHECK(read.tp_mms == report.tp_mms && read.tp_srq == report.tp_srq && read.tp_lp == report.tp_lp);
    LONGS_EQUAL(report.tp_mr, read.tp_mr);
    LONGS_EQUAL(report.tp_st, read.tp_st);
    CHECK(read.tp_ra == report.tp_ra && read.tp_dt.unix_seconds == 1514022300);
    CHECK(read.parameters.tp_pi == report.parameters.tp_pi && read.parameters.tp_pid == report.parameters.tp_pid);
  }
}

TEST(RoundTrip, EveryTpDcs) {
  for (int value = 0; value < 256; ++value) {
    at::Deliver deliver;
    deliver.tp_oa = at::address_from_display("60777");
    deliver.tp_scts = timestamp(1514022287, 0);
    deliver.tp_dcs = static_cast<std::uint8_t>(value);
    deliver.ud.alphabet = at::decode_dcs(deliver.tp_dcs).alphabet;
    if (deliver.ud.alphabet == at::Alphabet::compressed) continue;  // is not written
    deliver.ud.units = {0x04, 0x16};
    const at::Deliver read = again(deliver, at::Direction::from_sc);
    CHECK(read.ud.alphabet == deliver.ud.alphabet && read.ud.units == deliver.ud.units);
    LONGS_EQUAL(value, read.tp_dcs);
  }
}

TEST(RoundTrip, EveryHeaderSizeAndEveryLengthOfText) {
  for (std::size_t element = 0; element < 9; ++element) {
    for (std::size_t length = 0; length < 100; ++length) {
      at::Submit submit;
      submit.tp_da = at::address_from_display("123");
      submit.ud.udh.push_back({0x70, at::Octets(element, 0xA5)});
      submit.ud.units = at::Septets(length, 0x55);
      const at::Submit read = again(submit, at::Direction::to_sc);
      CHECK(read.ud.units == submit.ud.units && read.ud.udh == submit.ud.udh);
    }
  }
}

TEST(RoundTrip, TextsFromEndToEnd) {
  std::mt19937 random(20240229);
  for (int i = 0; i < 400; ++i) {
    const bool within_gsm7 = i % 2 == 0;
    const std::string text = random_text(random, random() % 500, within_gsm7);
    const std::string came = through_the_air(text, random);
    if (came != text) FAIL(("text " + std::to_string(i) + ": " + text).c_str());
  }
}
