#include "daemon/store/ballast.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>

namespace klaxon::store {
namespace {

constexpr std::int64_t kMost = 16 << 20;
constexpr std::int64_t kLeast = 64 << 10;  // less than this saves nothing

std::int64_t free_bytes(const std::string& directory) {
  struct statvfs status {};
  if (::statvfs(directory.c_str(), &status) != 0) return 0;
  return static_cast<std::int64_t>(status.f_bavail) * static_cast<std::int64_t>(status.f_frsize);
}

std::int64_t size_of(const std::string& path) {
  struct stat status {};
  return ::stat(path.c_str(), &status) == 0 ? status.st_size : 0;
}

}  // namespace

void Ballast::keep() {
  const std::int64_t have = size_of(path_);
  const std::int64_t want = std::min(kMost, spare() + have / 10);
  if (want < kLeast || have >= want / 2) return;  // half is good enough: not made anew for each megabyte
  const int file = ::open(path_.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0640);
  if (file < 0) return;
  // Really taken from the disk: a sparse file would give nothing back.
  const bool taken = ::posix_fallocate(file, 0, want) == 0;
  ::close(file);
  if (!taken) ::unlink(path_.c_str());
}

std::int64_t Ballast::spare() const {
  return free_bytes(std::filesystem::path(path_).parent_path()) / 10;
}

bool Ballast::release() {
  const bool there = size_of(path_) > 0;
  return ::unlink(path_.c_str()) == 0 && there;
}

}  // namespace klaxon::store
