// Outputs gated by durability. Changes are appended as ops; each append gives a Gate, and what must not happen before that
// change is on disk waits until open(gate). One commit is in flight at most; a failed one comes back whole and goes first.
#pragma once

#include <cstdint>
#include <deque>
#include <optional>

#include "at/time.h"
#include "daemon/store/store.h"

namespace klaxon {

// Alert ops overtake the others, but never each other.
enum class Line : std::uint8_t { alert, work };

struct Gate {
  Line line = Line::work;
  std::uint64_t ordinal = 0;  // 0: nothing to wait for
};

class Turn {
 public:
  Gate append(Line, store::Op);
  // What was appended so far on that line is the gate.
  Gate here(Line line) const { return {line, appended_[index(line)]}; }
  bool open(Gate gate) const { return gate.ordinal <= durable_[index(gate.line)]; }

  bool commit_in_flight() const { return in_flight_.has_value(); }
  // How far that line is in batches: what is behind it still waits for one.
  std::uint64_t sealed(Line line) const { return sealed_[index(line)]; }
  bool anything_to_seal() const { return failed_.has_value() || !queue(Line::alert).empty() || !queue(Line::work).empty(); }
  std::size_t waiting() const { return queues_[0].size() + queues_[1].size(); }

  struct Sealed {
    std::uint64_t number = 0;
    store::Batch batch;
  };
  // What was appended since it was last called belongs together: no seal() ever parts it, as far as it is on one line. Whoever
  // never calls it has everything in one piece.
  void end_piece();
  // Precondition: no commit in flight, something to seal, and retry_due(now). Of each line as many whole pieces as kMaxOps has
  // room for, and one at least where there is any room.
  Sealed seal(at::Instant now);
  void committed(const store::Completion&);
  void failed(store::Batch whole, at::Instant now);
  bool retry_due(at::Instant now) const { return !failed_ || now >= retry_at_; }
  std::optional<at::Instant> retry_at() const { return failed_ ? std::optional(retry_at_) : std::nullopt; }

  // Since when the oldest change that is not durable has been tried: the disk's deadline counts from here.
  std::optional<at::Instant> stalled_since() const { return stalled_since_; }
  // The batch that failed, between two tries: its ops may be withdrawn (a 503 goes out only for what is really gone).
  store::Batch* failed_batch() { return failed_ ? &failed_->batch : nullptr; }
  store::Batch& queue(Line line) { return queues_[index(line)]; }
  const store::Batch& queue(Line line) const { return queues_[index(line)]; }

  static constexpr std::size_t kMaxOps = 2000;  // a transaction of more would make everybody wait for one

 private:
  static std::size_t index(Line line) { return static_cast<std::size_t>(line); }
  struct Flight {
    std::uint64_t number = 0;
    std::uint64_t upto[2] = {0, 0};
  };
  struct Failed {
    Flight flight;
    store::Batch batch;
  };
  std::size_t whole_pieces(Line, std::size_t room);
  store::Batch queues_[2];
  std::deque<std::uint64_t> ends_[2];  // of pieces that wait, as ordinals
  std::uint64_t appended_[2] = {0, 0}, sealed_[2] = {0, 0}, durable_[2] = {0, 0};
  std::uint64_t next_number_ = 1;
  std::optional<Flight> in_flight_;
  std::optional<Failed> failed_;
  std::optional<at::Instant> stalled_since_;
  at::Instant retry_at_{};
};

}  // namespace klaxon
