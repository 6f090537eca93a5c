// What asks for an end and what does not, and whose wish is remembered.
#include "daemon/automation/consent.h"

#include <CppUTest/TestHarness.h>

#include <set>

#include "daemon/automation/keywords.h"

using namespace klaxon;

namespace {
constexpr const char* kAna = "+34600111222";
constexpr const char* kBob = "+447700900123";
bool asks(const char* text, Wish wish) {
  return read_wish(text) == wish;
}
}  // namespace

TEST_GROUP(ConsentWish){};

TEST(ConsentWish, a_word_alone_is_understood_whatever_stands_around_it) {
  for (const char* text :
       {"STOP", "stop", " Stop. ", "\"STOP\"", "“stop”", "«Stop!»", "\nstop\r\n", "stopall", "Stop  all",
        "UNSUBSCRIBE", "cancel", "End", "quit!", "opt-out", "opt out"})
    CHECK_TEXT(asks(text, Wish::stop), text);
  for (const char* text : {"START", "start.", "'Unstop'"}) CHECK_TEXT(asks(text, Wish::start), text);
}

TEST(ConsentWish, whatever_else_is_said_asks_for_nothing) {
  for (const char* text : {"STOP 12345", "please stop", "stop it", "", "  ", "...", "stopping", "non-stop",
                           "YES", "no", "ok", "HELP", "1", "STOP STOP", "the end", "start now"})
    CHECK_TEXT(asks(text, Wish::none), text);
  CHECK(asks(std::string(200, ' ').append("stop").c_str(), Wish::none));
}

TEST(ConsentWish, other_languages_in_any_case) {
  for (const char* text :
       {"Stopp",   "abmelden",  "Arrêt", "arret", "baja",  "Disiscrivi", "afmelden", "sair",
        "wypisz",  "Rezygnuję", "iptal", "İPTAL", "ıptal", "çık",        "стоп",     "Відписатися",
        "διακοπή", "ΔΙΑΚΟΠΗ",   "إلغاء", "הסר",   "退订",  "停止"})
    CHECK_TEXT(asks(text, Wish::stop), text);
  for (const char* text : {"Anmelden", "alta", "başla", "старт"}) CHECK_TEXT(asks(text, Wish::start), text);
}

TEST(ConsentWish, no_word_of_the_table_is_unknown_or_means_both) {
  std::set<std::string_view> languages;
  for (const ConsentWords& words : consent_words()) {
    CHECK_TEXT(languages.insert(words.language).second, std::string(words.language).c_str());
    CHECK(!words.stop.empty());
    for (const std::string_view word : words.stop)
      CHECK_TEXT(asks(std::string(word).c_str(), Wish::stop), std::string(word).c_str());
    for (const std::string_view word : words.start)
      CHECK_TEXT(asks(std::string(word).c_str(), Wish::start), std::string(word).c_str());
  }
}

TEST_GROUP(Consent) {
  Consent consent;
};

TEST(Consent, a_second_stop_changes_nothing) {
  const auto first = consent.stop(kAna, "text", 5);
  CHECK(first && first->id == 1 && first->since_ms == 5);
  CHECK_FALSE(consent.stop(kAna, "token:ops", 9).has_value());
  CHECK(consent.opted_out(kAna));
  CHECK_FALSE(consent.opted_out(kBob));
  STRCMP_EQUAL("text", consent.find(kAna)->by.c_str());
}

TEST(Consent, a_start_is_heard_once_and_by_those_who_had_stopped) {
  CHECK_FALSE(consent.start(kAna));
  consent.stop(kAna, "text", 5);
  CHECK(consent.start(kAna));
  CHECK_FALSE(consent.start(kAna));
  CHECK_FALSE(consent.opted_out(kAna));
  CHECK_EQUAL(2U, consent.stop(kAna, "text", 9)->id);
}

TEST(Consent, pages_ascend_by_id_and_ids_are_never_given_twice) {
  consent.restore_next(8);
  consent.restore({3, kAna, "text", 1});
  consent.stop(kBob, "text", 2);
  consent.stop("12345", "text", 3);
  LONGS_EQUAL(3, consent.page(0, 10).size());
  LONGS_EQUAL(1, consent.page(0, 1).size());
  CHECK_EQUAL(8U, consent.page(3, 1).front().id);
  STRCMP_EQUAL("12345", consent.page(8, 10).front().number.c_str());
  CHECK(consent.page(9, 10).empty());
}
