// Keywords by text: who may, with which secret, how often. Pure: the secrets' files are read outside and given in.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "daemon/automation/trying.h"
#include "daemon/store/records.h"

namespace klaxon {

// Upper case for comparing words: ASCII, Latin-1, Greek and Cyrillic letters.
std::string fold_word(std::string_view utf8);
// All of a text for comparing: folded, without blanks, punctuation and quotes around it, and one blank between its words.
std::string fold_phrase(std::string_view utf8);
// "+4477…0123": for logs and audit.
std::string shorten_number(std::string_view number);

// A text taken apart: `OUTAGE! 7391 mail is down` -> word OUTAGE, bang, rest "7391 mail is down".
struct Spoken {
  std::string word;            // folded, without punctuation and quotes around it
  bool bang = false;           // a `!` right after the word
  std::size_t rest_at = 0;     // where what follows begins (after blanks)
};
Spoken take_word(std::string_view text);
// The next blank-delimited word from `at`, and where the rest begins.
struct Piece { std::size_t begin = 0, end = 0, rest_at = 0; };
Piece next_piece(std::string_view text, std::size_t at);

constexpr std::string_view kMask = "••••";

class Keywords {
 public:
  void set_keyword(KeywordRecord);
  bool erase_keyword(const std::string& word);
  void set_contact(ContactRecord);
  bool erase_contact(const std::string& name);
  void set_group(GroupRecord);
  bool erase_group(const std::string& name);
  // By keyword: the digits; empty when its file could not be read (then nobody is right).
  void set_secret(const std::string& word, std::string secret) { secrets_[word] = std::move(secret); }

  const KeywordRecord* keyword(const std::string& word) const;
  const ContactRecord* contact(const std::string& name) const;
  const GroupRecord* group(const std::string& name) const;
  // Whom a group reaches now: its numbers, and of each contact the first; the others are tried after it.
  Recipients recipients_of(const GroupRecord&) const;
  std::vector<std::string> numbers_of(const GroupRecord& group) const { return recipients_of(group).numbers; }
  // The groups in which a contact is, with its new name in them.
  std::vector<GroupRecord> groups_renamed(const std::string& contact, const std::string& name) const;
  // None, or the first group in which the contact is.
  const GroupRecord* group_with(const std::string& contact) const;
  const std::map<std::string, KeywordRecord>& keywords() const { return keywords_; }
  const std::map<std::string, ContactRecord>& contacts() const { return contacts_; }
  const std::map<std::string, GroupRecord>& groups() const { return groups_; }

  // If the text begins with a keyword that has a secret, the word after it is masked; verdict 1 right, 2 wrong.
  struct Masked { std::string text; std::string keyword; std::uint8_t verdict = 0; };
  std::optional<Masked> mask(const std::string& text) const;

  struct Asked {                   // a whole text that begins with a keyword
    const KeywordRecord* keyword = nullptr;
    bool bang = false;
    std::string args;              // without the secret
  };
  // text is masked already, so that the word after a keyword with a secret is kMask.
  std::optional<Asked> ask(const std::string& text) const;
  bool may(const KeywordRecord&, const std::string& number) const;

  // Locks (contract of wrong secrets): five failures lock a number for 15 minutes, then 1 h, 24 h.
  bool locked(const std::string& number, std::int64_t now_ms) const;
  LockRecord count_failure(const std::string& number, std::int64_t now_ms);
  std::optional<LockRecord> clear_failures(const std::string& number);  // after success or unlock; none if there was nothing
  bool known_lock(const std::string& number) const { return locks_.contains(number); }
  void restore_lock(LockRecord lock) { locks_[lock.number] = std::move(lock); }
  // True once an hour when 20 failures of all numbers were seen within one.
  bool alarm_due(std::int64_t now_ms);

  struct Used { std::int64_t at_ms = 0; std::string by; };
  std::optional<Used> last_use(const std::string& word) const;
  void note_use(const std::string& word, const std::string& by, std::int64_t now_ms);

  // Our answers to one number are bounded, so that two robots do not talk for ever.
  bool may_answer(const std::string& number, std::int64_t now_ms);

  static constexpr std::size_t kKnownLocks = 10000;
  static constexpr std::size_t kAnswersAnHour = 10;

 private:
  std::map<std::string, KeywordRecord> keywords_;
  const std::string& reached_by(const std::string& member) const;

  std::map<std::string, ContactRecord> contacts_;
  std::map<std::string, GroupRecord> groups_;
  std::map<std::string, std::string> secrets_;
  std::map<std::string, LockRecord> locks_;
  std::map<std::string, Used> used_;
  std::deque<std::int64_t> failures_;   // of all numbers, within the hour
  std::int64_t alarmed_ms_ = 0;
  std::map<std::string, std::deque<std::int64_t>> answered_;
};

bool equal_in_constant_time(std::string_view a, std::string_view b);

}  // namespace klaxon
