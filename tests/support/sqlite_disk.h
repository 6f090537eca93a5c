// The rows of a simulated life in a real database: the store's own statements, transactions and restart, without its threads,
// so that a life is the same in every run.
#pragma once

#include <memory>
#include <string>

#include "tests/support/memory_store.h"

namespace rig {

class SqliteDisk {
 public:
  SqliteDisk();  // klaxon.db in a folder of its own, in memory where the machine has such a place
  ~SqliteDisk();
  SqliteDisk(const SqliteDisk&) = delete;
  SqliteDisk& operator=(const SqliteDisk&) = delete;

  // Each throws std::runtime_error with SQLite's words where it fails.
  store::Restored restart(std::int64_t now_ms);  // first, and after an end without a goodbye
  void write(const store::Batch&);               // one transaction
  store::Reader& reader();

  // How it differs from what its twin holds; empty: not at all.
  std::string difference(const Rows&);

 private:
  struct Open;
  std::string folder_;
  std::unique_ptr<Open> open_;
  std::uint64_t writes_ = 0;
};

}  // namespace rig
