// simulation [--seed N] [--seeds M] [--hours H] [--mix all|modems|quiet] [--notes]
// Lives M lives from seed N on, each of H virtual hours and until all has come to rest. The first broken
// promise ends it with exit code 1, its seed and the command that lives that life again.
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "tests/simulation/life.h"

namespace {

struct Options {
  std::uint64_t seed = 1, seeds = 1;
  simulation::Mix mix;
  std::string mix_name = "all";
  bool notes = false;
};

bool set_mix(Options& options, const std::string& name) {
  options.mix_name = name;
  options.mix.crashes = name == "all";
  options.mix.modems = options.mix.disk = name != "quiet";
  return name == "all" || name == "modems" || name == "quiet";
}

std::optional<Options> read(int argc, char** argv) {
  Options options;
  for (int i = 1; i < argc; ++i) {
    const std::string_view word = argv[i];
    if (word == "--notes") {
      options.notes = true;
      continue;
    }
    if (i + 1 == argc) return {};
    const std::string value = argv[++i];
    char* end = nullptr;
    const std::uint64_t number = std::strtoull(value.c_str(), &end, 10);
    const bool is_number = !value.empty() && *end == '\0' && number > 0 && number < 1'000'000'000;
    if (word == "--mix" ? !set_mix(options, value) : !is_number) return {};
    if (word == "--seed")
      options.seed = number;
    else if (word == "--seeds")
      options.seeds = number;
    else if (word == "--hours")
      options.mix.hours = std::chrono::hours(number);
    else if (word != "--mix")
      return {};
  }
  return options;
}

// Empty: all promises were kept.
std::vector<std::string> live(simulation::Life& life) {
  try {
    return life.live();
  } catch (const std::exception& error) {
    return {error.what()};
  }
}

void add(simulation::Tally* sum, const simulation::Tally& one) {
  sum->messages += one.messages;
  sum->on_air += one.on_air;
  sum->stored_first += one.stored_first;
  sum->inbound += one.inbound;
  sum->crashes += one.crashes;
  sum->faults += one.faults;
  sum->doubts += one.doubts;
}

}  // namespace

int main(int argc, char** argv) {
  const auto options = read(argc, argv);
  if (!options) {
    std::fprintf(stderr,
                 "usage: simulation [--seed N] [--seeds M] [--hours H] [--mix all|modems|quiet] [--notes]\n");
    return 2;
  }
  simulation::Tally sum;
  const auto began = std::chrono::steady_clock::now();
  for (std::uint64_t seed = options->seed; seed < options->seed + options->seeds; ++seed) {
    simulation::Life life(seed, options->mix);
    const auto wrong = live(life);
    if (options->notes) std::fputs(life.seen().tail_of_notes(4'000).c_str(), stdout);
    if (!wrong.empty()) {
      std::printf("seed %llu broke a promise:\n", static_cast<unsigned long long>(seed));
      for (const std::string& what : wrong) std::printf("  %s\n", what.c_str());
      std::printf("again: simulation --seed %llu --hours %lld --mix %s --notes\n",
                  static_cast<unsigned long long>(seed), static_cast<long long>(options->mix.hours.count()),
                  options->mix_name.c_str());
      return 1;
    }
    add(&sum, life.tally());
  }
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - began;
  std::printf(
      "%llu lives of %lld h kept every promise: %zu messages, %zu segments on the air (%zu sent from the "
      "SIM), %zu inbound texts, %d "
      "faults, "
      "%d kills, %d doubts; %.1f s\n",
      static_cast<unsigned long long>(options->seeds), static_cast<long long>(options->mix.hours.count()),
      sum.messages, sum.on_air, sum.stored_first, sum.inbound, sum.faults, sum.crashes, sum.doubts,
      took.count());
  return 0;
}
