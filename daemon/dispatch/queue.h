// Who is next: a window of ids per flow (lane and sender), so that a backlog of any length costs memory for little, and one
// sender's thousands do not stand before another's first. Retries and later messages wait outside, by their due time.
//
// The window's rule: an id enters directly only when everything accepted before it in its flow is in memory already and there is
// room; else only max_accepted moves, and the reader fills the window up again from disk.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <optional>
#include <queue>
#include <set>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "daemon/store/records.h"

namespace klaxon {

class Queue {
 public:
  static constexpr std::size_t kWindow = 512;      // ids in memory per flow
  static constexpr std::size_t kLookAhead = 64;    // how far behind a flow's head is looked for one that can go now
  static constexpr std::size_t kParked = 8000;     // ids that wait for one certain SIM, of all SIMs
  static constexpr std::size_t kParkedForOne = 1000;
  static constexpr std::size_t kLater = 10000;     // ids that wait for their time

  struct Flow {
    Lane lane = Lane::normal;
    Id owner = 0;
    std::deque<Id> ready;
    Id last_loaded = 0;    // everything up to here is or was in memory
    Id max_accepted = 0;   // newest id of this flow that is due now
    bool refilling = false;
    bool wants_refill() const { return !refilling && last_loaded < max_accepted && ready.size() <= kWindow / 2; }
  };

  // A message that was just accepted. True: it is in the window (the caller keeps the record in memory).
  bool accept(Lane, Id owner, Id id);
  bool has_room(Lane, Id owner, Id id) const;
  // Goes first in its flow, but behind older ones: a claim that was revoked, a retry whose time has come, a doubt that was settled.
  void put_back(Lane, Id owner, Id id);
  // Waits until due_ms; false when the waiting room is full (it then stays on disk alone and is found by its due time).
  bool wait_until(std::int64_t due_ms, Id id);
  // For one that memory keeps anyway (it was begun): beyond the bound too, else nobody would ask for it again.
  void wait_in_any_case(std::int64_t due_ms, Id id) { later_.emplace(due_ms, id); }
  std::vector<Id> due(std::int64_t now_ms);
  std::optional<std::int64_t> next_due_ms() const;
  bool later_full() const { return later_.size() >= kLater; }

  // Tries ids in the order of lane, then flows in turn: `take` says what became of each.
  enum class Took { yes, not_now, gone, park };
  struct Parking { Took took = Took::not_now; std::string iccid; };
  // Stops when `more()` is false. Each flow gives at most one message per round.
  void offer(Lane, const std::function<Parking(Id)>& take, const std::function<bool()>& more);
  // Whether one of those that would be looked at next is of this kind.
  bool any(Lane, const std::function<bool(Id)>& is_so) const;
  // What waits for this SIM alone, now that it is free: the oldest that `take` takes. What has come to wait for another SIM goes there.
  // False: none was taken.
  bool offer_parked(Lane, const std::string& iccid, const std::function<Parking(Id)>& take);
  // Back to where it came from, to be looked at anew.
  void unpark(const std::string& iccid, const std::function<Id(Id)>& owner_of);
  std::size_t parked() const { return parked_count_; }
  bool any_parked(Lane lane) const { return parked_in_[static_cast<std::size_t>(lane)] > 0; }

  std::vector<Flow*> flows_to_refill();
  Flow& flow(Lane, Id owner);
  // What the reader found after flow.last_loaded, ascending; ids already held elsewhere were left out by the caller.
  void refilled(Flow&, const std::vector<Id>& ids, std::optional<Id> newest_read);
  bool empty(Lane) const;
  bool anybody_waits() const;  // for a modem
  std::size_t in_memory() const;
  bool refill_under_way() const { return refills_ > 0; }
  void refill_started(Flow& flow) { flow.refilling = true; ++refills_; }

 private:
  struct Ring {
    std::vector<Id> owners;
    std::size_t next = 0;
  };
  std::map<std::pair<Lane, Id>, Flow> flows_;
  Ring rings_[kLanes];
  std::priority_queue<std::pair<std::int64_t, Id>, std::vector<std::pair<std::int64_t, Id>>, std::greater<>> later_;
  struct Parked {
    std::set<Id> lanes[kLanes];
    std::size_t size() const;
  };
  bool park(Lane, const std::string& iccid, Id id);
  std::unordered_map<std::string, Parked> parked_;
  std::size_t parked_count_ = 0, parked_in_[kLanes] = {};
  int refills_ = 0;
};

}  // namespace klaxon
