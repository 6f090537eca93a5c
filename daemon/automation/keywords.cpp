#include "daemon/automation/keywords.h"

#include <algorithm>

namespace klaxon {

namespace {
constexpr std::int64_t kMinuteMs = 60'000, kHourMs = 60 * kMinuteMs;
constexpr std::int64_t kLockMs[] = {15 * kMinuteMs, kHourMs, 24 * kHourMs};
constexpr int kFailuresToLock = 5;
constexpr std::size_t kFailuresToAlarm = 20;
constexpr std::size_t kKnownAnswered = 10000;
}  // namespace

bool equal_in_constant_time(std::string_view a, std::string_view b) {
  unsigned difference = a.size() == b.size() ? 0u : 1u;
  for (std::size_t i = 0; i < a.size(); ++i)
    difference |= static_cast<unsigned char>(a[i]) ^ static_cast<unsigned char>(b.empty() ? 0 : b[i % b.size()]);
  return difference == 0;
}

void Keywords::set_keyword(KeywordRecord record) { keywords_[record.word] = std::move(record); }
bool Keywords::erase_keyword(const std::string& word) {
  secrets_.erase(word);
  used_.erase(word);
  return keywords_.erase(word) > 0;
}
void Keywords::set_contact(ContactRecord record) { contacts_[record.name] = std::move(record); }
bool Keywords::erase_contact(const std::string& name) { return contacts_.erase(name) > 0; }
void Keywords::set_group(GroupRecord record) { groups_[record.name] = std::move(record); }
bool Keywords::erase_group(const std::string& name) { return groups_.erase(name) > 0; }

const KeywordRecord* Keywords::keyword(const std::string& word) const {
  const auto at = keywords_.find(word);
  return at == keywords_.end() ? nullptr : &at->second;
}

const ContactRecord* Keywords::contact(const std::string& name) const {
  const auto at = contacts_.find(name);
  return at == contacts_.end() ? nullptr : &at->second;
}

// A member that is no contact is a number: a name is never spelled like one.
const std::string& Keywords::reached_by(const std::string& member) const {
  const ContactRecord* named = contact(member);
  return named && !named->numbers.empty() ? named->numbers.front() : member;
}

Recipients Keywords::recipients_of(const GroupRecord& group) const {
  std::vector<std::vector<std::string>> people;
  people.reserve(group.members.size());
  for (const std::string& member : group.members) {
    const ContactRecord* named = contact(member);
    people.push_back(named && !named->numbers.empty() ? named->numbers : std::vector<std::string>{member});
  }
  return reach(people);
}

const GroupRecord* Keywords::group_with(const std::string& contact) const {
  for (const auto& [name, group] : groups_)
    if (std::find(group.members.begin(), group.members.end(), contact) != group.members.end()) return &group;
  return nullptr;
}

std::vector<GroupRecord> Keywords::groups_renamed(const std::string& contact, const std::string& name) const {
  std::vector<GroupRecord> changed;
  for (const auto& [key, group] : groups_) {
    const auto at = std::find(group.members.begin(), group.members.end(), contact);
    if (at == group.members.end()) continue;
    changed.push_back(group);
    changed.back().members[static_cast<std::size_t>(at - group.members.begin())] = name;
  }
  return changed;
}

const GroupRecord* Keywords::group(const std::string& name) const {
  const auto at = groups_.find(name);
  return at == groups_.end() ? nullptr : &at->second;
}

std::optional<Keywords::Masked> Keywords::mask(const std::string& text) const {
  const Spoken spoken = take_word(text);
  const KeywordRecord* record = keyword(spoken.word);
  if (!record || record->secret.empty()) return std::nullopt;
  const Piece said = next_piece(text, spoken.rest_at);
  Masked masked{text, record->word, 2};
  if (said.begin == said.end) return masked;  // no secret was said: wrong
  const auto secret = secrets_.find(record->word);
  const bool known = secret != secrets_.end() && secret->second.size() >= 4;
  const bool right = equal_in_constant_time(std::string_view(text).substr(said.begin, said.end - said.begin),
                                            known ? std::string_view(secret->second) : std::string_view("\x01"));
  masked.verdict = known && right ? 1 : 2;
  masked.text.replace(said.begin, said.end - said.begin, kMask);
  return masked;
}

std::optional<Keywords::Asked> Keywords::ask(const std::string& text) const {
  const Spoken spoken = take_word(text);
  const KeywordRecord* record = keyword(spoken.word);
  if (!record) return std::nullopt;
  std::size_t at = spoken.rest_at;
  if (!record->secret.empty()) at = next_piece(text, at).rest_at;
  std::string args = text.substr(at);
  while (!args.empty() && static_cast<unsigned char>(args.back()) <= ' ') args.pop_back();
  return Asked{record, spoken.bang, std::move(args)};
}

bool Keywords::may(const KeywordRecord& record, const std::string& number) const {
  if (!record.from_given) return record.action == "reply";
  for (const std::string& who : record.from) {
    if (who == number) return true;
    if (who.rfind("group:", 0) != 0) continue;
    const GroupRecord* named = group(who.substr(6));
    // The numbers behind a contact's first are for reaching people: who may, is who writes from the first.
    if (named && std::any_of(named->members.begin(), named->members.end(),
                             [&](const std::string& member) { return reached_by(member) == number; }))
      return true;
  }
  return false;
}

bool Keywords::locked(const std::string& number, std::int64_t now_ms) const {
  const auto at = locks_.find(number);
  return at != locks_.end() && now_ms < at->second.locked_until_ms;
}

LockRecord Keywords::count_failure(const std::string& number, std::int64_t now_ms) {
  failures_.push_back(now_ms);
  if (failures_.size() > kFailuresToAlarm) failures_.pop_front();
  if (!locks_.contains(number) && locks_.size() >= kKnownLocks) locks_.erase(locks_.begin());
  LockRecord& lock = locks_[number];
  lock.number = number;
  if (++lock.failures >= kFailuresToLock) {
    lock.locked_until_ms = now_ms + kLockMs[std::min(lock.locks, 2)];
    ++lock.locks;
    lock.failures = 0;
  }
  return lock;
}

std::optional<LockRecord> Keywords::clear_failures(const std::string& number) {
  if (locks_.erase(number) == 0) return std::nullopt;
  return LockRecord{number, 0, 0, 0};
}

bool Keywords::alarm_due(std::int64_t now_ms) {
  const bool many = failures_.size() >= kFailuresToAlarm && failures_.front() + kHourMs > now_ms;
  if (!many || (alarmed_ms_ != 0 && alarmed_ms_ + kHourMs > now_ms)) return false;
  alarmed_ms_ = now_ms;
  return true;
}

std::optional<Keywords::Used> Keywords::last_use(const std::string& word) const {
  const auto at = used_.find(word);
  return at == used_.end() ? std::nullopt : std::optional(at->second);
}

void Keywords::note_use(const std::string& word, const std::string& by, std::int64_t now_ms) {
  used_[word] = {now_ms, by};
}

bool Keywords::may_answer(const std::string& number, std::int64_t now_ms) {
  if (number.size() < 8 || number.front() != '+') return false;  // short codes and names are no people
  if (!answered_.contains(number) && answered_.size() >= kKnownAnswered) answered_.erase(answered_.begin());
  auto& times = answered_[number];
  while (!times.empty() && times.front() + kHourMs < now_ms) times.pop_front();
  if (times.size() >= kAnswersAnHour) return false;
  times.push_back(now_ms);
  return true;
}

}  // namespace klaxon
