#include "hw/dial.h"

#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <mutex>
#include <system_error>
#include <thread>
#include <utility>

namespace hw {
namespace {

class TcpLine : public Line {
 public:
  explicit TcpLine(int fd) : fd_(fd) {}
  ~TcpLine() override { ::close(fd_); }
  TcpLine(const TcpLine&) = delete;
  TcpLine& operator=(const TcpLine&) = delete;

  int fd() const override { return fd_; }
  void drop_dtr() override {}  // the terminal server drops it when the connection ends
  std::string kind() const override { return "tcp"; }

 private:
  int fd_;
};

// A server that lost its power says nothing: without these a dead line would look idle for ever.
void watch_for_silence(int fd) {
  const auto set = [fd](int level, int option, int value) {
    ::setsockopt(fd, level, option, &value, sizeof value);
  };
  set(SOL_SOCKET, SO_KEEPALIVE, 1);
  set(IPPROTO_TCP, TCP_KEEPIDLE, 10);  // seconds
  set(IPPROTO_TCP, TCP_KEEPINTVL, 5);
  set(IPPROTO_TCP, TCP_KEEPCNT, 3);
  set(IPPROTO_TCP, TCP_USER_TIMEOUT, 20'000);  // milliseconds; of what was written and not acknowledged
  set(IPPROTO_TCP, TCP_NODELAY, 1);
}

bool ready(int fd, short wanted) {
  pollfd one{fd, wanted, 0};
  return ::poll(&one, 1, 0) == 1;
}

int look_up(const std::string& host, const std::string& port, int flags, addrinfo** found) {
  addrinfo wanted{};
  wanted.ai_family = AF_UNSPEC;
  wanted.ai_socktype = SOCK_STREAM;
  wanted.ai_flags = flags | AI_NUMERICSERV;
  return ::getaddrinfo(host.c_str(), port.c_str(), &wanted, found);
}

}  // namespace

struct Dial::Addresses {
  explicit Addresses(addrinfo* list) : all(list), next(list) {}
  ~Addresses() {
    if (all != nullptr) ::freeaddrinfo(all);
  }
  Addresses(const Addresses&) = delete;
  Addresses& operator=(const Addresses&) = delete;
  addrinfo* all;
  addrinfo* next;
};

// Shared with the thread that looks up: whoever is last cleans up.
struct Dial::Lookup {
  Lookup() : bell(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {}
  ~Lookup() {
    if (bell >= 0) ::close(bell);
    if (found != nullptr) ::freeaddrinfo(found);
  }
  Lookup(const Lookup&) = delete;
  Lookup& operator=(const Lookup&) = delete;
  const int bell;
  std::mutex guard;
  bool done = false;
  int error = 0;
  addrinfo* found = nullptr;
};

Dial::Dial(std::string host, std::string port)
    : name_("tcp://" + host + ":" + port), host_(std::move(host)), port_(std::move(port)) {
  addrinfo* found = nullptr;
  if (look_up(host_, port_, AI_NUMERICHOST, &found) == 0) {
    addresses_ = std::make_unique<Addresses>(found);
    return;
  }
  lookup_ = std::make_shared<Lookup>();
  try {
    std::thread([shared = lookup_, host = host_, port = port_] {
      addrinfo* list = nullptr;
      const int error = look_up(host, port, 0, &list);
      const std::lock_guard hold(shared->guard);
      shared->done = true;
      shared->error = error;
      shared->found = list;
      ::eventfd_write(shared->bell, 1);
    }).detach();
  } catch (const std::system_error& error) {
    lookup_.reset();
    why_ = error.what();
    addresses_ = std::make_unique<Addresses>(nullptr);
  }
}

Dial::Dial(Dial&& other) noexcept
    : name_(std::move(other.name_)),
      host_(std::move(other.host_)),
      port_(std::move(other.port_)),
      why_(std::move(other.why_)),
      lookup_(std::move(other.lookup_)),
      addresses_(std::move(other.addresses_)),
      socket_(std::exchange(other.socket_, -1)) {}

Dial::~Dial() {
  if (socket_ >= 0) ::close(socket_);
}

int Dial::fd() const {
  return socket_ >= 0 ? socket_ : lookup_ ? lookup_->bell : -1;
}

bool Dial::awaits_write() const {
  return socket_ >= 0;
}

LineError Dial::refused(const std::string& why) const {
  return {LineError::Kind::absent, name_ + ": " + why};
}

std::optional<Dial::Outcome> Dial::advance() {
  if (!addresses_) {
    const std::lock_guard hold(lookup_->guard);
    if (!lookup_->done) return std::nullopt;
    if (lookup_->error != 0) return Outcome(at::Unexpected{refused(::gai_strerror(lookup_->error))});
    addresses_ = std::make_unique<Addresses>(std::exchange(lookup_->found, nullptr));
  }
  if (socket_ < 0) return connect_next();
  return ready(socket_, POLLOUT) ? connected() : std::nullopt;
}

// One address after the other; a name may have several, and not each is reachable.
std::optional<Dial::Outcome> Dial::connect_next() {
  while (addresses_->next != nullptr) {
    const addrinfo& to = *std::exchange(addresses_->next, addresses_->next->ai_next);
    socket_ = ::socket(to.ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (socket_ >= 0 && ::connect(socket_, to.ai_addr, to.ai_addrlen) == 0) return connected();
    if (socket_ >= 0 && errno == EINPROGRESS) return std::nullopt;
    why_ = std::strerror(errno);
    if (socket_ >= 0) ::close(std::exchange(socket_, -1));
  }
  return Outcome(at::Unexpected{refused(why_)});
}

std::optional<Dial::Outcome> Dial::connected() {
  int error = 0;
  socklen_t size = sizeof error;
  ::getsockopt(socket_, SOL_SOCKET, SO_ERROR, &error, &size);
  if (error == 0) {
    watch_for_silence(socket_);
    return Outcome(std::unique_ptr<Line>(std::make_unique<TcpLine>(std::exchange(socket_, -1))));
  }
  why_ = std::strerror(error);
  ::close(std::exchange(socket_, -1));
  return connect_next();
}

}  // namespace hw
