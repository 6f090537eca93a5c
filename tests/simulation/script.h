// What happens in a life, drawn beforehand: each action has its own time and its own randomness, both from the seed and its
// number alone. So an action may be left out, and all others stay what they were.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <set>
#include <vector>

#include "at/time.h"

namespace simulation {

struct Mix {  // what may happen
  std::chrono::hours hours{1};
  bool crashes = true, disk = true, modems = true;
  std::optional<std::set<std::size_t>> only = {};  // of the actions, by number
};

enum class Kind : std::uint8_t {
  send, send_list, send_burst, call_group,   // people at the API
  change_mind, keep_directory, run_errand, cap_sim,
  hear, hear_twice, hear_keyword,            // people with phones
  modem_fault, network_fault, unplug, swap_sims, exchange_places, plug_all,
  fail_commits, disk_hangs, disk_refuses, step_clock, kill
};

struct Action {
  std::size_t number = 0;
  at::Millis at{0};        // since the life began
  Kind kind = Kind::send;
  std::uint64_t seed = 0;  // of all that it draws
  int messages = 0;        // that it asks for
};

constexpr int kFewestMessages = 300;  // asked for in a life: some are refused, and two hundred are to go out

// In their order; numbers ascend from 0.
std::vector<Action> write_script(std::uint64_t seed, const Mix&);

// An engine whose neighbours have nothing in common with it.
std::uint64_t mixed(std::uint64_t seed, std::uint64_t number);

}  // namespace simulation
