#include "daemon/ops/notify_socket.h"

#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <charconv>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <cstring>

namespace klaxon::ops {
namespace {

std::string take_variable(const char* name) {
  const char* value = std::getenv(name);
  std::string text = value == nullptr ? "" : value;
  ::unsetenv(name);
  return text;
}

std::optional<std::int64_t> whole_number(const std::string& text) {
  std::int64_t number = 0;
  const char* end = text.data() + text.size();
  const auto [rest, error] = std::from_chars(text.data(), end, number);
  if (error != std::errc{} || rest != end) return std::nullopt;
  return number;
}

}  // namespace

NotifySocket::NotifySocket(const std::string& address) {
  sockaddr_un name{};
  name.sun_family = AF_UNIX;
  if (address.size() < 2 || address.size() >= sizeof name.sun_path) return;
  if (address.front() != '/' && address.front() != '@') return;
  std::memcpy(name.sun_path, address.data(), address.size());
  if (address.front() == '@') name.sun_path[0] = '\0';
  fd_ = ::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (fd_ < 0) return;
  const auto size = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + address.size());
  if (::connect(fd_, reinterpret_cast<const sockaddr*>(&name), size) == 0) return;
  ::close(fd_);
  fd_ = -1;
}

NotifySocket::~NotifySocket() {
  if (fd_ >= 0) ::close(fd_);
}

bool NotifySocket::send(std::string_view assignments) const {
  if (fd_ < 0) return false;
  const ssize_t sent = ::send(fd_, assignments.data(), assignments.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
  return sent == static_cast<ssize_t>(assignments.size());
}

std::string take_notify_address() {
  return take_variable("NOTIFY_SOCKET");
}

std::optional<at::Millis> take_watchdog() {
  const std::optional<std::int64_t> micros = whole_number(take_variable("WATCHDOG_USEC"));
  const std::string meant = take_variable("WATCHDOG_PID");
  if (!micros || *micros < 1000) return std::nullopt;
  if (!meant.empty() && whole_number(meant) != static_cast<std::int64_t>(::getpid())) return std::nullopt;
  return at::Millis(*micros / 1000);
}

}  // namespace klaxon::ops
