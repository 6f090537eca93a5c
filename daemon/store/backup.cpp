#include "daemon/store/backup.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <utility>

namespace klaxon::store {
namespace {

constexpr std::int64_t kRoomLeft = 64 << 20;  // what a copy must leave to the daemon itself
constexpr std::int64_t kSyncEvery = 8 << 20;  // octets
constexpr int kLookEverySteps = 5000;         // virtual machine steps: some hundred rows

Failure system_failure(const std::string& path, int number) {
  return {number == ENOSPC ? Failure::Kind::full : Failure::Kind::other, path + ": " + std::strerror(number)};
}

// Has what was written so far go to the disk bit by bit: hundreds of megabytes at once would make the commits
// of the writer wait for as long as that takes. Also looks whether to stop.
class Pace {
 public:
  Pace(sqlite3* db, int copy, const std::atomic<bool>& stop) : db_(db), copy_(copy), stop_(stop) {
    sqlite3_progress_handler(
        db_, kLookEverySteps, [](void* self) { return static_cast<Pace*>(self)->look(); }, this);
  }
  ~Pace() { sqlite3_progress_handler(db_, 0, nullptr, nullptr); }
  Pace(const Pace&) = delete;
  Pace& operator=(const Pace&) = delete;

 private:
  int look() {
    struct stat status {};
    if (::fstat(copy_, &status) == 0 && status.st_size - synced_ >= kSyncEvery) {
      ::fdatasync(copy_);
      synced_ = status.st_size;
    }
    return stop_ ? 1 : 0;
  }

  sqlite3* db_;
  int copy_;
  const std::atomic<bool>& stop_;
  off_t synced_ = 0;
};

// When it was made is in the copy: whoever restores it is told how old it is. Texts that are sensitive stay
// behind.
std::optional<Failure> sign(const std::string& path, std::int64_t now_ms) {
  sqlite3* db = nullptr;
  int code = sqlite3_open_v2(path.c_str(), &db, SQLITE_OPEN_READWRITE, nullptr);
  const std::string sql =
      "PRAGMA journal_mode=MEMORY; PRAGMA secure_delete=ON; BEGIN;"
      "DELETE FROM sensitive_texts; DELETE FROM sensitive_forms;"
      "INSERT OR REPLACE INTO meta(name,value) VALUES('backup_ms'," +
      std::to_string(now_ms) + "),('clean',1); COMMIT;";
  if (code == SQLITE_OK) code = sqlite3_exec(db, sql.c_str(), nullptr, nullptr, nullptr);
  std::optional<Failure> failure;
  if (code != SQLITE_OK)
    failure = failure_of(code, sqlite3_system_errno(db), path + ": " + sqlite3_errstr(code));
  sqlite3_close_v2(db);
  return failure;
}

}  // namespace

OpenFile::~OpenFile() {
  if (descriptor >= 0) ::close(descriptor);
}

Backup::Backup(std::shared_ptr<Ground> ground, std::shared_ptr<Bell> bell, std::int64_t now_ms)
    : ground_(std::move(ground)), bell_(std::move(bell)), now_ms_(now_ms) {}

void Backup::run() {
  BackupOutcome outcome = make();
  {
    const std::lock_guard lock(mutex_);
    outcome_ = std::move(outcome);
  }
  bell_->ring();
}

void Backup::stop() {
  stopping_ = true;
}

std::optional<BackupOutcome> Backup::outcome() {
  const std::lock_guard lock(mutex_);
  return std::exchange(outcome_, std::nullopt);
}

std::optional<Failure> Backup::lacks_room(Connection& db) const {
  const std::int64_t octets =
      db.number("PRAGMA page_count").value_or(0) * db.number("PRAGMA page_size").value_or(0);
  struct statvfs status {};
  if (::statvfs(ground_->dir->path().c_str(), &status) != 0) return {};
  const auto room = static_cast<std::int64_t>(status.f_bavail) * static_cast<std::int64_t>(status.f_frsize);
  if (room >= octets + kRoomLeft) return {};
  return Failure{Failure::Kind::full, "a copy takes " + std::to_string(octets >> 20) +
                                          " MiB in data_dir and leaves 64 MiB free; " +
                                          std::to_string(room >> 20) + " MiB are there"};
}

// The copy has no name once it is open: whatever happens to who wanted it, nothing stays behind.
BackupOutcome Backup::make() {
  auto db = Connection::open(ground_->dir->database(), Connection::Use::read);
  if (!db) return at::Unexpected{db.error()};
  if (auto failure = lacks_room(*db)) return at::Unexpected{*failure};
  db->run("PRAGMA query_only=OFF");  // it counts for the new file as well
  const std::string path = ground_->dir->path() + "/klaxon.backup";
  ::unlink(path.c_str());  // of a life that ended in the middle
  auto file = std::make_shared<OpenFile>();
  file->descriptor = ::open(path.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  if (file->descriptor < 0) return at::Unexpected{system_failure(path, errno)};
  {
    const Pace pace(db->handle(), file->descriptor, stopping_);
    db->run("VACUUM INTO ?1", path);
  }
  std::optional<Failure> failure = db->failure();
  if (!failure) failure = sign(path, now_ms_);
  if (!failure && ::fsync(file->descriptor) != 0) failure = system_failure(path, errno);
  ::unlink(path.c_str());
  if (failure) return at::Unexpected{*failure};
  struct stat status {};
  ::fstat(file->descriptor, &status);
  file->octets = status.st_size;
  return std::shared_ptr<const OpenFile>(std::move(file));
}

}  // namespace klaxon::store
