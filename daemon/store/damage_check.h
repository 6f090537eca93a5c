// quick_check after an unclean end, on a connection and a thread of its own:
// it may take minutes, and the reader's thread has the window to refill.
#pragma once

#include <atomic>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include "daemon/store/bell.h"
#include "daemon/store/writer.h"

namespace klaxon::store {

// Table by table, so that no snapshot holds up the checkpoints
// for longer than one table takes. Empty: all is well.
std::string find_damage(Connection&);

class DamageCheck {
 public:
  DamageCheck(std::shared_ptr<Ground> ground, std::shared_ptr<Bell> bell)
      : ground_(std::move(ground)), bell_(std::move(bell)) {}

  void run();
  std::optional<std::string> finding() const;
  void stop() { stopping_ = true; }

 private:
  const std::shared_ptr<Ground> ground_;
  const std::shared_ptr<Bell> bell_;
  std::atomic<bool> stopping_{false};
  mutable std::mutex mutex_;
  std::optional<std::string> finding_;
};

}  // namespace klaxon::store
