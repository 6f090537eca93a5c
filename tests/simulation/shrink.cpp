#include "tests/simulation/shrink.h"

#include <algorithm>
#include <exception>

namespace simulation {

namespace {

using Clock = std::chrono::steady_clock;

// Which promise it is: its words up to the first thing that is peculiar to one life.
std::string kind_of(const std::string& sentence) {
  const auto at = sentence.find_first_of("0123456789:(");
  return at == std::string::npos || at == 0 ? sentence.substr(sentence.find_first_of("abcdefghijklmnopqrstuvwxyz"), 12) : sentence.substr(0, at);
}

class Search {
 public:
  Search(std::uint64_t seed, const Mix& mix, const std::vector<std::string>& wrong, const Bound& bound)
      : seed_(seed), mix_(mix), kind_(kind_of(wrong.front())), bound_(bound) {}

  bool over() const { return result_.lives >= bound_.lives || Clock::now() - began_ >= bound_.time; }

  // Does the promise break with these alone?
  bool breaks(const std::vector<std::size_t>& actions) {
    if (over()) return false;
    ++result_.lives;
    Mix mix = mix_;
    mix.only = std::set(actions.begin(), actions.end());
    Life life(seed_, mix);
    std::vector<std::string> wrong = outcome_of(life);
    const bool same = std::any_of(wrong.begin(), wrong.end(), [this](const std::string& what) { return kind_of(what) == kind_; });
    if (!same) return false;
    result_.actions = *mix.only;
    result_.story = life.story();
    result_.wrong = std::move(wrong);
    return true;
  }

  Short& result() { return result_; }

 private:
  const std::uint64_t seed_;
  const Mix& mix_;
  const std::string kind_;
  const Bound bound_;
  const Clock::time_point began_ = Clock::now();
  Short result_;
};

// All but the k-th of n pieces.
std::vector<std::size_t> without(const std::vector<std::size_t>& all, std::size_t k, std::size_t n) {
  const auto at = [&](std::size_t piece) { return all.begin() + static_cast<std::ptrdiff_t>(piece * all.size() / n); };
  std::vector<std::size_t> rest(all.begin(), at(k));
  rest.insert(rest.end(), at(k + 1), all.end());
  return rest;
}

}  // namespace

std::vector<std::string> outcome_of(Life& life) {
  try {
    return life.live();
  } catch (const std::exception& error) {
    return {error.what()};
  }
}

Short shrink(std::uint64_t seed, const Mix& mix, const std::vector<std::string>& wrong, const Bound& bound) {
  Search search(seed, mix, wrong, bound);
  std::vector<std::size_t> actions;
  for (const Action& action : write_script(seed, mix)) actions.push_back(action.number);
  search.result().of = actions.size();
  search.result().actions = std::set(actions.begin(), actions.end());
  search.result().wrong = wrong;
  search.breaks(actions);
  for (std::size_t pieces = 2; !actions.empty() && !search.over();) {
    bool shorter = false;
    for (std::size_t k = 0; k < pieces && !search.over(); ++k) {
      const auto rest = without(actions, k, pieces);
      if (!search.breaks(rest)) continue;
      actions = rest;
      pieces = std::max<std::size_t>(pieces - 1, 2);
      shorter = true;
      break;
    }
    if (shorter) {
      pieces = std::min(pieces, std::max<std::size_t>(actions.size(), 1));
      continue;
    }
    if (pieces >= actions.size()) break;
    pieces = std::min(pieces * 2, actions.size());
  }
  return search.result();
}

}  // namespace simulation
