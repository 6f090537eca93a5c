#include "daemon/store/sqlite_handle.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <utility>

namespace klaxon::store {
namespace {

constexpr int kBusyMillis = 250;       // an operator's sqlite3 shell may hold the lock for a moment
// Small pieces of memory, without a lock: the cached statements hold most of SQLite's own hundred for good.
constexpr int kPieceOctets = 1200, kPieces = 400;
constexpr int kStopEverySteps = 5000;  // virtual machine steps between two looks at the stop flag

Failure::Kind kind_of(int code, int system_errno) {
  if (system_errno == ENOSPC || system_errno == EDQUOT) return Failure::Kind::full;
  if (system_errno == EROFS) return Failure::Kind::read_only;
  switch (code & 0xFF) {
    case SQLITE_FULL:
      return Failure::Kind::full;
    case SQLITE_READONLY:
      return Failure::Kind::read_only;
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
      return Failure::Kind::busy;
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
      return Failure::Kind::corrupt;
    default:
      return Failure::Kind::other;
  }
}

// sqlite3_system_errno keeps the last one it saw, also of calls that went well since: it only counts for
// codes that come from the system.
bool from_system(int code) {
  const int primary = code & 0xFF;
  return primary == SQLITE_IOERR || primary == SQLITE_CANTOPEN || primary == SQLITE_FULL;
}

constexpr const char* kWriterSettings =
    "PRAGMA synchronous=FULL; PRAGMA wal_autocheckpoint=0; PRAGMA journal_size_limit=16777216;"
    // What is deleted is written over with zeros: a text that is gone must not be found in the file.
    "PRAGMA secure_delete=ON; PRAGMA temp_store=MEMORY; PRAGMA cache_size=-8000; PRAGMA mmap_size=0; PRAGMA trusted_schema=OFF;";
constexpr const char* kReaderSettings =
    "PRAGMA synchronous=FULL; PRAGMA wal_autocheckpoint=0; PRAGMA query_only=ON;"
    "PRAGMA temp_store=MEMORY; PRAGMA cache_size=-8000; PRAGMA mmap_size=0; PRAGMA trusted_schema=OFF;";

// Before the first connection: nobody asks SQLite how much memory it uses, and to know it takes a lock for each
// allocation.
void configure_sqlite() {
  static const int once = sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
  static_cast<void>(once);
}

}  // namespace

Failure failure_of(int code, int system_errno, const std::string& text) {
  const int number = from_system(code) ? system_errno : 0;
  std::string words = text + " (sqlite " + std::to_string(code);
  if (number != 0) words += ", errno " + std::to_string(number);
  return Failure{kind_of(code, number), words + ")"};
}

Query::~Query() {
  if (statement_) sqlite3_reset(statement_);
}

bool Query::next() {
  if (!statement_) return false;
  const int code = sqlite3_step(statement_);
  if (code == SQLITE_ROW) return true;
  if (code != SQLITE_DONE) connection_->fail(code);
  sqlite3_reset(statement_);
  statement_ = nullptr;
  return false;
}

std::string_view Query::view(int column) const {
  const void* start = sqlite3_column_blob(statement_, column);
  const int size = sqlite3_column_bytes(statement_, column);
  return start ? std::string_view(static_cast<const char*>(start), static_cast<std::size_t>(size))
               : std::string_view();
}

at::Expected<Connection, Failure> Connection::open(const std::string& path, Use use, const char* vfs) {
  configure_sqlite();
  sqlite3* db = nullptr;
  const int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX;  // the file is made before, with its mode
  const int code = sqlite3_open_v2(path.c_str(), &db, flags, vfs);
  Connection made(db);
  if (code != SQLITE_OK) {
    const int number = db ? sqlite3_system_errno(db) : 0;
    return at::Unexpected{failure_of(code, number, path + ": " + sqlite3_errstr(code))};
  }
  sqlite3_extended_result_codes(db, 1);
  sqlite3_busy_timeout(db, kBusyMillis);
  sqlite3_db_config(db, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, nullptr);
  sqlite3_db_config(db, SQLITE_DBCONFIG_LOOKASIDE, nullptr, kPieceOctets, kPieces);
  if (use == Use::write && !made.enter_wal()) {
    return at::Unexpected{Failure{Failure::Kind::other, path + ": this file system can't hold a WAL"}};
  }
  made.script(use == Use::write ? kWriterSettings : kReaderSettings);
  sqlite3_wal_hook(  // after the settings: wal_autocheckpoint takes the hook away
      db,
      [](void* pages, sqlite3*, const char*, int count) {
        *static_cast<int*>(pages) = count;
        return SQLITE_OK;
      },
      made.wal_pages_.get());
  // Joins the WAL's index at once and not at the first query, see Writer::reopen.
  made.number("SELECT count(*) FROM sqlite_schema WHERE rowid=1");
  if (made.failed()) return at::Unexpected{Failure{made.failure_->kind, path + ": " + made.failure_->text}};
  return made;
}

// The pragma answers with the mode that holds now; an error is told by what comes next.
bool Connection::enter_wal() {
  Query mode = query("PRAGMA journal_mode=WAL");
  return !mode.next() || mode.view(0) == "wal";
}

Connection::Connection(Connection&& other) noexcept
    : db_(std::exchange(other.db_, nullptr)),
      statements_(std::move(other.statements_)),
      wal_pages_(std::move(other.wal_pages_)),
      failure_(std::move(other.failure_)) {}

Connection& Connection::operator=(Connection&& other) noexcept {
  if (this == &other) return *this;
  close();
  db_ = std::exchange(other.db_, nullptr);
  statements_ = std::move(other.statements_);
  wal_pages_ = std::move(other.wal_pages_);
  failure_ = std::move(other.failure_);
  return *this;
}

Connection::~Connection() {
  close();
}

void Connection::close() {
  statements_.clear();
  if (db_) sqlite3_close_v2(db_);
  db_ = nullptr;
}

void Connection::fail(int code) {
  if (!failure_) failure_ = failure_of(code, sqlite3_system_errno(db_), sqlite3_errmsg(db_));
}

void Connection::refuse(const std::string& text) {
  if (!failure_) failure_ = Failure{Failure::Kind::other, text};
}

sqlite3_stmt* Connection::statement(std::string_view sql) {
  if (failed()) return nullptr;
  if (const auto found = statements_.find(sql); found != statements_.end()) return found->second.get();
  sqlite3_stmt* made = nullptr;
  const int code = sqlite3_prepare_v3(db_, sql.data(), static_cast<int>(sql.size()),
                                      SQLITE_PREPARE_PERSISTENT, &made, nullptr);
  if (code != SQLITE_OK) {
    fail(code);
    return nullptr;
  }
  statements_.emplace(std::string(sql), made);
  return made;
}

bool Connection::script(const char* sql) {
  if (failed()) return false;
  const int code = sqlite3_exec(db_, sql, nullptr, nullptr, nullptr);
  if (code != SQLITE_OK) fail(code);
  return !failed();
}

void Connection::rollback() {
  for (const auto& [sql, made] : statements_) sqlite3_reset(made.get());
  if (sqlite3_get_autocommit(db_) == 0) sqlite3_exec(db_, "ROLLBACK", nullptr, nullptr, nullptr);
}

void Connection::forget_statements() {
  statements_.clear();
}

std::vector<std::string> Connection::cached() const {
  std::vector<std::string> texts;
  for (const auto& [sql, made] : statements_) texts.push_back(sql);
  return texts;
}

bool Connection::checkpoint(WalAfter after, std::chrono::milliseconds patience) {
  static constexpr int kModes[] = {SQLITE_CHECKPOINT_PASSIVE, SQLITE_CHECKPOINT_RESTART,
                                   SQLITE_CHECKPOINT_TRUNCATE};
  sqlite3_busy_timeout(db_, static_cast<int>(patience.count()));
  int pages = -1, copied = -1;
  const int mode = kModes[static_cast<int>(after)];
  const int code = sqlite3_wal_checkpoint_v2(db_, "main", mode, &pages, &copied);
  sqlite3_busy_timeout(db_, kBusyMillis);
  if (code == SQLITE_OK && after != WalAfter::kept) *wal_pages_ = 0;
  return code == SQLITE_OK;
}

void Connection::lengthen_wal(std::int64_t octets) {
  sqlite3_file* file = nullptr;
  if (sqlite3_file_control(db_, "main", SQLITE_FCNTL_JOURNAL_POINTER, &file) != SQLITE_OK) return;
  if (!file || !file->pMethods) return;
  sqlite3_int64 had = 0;
  if (file->pMethods->xFileSize(file, &had) != SQLITE_OK) return;
  static constexpr std::array<char, 1 << 16> kZeros{};
  for (sqlite3_int64 end = had; end < octets;) {
    const auto size = static_cast<int>(std::min<sqlite3_int64>(kZeros.size(), octets - end));
    if (file->pMethods->xWrite(file, kZeros.data(), size, end) != SQLITE_OK) {
      file->pMethods->xTruncate(file, had);  // what there is of the disk is for messages
      return;
    }
    end += size;
  }
  if (had < octets) file->pMethods->xSync(file, SQLITE_SYNC_NORMAL);
}

void Connection::stop_when(const std::atomic<bool>* stop) {
  sqlite3_progress_handler(
      db_, kStopEverySteps,
      [](void* flag) { return static_cast<const std::atomic<bool>*>(flag)->load() ? 1 : 0; },
      const_cast<std::atomic<bool>*>(stop));
}

}  // namespace klaxon::store
