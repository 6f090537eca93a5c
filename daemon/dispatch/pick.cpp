#include "daemon/dispatch/pick.h"

#include <algorithm>

namespace klaxon {

namespace {

Pick only(const Need& need, const std::vector<Candidate>& candidates) {
  const auto at = std::find_if(candidates.begin(), candidates.end(),
                               [&](const Candidate& candidate) { return candidate.iccid == need.only_iccid; });
  if (at == candidates.end() || !at->usable) return {Pick::Kind::park, 0, {}};
  if (!at->idle) return {};
  return {Pick::Kind::chosen, static_cast<std::size_t>(at - candidates.begin()),
          at->name + (need.bound ? ": the other parts went by it" : ": asked for")};
}

}  // namespace

Pick pick(const Need& need, const std::vector<Candidate>& candidates) {
  if (!need.only_iccid.empty()) return only(need, candidates);
  const bool elsewhere = std::any_of(candidates.begin(), candidates.end(), [&](const Candidate& candidate) {
    return candidate.usable && candidate.iccid != need.avoid_iccid;
  });
  std::optional<std::size_t> best;
  std::size_t idle = 0;
  for (std::size_t i = 0; i < candidates.size(); ++i) {
    const Candidate& candidate = candidates[i];
    if (!candidate.idle || !candidate.usable) continue;
    if (elsewhere && !need.avoid_iccid.empty() && candidate.iccid == need.avoid_iccid) continue;
    ++idle;
    if (!best || candidate.used < candidates[*best].used) best = i;
  }
  if (!best) return {};
  std::string why = candidates[*best].name + ": ";
  why += idle == 1 ? "the one that was free" : "least used of " + std::to_string(idle) + " that were free";
  if (!need.avoid_iccid.empty()) why += ", not the one that failed";
  return {Pick::Kind::chosen, *best, std::move(why)};
}

}  // namespace klaxon
