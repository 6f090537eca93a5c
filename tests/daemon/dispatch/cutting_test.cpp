// A text for recipients of several countries, and the same cut again.
#include <CppUTest/TestHarness.h>

#include "daemon/dispatch/cutting.h"

using namespace klaxon;

namespace {

constexpr int kTurkish = 1 << 1, kUrdu = 1 << 13;
constexpr const char* kAnkara = "+905321234567";
constexpr const char* kLondon = "+447700900123";

MessageRecord form(const char* letter, int count) {
  MessageRecord out;
  for (int i = 0; i < count; ++i) out.text += letter;
  return out;
}

}  // namespace

TEST_GROUP(Cutting) {
  config::Policy policy;
  void setup() override {
    policy.national_tables.by_prefix = {{"90", kTurkish}};
  }
  MessageRecord cut_for(Cutter & cutter, const MessageRecord& from, const char* to) {
    MessageRecord message = from;
    message.to = to;
    cutter.cut(message);
    return message;
  }
};

TEST(Cutting, TheMessagesWishGoesBeforeThePolicy) {
  MessageRecord asked;
  CHECK_EQUAL(kTurkish, languages_for(asked, kAnkara, policy.national_tables));
  CHECK_EQUAL(0, languages_for(asked, kLondon, policy.national_tables));
  asked.languages = kUrdu;
  CHECK_EQUAL(kUrdu, languages_for(asked, kAnkara, policy.national_tables));
  asked.languages = 0;
  CHECK_EQUAL(0, languages_for(asked, kAnkara, policy.national_tables));
}

TEST(Cutting, AFormIsSizedForTheCountryThatTakesMost) {
  MessageRecord text = form("ş", 100);
  LONGS_EQUAL(1, cut_form(&text, {kAnkara}, policy)->parts.size());
  LONGS_EQUAL(1, text.locking);
  LONGS_EQUAL(2, cut_form(&text, {kAnkara, kLondon}, policy)->parts.size());
  LONGS_EQUAL(0, text.locking);
  LONGS_EQUAL(2, cut_form(&text, {kLondon, kAnkara}, policy)->parts.size());
  LONGS_EQUAL(2, cut_form(&text, {}, policy)->parts.size());
  policy.max_segments = 1;
  CHECK(cut_form(&text, {kAnkara}, policy).has_value());
  LONGS_EQUAL(2, cut_form(&text, {kAnkara, kLondon}, policy).error().parts);
}

TEST(Cutting, EachRecipientHasTheirOwn) {
  Cutter cutter(policy);
  MessageRecord text = form("ş", 100);
  cut_form(&text, {kAnkara, kLondon}, policy);
  for (int again = 0; again < 2; ++again) {
    const MessageRecord ankara = cut_for(cutter, text, kAnkara), london = cut_for(cutter, text, kLondon);
    LONGS_EQUAL(1, ankara.parts.size());
    LONGS_EQUAL(1, ankara.locking);
    LONGS_EQUAL(2, london.parts.size());
    LONGS_EQUAL(0, london.locking);
    const MessageRecord other = form("Ж", 71);
    LONGS_EQUAL(2, cut_for(cutter, other, kAnkara).parts.size());  // another text in between
  }
  LONGS_EQUAL(4, cutter.segments(text, {kAnkara, kLondon, kAnkara}));
  text.languages = 0;
  LONGS_EQUAL(2, cut_for(cutter, text, kAnkara).parts.size());
  LONGS_EQUAL(6, cutter.segments(text, {kAnkara, kLondon, kAnkara}));
}

TEST(Cutting, TheEncodingIsPartOfTheText) {
  Cutter cutter(policy);
  MessageRecord text = form("ş", 100);
  LONGS_EQUAL(1, cut_for(cutter, text, kAnkara).parts.size());
  text.encoding = TextEncoding::ucs2;
  text.parts.resize(2);
  LONGS_EQUAL(2, cut_for(cutter, text, kAnkara).parts.size());
  LONGS_EQUAL(0, cut_for(cutter, text, kAnkara).locking);
}

TEST(Cutting, WhatWasCutOnceIsCutTheSameWay) {
  MessageRecord text = form("ş", 156);
  const auto first = *cut_form(&text, {kAnkara}, policy);
  const auto again = *cut_again(text);
  CHECK(first.parts == again.parts && again.tables == (at::Gsm7Tables{1, 0}));
  MessageRecord plain = form("ş", 156);
  plain.parts.resize(3);
  CHECK(cut_again(plain)->alphabet == at::Alphabet::ucs2);
  MessageRecord octets;
  octets.octets = std::string(141, '\x01');
  LONGS_EQUAL(2, cut_form(&octets, {kAnkara}, policy)->parts.size());
  LONGS_EQUAL(2, cut_again(octets)->parts.size());
}
