#include "daemon/store/data_dir.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <optional>
#include <system_error>

namespace klaxon::store {
namespace {

constexpr const char* kReady = "klaxon.restored-";  // and a stamp: a database that is to be klaxon.db
constexpr mode_t kDirMode = 0750, kFileMode = 0640;

Failure system_failure(const std::string& what, int number) {
  Failure::Kind kind = Failure::Kind::other;
  if (number == ENOSPC || number == EDQUOT) kind = Failure::Kind::full;
  if (number == EROFS) kind = Failure::Kind::read_only;
  return {kind, what + ": " + std::strerror(number)};
}

std::optional<Failure> make_directory(const std::string& path) {
  std::error_code error;
  std::filesystem::create_directories(std::filesystem::path(path).parent_path(), error);
  if (::mkdir(path.c_str(), kDirMode) == 0) {
    ::chmod(path.c_str(), kDirMode);  // whatever the umask says
    return {};
  }
  if (errno != EEXIST) return system_failure(path, errno);
  struct stat status {};
  if (::stat(path.c_str(), &status) != 0) return system_failure(path, errno);
  if (!S_ISDIR(status.st_mode)) return system_failure(path, ENOTDIR);
  return {};
}

// -1 with errno.
int open_file(const std::string& path) {
  const int made = ::open(path.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, kFileMode);
  if (made >= 0) {
    ::fchmod(made, kFileMode);
    return made;
  }
  return errno == EEXIST ? ::open(path.c_str(), O_RDWR | O_CLOEXEC) : -1;
}

// A new file's name is in its directory, not in the file: without this a power cut may take it away.
void sync_directory(const std::string& path) {
  const int directory = ::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (directory < 0) return;
  ::fsync(directory);
  ::close(directory);
}

std::string owner_of(int lock) {
  char text[16] = {};
  const ssize_t size = ::pread(lock, text, sizeof text - 1, 0);
  return size > 0 ? std::string(" (pid ") + text + ")" : std::string();
}

void sign(int lock) {
  const std::string pid = std::to_string(::getpid());
  if (::ftruncate(lock, 0) != 0 || ::pwrite(lock, pid.data(), pid.size(), 0) < 0)
    return;  // the lock is what counts
}

// A copy that a life was ended in has everything in it, also what was deleted since; nobody will ask for it.
void drop_unfinished(const std::string& path) {
  for (const char* file : {"/klaxon.backup", "/klaxon.restoring", "/klaxon.restoring-wal", "/klaxon.restoring-shm"})
    ::unlink((path + file).c_str());
}

}  // namespace

at::Expected<std::unique_ptr<DataDir>, Failure> DataDir::open(const std::string& as_given) {
  std::string path = as_given;
  while (path.size() > 1 && path.back() == '/') path.pop_back();  // it would be its own parent
  if (auto failure = make_directory(path)) return at::Unexpected{*failure};
  const int lock = open_file(path + "/klaxon.lock");
  if (lock < 0) return at::Unexpected{system_failure(path + "/klaxon.lock", errno)};
  std::unique_ptr<DataDir> made(new DataDir(path, lock));
  if (::flock(lock, LOCK_EX | LOCK_NB) != 0) {
    if (errno != EWOULDBLOCK) return at::Unexpected{system_failure(path + "/klaxon.lock", errno)};
    return at::Unexpected{
        Failure{Failure::Kind::busy, "another klaxon daemon" + owner_of(lock) + " works in " + path}};
  }
  sign(lock);
  drop_unfinished(path);
  if (auto failure = made->finish_replacing()) return at::Unexpected{*failure};
  const int database = open_file(made->database());
  if (database < 0) return at::Unexpected{system_failure(made->database(), errno)};
  ::close(database);
  sync_directory(path);
  sync_directory(std::filesystem::absolute(path).parent_path());
  return made;
}

// From its new name on the fresh database counts; the rest is done by whoever opens the directory next, if not by us.
std::optional<Failure> DataDir::replace_database(const std::string& fresh, const std::string& stamp) {
  const std::string ready = path_ + "/" + kReady + stamp;
  if (::rename(fresh.c_str(), ready.c_str()) != 0) return system_failure(ready, errno);
  sync_directory(path_);
  return finish_replacing();
}

// The old WAL must be gone before the new database has its name: it would be taken for that one's.
std::optional<Failure> DataDir::finish_replacing() {
  std::error_code error;
  for (const auto& entry : std::filesystem::directory_iterator(path_, error)) {
    const std::string name = entry.path().filename();
    if (!name.starts_with(kReady)) continue;
    const std::string kept = aside(name.substr(std::strlen(kReady)));
    if (::mkdir(kept.c_str(), kDirMode) != 0 && errno != EEXIST) return system_failure(kept, errno);
    for (const char* file : {"/klaxon.db", "/klaxon.db-wal", "/klaxon.db-shm"}) {
      if (::rename((path_ + file).c_str(), (kept + file).c_str()) != 0 && errno != ENOENT)
        return system_failure(path_ + file, errno);
    }
    sync_directory(kept);
    if (::rename(entry.path().c_str(), database().c_str()) != 0) return system_failure(database(), errno);
    sync_directory(path_);
    break;
  }
  return {};
}

DataDir::~DataDir() {
  ::close(lock_);
}

}  // namespace klaxon::store
