#include "daemon/dispatch/queue.h"

#include <algorithm>

namespace klaxon {

Queue::Flow& Queue::flow(Lane lane, Id owner) {
  auto [at, fresh] = flows_.try_emplace({lane, owner});
  if (fresh) {
    at->second.lane = lane;
    at->second.owner = owner;
    rings_[static_cast<std::size_t>(lane)].owners.push_back(owner);
  }
  return at->second;
}

bool Queue::has_room(Lane lane, Id owner, Id) const {
  const auto at = flows_.find({lane, owner});
  if (at == flows_.end()) return true;
  return at->second.last_loaded == at->second.max_accepted && !at->second.refilling &&
         at->second.ready.size() < kWindow;
}

bool Queue::accept(Lane lane, Id owner, Id id) {
  Flow& to = flow(lane, owner);
  const bool room = to.last_loaded == to.max_accepted && !to.refilling && to.ready.size() < kWindow;
  to.max_accepted = std::max(to.max_accepted, id);
  if (!room) return false;
  to.last_loaded = to.max_accepted;
  to.ready.push_back(id);
  return true;
}

void Queue::put_back(Lane lane, Id owner, Id id) {
  auto& ready = flow(lane, owner).ready;
  const auto last = ready.begin() + static_cast<std::ptrdiff_t>(std::min(kLookAhead, ready.size()));
  ready.insert(std::find_if(ready.begin(), last, [id](Id other) { return other > id; }), id);
}

bool Queue::wait_until(std::int64_t due_ms, Id id) {
  if (later_full()) return false;
  later_.emplace(due_ms, id);
  return true;
}

std::vector<Id> Queue::due(std::int64_t now_ms) {
  std::vector<Id> out;
  while (!later_.empty() && later_.top().first <= now_ms) {
    out.push_back(later_.top().second);
    later_.pop();
  }
  return out;
}

std::optional<std::int64_t> Queue::next_due_ms() const {
  if (later_.empty()) return std::nullopt;
  return later_.top().first;
}

void Queue::offer(Lane lane, const std::function<Parking(Id)>& take, const std::function<bool()>& more) {
  Ring& ring = rings_[static_cast<std::size_t>(lane)];
  std::size_t fruitless = 0;
  while (more() && fruitless < ring.owners.size()) {
    Flow& from = flow(lane, ring.owners[ring.next++ % ring.owners.size()]);
    bool took = false;
    std::size_t looked = 0;
    for (auto at = from.ready.begin(); at != from.ready.end() && looked < kLookAhead && !took; ++looked) {
      const Id id = *at;
      const Parking parking = take(id);
      took = parking.took == Took::yes;
      const bool parked = parking.took == Took::park && park(lane, parking.iccid, id);
      if (!parked && (parking.took == Took::not_now || parking.took == Took::park)) {
        ++at;
        continue;
      }
      if (parked || parking.took == Took::gone) --looked;  // it no longer stands in the way
      at = from.ready.erase(at);
    }
    fruitless = took ? 0 : fruitless + 1;
  }
  if (!ring.owners.empty()) ring.next %= ring.owners.size();
}

bool Queue::any(Lane lane, const std::function<bool(Id)>& is_so) const {
  for (const auto& [key, from] : flows_) {
    if (key.first != lane) continue;
    const auto last =
        from.ready.begin() + static_cast<std::ptrdiff_t>(std::min(kLookAhead, from.ready.size()));
    if (std::any_of(from.ready.begin(), last, is_so)) return true;
  }
  return false;
}

std::size_t Queue::Parked::size() const {
  std::size_t sum = 0;
  for (const auto& lane : lanes) sum += lane.size();
  return sum;
}

bool Queue::park(Lane lane, const std::string& iccid, Id id) {
  if (parked_count_ >= kParked) return false;
  Parked& at = parked_[iccid];
  if (at.size() >= kParkedForOne) return false;
  const auto in = static_cast<std::size_t>(lane);
  if (!at.lanes[in].insert(id).second) return true;
  ++parked_count_;
  ++parked_in_[in];
  return true;
}

bool Queue::offer_parked(Lane lane, const std::string& iccid, const std::function<Parking(Id)>& take) {
  const auto at = parked_.find(iccid);
  if (at == parked_.end()) return false;
  const auto in = static_cast<std::size_t>(lane);
  auto& waiting = at->second.lanes[in];
  std::size_t looked = 0;
  for (auto id = waiting.begin(); id != waiting.end() && looked < kLookAhead; ++looked) {
    const Parking parking = take(*id);
    const Took took = parking.took;
    const bool moves = took == Took::park && parking.iccid != iccid && park(lane, parking.iccid, *id);
    if (!moves && (took == Took::not_now || took == Took::park)) {
      ++id;
      continue;
    }
    id = waiting.erase(id);
    --parked_count_;
    --parked_in_[in];
    if (took == Took::yes) return true;
  }
  return false;
}

void Queue::unpark(const std::string& iccid, const std::function<Id(Id)>& owner_of) {
  const auto at = parked_.find(iccid);
  if (at == parked_.end()) return;
  for (std::size_t lane = 0; lane < kLanes; ++lane) {
    const auto& waiting = at->second.lanes[lane];
    for (auto id = waiting.rbegin(); id != waiting.rend(); ++id)
      flow(static_cast<Lane>(lane), owner_of(*id)).ready.push_front(*id);
    parked_count_ -= waiting.size();
    parked_in_[lane] -= waiting.size();
  }
  parked_.erase(at);
}

std::vector<Queue::Flow*> Queue::flows_to_refill() {
  std::vector<Flow*> out;
  for (auto& [key, candidate] : flows_)
    if (candidate.wants_refill()) out.push_back(&candidate);
  return out;
}

void Queue::refilled(Flow& to, const std::vector<Id>& ids, std::optional<Id> newest_read) {
  to.refilling = false;
  --refills_;
  to.ready.insert(to.ready.end(), ids.begin(), ids.end());
  if (newest_read) to.last_loaded = std::max(to.last_loaded, *newest_read);
  // What has become due since the rows were counted is newer than any that was accepted: nothing is missing
  // before the next.
  to.max_accepted = std::max(to.max_accepted, to.last_loaded);
  // An empty answer with max_accepted ahead means "not committed yet": it is asked again after the next
  // commit.
}

bool Queue::empty(Lane lane) const {
  return std::none_of(flows_.begin(), flows_.end(), [lane](const auto& entry) {
    return entry.first.first == lane && !entry.second.ready.empty();
  });
}

bool Queue::anybody_waits() const {
  return parked_count_ > 0 || std::any_of(flows_.begin(), flows_.end(),
                                          [](const auto& entry) { return !entry.second.ready.empty(); });
}

std::size_t Queue::in_memory() const {
  std::size_t sum = parked_count_ + later_.size();
  for (const auto& [key, held] : flows_) sum += held.ready.size();
  return sum;
}

}  // namespace klaxon
