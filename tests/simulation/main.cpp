// simulation [--seed N] [--seeds M] [--hours H] [--mix all|modems|quiet] [--jobs J] [--only A,B,C] [--no-shrink] [--notes]
// Lives M lives from seed N on, each of H virtual hours and until all has come to rest. The first broken promise ends it with exit
// code 1, its seed, the shortest story that was found to break it, and the command that lives that again.
#include <charconv>
#include <chrono>
#include <cstdio>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "tests/simulation/crowd.h"
#include "tests/simulation/life.h"
#include "tests/simulation/shrink.h"

namespace {

using simulation::Life;

struct Options {
  std::uint64_t seed = 1, seeds = 1;
  simulation::Mix mix;
  std::string mix_name = "all";
  int jobs = 1;
  bool notes = false, shrinks = true;
};

std::optional<std::uint64_t> number(std::string_view text) {
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size() || value >= 1'000'000'000) return std::nullopt;
  return value;
}

bool set_mix(Options& options, const std::string& name) {
  options.mix_name = name;
  options.mix.crashes = name == "all";
  options.mix.modems = options.mix.disk = name != "quiet";
  return name == "all" || name == "modems" || name == "quiet";
}

// "3,17,40"; "none" is no action at all.
bool set_only(Options& options, std::string_view list) {
  auto& only = options.mix.only.emplace();
  if (list == "none") return true;
  while (true) {
    const auto comma = list.find(',');
    const auto action = number(list.substr(0, comma));
    if (!action) return false;
    only.insert(*action);
    if (comma == list.npos) return true;
    list.remove_prefix(comma + 1);
  }
}

bool set(Options& options, std::string_view word, const std::string& value) {
  if (word == "--mix") return set_mix(options, value);
  if (word == "--only") return set_only(options, value);
  const auto count = number(value);
  if (!count || *count == 0) return false;
  if (word == "--seed") options.seed = *count;
  else if (word == "--seeds") options.seeds = *count;
  else if (word == "--hours" && *count <= 24) options.mix.hours = std::chrono::hours(*count);
  else if (word == "--jobs" && *count <= 256) options.jobs = static_cast<int>(*count);
  else return false;
  return true;
}

std::optional<Options> read(int argc, char** argv) {
  Options options;
  for (int i = 1; i < argc; ++i) {
    const std::string_view word = argv[i];
    if (word == "--notes") options.notes = true;
    else if (word == "--no-shrink") options.shrinks = false;
    else if (i + 1 == argc || !set(options, word, argv[++i])) return {};
  }
  return options;
}

std::string joined(const std::set<std::size_t>& actions) {
  std::string out;
  for (const std::size_t action : actions) out += (out.empty() ? "" : ",") + std::to_string(action);
  return out.empty() ? "none" : out;
}

void tell(const char* what, const std::vector<std::string>& lines) {
  std::printf("%s\n", what);
  for (const std::string& line : lines) std::printf("  %s\n", line.c_str());
}

void tell_broken(const Options& options, std::uint64_t seed, const std::vector<std::string>& wrong) {
  const std::string number = std::to_string(seed);
  tell(("seed " + number + " broke a promise:").c_str(), wrong);
  std::string again = "simulation --seed " + number + " --hours " + std::to_string(options.mix.hours.count()) + " --mix " + options.mix_name;
  if (options.mix.only) again += " --only " + joined(*options.mix.only);
  if (options.shrinks) {
    std::fflush(stdout);
    const simulation::Short found = shrink(seed, options.mix, wrong, {});
    const std::string words = "it also breaks with " + std::to_string(found.actions.size()) + " of its " + std::to_string(found.of) +
                              " actions (" + std::to_string(found.lives) + " lives):";
    tell(words.c_str(), found.story);
    tell("then:", found.wrong);
    std::printf("whole: %s --notes\n", again.c_str());
    again = again.substr(0, again.find(" --only")) + " --only " + joined(found.actions);
  }
  std::printf("again: %s --notes\n", again.c_str());
}

// What was said at each port in the end.
void tell_last_lines(const Life& life) {
  for (const klaxon::ModemView& view : life.seen().app().modems())
    if (const auto chat = life.seen().app().recording(view.id, false)) std::printf("--- %s\n%s", view.id.c_str(), chat->c_str());
}

// One after the other in this process, or many at once.
simulation::Crowd live_all(const Options& options) {
  if (options.jobs > 1) return simulation::live_many(options.seed, options.seeds, options.mix, options.jobs, true);
  simulation::Crowd crowd;
  for (std::uint64_t seed = options.seed; seed < options.seed + options.seeds; ++seed) {
    Life life(seed, options.mix);
    crowd.wrong = outcome_of(life);
    if (options.notes) std::fputs(life.seen().tail_of_notes(20'000).c_str(), stdout);
    if (!crowd.wrong.empty()) {
      if (options.notes) tell_last_lines(life);
      crowd.broken = seed;
      break;
    }
    crowd.sum.add(life.tally());
  }
  return crowd;
}

void tell_sum(const Options& options, const simulation::Tally& sum, double seconds) {
  std::printf("%zu lives of %lld h kept every promise: %zu messages, %zu segments on the air (%zu sent from the SIM), %zu texts sent from "
              "memory, %zu inbound texts, %zu next numbers tried, %zu faults, %zu kills, %zu doubts of which %zu were left; in each at "
              "least %zu messages, %zu sent, %zu kills; %.1f s\n",
              sum.lives, static_cast<long long>(options.mix.hours.count()), sum.messages, sum.on_air, sum.stored_first, sum.from_memory,
              sum.inbound, sum.followed, sum.faults, sum.crashes, sum.doubts, sum.in_doubt_at_end, sum.fewest_messages, sum.fewest_sent,
              sum.fewest_crashes, seconds);
}

}  // namespace

int main(int argc, char** argv) {
  const auto options = read(argc, argv);
  if (!options) {
    std::fprintf(stderr, "usage: simulation [--seed N] [--seeds M] [--hours H] [--mix all|modems|quiet] [--jobs J] [--only A,B,C] "
                         "[--no-shrink] [--notes]\n");
    return 2;
  }
  const auto began = std::chrono::steady_clock::now();
  simulation::Crowd crowd = live_all(*options);
  if (crowd.broken != 0) {
    if (crowd.wrong.empty()) {
      std::printf("seed %llu\n", static_cast<unsigned long long>(crowd.broken));
      std::fflush(stdout);  // should it end this process as well
      Life life(crowd.broken, options->mix);
      crowd.wrong = outcome_of(life);
    }
    if (crowd.wrong.empty()) crowd.wrong = {"its process ended, and not when it was lived alone"};
    tell_broken(*options, crowd.broken, crowd.wrong);
    return 1;
  }
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - began;
  tell_sum(*options, crowd.sum, took.count());
  return 0;
}
