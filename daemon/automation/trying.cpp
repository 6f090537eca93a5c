#include "daemon/automation/trying.h"

#include <algorithm>
#include <unordered_map>

namespace klaxon {

void Recipients::keep_first(std::size_t most) {
  if (numbers.size() <= most) return;
  numbers.resize(most);
  if (!further.empty()) further.resize(most);
}

Recipients reach(const std::vector<std::vector<std::string>>& people) {
  Recipients out;
  std::unordered_map<std::string, std::size_t> place;
  for (const auto& numbers : people)
    if (place.emplace(numbers.front(), out.numbers.size()).second) out.numbers.push_back(numbers.front());
  out.further.resize(out.numbers.size());
  bool anybody = false;
  for (const auto& numbers : people) {
    std::vector<std::string> left;
    std::copy_if(numbers.begin() + 1, numbers.end(), std::back_inserter(left),
                 [&](const std::string& number) { return !place.contains(number); });
    if (left.empty()) continue;
    out.further[place.at(numbers.front())].push_back(std::move(left));
    anybody = true;
  }
  if (!anybody) out.further.clear();
  return out;
}

bool Followed::add(Id broadcast, const std::string& number) {
  if (!known_.emplace(broadcast, number).second) return false;
  by_age_.emplace_back(broadcast, number);
  if (by_age_.size() <= kMost) return true;
  known_.erase(by_age_.front());
  by_age_.pop_front();
  return true;
}

}  // namespace klaxon
