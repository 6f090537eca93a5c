// Many lives at once, a few in a process of its own at a time.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "tests/simulation/life.h"

namespace simulation {

struct Crowd {
  Tally sum;
  std::uint64_t broken = 0;        // the least seed that was found to break a promise; 0: none
  std::vector<std::string> wrong;  // in it
};

// From seed on so many, until one breaks a promise. progress: a line to stderr now and then.
Crowd live_many(std::uint64_t seed, std::uint64_t seeds, const Mix&, int jobs, bool progress);

}  // namespace simulation
