// The writer's thread: one batch, one transaction, one fsync.
#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <optional>

#include "daemon/store/ballast.h"
#include "daemon/store/bell.h"
#include "daemon/store/data_dir.h"
#include "daemon/store/faults.h"
#include "daemon/store/idle_work.h"
#include "daemon/store/sqlite_handle.h"
#include "daemon/store/write_ops.h"

namespace klaxon::store {

// What must live as long as any thread that touches the files.
struct Ground {
  std::unique_ptr<DataDir> dir;
  std::shared_ptr<Faults> faults;    // null but in tests
  std::unique_ptr<FaultyDisk> disk;  // null but in tests
  const char* vfs() const { return disk ? disk->vfs_name() : nullptr; }
};

// Owned by the Store and by its thread, whoever ends last.
class Writer {
 public:
  // clean: the life before ended well.
  Writer(std::shared_ptr<Ground>, std::shared_ptr<Bell>, Connection, bool clean);

  void run();  // the thread's body; until stop() and everything handed over is done

  // Of the loop's thread; as in store.h.
  void commit(std::uint64_t number, Batch);
  std::optional<Completion> completed();
  Batch reclaim();
  void mark_clean_shutdown();
  void stop();

 private:
  struct Work {
    std::uint64_t number;
    Batch batch;
  };

  void carry_out(Work);
  std::optional<Failure> attempt(const Batch&);
  std::optional<Failure> persist(const Batch&);  // with what can be done about a failure
  void reopen();
  void write_clean_mark();
  void checkpoint_if_long();

  const std::shared_ptr<Ground> ground_;
  const std::shared_ptr<Bell> bell_;
  Connection db_;
  OpWriter ops_;
  Ballast ballast_;
  IdleWork idle_;
  std::chrono::steady_clock::time_point restart_at_{};  // of the WAL, not before

  std::mutex mutex_;  // what follows
  std::condition_variable changed_;
  std::optional<Work> pending_;
  std::optional<Completion> completion_;
  Batch returned_;
  bool clean_ = false, stop_ = false;
};

}  // namespace klaxon::store
