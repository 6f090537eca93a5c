// What goes for good, in slices of a few milliseconds each: what is finished and older than policy.keep, and
// whoever asked to be forgotten. Of the writer's thread, while no batch waits.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "daemon/store/sqlite_handle.h"

namespace klaxon::store {

class Forgetting {
 public:
  // Erasures that a life before was asked for are gone on with.
  explicit Forgetting(Connection& connection) : db_(connection) {}

  void older_than(std::int64_t before_ms);  // from the start of each table
  void look_for_erasures() { erasing_ = true; }
  bool owes_erasures() { return db_.number("SELECT 1 FROM erasures LIMIT 1").has_value(); }
  // At most one transaction of kSlice rows. False: nothing is left to do, or it failed (which stays in the
  // connection).
  bool slice();
  // Something was deleted since the last call, so that the WAL is to be cut off: it still holds what was
  // there.
  bool wal_holds_it();
  // Messages deleted since the last call, by lane and state; empty: none.
  StateCounts take_counts();

  static constexpr std::size_t kSlice = 200;  // rows deleted; looked at: five times as many

 private:
  enum class Table { messages, inbox, parts, audit, broadcasts, conversations, none };

  bool retain_slice();
  bool old_messages();
  bool old_rows(const char* select, const std::vector<const char*>& removals);
  bool erase_slice();
  std::optional<Id> erase_step(const std::string& number, int stage, Id cursor, Id last);
  std::optional<Id> erase_messages(const std::string& number, Id cursor, Id last);
  std::optional<Id> erase_inbox(const std::string& number, Id cursor, Id last);
  std::optional<Id> erase_parts(const std::string& number, Id cursor, Id last);
  std::optional<Id> erase_broadcasts(const std::string& number, Id cursor, Id last);
  std::optional<Id> erase_further(const std::string& number, Id cursor, Id last);
  void remove_message(const std::string& to, const std::string& ref, Id id);
  bool finish();

  Connection& db_;
  std::int64_t before_ms_ = 0;
  Table table_ = Table::none;
  Id cursor_ = 0;
  bool erasing_ = true, deleted_ = false;
  StateCounts slice_counts_, counts_;
};

}  // namespace klaxon::store
