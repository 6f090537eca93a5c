// What the writer's thread does while no batch waits: the indexes that the accept path leaves behind, the
// WAL's length and checkpoint, the ballast. In small steps, as a batch may come at any time.
#pragma once

#include <chrono>

#include "daemon/store/ballast.h"
#include "daemon/store/forgetting.h"
#include "daemon/store/sqlite_handle.h"

namespace klaxon::store {

// One slice of `recipients` and `refs`, up to the first list that is not whole. False: nothing was left to
// do, or it failed (which stays in the connection).
bool index_slice(Connection&);

class IdleWork {
 public:
  using Instant = std::chrono::steady_clock::time_point;

  IdleWork(Connection&, Ballast&, Instant now);

  void batch_done(Instant now, bool to_index);  // to_index: it brought rows for index_slice
  void forget_older_than(std::int64_t before_ms, Instant now);
  void erase(Instant now);  // an erasure was asked for
  // What was taken out of the database is still in the WAL, which is cut off soon, also where batches never
  // pause.
  void erased(Instant now);
  StateCounts take_forgotten() { return forgetting_.take_counts(); }
  void tick(Instant now);    // at most one step
  Instant deadline() const;  // of the next step

 private:
  Connection& db_;
  Ballast& ballast_;
  void checkpoint(Instant now);

  Forgetting forgetting_{db_};
  Instant wal_at_;
  std::int64_t wal_octets_;  // to make it long by
  int most_pages_;           // that it had since it was cut
  Instant index_at_, forget_at_, checkpoint_at_, ballast_at_;
  bool cut_wal_ = false;
  Instant cut_by_ = Instant::max();  // however busy it is
  Instant cut_again_at_{};           // not before
};

}  // namespace klaxon::store
