#include "tests/simulation/script.h"

#include <algorithm>
#include <iterator>
#include <random>

namespace simulation {

namespace {

struct Share {
  Kind kind;
  int of_thousand;
  bool Mix::*wanted;  // null: in every mix
};

constexpr Share kShares[] = {
    {Kind::send, 290, nullptr},
    {Kind::send_list, 70, nullptr},
    {Kind::send_burst, 60, nullptr},
    {Kind::call_group, 20, nullptr},
    {Kind::change_mind, 55, nullptr},
    {Kind::keep_directory, 25, nullptr},
    {Kind::run_errand, 25, nullptr},
    {Kind::cap_sim, 8, nullptr},
    {Kind::hear, 95, nullptr},
    {Kind::hear_twice, 15, nullptr},
    {Kind::hear_keyword, 35, nullptr},
    {Kind::modem_fault, 120, &Mix::modems},
    {Kind::network_fault, 30, &Mix::modems},
    {Kind::unplug, 20, &Mix::modems},
    {Kind::swap_sims, 8, &Mix::modems},
    {Kind::exchange_places, 8, &Mix::modems},
    {Kind::plug_all, 20, &Mix::modems},
    {Kind::fail_commits, 20, &Mix::disk},
    {Kind::disk_hangs, 16, &Mix::disk},
    {Kind::disk_refuses, 8, &Mix::disk},
    {Kind::step_clock, 7, &Mix::modems},
    {Kind::kill, 45, &Mix::crashes},
};

Kind drawn(std::mt19937_64& rng, const Mix& mix) {
  int all = 0;
  for (const Share& share : kShares) all += share.of_thousand;
  auto left = static_cast<int>(rng() % static_cast<std::uint64_t>(all));
  for (const Share& share : kShares) {
    if (left < share.of_thousand) return share.wanted && !(mix.*share.wanted) ? Kind::send : share.kind;
    left -= share.of_thousand;
  }
  return Kind::send;
}

int messages_of(Kind kind, std::mt19937_64& rng) {
  if (kind == Kind::send) return 1;
  if (kind == Kind::send_list) return 2 + static_cast<int>(rng() % 12);
  if (kind == Kind::send_burst) return 3 + static_cast<int>(rng() % 10);
  return 0;
}

}  // namespace

// The finaliser of SplitMix64.
std::uint64_t mixed(std::uint64_t seed, std::uint64_t number) {
  std::uint64_t z = seed * 0x9E3779B97F4A7C15ull + number * 0xD1B54A32D192ED03ull + 1;
  z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9ull;
  z = (z ^ (z >> 27)) * 0x94D049BB133111EBull;
  return z ^ (z >> 31);
}

std::vector<Action> write_script(std::uint64_t seed, const Mix& mix) {
  std::mt19937_64 rng(mixed(seed, 0));
  const at::Millis end = mix.hours;
  // A life is busy or idle throughout, and both come in bursts.
  static constexpr std::uint64_t kPauses[] = {30'000, 120'000, 240'000, 400'000, 600'000};
  const std::uint64_t longest = kPauses[rng() % std::size(kPauses)];
  std::vector<Action> script;
  int messages = 0;
  const auto add = [&](at::Millis at, Kind kind) {
    script.push_back({0, at, kind, 0, messages_of(kind, rng)});
    messages += script.back().messages;
  };
  for (at::Millis at{0}; at < end;) {
    add(at, drawn(rng, mix));
    const std::uint64_t pace = rng() % 10;
    if (pace >= 4) at += at::Millis(rng() % (pace < 7 ? 300 : longest));
  }
  const auto some_time = [&] { return at::Millis(rng() % static_cast<std::uint64_t>(end.count())); };
  while (messages < kFewestMessages) add(some_time(), Kind::send_burst);
  const bool killed = std::any_of(script.begin(), script.end(), [](const Action& a) { return a.kind == Kind::kill; });
  if (mix.crashes && !killed) add(some_time(), Kind::kill);
  std::stable_sort(script.begin(), script.end(), [](const Action& a, const Action& b) { return a.at < b.at; });
  for (std::size_t k = 0; k < script.size(); ++k) {
    script[k].number = k;
    script[k].seed = mixed(seed, k + 1);
  }
  if (mix.only) std::erase_if(script, [&](const Action& action) { return !mix.only->contains(action.number); });
  return script;
}

}  // namespace simulation
