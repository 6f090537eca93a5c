// A line over TCP, against a listening socket of this process.
#include <arpa/inet.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <string>

#include "hw/dial.h"
// CppUTest's macros come last: they would reach into the standard library.
#include <CppUTest/TestHarness.h>

namespace {

struct Server {
  Server() : fd(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in at{};
    at.sin_family = AF_INET;
    at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    ::bind(fd, reinterpret_cast<sockaddr*>(&at), sizeof at);
    ::listen(fd, 1);
    socklen_t size = sizeof at;
    ::getsockname(fd, reinterpret_cast<sockaddr*>(&at), &size);
    port = std::to_string(ntohs(at.sin_port));
  }
  ~Server() { close(); }
  void close() {
    if (fd >= 0) ::close(fd);
    fd = -1;
  }
  int fd;
  std::string port;
};

// Waits as an event loop would, ten seconds at most.
hw::Dial::Outcome outcome(hw::Dial& dial) {
  for (int i = 0; i < 20; ++i) {
    if (auto done = dial.advance()) return std::move(*done);
    pollfd one{dial.fd(), static_cast<short>(dial.awaits_write() ? POLLOUT : POLLIN), 0};
    ::poll(&one, 1, 10'000);
  }
  return at::Unexpected{hw::LineError{hw::LineError::Kind::broken, "it never ends"}};
}

int option(int fd, int level, int name) {
  int value = -1;
  socklen_t size = sizeof value;
  ::getsockopt(fd, level, name, &value, &size);
  return value;
}

}  // namespace

TEST_GROUP(Dial){};

TEST(Dial, carries_bytes_both_ways_and_watches_for_silence) {
  Server server;
  hw::Dial dial("127.0.0.1", server.port);
  auto line = outcome(dial);
  CHECK(line.has_value());
  const int other = ::accept(server.fd, nullptr, nullptr);
  STRCMP_EQUAL("tcp", (*line)->kind().c_str());
  LONGS_EQUAL(3, ::write((*line)->fd(), "AT\r", 3));
  char heard[4] = {};
  LONGS_EQUAL(3, ::read(other, heard, 3));
  STRCMP_EQUAL("AT\r", heard);
  LONGS_EQUAL(1, option((*line)->fd(), SOL_SOCKET, SO_KEEPALIVE));
  LONGS_EQUAL(10, option((*line)->fd(), IPPROTO_TCP, TCP_KEEPIDLE));
  LONGS_EQUAL(20'000, option((*line)->fd(), IPPROTO_TCP, TCP_USER_TIMEOUT));
  ::close(other);
  pollfd one{(*line)->fd(), POLLIN, 0};
  ::poll(&one, 1, 10'000);
  LONGS_EQUAL(0, ::read((*line)->fd(), heard, 1));  // as an unplug
}

TEST(Dial, who_is_not_there_is_absent_and_named) {
  Server server;
  server.close();
  hw::Dial dial("127.0.0.1", server.port);
  const auto line = outcome(dial);
  CHECK_FALSE(line.has_value());
  CHECK(line.error().kind == hw::LineError::Kind::absent);
  STRCMP_CONTAINS(("tcp://127.0.0.1:" + server.port + ": ").c_str(), line.error().text.c_str());
}

TEST(Dial, a_name_is_looked_up_without_waiting_for_it) {
  addrinfo* known = nullptr;
  if (::getaddrinfo("localhost", nullptr, nullptr, &known) != 0) return;  // a root without /etc/hosts: no name to look up
  ::freeaddrinfo(known);
  Server server;
  hw::Dial dial("localhost", server.port);
  CHECK(outcome(dial).has_value());
}

TEST(Dial, a_name_that_nobody_has_is_told) {
  hw::Dial dial("no such name", "2001");
  const auto line = outcome(dial);
  CHECK_FALSE(line.has_value());
  STRCMP_CONTAINS("tcp://no such name:2001: ", line.error().text.c_str());
}
