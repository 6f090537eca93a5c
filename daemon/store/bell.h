// Wakes the loop, until it is no longer there to be woken:
// a thread left behind in a hung write may come back late.
#pragma once

#include <functional>
#include <mutex>

namespace klaxon::store {

class Bell {
 public:
  explicit Bell(std::function<void()> wake) : wake_(std::move(wake)) {}
  void ring() {
    const std::lock_guard lock(mutex_);
    if (wake_) wake_();
  }
  void silence() {
    const std::lock_guard lock(mutex_);
    wake_ = nullptr;
  }

 private:
  std::mutex mutex_;
  std::function<void()> wake_;
};

}  // namespace klaxon::store
