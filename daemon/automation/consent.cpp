#include "daemon/automation/consent.h"

#include <algorithm>

#include "daemon/automation/keywords.h"

namespace klaxon {

namespace {

constexpr std::size_t kLongest = 64;  // octets; no word of the table is longer

// Turkish has four letters where others have two: I with a dot and ı without one are both I here.
std::string one_i(std::string text) {
  for (const std::string_view letter : {std::string_view("ı"), std::string_view("İ")})
    for (std::size_t at = text.find(letter); at != std::string::npos; at = text.find(letter, at))
      text.replace(at, letter.size(), "I");
  return text;
}

std::unordered_map<std::string, Wish> folded_words() {
  std::unordered_map<std::string, Wish> out;
  for (const ConsentWords& language : consent_words()) {
    for (const std::string_view word : language.stop) out.emplace(one_i(fold_phrase(word)), Wish::stop);
    for (const std::string_view word : language.start) out.emplace(one_i(fold_phrase(word)), Wish::start);
  }
  return out;
}

}  // namespace

Wish read_wish(std::string_view text) {
  static const std::unordered_map<std::string, Wish> kWords = folded_words();
  if (text.size() > kLongest) return Wish::none;
  const auto found = kWords.find(one_i(fold_phrase(text)));
  return found == kWords.end() ? Wish::none : found->second;
}

void Consent::restore(OptOutRecord record) {
  next_ = std::max(next_, record.id + 1);
  ids_[record.number] = record.id;
  records_[record.id] = std::move(record);
}

const OptOutRecord* Consent::find(std::string_view number) const {
  const auto at = ids_.find(number);
  return at == ids_.end() ? nullptr : &records_.at(at->second);
}

bool Consent::opted_out(std::string_view number) const {
  return ids_.contains(number);
}

std::optional<OptOutRecord> Consent::stop(const std::string& number, const std::string& by,
                                          std::int64_t now_ms) {
  if (opted_out(number)) return std::nullopt;
  OptOutRecord record{next_, number, by, now_ms};
  restore(record);
  return record;
}

bool Consent::start(const std::string& number) {
  const auto at = ids_.find(number);
  if (at == ids_.end()) return false;
  records_.erase(at->second);
  ids_.erase(at);
  return true;
}

std::vector<OptOutRecord> Consent::page(Id after, std::size_t limit) const {
  std::vector<OptOutRecord> out;
  for (auto at = records_.upper_bound(after); at != records_.end() && out.size() < limit; ++at)
    out.push_back(at->second);
  return out;
}

}  // namespace klaxon
