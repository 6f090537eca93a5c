// A thin wrapper on sqlite3: a connection with its cached statements. Only this room includes it.
//
// Statements are cached by their SQL and never evicted: the texts must come from a bounded set.
//
// A connection remembers its first failure and does nothing more until clear_failure(): a row of calls is
// written without a check after each, and judged once at its end.
#pragma once

#include <sqlite3.h>

#include <atomic>
#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <unordered_map>
#include <vector>

#include "at/expected.h"
#include "daemon/store/store.h"

namespace klaxon::store {

struct Blob {
  std::string_view bytes;
};

class Connection;

// What becomes of the WAL's pages once they are copied: kept for whoever reads them, written over from the start
// by the next commit (the file keeps its length, so an fsync has no inode to write), or cut off.
enum class WalAfter { kept, reused, empty };

// One use of a cached statement: bound when made, reset when it goes, so that no read transaction stays open.
// Must not outlive its connection. The same SQL must not be in use twice at once.
class Query {
 public:
  Query(Connection* connection, sqlite3_stmt* statement) : connection_(connection), statement_(statement) {}
  Query(Query&& other) noexcept : connection_(other.connection_), statement_(other.statement_) {
    other.statement_ = nullptr;
  }
  Query& operator=(Query&&) = delete;
  ~Query();

  bool next();  // a row is there; false: the end, or a failure (Connection::failed())

  // Of the current row.
  std::int64_t integer(int column) const { return sqlite3_column_int64(statement_, column); }
  int small(int column) const { return sqlite3_column_int(statement_, column); }
  bool flag(int column) const { return small(column) != 0; }
  bool null(int column) const { return sqlite3_column_type(statement_, column) == SQLITE_NULL; }
  Id id(int column) const { return static_cast<Id>(integer(column)); }
  std::string_view view(int column) const;  // valid until the next call of next()
  std::string text(int column) const { return std::string(view(column)); }

 private:
  Connection* connection_;
  sqlite3_stmt* statement_;  // null: the connection had failed before
};

class Connection {
 public:
  enum class Use { write, read };

  // WAL with synchronous FULL whatever the use: NORMAL would lose commits at a power cut. `read` is
  // query_only and never checkpoints. Closing never checkpoints: after a failed fsync it would copy what may
  // not be on the disk. vfs: null for the system's own.
  static at::Expected<Connection, Failure> open(const std::string& path, Use, const char* vfs = nullptr);

  Connection(Connection&&) noexcept;
  Connection& operator=(Connection&&) noexcept;
  ~Connection();

  // Arguments: integers, enums, bools, text, Blob; bound to ?1, ?2, ...
  template <class... Args>
  Query query(std::string_view sql, const Args&... args) {
    return Query(this, bound(sql, SQLITE_TRANSIENT, args...));
  }
  // To the end; true: it worked.
  template <class... Args>
  bool run(std::string_view sql, const Args&... args) {
    Query use(this, bound(sql, SQLITE_STATIC, args...));
    while (use.next()) {
    }
    return !failed();
  }
  // First column of the first row.
  template <class... Args>
  std::optional<std::int64_t> number(std::string_view sql, const Args&... args) {
    Query use(this, bound(sql, SQLITE_STATIC, args...));
    if (!use.next() || use.null(0)) return {};
    return use.integer(0);
  }
  sqlite3* handle() { return db_; }  // for what is not about statements
  bool script(const char* sql);  // several statements, nothing bound

  bool failed() const { return failure_.has_value(); }
  const std::optional<Failure>& failure() const { return failure_; }
  void refuse(const std::string& text);  // as if a call had failed
  void clear_failure() { failure_.reset(); }
  void rollback();                          // whatever is open; works after a failure too
  void forget_statements();                 // their tables are gone
  std::vector<std::string> cached() const;  // the SQL of every statement used so far

  std::int64_t changes() const { return sqlite3_changes64(db_); }
  int wal_pages() const { return *wal_pages_; }  // in the WAL after the last commit of this connection
  // Copies the WAL into the database. False: not done, as a reader was in the way; the connection does not
  // count as failed. Readers are waited for so long.
  bool checkpoint(WalAfter, std::chrono::milliseconds patience = {});
  // The WAL's file with zeros behind its end, so that a commit writes over octets that are there: of a file that grows,
  // each fsync writes an inode too. Zeros are no frame: whoever recovers stops before them. Best effort; a file
  // that is as long already stays as it is. No other connection may write meanwhile.
  void lengthen_wal(std::int64_t octets);
  // A statement that runs while *stop is true ends with a failure. stop must outlive the connection.
  void stop_when(const std::atomic<bool>* stop);

 private:
  friend class Query;

  explicit Connection(sqlite3* db) : db_(db), wal_pages_(std::make_unique<int>(0)) {}
  sqlite3_stmt* statement(std::string_view sql);
  void fail(int code);
  bool enter_wal();
  void close();

  template <class... Args>
  sqlite3_stmt* bound(std::string_view sql, [[maybe_unused]] sqlite3_destructor_type keep,
                      const Args&... args) {
    sqlite3_stmt* made = statement(sql);
    if (!made) return nullptr;
    int index = 0;
    const bool all = (bind(made, ++index, args, keep) && ...);
    return all ? made : nullptr;
  }
  template <class T>
  bool bind(sqlite3_stmt* made, int index, const T& value, [[maybe_unused]] sqlite3_destructor_type keep) {
    if constexpr (std::is_integral_v<T> || std::is_enum_v<T>) {
      return bound_well(sqlite3_bind_int64(made, index, static_cast<sqlite3_int64>(value)));
    } else if constexpr (std::is_same_v<T, Blob>) {
      const char* start = value.bytes.empty() ? "" : value.bytes.data();
      return bound_well(sqlite3_bind_blob64(made, index, start, value.bytes.size(), keep));
    } else {
      const std::string_view text(value);
      const char* start = text.empty() ? "" : text.data();
      return bound_well(sqlite3_bind_text64(made, index, start, text.size(), keep, SQLITE_UTF8));
    }
  }
  bool bound_well(int code) {
    if (code != SQLITE_OK) fail(code);
    return code == SQLITE_OK;
  }

  struct Finalize {
    void operator()(sqlite3_stmt* made) const { sqlite3_finalize(made); }
  };
  struct Hash {
    using is_transparent = void;
    std::size_t operator()(std::string_view sql) const { return std::hash<std::string_view>()(sql); }
  };
  using Statements =
      std::unordered_map<std::string, std::unique_ptr<sqlite3_stmt, Finalize>, Hash, std::equal_to<>>;

  sqlite3* db_ = nullptr;
  Statements statements_;
  std::unique_ptr<int> wal_pages_;  // on the heap: SQLite keeps its address
  std::optional<Failure> failure_;
};

// One snapshot over several queries; a write transaction must not be open.
class Snapshot {
 public:
  explicit Snapshot(Connection& connection) : connection_(connection) { connection_.run("BEGIN"); }
  Snapshot(const Snapshot&) = delete;
  Snapshot& operator=(const Snapshot&) = delete;
  ~Snapshot() { connection_.rollback(); }

 private:
  Connection& connection_;
};

Failure failure_of(int code, int system_errno, const std::string& text);

}  // namespace klaxon::store
