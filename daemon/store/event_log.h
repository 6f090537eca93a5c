// The table of events: one row for each commit that changed something, written in that commit.
#pragma once

#include <optional>

#include "daemon/store/changes.h"
#include "daemon/store/sqlite_handle.h"

namespace klaxon::store {

constexpr std::int64_t kEventDays = 7;
constexpr Id kMostEvents = 2'000'000;  // some 200 MB
constexpr std::size_t kTrimRows = 512;

class EventLog {
 public:
  explicit EventLog(Connection& connection) : db_(connection) {}

  ChangeList& changes() { return changes_; }
  // Inside the transaction: what was noted since begin() becomes a row. Every so often some of the oldest
  // rows go with it.
  void write(std::int64_t now_ms);
  void begin();    // of a transaction
  Id committed();  // the newest id if this transaction made one, else 0
  void forget();   // it was rolled back
  void trim(std::int64_t now_ms);

 private:
  Connection& db_;
  ChangeList changes_;
  std::optional<Id> last_;  // none: not read yet
  bool wrote_ = false;
  unsigned rows_until_trim_ = 0;
};

// Drops at most kTrimRows rows from the oldest on: what is older than kEventDays at now_ms, and what `most`
// events leave no room for. Never the newest row, which knows the next id.
void trim_events(Connection&, std::int64_t now_ms, Id most = kMostEvents);

EventPage read_events(Connection&, Id after, Id upto, std::size_t limit);

}  // namespace klaxon::store
