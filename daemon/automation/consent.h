// Who has asked not to be written to. Pure: a text in, what it asks for out; and the numbers that asked.
#pragma once

#include <algorithm>
#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "daemon/store/records.h"

namespace klaxon {

enum class Wish : std::uint8_t { none, stop, start };

// The words of one language, as people write them; any case.
struct ConsentWords {
  std::string_view language;  // ISO 639-1
  std::span<const std::string_view> stop, start;
};
std::span<const ConsentWords> consent_words();

// The whole text must be such a word, but for its case and the blanks, quotes and punctuation around it:
// "STOP 12345" and "please stop" ask for nothing. The words of every language count, whoever writes.
Wish read_wish(std::string_view text);

// How messages that were not sent for this reason say so.
inline constexpr std::string_view kOptedOutCode = "opted_out";
inline constexpr std::string_view kOptedOutText = "the number has asked not to be written to";

inline constexpr std::string_view kQuietWhy = "quiet hours of the recipient's country";

class Consent {
 public:
  static constexpr std::size_t kMost = 1'000'000;  // that doors may add; whoever texts STOP is always taken

  void restore(OptOutRecord);
  // Ids below this were given already.
  void restore_next(Id next) { next_ = std::max(next_, next); }

  bool opted_out(std::string_view number) const;
  const OptOutRecord* find(std::string_view number) const;  // until the next change
  // The new record; none: it had opted out already.
  std::optional<OptOutRecord> stop(const std::string& number, const std::string& by, std::int64_t now_ms);
  bool start(const std::string& number);                              // false: it had not opted out
  std::vector<OptOutRecord> page(Id after, std::size_t limit) const;  // ascending by id
  std::size_t size() const { return records_.size(); }

 private:
  struct Hash {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const { return std::hash<std::string_view>{}(text); }
  };
  std::map<Id, OptOutRecord> records_;
  std::unordered_map<std::string, Id, Hash, std::equal_to<>> ids_;
  Id next_ = 1;
};

}  // namespace klaxon
