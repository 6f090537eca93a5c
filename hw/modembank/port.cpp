#include "hw/modembank/port.h"

#include <fcntl.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdlib>
#include <filesystem>
#include <system_error>

namespace modembank {
namespace {

constexpr std::size_t kWaiting = 64 * 1024;

[[noreturn]] void fail(const std::string& what) {
  throw std::system_error(errno, std::generic_category(), what);
}

int open_slave(const std::string& pts) {
  const int fd = ::open(pts.c_str(), O_RDWR | O_NOCTTY | O_CLOEXEC);
  if (fd < 0) fail("open " + pts);
  termios raw{};
  ::tcgetattr(fd, &raw);
  ::cfmakeraw(&raw);
  ::cfsetspeed(&raw, B115200);
  raw.c_cc[VMIN] = 1;
  raw.c_cc[VTIME] = 0;
  if (::tcsetattr(fd, TCSANOW, &raw) != 0) fail("tcsetattr " + pts);
  return fd;
}

}  // namespace

Port::Port(std::string symlink) : symlink_(std::move(symlink)) {
  master_ = ::posix_openpt(O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);
  std::array<char, 64> name{};
  if (master_ < 0 || ::grantpt(master_) != 0 || ::unlockpt(master_) != 0 ||
      ::ptsname_r(master_, name.data(), name.size()) != 0) {
    fail("a pseudo terminal for " + symlink_);
  }
  pts_ = name.data();
  slave_ = open_slave(pts_);
  // Renamed into place: whoever looks finds the old port, or this one, never half of one.
  const std::string fresh = symlink_ + ".new";
  std::filesystem::remove(fresh);
  std::filesystem::create_symlink(pts_, fresh);
  std::filesystem::rename(fresh, symlink_);
}

Port::~Port() {
  std::error_code ignored;
  if (std::filesystem::read_symlink(symlink_, ignored) == pts_) std::filesystem::remove(symlink_, ignored);
  ::close(slave_);
  ::close(master_);
}

void Port::read(std::string* to) {
  std::array<char, 4096> chunk{};
  while (true) {
    const ssize_t n = ::read(master_, chunk.data(), chunk.size());
    if (n > 0) to->append(chunk.data(), static_cast<std::size_t>(n));
    if (n < static_cast<ssize_t>(chunk.size())) return;
  }
}

void Port::write(std::string_view bytes) {
  waiting_ += bytes.substr(0, kWaiting - std::min(kWaiting, waiting_.size()));
  flush();
}

void Port::flush() {
  while (!waiting_.empty()) {
    const ssize_t n = ::write(master_, waiting_.data(), waiting_.size());
    if (n <= 0) return;
    waiting_.erase(0, static_cast<std::size_t>(n));
  }
}

void Port::owner_left() {
  ::ioctl(slave_, TIOCNXCL);
}

}  // namespace modembank
