#include "daemon/cli/plan.h"

#include <algorithm>
#include <iterator>
#include <map>

#include "config/units.h"

namespace klaxon::cli {
namespace {

using Act = Change::Act;
using What = Change::What;

// Order has no meaning in these lists: "+2 -1" for what came and what went, empty for nothing.
std::string list_difference(std::vector<std::string> present, std::vector<std::string> wanted) {
  std::sort(present.begin(), present.end());
  std::sort(wanted.begin(), wanted.end());
  std::vector<std::string> came, went;
  std::set_difference(wanted.begin(), wanted.end(), present.begin(), present.end(), std::back_inserter(came));
  std::set_difference(present.begin(), present.end(), wanted.begin(), wanted.end(), std::back_inserter(went));
  std::string text;
  if (!came.empty()) text += "+" + std::to_string(came.size());
  if (!went.empty()) text += (text.empty() ? "-" : " -") + std::to_string(went.size());
  return text;
}

class Differences {
 public:
  void compare(const std::string& field, const std::string& present, const std::string& wanted) {
    if (present != wanted) found_.push_back(field + ": " + named(present) + " -> " + named(wanted));
  }
  void note(const std::string& field, const std::string& difference) {
    if (!difference.empty()) found_.push_back(field + ": " + difference);
  }
  std::vector<std::string> take() { return std::move(found_); }

 private:
  static std::string named(const std::string& value) { return value.empty() ? "none" : value; }
  std::vector<std::string> found_;
};

std::string in_order(const std::vector<std::string>& numbers) {
  std::string text;
  for (const auto& number : numbers) text += (text.empty() ? "" : " ") + number;
  return text;
}

std::vector<std::string> differences(const Contact& present, const Contact& wanted) {
  Differences found;
  found.compare("numbers", in_order(present.numbers), in_order(wanted.numbers));
  found.note("tags", list_difference(present.tags, wanted.tags));
  return found.take();
}

std::vector<std::string> differences(const Group& present, const Group& wanted) {
  Differences found;
  found.note("members", list_difference(present.members, wanted.members));
  return found.take();
}

std::vector<std::string> differences(const Keyword& present, const Keyword& wanted) {
  Differences found;
  if (present.from.has_value() != wanted.from.has_value()) {
    found.note("from", wanted.from ? "given" : "left out");
  } else if (wanted.from) {
    found.note("from", list_difference(*present.from, *wanted.from));
  }
  found.compare("secret", present.secret, wanted.secret);
  found.compare("action", present.action, wanted.action);
  found.compare("group", present.group, wanted.group);
  if (present.text != wanted.text) found.note("text", "another");
  found.compare("lane", present.lane, wanted.lane);
  found.compare("report", present.report ? "true" : "false", wanted.report ? "true" : "false");
  found.compare("cooldown", config::format_duration(present.effective_cooldown()),
                config::format_duration(wanted.effective_cooldown()));
  return found.take();
}

std::string key_of(const Contact& contact) {
  return contact.name;
}
std::string key_of(const Group& group) {
  return group.name;
}
std::string key_of(const Keyword& keyword) {
  return folded(keyword.word);
}
std::string name_of(const Contact& contact) {
  return contact.name;
}
std::string name_of(const Group& group) {
  return group.name;
}
std::string name_of(const Keyword& keyword) {
  return keyword.word;
}
void point(Change& change, const Contact& contact) {
  change.contact = &contact;
}
void point(Change& change, const Group& group) {
  change.group = &group;
}
void point(Change& change, const Keyword& keyword) {
  change.keyword = &keyword;
}

template <class Entry>
using ByKey = std::map<std::string, const Entry*>;

template <class Entry>
ByKey<Entry> by_key(const std::vector<Entry>& entries) {
  ByKey<Entry> found;
  for (const auto& entry : entries) found.emplace(key_of(entry), &entry);
  return found;
}

template <class Entry>
void plan_saves(What what, const std::vector<Entry>& wanted, const std::vector<Entry>& present,
                std::vector<Change>* changes) {
  const auto known = by_key(present);
  for (const auto& entry : wanted) {
    const auto found = known.find(key_of(entry));
    Change change{
        found == known.end() ? Act::add : Act::change, what, name_of(entry), {}, nullptr, nullptr, nullptr};
    point(change, entry);
    if (change.act == Act::change) {
      change.differences = differences(*found->second, entry);
      if (change.differences.empty()) continue;
    }
    changes->push_back(std::move(change));
  }
}

template <class Entry>
void plan_removals(What what, const std::vector<Entry>& wanted, const std::vector<Entry>& present,
                   std::vector<Change>* changes) {
  const auto kept = by_key(wanted);
  for (const auto& entry : present) {
    if (!kept.contains(key_of(entry)))
      changes->push_back({Act::remove, what, name_of(entry), {}, nullptr, nullptr, nullptr});
  }
}

}  // namespace

std::string Change::text() const {
  constexpr const char* kActs[] = {"add", "change", "remove"};
  std::string line = kActs[static_cast<std::size_t>(act)];
  constexpr const char* kKinds[] = {" contact ", " group ", " keyword "};
  line += kKinds[static_cast<std::size_t>(what)] + name;
  std::string reasons;
  for (const auto& difference : differences) reasons += (reasons.empty() ? "" : ", ") + difference;
  return reasons.empty() ? line : line + " (" + reasons + ")";
}

std::vector<Change> plan(const Directory& wanted, const Directory& present, bool prune) {
  std::vector<Change> changes;
  if (prune) plan_removals(What::keyword, wanted.keywords, present.keywords, &changes);
  plan_saves(What::contact, wanted.contacts, present.contacts, &changes);
  plan_saves(What::group, wanted.groups, present.groups, &changes);
  plan_saves(What::keyword, wanted.keywords, present.keywords, &changes);
  if (prune) plan_removals(What::group, wanted.groups, present.groups, &changes);
  if (prune) plan_removals(What::contact, wanted.contacts, present.contacts, &changes);
  return changes;
}

}  // namespace klaxon::cli
