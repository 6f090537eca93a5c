// What a service manager is to be told of the loop, and when. Pure: it hears of turns and is told the time.
//
// It is alive only while turns go through: beat() is called at the end of one, so a loop that hangs falls
// silent, and the manager's watchdog ends it.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "at/time.h"

namespace klaxon::ops {

// How it stands, for people who ask the service manager.
struct Standing {
  std::size_t modems = 0, ready = 0;    // ready: takes messages
  std::size_t waiting = 0;              // messages that are queued or at a modem
  std::vector<std::string> complaints;  // why /readyz is 503
};
std::string status_line(const Standing&);  // "7 of 8 modems ready, 12 messages wait"

class Pulse {
 public:
  // nullopt: no watchdog waits for us; the status is told all the same.
  explicit Pulse(std::optional<at::Millis> watchdog);

  // Whether beat() would say something. Standing costs some work, so ask first.
  bool due(at::Instant now) const { return !next_ || now >= *next_; }
  // A turn went through. The first one makes the service ready.
  void beat(at::Instant now, const Standing&);
  void reloaded(at::Instant now);
  void stopping();

  // Datagrams in order; each is handed over once.
  std::vector<std::string> take_output();
  // When a turn is wanted although nothing else happens; none before the first one.
  std::optional<at::Instant> deadline() const { return next_; }

 private:
  at::Millis gap_;
  bool watched_ = false, stopping_ = false;
  std::optional<at::Instant> next_;
  std::string told_;
  std::vector<std::string> output_;
};

}  // namespace klaxon::ops
