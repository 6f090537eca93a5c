#include "daemon/automation/keywords.h"

#include <CppUTest/TestHarness.h>

#include "daemon/automation/template.h"

using namespace klaxon;

namespace {
constexpr std::int64_t kMinute = 60'000, kHour = 60 * kMinute;

KeywordRecord keyword(std::string word, std::string secret = "") {
  KeywordRecord k;
  k.word = std::move(word);
  k.secret = std::move(secret);
  k.action = "broadcast";
  return k;
}
}  // namespace

TEST_GROUP(Words){};

TEST(Words, case_quotes_and_punctuation_do_not_count) {
  for (const char* text : {"outage now", "  OUTAGE: now", "\"Outage\" now", "«outage», now", "(OUTAGE) now", "outage...\nnow"}) {
    const Spoken spoken = take_word(text);
    STRCMP_EQUAL("OUTAGE", spoken.word.c_str());
    STRCMP_EQUAL("now", std::string(text).substr(spoken.rest_at).c_str());
    CHECK_FALSE(spoken.bang);
  }
}

TEST(Words, a_bang_right_after_the_word_is_noted) {
  CHECK(take_word("OUTAGE! now").bang);
  CHECK_FALSE(take_word("OUTAGE ! now").bang);
  CHECK_FALSE(take_word("!OUTAGE now").bang);
}

TEST(Words, letters_beyond_ascii_fold) {
  STRCMP_EQUAL("ÅÄÖ", take_word("åäö").word.c_str());
  STRCMP_EQUAL("ΣΗΜΑ", take_word("σημα").word.c_str());
  STRCMP_EQUAL("ПОЖАР", take_word("пожар").word.c_str());
  STRCMP_EQUAL("", take_word("").word.c_str());
  STRCMP_EQUAL("", take_word("?!").word.c_str());
}

TEST(Words, numbers_are_shortened) {
  STRCMP_EQUAL("+4477…123", shorten_number("+447700900123").c_str());
  STRCMP_EQUAL("60777", shorten_number("60777").c_str());
}

TEST_GROUP(Guards) { Keywords keywords; };

TEST(Guards, the_word_after_the_keyword_is_masked_right_or_wrong) {
  keywords.set_keyword(keyword("OUTAGE", "pin:file:p"));
  keywords.set_secret("OUTAGE", "7391");
  STRCMP_EQUAL("OUTAGE •••• mail", keywords.mask("OUTAGE 7391 mail")->text.c_str());
  LONGS_EQUAL(1, keywords.mask("OUTAGE 7391 mail")->verdict);
  STRCMP_EQUAL("outage! •••• mail", keywords.mask("outage! 73911 mail")->text.c_str());
  LONGS_EQUAL(2, keywords.mask("outage! 73911 mail")->verdict);
  LONGS_EQUAL(2, keywords.mask("OUTAGE")->verdict);
  CHECK_FALSE(keywords.mask("hello 7391").has_value());
  STRCMP_EQUAL("mail", keywords.ask("OUTAGE •••• mail ")->args.c_str());
}

TEST(Guards, without_its_file_nobody_is_right) {
  keywords.set_keyword(keyword("OUTAGE", "pin:file:p"));
  LONGS_EQUAL(2, keywords.mask("OUTAGE  mail")->verdict);
  keywords.set_secret("OUTAGE", "");
  LONGS_EQUAL(2, keywords.mask("OUTAGE \x01 mail")->verdict);
  keywords.set_secret("OUTAGE", "123");
  LONGS_EQUAL(2, keywords.mask("OUTAGE 123 mail")->verdict);
}

TEST(Guards, who_may) {
  KeywordRecord k = keyword("OUTAGE");
  CHECK_FALSE(keywords.may(k, "+34600111222"));
  k.action = "reply";
  CHECK(keywords.may(k, "+34600111222"));
  k.from_given = true;
  CHECK_FALSE(keywords.may(k, "+34600111222"));
  k.from = {"group:it", "+34600111333"};
  keywords.set_group({"it", {"+34600111222"}});
  CHECK(keywords.may(k, "+34600111222"));
  CHECK(keywords.may(k, "+34600111333"));
  CHECK_FALSE(keywords.may(k, "+34600111444"));
}

TEST(Guards, five_failures_lock_for_longer_each_time) {
  std::int64_t now = kHour;
  for (const std::int64_t length : {15 * kMinute, kHour, 24 * kHour, 24 * kHour}) {
    for (int i = 0; i < 4; ++i) keywords.count_failure("+34600111222", now);
    CHECK_FALSE(keywords.locked("+34600111222", now));
    keywords.count_failure("+34600111222", now);
    CHECK(keywords.locked("+34600111222", now + length - 1));
    now += length;
    CHECK_FALSE(keywords.locked("+34600111222", now));
  }
  CHECK_FALSE(keywords.locked("+34600111333", now));
  CHECK(keywords.clear_failures("+34600111222").has_value());
  CHECK_FALSE(keywords.clear_failures("+34600111222").has_value());
}

TEST(Guards, twenty_failures_an_hour_alarm_once) {
  for (int i = 0; i < 19; ++i) keywords.count_failure("+3460011" + std::to_string(1000 + i), kHour);
  CHECK_FALSE(keywords.alarm_due(kHour));
  keywords.count_failure("+34600119999", kHour);
  CHECK(keywords.alarm_due(kHour));
  CHECK_FALSE(keywords.alarm_due(kHour + 1));
}

TEST(Guards, answers_are_bounded_per_number_and_no_names_are_answered) {
  for (std::size_t i = 0; i < Keywords::kAnswersAnHour; ++i) CHECK(keywords.may_answer("+34600111222", 0));
  CHECK_FALSE(keywords.may_answer("+34600111222", 1));
  CHECK(keywords.may_answer("+34600111333", 1));
  CHECK(keywords.may_answer("+34600111222", kHour + 1));
  CHECK_FALSE(keywords.may_answer("60777", 0));
  CHECK_FALSE(keywords.may_answer("MyBank", 0));
}

TEST(Guards, comparison_looks_at_everything) {
  CHECK(equal_in_constant_time("7391", "7391"));
  CHECK_FALSE(equal_in_constant_time("7391", "739"));
  CHECK_FALSE(equal_in_constant_time("73917391", "7391"));
  CHECK_FALSE(equal_in_constant_time("", "7391"));
  CHECK_FALSE(equal_in_constant_time("7391", ""));
}

TEST(Guards, a_template_is_a_text_and_no_html) {
  STRCMP_EQUAL("IT: <b> & \"c\"", render_template("IT: {{args}}", {{"args", "<b> & \"c\""}}).c_str());
  CHECK(template_valid("IT: {{args}}"));
  CHECK_FALSE(template_valid("IT: {{args"));
}

TEST(Guards, a_contact_stands_for_its_first_number) {
  keywords.set_contact({"Ana Ruiz", {"+34600111222", "+34600111333"}, {}});
  keywords.set_group({"it", {"Ana Ruiz", "+447700900123", "+34600111222"}});
  CHECK((keywords.numbers_of(*keywords.group("it")) == std::vector<std::string>{"+34600111222", "+447700900123"}));
  KeywordRecord k = keyword("OUTAGE");
  k.from_given = true;
  k.from = {"group:it"};
  CHECK(keywords.may(k, "+34600111222"));
  CHECK(keywords.may(k, "+447700900123"));
  CHECK_FALSE(keywords.may(k, "+34600111333"));
  CHECK_FALSE(keywords.may(k, "Ana Ruiz"));
  STRCMP_EQUAL("it", keywords.group_with("Ana Ruiz")->name.c_str());
  const auto renamed = keywords.groups_renamed("Ana Ruiz", "Ana R");
  LONGS_EQUAL(1, renamed.size());
  STRCMP_EQUAL("Ana R", renamed[0].members[0].c_str());
  CHECK(keywords.group_with("Nobody") == nullptr);
}
