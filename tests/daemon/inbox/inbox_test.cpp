#include <CppUTest/TestHarness.h>

#include "at/segment.h"
#include "at/tpdu.h"
#include "daemon/inbox/intake.h"
#include "daemon/inbox/reports.h"

using namespace klaxon;

namespace {

constexpr const char* kSim = "8944000000000000001";

std::string pdu_of(const std::string& from, const std::string& text, int total = 1, int sequence = 1, int second = 0) {
  at::Deliver d;
  d.tp_oa = at::address_from_display(from);
  d.tp_scts.raw = at::encode_timestamp(1'700'000'000 + second, 0);
  const auto segmented = *at::segment_text(text, at::Encoding::automatic, 1);
  d.ud.alphabet = segmented.alphabet;
  d.tp_dcs = segmented.alphabet == at::Alphabet::ucs2 ? 0x08 : 0x00;
  d.ud.units = segmented.parts.front();
  d.tp_udhi = total > 1;
  if (total > 1)
    d.ud.udh.push_back(at::concat_element({9, 8, static_cast<std::uint8_t>(total), static_cast<std::uint8_t>(sequence)}));
  return at::encode_pdu(at::address_from_display("+447700900999"), d)->hex;
}

ReportSeen report(int tp_mr, const std::string& ra, std::int64_t scts_ms) { return {kSim, tp_mr, ra, scts_ms, scts_ms, 0, scts_ms}; }

}  // namespace

TEST_GROUP(IntakeOfTexts) {
  Keywords keywords;
  Intake intake{keywords};
  Id next_part = 1;
  Taken take(const std::string& hex, std::int64_t at_ms = 1'000) {
    return intake.take({kSim, "modem0", "SM", 1, hex, at_ms}, &next_part);
  }
};

TEST(IntakeOfTexts, a_text_is_taken_once_per_sim) {
  const std::string pdu = pdu_of("+34600111222", "hello");
  CHECK(take(pdu).kind == Taken::Kind::part);
  CHECK(take(pdu).kind == Taken::Kind::duplicate);
  const Taken other = intake.take({"another SIM", "modem1", "SM", 1, pdu, 1'000}, &next_part);
  CHECK(other.kind == Taken::Kind::part);
  CHECK(take(pdu_of("+34600111222", "hello", 1, 1, 60)).kind == Taken::Kind::part);  // said again a minute later
}

// The second part begins with a septet that only its own locking table reads; the first was taken before a restart.
TEST(IntakeOfTexts, a_text_by_national_tables_is_joined_by_them_over_a_restart) {
  const auto part = [](std::uint8_t sequence, at::Septets septets) {
    at::Deliver d;
    d.tp_oa = at::address_from_display("+905321234567");
    d.tp_scts.raw = at::encode_timestamp(1'700'000'000, 0);
    d.ud.udh = {at::concat_element({9, 8, 2, sequence}), {0x25, {1}}, {0x24, {1}}};
    d.ud.units = std::move(septets);
    return at::encode_pdu(at::Address{}, d)->hex;
  };
  const Taken first = take(part(1, {'a', 0x1C, 0x1B}));  // 1C: S cedilla of the Turkish locking table; an escape cut in two
  Intake next(keywords);
  next.restore({first.part->key_hash}, {*first.part}, 2'000);
  const Taken second = next.take({kSim, "modem0", "SM", 2, part(2, {0x53, 0x0B}), 3'000}, &next_part);
  LONGS_EQUAL(1, second.whole.size());
  STRCMP_EQUAL("aŞŞĞ", second.whole[0].item.text.c_str());
}

TEST(IntakeOfTexts, of_a_cut_text_the_sender_is_still_told) {
  const std::string whole = pdu_of("+34600111222", "hello");
  const Taken cut = take(whole.substr(0, whole.size() - 12));
  CHECK(cut.kind == Taken::Kind::part);
  STRCMP_EQUAL("+34600111222", cut.whole.at(0).item.from.c_str());
  CHECK(cut.whole[0].item.defects.find("TP-UDL") != std::string::npos);
}

TEST(IntakeOfTexts, what_is_known_is_known_after_a_restart_and_forgotten_after_seven_days) {
  const std::string pdu = pdu_of("+34600111222", "hello");
  const Taken first = take(pdu);
  Intake next(keywords);
  next.restore({first.part->key_hash}, {}, 1'000);
  CHECK(next.take({kSim, "modem0", "SM", 1, pdu, 2'000}, &next_part).kind == Taken::Kind::duplicate);
  const std::int64_t week = Intake::kKeepKeysMs + 2'000;
  next.take({kSim, "modem0", "SM", 1, pdu_of("+1234567890", "x"), week}, &next_part);
  CHECK(next.take({kSim, "modem0", "SM", 1, pdu, week}, &next_part).kind == Taken::Kind::part);
}

TEST(IntakeOfTexts, what_cannot_be_read_is_kept_as_it_came) {
  const Taken taken = take("0011zz");
  CHECK(taken.kind == Taken::Kind::part);
  STRCMP_EQUAL("0011zz", taken.part->pdu.c_str());
  CHECK(taken.part->defects.find("undecodable") == 0);
  LONGS_EQUAL(1, taken.whole.size());
}

TEST(IntakeOfTexts, parts_join_in_any_order_and_across_a_restart) {
  const Taken second = take(pdu_of("+34600111222", "world", 2, 2));
  CHECK(second.whole.empty());
  Intake next(keywords);
  next.restore({second.part->key_hash}, {*second.part}, 2'000);
  const Taken first = next.take({kSim, "modem0", "SM", 2, pdu_of("+34600111222", "hello ", 2, 1), 3'000}, &next_part);
  LONGS_EQUAL(1, first.whole.size());
  STRCMP_EQUAL("hello world", first.whole[0].item.text.c_str());
  LONGS_EQUAL(2, first.whole[0].parts.size());
  CHECK(first.whole[0].item.complete);
}

TEST(IntakeOfTexts, an_incomplete_text_is_given_out_after_ten_minutes) {
  take(pdu_of("+34600111222", "world", 2, 2));
  const std::int64_t due = *intake.next_expiry_ms();
  CHECK(intake.expire(due - 1).empty());
  const auto whole = intake.expire(due);
  LONGS_EQUAL(1, whole.size());
  CHECK_FALSE(whole[0].item.complete);
  LONGS_EQUAL(1, whole[0].item.missing.front());
}

TEST(IntakeOfTexts, a_secret_is_masked_before_anything_is_kept) {
  KeywordRecord k;
  k.word = "OUTAGE";
  k.secret = "pin:file:p";
  keywords.set_keyword(k);
  keywords.set_secret("OUTAGE", "7391");
  const Taken right = take(pdu_of("+34600111222", "Outage, 7391 mail is down"));
  LONGS_EQUAL(1, right.part->secret_verdict);
  CHECK(right.part->pdu.empty());
  STRCMP_EQUAL("Outage, •••• mail is down", right.whole[0].item.text.c_str());
  const Taken wrong = take(pdu_of("+34600111222", "OUTAGE 1234 mail is down"));
  LONGS_EQUAL(2, wrong.part->secret_verdict);
  STRCMP_EQUAL("OUTAGE •••• mail is down", wrong.whole[0].item.text.c_str());
}

TEST_GROUP(ReportMatching) { Reports reports; };

TEST(ReportMatching, national_and_international_numbers_are_one_subscriber) {
  CHECK(same_subscriber("+34600111222", "600111222"));
  CHECK(same_subscriber("+447700900123", "07700900123"));
  CHECK_FALSE(same_subscriber("+34600111222", "+34600111223"));
  CHECK_FALSE(same_subscriber("60777", "60778"));
}

TEST(ReportMatching, the_nearest_in_time_is_meant_when_the_reference_wrapped) {
  reports.awaits(kSim, 5, "+34600111222", 1'000'000, {1, 0});
  reports.awaits(kSim, 5, "+34600111222", 9'000'000, {2, 0});
  reports.awaits(kSim, 5, "+34600111333", 9'000'000, {3, 0});
  CHECK(reports.match(report(5, "600111222", 8'990'000)) == PartRef({2, 0}));
  CHECK(reports.match(report(5, "600111222", 1'010'000)) == PartRef({1, 0}));
  CHECK_FALSE(reports.match(report(6, "600111222", 1'010'000)).has_value());
  reports.settled(kSim, 5, {2, 0});
  CHECK(reports.match(report(5, "600111222", 8'990'000)) == PartRef({1, 0}));
}

TEST(ReportMatching, where_the_reference_is_not_known_the_time_tells) {
  reports.awaits(kSim, -1, "+34600111222", 1'000'000, {1, 0});
  reports.awaits(kSim, -1, "+34600111222", 1'030'000, {1, 1});
  CHECK_FALSE(reports.match(report(9, "600111222", 1'002'000)).has_value());
  CHECK(reports.match_unnumbered(report(9, "600111222", 1'002'000)) == PartRef({1, 0}));
  CHECK(reports.match_unnumbered(report(9, "600111222", 1'029'000)) == PartRef({1, 1}));
  CHECK_FALSE(reports.match_unnumbered(report(9, "600111333", 1'002'000)).has_value());
  CHECK_FALSE(reports.match_unnumbered(report(9, "600111222", 900'000)).has_value());
  reports.settled(kSim, 9, {1, 0});
  CHECK(reports.match_unnumbered(report(9, "600111222", 1'002'000)) == PartRef({1, 1}));
  reports.was_reported(kSim, 9, "+34600111222");
  CHECK_FALSE(reports.match_unnumbered(report(9, "600111222", 1'002'000)).has_value());
}

TEST(ReportMatching, an_early_one_waits_for_its_submit_for_a_while) {
  reports.keep_early(report(7, "+34600111222", 500'000));
  LONGS_EQUAL(0, reports.take_early(kSim, 8, "+34600111222", 499'000).size());
  LONGS_EQUAL(1, reports.take_early(kSim, 7, "+34600111222", 499'000).size());
  LONGS_EQUAL(0, reports.take_early(kSim, 7, "+34600111222", 499'000).size());
  reports.keep_early(report(7, "+34600111222", 500'000));
  reports.drop_early(500'000 + Reports::kEarlyMs + 1);
  CHECK_FALSE(reports.take_early_if([](const ReportSeen&) { return true; }).has_value());
}
