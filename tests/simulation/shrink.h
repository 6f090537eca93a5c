// A life that broke a promise, made short: actions are left out for as long as the same promise stays broken (Zeller's ddmin).
#pragma once

#include <chrono>
#include <cstdint>
#include <set>
#include <string>
#include <vector>

#include "tests/simulation/life.h"

namespace simulation {

struct Bound {  // of the search
  int lives = 200;
  std::chrono::seconds time{120};
};

struct Short {
  std::set<std::size_t> actions;
  std::vector<std::string> story, wrong;
  std::size_t of = 0;  // so many the whole life had
  int lives = 0;       // that the search took
};

// What became of a life; an exception is something wrong, too.
std::vector<std::string> outcome_of(Life&);

// wrong: what broke in the whole life.
Short shrink(std::uint64_t seed, const Mix&, const std::vector<std::string>& wrong, const Bound&);

}  // namespace simulation
