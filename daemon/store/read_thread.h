// The reader's thread: jobs in order, the brief ones first, on a connection that only reads.
#pragma once

#include <atomic>
#include <condition_variable>
#include <deque>
#include <memory>
#include <mutex>
#include <optional>
#include <vector>

#include "daemon/store/bell.h"
#include "daemon/store/sqlite_handle.h"
#include "daemon/store/writer.h"

namespace klaxon::store {

// Owned by the Store and by its thread, whoever ends last.
// The queue's bound is the loop's business (waiting()).
class ReadThread {
 public:
  using Job = std::function<std::function<void()>(Reader&)>;

  ReadThread(std::shared_ptr<Ground> ground, std::shared_ptr<Bell> bell, Connection connection);

  void run();

  // Of the loop's thread.
  void read(Reading, Job);
  std::vector<std::function<void()>> finished();
  std::size_t waiting() const;
  void stop();  // jobs that wait are dropped, the one that runs is cut short

 private:
  void carry_out(Job);
  bool any() const { return !jobs_[0].empty() || !jobs_[1].empty(); }
  Job next();

  const std::shared_ptr<Ground> ground_;
  const std::shared_ptr<Bell> bell_;
  Connection db_;
  std::atomic<bool> stopping_{false};

  mutable std::mutex mutex_;  // what follows
  std::condition_variable changed_;
  std::deque<Job> jobs_[2];  // by Reading
  int passed_ = 0;           // how many brief ones passed by a lengthy one that waits
  std::size_t running_ = 0;
  std::vector<std::function<void()>> finished_;
};

}  // namespace klaxon::store
