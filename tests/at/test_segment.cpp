#include <CppUTest/TestHarness.h>

#include <string>

#include "at/segment.h"
#include "at/ucs2.h"
#include "tests/fuzz/replay.h"

int fuzz_segment(const std::uint8_t*, std::size_t);

namespace {

std::string repeated(std::size_t count, const char* text) {
  std::string all;
  for (std::size_t i = 0; i < count; ++i) all += text;
  return all;
}

// "160", "153+8", "too_many", "not_utf8", "missing 60": units of each part (octets for UCS-2).
std::string cut(const std::string& text, at::Encoding encoding = at::Encoding::automatic,
                int max_parts = 255) {
  const auto segmented = at::segment_text(text, encoding, max_parts);
  if (!segmented) {
    switch (segmented.error().kind) {
      case at::SegmentError::Kind::not_utf8:
        return "not_utf8";
      case at::SegmentError::Kind::too_many:
        return "too_many";
      case at::SegmentError::Kind::no_room:
        return "no_room";
      case at::SegmentError::Kind::not_in_alphabet:
        return "missing " + std::to_string(segmented.error().code_point);
    }
  }
  std::string sizes;
  for (const auto& part : segmented->parts) sizes += (sizes.empty() ? "" : "+") + std::to_string(part.size());
  return sizes;
}

at::Submit submit_of(const at::EncodedPdu& pdu) {
  const auto read = at::decode_pdu(pdu.hex, at::Direction::to_sc);
  CHECK(read && read->defects.empty());
  return std::get<at::Submit>(read->tpdu);
}

}  // namespace

TEST_GROUP(Segment){};

TEST(Segment, SeptetLimits) {
  STRCMP_EQUAL("0", cut("").c_str());
  STRCMP_EQUAL("160", cut(repeated(160, "a")).c_str());
  STRCMP_EQUAL("153+8", cut(repeated(161, "a")).c_str());
  STRCMP_EQUAL("153+153", cut(repeated(306, "a")).c_str());
  STRCMP_EQUAL("153+153+1", cut(repeated(307, "a")).c_str());
}

TEST(Segment, Ucs2Limits) {
  STRCMP_EQUAL("140", cut(repeated(70, "Ж")).c_str());
  STRCMP_EQUAL("134+8", cut(repeated(71, "Ж")).c_str());
  STRCMP_EQUAL("134+134", cut(repeated(134, "Ж")).c_str());
  STRCMP_EQUAL("134+134+2", cut(repeated(135, "Ж")).c_str());
  STRCMP_EQUAL("140", cut(repeated(35, "😀")).c_str());
  STRCMP_EQUAL("134+8", cut(repeated(71, "x"), at::Encoding::ucs2).c_str());
}

TEST(Segment, EscapePairStaysWhole) {
  STRCMP_EQUAL("160", cut(repeated(80, "€")).c_str());
  STRCMP_EQUAL("152+10", cut(repeated(81, "€")).c_str());
  STRCMP_EQUAL("152+9", cut(repeated(152, "a") + "€" + repeated(7, "a")).c_str());
  STRCMP_EQUAL("153+8", cut(repeated(151, "a") + "€" + repeated(8, "a")).c_str());
}

TEST(Segment, SurrogatePairStaysWhole) {
  STRCMP_EQUAL("132+12", cut(repeated(36, "😀")).c_str());
  STRCMP_EQUAL("132+12", cut(repeated(66, "Ж") + "😀" + repeated(4, "Ж")).c_str());
  STRCMP_EQUAL("134+10", cut(repeated(65, "Ж") + "😀" + repeated(5, "Ж")).c_str());
}

TEST(Segment, MaxParts) {
  STRCMP_EQUAL("160", cut(repeated(160, "a"), at::Encoding::automatic, 1).c_str());
  STRCMP_EQUAL("too_many", cut(repeated(161, "a"), at::Encoding::automatic, 1).c_str());
  STRCMP_EQUAL("too_many", cut(repeated(307, "a"), at::Encoding::automatic, 2).c_str());
  STRCMP_EQUAL("too_many", cut(repeated(153, "€"), at::Encoding::automatic, 2).c_str());
  STRCMP_EQUAL("too_many", cut("", at::Encoding::automatic, 0).c_str());
  STRCMP_EQUAL("too_many", cut(repeated(153 * 255 + 1, "a"), at::Encoding::automatic, 1000).c_str());
  CHECK(at::segment_text(repeated(153 * 255, "a"), at::Encoding::automatic, 1000)->parts.size() == 255);
}

TEST(Segment, Refusals) {
  STRCMP_EQUAL("not_utf8", cut("a\xC3(").c_str());
  STRCMP_EQUAL("missing 1046", cut("aЖ", at::Encoding::gsm7).c_str());
  STRCMP_EQUAL("not_utf8", cut("\xED\xA0\xBD", at::Encoding::ucs2).c_str());
}

TEST(Segment, EightBit) {
  LONGS_EQUAL(1, at::segment_octets(at::Octets(140), 255)->parts.size());
  const auto two = at::segment_octets(at::Octets(141), 255);
  LONGS_EQUAL(134, two->parts[0].size());
  LONGS_EQUAL(7, two->parts[1].size());
  CHECK(!at::segment_octets(at::Octets(269), 2));
}

TEST(Segment, SubmitOfASinglePart) {
  const auto segmented = at::segment_text("hellohello", at::Encoding::automatic, 1);
  const auto pdu = at::submit_pdu(*segmented, 0, {at::address_from_display("+15550100"), false, 86400});
  STRCMP_EQUAL("0011000891515510000000A70AE8329BFD4697D9EC37", pdu->hex.c_str());
  LONGS_EQUAL(21, pdu->tpdu_octets);
}

TEST(Segment, SubmitOfParts) {
  const auto segmented = at::segment_text(repeated(161, "a"), at::Encoding::automatic, 9);
  at::SubmitOptions options{at::address_from_display("60777")};
  options.message_class = 0;
  options.concat_reference = 0xFE;
  const at::Submit second = submit_of(*at::submit_pdu(*segmented, 1, options));
  CHECK(second.tp_srr && second.tp_udhi);
  LONGS_EQUAL(0, second.tp_vpf);
  LONGS_EQUAL(0x10, second.tp_dcs);
  CHECK(second.tp_da == at::address_from_display("60777"));
  CHECK(second.ud.concat == (at::Concat{0xFE, 8, 2, 2}));
  STRCMP_EQUAL("aaaaaaaa", second.ud.text().c_str());
  const auto first = *at::submit_pdu(*segmented, 0, options);
  LONGS_EQUAL(160, submit_of(first).ud.units.size() + 7);
}

TEST(Segment, SubmitRefusals) {
  const auto segmented = at::segment_text("x", at::Encoding::automatic, 1);
  CHECK(!at::submit_pdu(*segmented, 1, {at::address_from_display("123")}));
  const auto empty = at::submit_pdu(*segmented, 0, {at::address_from_display("")});
  STRCMP_EQUAL("TP-DA is empty", empty.error().reason.c_str());
  const auto longer = at::submit_pdu(*segmented, 0, {at::address_from_display("123456789012345678901")});
  STRCMP_EQUAL("TP-DA length 21 above 20 digits", longer.error().reason.c_str());
}

TEST(Segment, MoreInTheHeaderLeavesLessRoom) {
  const auto sizes = [](std::size_t units, const char* character, int bits, bool ports) {
    at::SegmentOptions options;
    options.concat_bits = static_cast<std::uint8_t>(bits);
    if (ports) options.elements.push_back({0x05, {0x0B, 0x84, 0x23, 0xF0}});
    const auto segmented = at::segment_text(repeated(units, character), options);
    return std::to_string(segmented->length(0)) + " of " + std::to_string(segmented->parts.size()) + ", " +
           std::to_string(segmented->capacity(1)) + "/" + std::to_string(segmented->capacity(2));
  };
  STRCMP_EQUAL("152 of 2, 160/152", sizes(161, "a", 16, false).c_str());
  STRCMP_EQUAL("66 of 2, 70/66", sizes(71, "Ж", 16, false).c_str());
  STRCMP_EQUAL("152 of 1, 152/146", sizes(152, "a", 8, true).c_str());
  STRCMP_EQUAL("146 of 2, 152/146", sizes(153, "a", 8, true).c_str());
  STRCMP_EQUAL("145 of 2, 152/145", sizes(153, "a", 16, true).c_str());
  STRCMP_EQUAL("64 of 2, 66/64", sizes(67, "Ж", 8, true).c_str());
  STRCMP_EQUAL("63 of 2, 66/63", sizes(67, "Ж", 16, true).c_str());
}

TEST(Segment, OctetsBesidePorts) {
  at::SegmentOptions options;
  options.elements.push_back({0x05, {0x0B, 0x84, 0x23, 0xF0}});
  LONGS_EQUAL(1, at::segment_octets(at::Octets(133), options)->parts.size());
  const auto two = *at::segment_octets(at::Octets(134), options);
  LONGS_EQUAL(128, two.length(0));
  options.concat_bits = 16;
  LONGS_EQUAL(127, at::segment_octets(at::Octets(134), options)->length(0));
  const auto second = submit_of(*at::submit_pdu(two, 1, {at::address_from_display("123")}));
  LONGS_EQUAL(2, second.ud.udh.size());
  LONGS_EQUAL(0x00, second.ud.udh[0].iei);
  LONGS_EQUAL(0x05, second.ud.udh[1].iei);
}

TEST(Segment, ElementsThatFillThePartAreRefused) {
  at::SegmentOptions options;
  options.elements.push_back({0x70, at::Octets(137)});
  CHECK(at::segment_text("x", options).error().kind == at::SegmentError::Kind::no_room);
  CHECK(at::segment_octets({1}, options).error().kind == at::SegmentError::Kind::no_room);
  options.encoding = at::Encoding::ucs2;
  CHECK(at::segment_text("x", options).error().kind == at::SegmentError::Kind::no_room);
  options.elements[0].octets.resize(300);
  CHECK(at::segment_text("x", options).error().kind == at::SegmentError::Kind::no_room);
}

TEST(Segment, TooManySaysHowMany) {
  LONGS_EQUAL(3, at::segment_text(repeated(307, "a"), at::Encoding::automatic, 2).error().parts);
  LONGS_EQUAL(3, at::segment_text(repeated(135, "Ж"), at::Encoding::automatic, 2).error().parts);
  LONGS_EQUAL(3, at::segment_octets(at::Octets(269), 2).error().parts);
  LONGS_EQUAL(0, at::segment_text(repeated(100'000, "ж"), at::Encoding::automatic, 255).error().parts);
  LONGS_EQUAL(0, at::segment_text(repeated(100'000, "e\u0301"), at::Encoding::automatic, 255).error().parts);
}

TEST(Segment, EverySubmitOption) {
  const auto segmented = *at::segment_text(repeated(71, "Ж"), [] {
    at::SegmentOptions wide;
    wide.concat_bits = 16;
    return wide;
  }());
  at::SubmitOptions options{at::address_from_display("+15550100"), false};
  options.concat_reference = 0x1234;
  options.message_class = 3;
  options.tp_mr = 77;
  options.tp_pid = 0x41;
  options.tp_rd = true;
  options.valid_seconds = 60;
  options.tp_vp = 0xAD;
  options.sc = at::address_from_display("+48798423250");
  const auto pdu = *at::submit_pdu(segmented, 1, options);
  CHECK(pdu.hex.starts_with("07918497"));
  const at::Submit submit = submit_of(pdu);
  CHECK(submit.tp_rd && !submit.tp_srr && submit.tp_udhi);
  LONGS_EQUAL(77, submit.tp_mr);
  LONGS_EQUAL(0x41, submit.tp_pid);
  LONGS_EQUAL(0x1B, submit.tp_dcs);
  LONGS_EQUAL(2, submit.tp_vpf);
  LONGS_EQUAL(0xAD, *submit.tp_vp);
  CHECK(submit.ud.concat == (at::Concat{0x1234, 16, 2, 2}));
  options.tp_vp_absolute = {0x71, 0x21, 0x32, 0x01, 0x44, 0x74, 0x40};
  const at::Submit absolute = submit_of(*at::submit_pdu(segmented, 0, options));
  LONGS_EQUAL(3, absolute.tp_vpf);
  CHECK(absolute.tp_vp_octets == at::Octets({0x71, 0x21, 0x32, 0x01, 0x44, 0x74, 0x40}));
  options.message_class = 4;
  CHECK(!at::submit_pdu(segmented, 0, options));
}

TEST(Segment, AReferenceOfEightBitsIsCut) {
  const auto segmented = *at::segment_text(repeated(161, "a"), at::Encoding::automatic, 9);
  at::SubmitOptions options{at::address_from_display("60777")};
  options.concat_reference = 0x1234;
  CHECK(submit_of(*at::submit_pdu(segmented, 0, options)).ud.concat == (at::Concat{0x34, 8, 2, 1}));
}

TEST(Segment, DcsOfEachAlphabet) {
  const at::SubmitOptions options{at::address_from_display("123")};
  LONGS_EQUAL(
      0x08,
      submit_of(*at::submit_pdu(*at::segment_text("Ж", at::Encoding::automatic, 1), 0, options)).tp_dcs);
  LONGS_EQUAL(0x04, submit_of(*at::submit_pdu(*at::segment_octets({1, 2}, 1), 0, options)).tp_dcs);
}

TEST(Segment, CorpusReplays) {
  CHECK(replay_corpus("segment", fuzz_segment) >= 18);
}
