#include <CppUTest/TestHarness.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstddef>
#include <cstdlib>
#include <cstring>
#include <string>

#include "daemon/ops/notify_socket.h"

using klaxon::ops::NotifySocket;

namespace {

// The manager's end.
class Manager {
 public:
  explicit Manager(const std::string& address)
      : fd_(::socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0)) {
    sockaddr_un name{};
    name.sun_family = AF_UNIX;
    std::memcpy(name.sun_path, address.data(), address.size());
    if (address.front() == '@')
      name.sun_path[0] = '\0';
    else
      path_ = address;
    const auto size = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + address.size());
    bound_ = ::bind(fd_, reinterpret_cast<const sockaddr*>(&name), size) == 0;
  }
  ~Manager() {
    ::close(fd_);
    if (!path_.empty()) ::unlink(path_.c_str());
  }
  bool bound() const { return bound_; }
  std::string heard() const {
    char text[256];
    const ssize_t size = ::recv(fd_, text, sizeof text, 0);
    return size < 0 ? "" : std::string(text, static_cast<std::size_t>(size));
  }

 private:
  int fd_;
  bool bound_ = false;
  std::string path_;
};

std::string unique(const std::string& prefix) {
  return prefix + "klaxon-notify-" + std::to_string(::getpid());
}

}  // namespace

TEST_GROUP(NotifySocket){
    void teardown() override{for (const char* name
                                  : {"NOTIFY_SOCKET", "WATCHDOG_USEC", "WATCHDOG_PID"})::unsetenv(name);
}
}
;

TEST(NotifySocket, ReachesAPathAndAnAbstractName) {
  for (const std::string& address : {unique("/tmp/"), unique("@")}) {
    const Manager manager(address);
    CHECK(manager.bound());
    const NotifySocket socket(address);
    CHECK(socket.open());
    CHECK(socket.send("READY=1\n"));
    STRCMP_EQUAL("READY=1\n", manager.heard().c_str());
  }
}

TEST(NotifySocket, IsSilentWhereNobodyListens) {
  const std::string longer = "/" + std::string(200, 'x');
  for (const std::string& address :
       {std::string(), std::string("/"), std::string("relative"), longer, unique("/tmp/none-")}) {
    const NotifySocket socket(address);
    CHECK(!socket.open());
    CHECK(!socket.send("READY=1\n"));
  }
}

TEST(NotifySocket, AManagerThatDoesNotReadHoldsNobodyUp) {
  const Manager manager(unique("@"));
  const NotifySocket socket(unique("@"));
  int sent = 0;
  while (sent < 100'000 && socket.send("WATCHDOG=1\n")) ++sent;
  CHECK(sent < 100'000);
  STRCMP_EQUAL("WATCHDOG=1\n", manager.heard().c_str());
}

TEST(NotifySocket, TheAddressIsTakenOutOfTheEnvironment) {
  ::setenv("NOTIFY_SOCKET", "/run/systemd/notify", 1);
  STRCMP_EQUAL("/run/systemd/notify", klaxon::ops::take_notify_address().c_str());
  POINTERS_EQUAL(nullptr, std::getenv("NOTIFY_SOCKET"));
  STRCMP_EQUAL("", klaxon::ops::take_notify_address().c_str());
}

TEST(NotifySocket, TheWatchdogIsOursOrNone) {
  CHECK(!klaxon::ops::take_watchdog());
  ::setenv("WATCHDOG_USEC", "30000000", 1);
  CHECK(klaxon::ops::take_watchdog() == at::Millis(30'000));
  ::setenv("WATCHDOG_USEC", "2000000", 1);
  ::setenv("WATCHDOG_PID", std::to_string(::getpid()).c_str(), 1);
  CHECK(klaxon::ops::take_watchdog() == at::Millis(2'000));
  ::setenv("WATCHDOG_USEC", "2000000", 1);
  ::setenv("WATCHDOG_PID", "1", 1);
  CHECK(!klaxon::ops::take_watchdog());
  for (const char* wrong : {"", "0", "soon", "12s", "-5000000", "99999999999999999999"}) {
    ::setenv("WATCHDOG_USEC", wrong, 1);
    CHECK(!klaxon::ops::take_watchdog());
  }
}
