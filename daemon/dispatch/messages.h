// The messages that live in memory: the windows of the queue, what is at a modem, what is in doubt, what awaits a report.
// Every change of one goes through save(), which keeps the state counts and asks for the row to be written.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "daemon/app/turn.h"
#include "daemon/store/records.h"

namespace klaxon {

// Of several parts the worst counts: unknown > failed > expired > cancelled > queued > submitting > submitted > delivered.
MessageState worst_state(const std::vector<PartRecord>&);
// The first part that is still to be sent; parts.size() if none.
std::size_t next_part(const MessageRecord&);
// The SIM that has sent parts of it already; empty if none: all parts go by one SIM.
std::string bound_sim(const MessageRecord&);
Line line_of(Lane lane);
// Later than that it is never sent; INT64_MAX: no end.
std::int64_t valid_until(const MessageRecord&);

class Messages {
 public:
  explicit Messages(Turn& turn) : turn_(turn) {}

  struct Held {
    MessageRecord record;
    Gate gate;                 // of its newest change
    std::uint64_t token = 0;   // of the claim that runs or waits; 0: none
    Gate row = {};             // of its row, where somebody may be told of it before that is on disk
    bool left = false;         // queued, but its row alone waits for its time: to be forgotten
  };

  Held* find(Id);
  const Held* find(Id) const;
  Held& hold(MessageRecord);                 // already on disk, or about to be inserted
  Gate save(Held&);                          // recomputes the state from the parts, appends the update
  // After the op that it counts was appended.
  void count(Lane, MessageState, int delta);
  const StateCounts& counts() const { return counts_; }
  void restore_counts(StateCounts);
  // For the batch that was just sealed: what its rows and all before make, which may be less than memory knows.
  std::optional<store::SaveCounts> take_counts();
  std::int64_t queued_segments() const { return queued_segments_; }
  void count_segments(std::int64_t delta) { queued_segments_ += delta; }

  // What is final, on disk and referred to by nobody leaves the memory; not while a refill is under way (its snapshot may be old).
  void forget_settled(bool refill_under_way, std::size_t keep_awaiting);
  std::size_t size() const { return held_.size(); }
  void each(const std::function<void(Held&)>&);
  void retire(Id id) { retired_.push_back(id); }  // to be looked at by forget_settled

 private:
  Turn& turn_;
  std::unordered_map<Id, Held> held_;
  std::deque<Id> retired_;
  std::deque<Id> awaiting_;    // submitted, a report may come: oldest first
  struct Unsealed {
    std::uint64_t ordinal = 0;
    std::size_t cell = 0;
    int delta = 0;
  };
  StateCounts counts_ = StateCounts(kLanes * kMessageStates, 0), sealed_counts_ = counts_;
  std::deque<Unsealed> unsealed_[2];
  std::int64_t queued_segments_ = 0;
};

}  // namespace klaxon
