// Whom a broadcast reaches by which number, and what is tried when one does not answer. Pure.
#pragma once

#include <cstddef>
#include <deque>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "daemon/store/records.h"

namespace klaxon {

struct Recipients {
  std::vector<std::string> numbers;     // each person's first, in order, no number twice
  std::vector<FurtherNumbers> further;  // of each of them; empty when nobody has any

  void keep_first(std::size_t most);
};

// Of each person their numbers in order of trying, at least one. A number that somebody else is reached by
// anyway is tried for nobody: whoever holds that phone gets the text once.
Recipients reach(const std::vector<std::vector<std::string>>& people);

// The numbers that got a message of a broadcast because another did not answer: two people may have the same
// one behind their own, and it gets the text for the first of them alone.
class Followed {
 public:
  static constexpr std::size_t kMost = 100'000;  // then the oldest are forgotten

  // False: it has one already.
  bool add(Id broadcast, const std::string& number);

 private:
  std::set<std::pair<Id, std::string>> known_;
  std::deque<std::pair<Id, std::string>> by_age_;
};

}  // namespace klaxon
