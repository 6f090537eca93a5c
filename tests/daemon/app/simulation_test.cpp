#include "tests/daemon/app/simulation.h"

#include <CppUTest/TestHarness.h>

#include <cstdio>
#include <cstdlib>
#include <exception>

namespace {

// KLAXON_SEED=n lives that life alone; KLAXON_SEEDS=n lives n of them.
void live_through(std::uint64_t first, std::uint64_t last, simulation::Mix mix) {
  if (const char* one = std::getenv("KLAXON_SEED")) first = last = std::strtoull(one, nullptr, 10);
  if (const char* many = std::getenv("KLAXON_SEEDS")) last = first + std::strtoull(many, nullptr, 10) - 1;
  for (std::uint64_t seed = first; seed <= last; ++seed) {
    simulation::Life life(seed, mix);
    std::vector<std::string> wrong;
    try {
      wrong = life.live();
    } catch (const std::exception& error) {
      wrong.push_back(error.what());
    }
    if (wrong.empty()) continue;
    std::string text = "\nKLAXON_SEED=" + std::to_string(seed) + "\n";
    for (const std::string& what : wrong) text += "  " + what + "\n";
    if (std::getenv("KLAXON_SEED")) text += life.seen().tail_of_notes(4'000);
    std::fputs(text.c_str(), stderr);
    FAIL("a promise was broken; its seed is printed above");
  }
}

}  // namespace

TEST_GROUP(Simulation){};

TEST(Simulation, a_quiet_life_keeps_every_promise) {
  live_through(1, 5, {.steps = 200, .crashes = false, .disk = false, .modems = false});
}
TEST(Simulation, a_life_with_bad_modems_and_a_bad_disk_keeps_every_promise) {
  live_through(100, 109, {.steps = 200, .crashes = false});
}
TEST(Simulation, a_life_that_ends_again_and_again_keeps_every_promise) { live_through(200, 214, {.steps = 250}); }
