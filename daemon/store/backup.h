// A consistent copy of the database while it is in use: VACUUM INTO under one snapshot, on a thread and a
// connection of its own. Neither readers nor commits wait for it; the WAL can't start anew meanwhile and
// grows by what is written.
#pragma once

#include <atomic>
#include <memory>
#include <mutex>
#include <optional>

#include "daemon/store/bell.h"
#include "daemon/store/writer.h"

namespace klaxon::store {

class Backup {
 public:
  Backup(std::shared_ptr<Ground>, std::shared_ptr<Bell>, std::int64_t now_ms);

  void run();   // the thread's body
  void stop();  // ends it soon, without a copy
  // Once, when it is through.
  std::optional<BackupOutcome> outcome();

 private:
  BackupOutcome make();
  std::optional<Failure> lacks_room(Connection&) const;

  const std::shared_ptr<Ground> ground_;
  const std::shared_ptr<Bell> bell_;
  const std::int64_t now_ms_;
  std::atomic<bool> stopping_ = false;
  std::mutex mutex_;
  std::optional<BackupOutcome> outcome_;
};

}  // namespace klaxon::store
