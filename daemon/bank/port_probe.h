// Asks one port whether it answers AT, with as few bytes as will do: it may be anything. Pure.
//
// It begins as drivers::Modem takes a port over: what was left over is read, then ESC, then what that brings;
// so nothing that a modem says of a submit in flight is lost. Both are kept for the modem's own takeover,
// which finds the line read empty.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "at/time.h"
#include "daemon/bank/discovery.h"

namespace klaxon {

class PortProbe {
 public:
  PortProbe(at::Millis budget, at::Instant now);

  void feed(std::string_view bytes, at::Instant now);
  void tick(at::Instant now);
  std::string take_output();
  at::Instant deadline() const { return due_; }
  std::optional<Discovery::Answer> answer() const { return answer_; }  // at or silent, once it is known
  Heard heard() const;

 private:
  enum class Phase { leftover, escape, calling };
  void look();

  Phase phase_ = Phase::leftover;
  at::Instant due_, end_;
  int calls_left_;
  std::string out_;
  std::string before_escape_, after_escape_, called_;  // what was read in each phase
  std::optional<Discovery::Answer> answer_;
};

}  // namespace klaxon
