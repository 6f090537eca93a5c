// A disk that fails on demand, for tests and simulations: a
// shim under SQLite that hurts the WAL's writes and syncs.
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <string>

#include "daemon/store/store.h"

namespace klaxon::store {

// Set from any thread, at any time. Only transactions of batches are hurt, not the store's own housekeeping.
struct Faults {
  // So many transactions fail, one after the other. A batch that fails
  // with `full` is tried twice where the ballast could be deleted.
  std::atomic<int> failing{0};
  std::atomic<Failure::Kind> kind{Failure::Kind::other};  // other: the fsync fails; else the write
  std::atomic<bool> stalled{
      false};  // the next fsync hangs until this is false again; call notify_all() on it

  std::atomic<bool> in_batch{false};  // the writer's mark
};

// As Store::open, on such a disk.
at::Expected<std::unique_ptr<Store>, Failure> open_with_faults(const std::string& data_dir, std::int64_t now_ms,
                                                               std::function<void()> wake,
                                                               std::shared_ptr<Faults>);

// The shim itself, registered with SQLite while it lives. Must
// outlive every connection that was opened with its name.
class FaultyDisk {
 public:
  explicit FaultyDisk(std::shared_ptr<Faults>);
  FaultyDisk(const FaultyDisk&) = delete;
  FaultyDisk& operator=(const FaultyDisk&) = delete;
  ~FaultyDisk();
  const char* vfs_name() const;

 private:
  struct Shim;
  std::unique_ptr<Shim> shim_;
};

}  // namespace klaxon::store
