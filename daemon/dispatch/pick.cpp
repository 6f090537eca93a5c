#include "daemon/dispatch/pick.h"

#include <algorithm>
#include <tuple>
#include <utility>

#include "daemon/store/records.h"

namespace klaxon {

bool Candidate::may_reach(std::string_view to, bool alert) const {
  if (abroad_full[alert] && config::is_abroad(to, home)) return false;
  return !recipients_full[alert] || (met && met->contains(recipient_key(to)));
}

namespace {

using Candidates = std::vector<Candidate>;

std::string told(const Candidate& sim) {
  const std::string name(sim.name);
  switch (sim.remark) {
    case Remark::none:
      return {};
    case Remark::roaming:
      return name + " is roaming";
    case Remark::weak_signal:
      return name + " has a weak signal";
    case Remark::refused_lately:
      return name + " was refused lately";
    case Remark::near_limit:
      return name + " at " + std::to_string(sim.share) + " % of " + sim.limit + " limit";
    case Remark::pacing:
      return name + " is paced";
    case Remark::kept_for_alerts:
      return name + " keeps the rest of " + sim.limit + " limit for alerts";
    case Remark::overdue:
      return name + " waits for an answer";
    case Remark::at_limit:
      return name + " has reached " + sim.limit + " limit";
    case Remark::suspended:
      return name + " is suspended after refusals";
  }
  return {};
}

// The choice in words, and of the others what is gravest.
Pick chosen(const Candidates& candidates, std::size_t index, const std::string& reason) {
  const Candidate* other = nullptr;
  for (const Candidate& candidate : candidates)
    if (&candidate != &candidates[index] && candidate.remark > (other ? other->remark : Remark::none))
      other = &candidate;
  std::string why = std::string(candidates[index].name) + ": " + reason;
  if (other) why += "; " + told(*other);
  return {Pick::Kind::chosen, index, std::move(why)};
}

const Candidate* find(const Candidates& candidates, std::string_view iccid) {
  const auto at = std::find_if(candidates.begin(), candidates.end(),
                               [&](const Candidate& c) { return c.iccid == iccid; });
  return at == candidates.end() ? nullptr : &*at;
}

std::size_t index_of(const Candidates& candidates, const Candidate* candidate) {
  return static_cast<std::size_t>(candidate - candidates.data());
}

Pick only(const Need& need, const Candidates& candidates) {
  const Candidate* sim = find(candidates, need.only_iccid);
  if (!sim || !sim->serves(need.alert)) return {Pick::Kind::park, 0, {}, need.only_iccid};
  if (!sim->may_reach(need.to, need.alert)) return {Pick::Kind::park, 0, {}, {}};
  if (!sim->free_for(need.alert))
    return {need.alert ? Pick::Kind::wait : Pick::Kind::park, 0, {}, need.only_iccid};
  return chosen(candidates, index_of(candidates, sim),
                need.bound ? "the other parts went by it" : "asked for");
}

// How much of the number's beginning this SIM is preferred for.
std::size_t preference(const Candidate& sim, std::string_view to) {
  std::size_t longest = 0;
  if (sim.prefers)
    for (const std::string& prefix : *sim.prefers)
      if (to.starts_with(prefix)) longest = std::max(longest, prefix.size());
  return longest;
}

struct Rank {  // the least goes first
  bool poor = false;
  std::size_t unlike = 0;
  bool roaming = false;
  double cost = 0, used = 0;
  auto tied() const { return std::tie(poor, unlike, roaming, cost, used); }
};

Rank rank_of(const Candidate& sim, std::string_view to) {
  return {sim.poor, to.size() - preference(sim, to), sim.roaming, sim.cost, sim.used};
}

// What set the best apart from the second.
std::string reason_of(const Rank& best, const std::optional<Rank>& second, std::size_t free) {
  if (!second) return "the one that was free";
  if (best.poor != second->poor) return "in better health";
  if (best.unlike != second->unlike) return "preferred for such numbers";
  if (best.roaming != second->roaming) return "in its home network";
  if (best.cost < second->cost) return "cheaper";
  return "least used of " + std::to_string(free) + " that were free";
}

std::optional<Pick> sticky(const Need& need, const Candidates& candidates) {
  if (need.sticky_iccid.empty() || need.sticky_iccid == need.avoid_iccid) return std::nullopt;
  const Candidate* sim = find(candidates, need.sticky_iccid);
  if (!sim || !sim->serves(need.alert) || (need.alert && sim->poor)) return std::nullopt;
  if (!sim->may_reach(need.to, need.alert)) return std::nullopt;
  if (sim->free_for(need.alert))
    return chosen(candidates, index_of(candidates, sim), "sticky to this conversation");
  if (need.patient) return Pick{Pick::Kind::park, 0, {}, std::string(need.sticky_iccid)};
  return std::nullopt;
}

}  // namespace

Pick pick(const Need& need, const Candidates& candidates) {
  if (!need.only_iccid.empty()) return only(need, candidates);
  if (auto by_conversation = sticky(need, candidates)) return std::move(*by_conversation);
  const bool elsewhere = !need.avoid_iccid.empty() &&
                         std::any_of(candidates.begin(), candidates.end(), [&](const Candidate& candidate) {
                           return candidate.serves(need.alert) && candidate.iccid != need.avoid_iccid &&
                                  candidate.may_reach(need.to, need.alert);
                         });
  std::optional<Rank> best, second;
  std::size_t index = 0, free = 0;
  bool some_serve = false, some_may = false;
  for (std::size_t i = 0; i < candidates.size(); ++i) {
    const Candidate& candidate = candidates[i];
    const bool may = candidate.may_reach(need.to, need.alert), serves = candidate.serves(need.alert);
    some_serve = some_serve || serves;
    some_may = some_may || (serves && may);
    if (!may || !candidate.free_for(need.alert) || (elsewhere && candidate.iccid == need.avoid_iccid))
      continue;
    ++free;
    const Rank rank = rank_of(candidate, need.to);
    if (!best || rank.tied() < best->tied()) {
      second = std::exchange(best, rank);
      index = i;
    } else if (!second || rank.tied() < second->tied()) {
      second = rank;
    }
  }
  if (!best) return {some_serve && !some_may ? Pick::Kind::park : Pick::Kind::wait, 0, {}, {}};
  return chosen(candidates, index,
                reason_of(*best, second, free) + (elsewhere ? ", not the one that failed" : ""));
}

}  // namespace klaxon
