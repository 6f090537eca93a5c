#include "hw/modembank/server.h"

#include <fcntl.h>
#include <sys/epoll.h>
#include <sys/inotify.h>
#include <sys/signalfd.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <filesystem>
#include <system_error>

namespace modembank {
namespace {

int checked(int fd, const std::string& what) {
  if (fd < 0) throw std::system_error(errno, std::generic_category(), what);
  return fd;
}

at::Instant clock_now() {
  return std::chrono::steady_clock::now();
}

Options with_wall_clock(Options options) {
  const auto unix_now = std::chrono::system_clock::now().time_since_epoch();
  const auto mono_now = clock_now().time_since_epoch();
  options.bank.air.unix_ms_at_zero = std::chrono::duration_cast<at::Millis>(unix_now - mono_now).count();
  return options;
}

int signal_fd() {
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGTERM);
  sigaddset(&set, SIGINT);
  sigprocmask(SIG_BLOCK, &set, nullptr);
  return checked(::signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK), "signalfd");
}

}  // namespace

Server::Server(const Options& options) : options_(with_wall_clock(options)), bank_(options_.bank) {
  std::signal(SIGPIPE, SIG_IGN);
  epoll_ = checked(::epoll_create1(EPOLL_CLOEXEC), "epoll");
  timer_ = checked(::timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK), "timerfd");
  inotify_ = checked(::inotify_init1(IN_CLOEXEC | IN_NONBLOCK), "inotify");
  signals_ = signal_fd();
  watch(timer_, Source::timer, 0, EPOLLIN);
  watch(inotify_, Source::watch, 0, EPOLLIN);
  watch(signals_, Source::signals, 0, EPOLLIN);
  const auto open_log = [](const std::string& path) {
    if (path.empty()) return -1;
    return checked(::open(path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644), path);
  };
  air_ = open_log(options_.air_file);
  trace_ = open_log(options_.trace_file);
  if (!options_.control_socket.empty()) open_control(options_.control_socket);
  const auto n = static_cast<std::size_t>(bank_.size());
  ports_.resize(n);
  plugs_.resize(n);
  write_watched_.resize(n);
  sync_ports();
}

Server::~Server() {
  for (auto& [fd, client] : clients_) ::close(fd);
  if (listener_ >= 0) {
    ::unlink(options_.control_socket.c_str());
    ::close(listener_);
  }
  for (const int fd : {air_, trace_, signals_, inotify_, timer_, epoll_}) {
    if (fd >= 0) ::close(fd);
  }
}

void Server::watch(int fd, Source source, std::uint64_t number, std::uint32_t events) {
  epoll_event event{};
  event.events = events;
  event.data.u64 = static_cast<std::uint64_t>(source) << 32 | number;
  if (::epoll_ctl(epoll_, EPOLL_CTL_ADD, fd, &event) == 0) return;
  checked(::epoll_ctl(epoll_, EPOLL_CTL_MOD, fd, &event), "epoll_ctl");
}

void Server::run() {
  std::puts("ready");
  std::fflush(stdout);
  std::array<epoll_event, 64> events{};
  bool more = false;
  while (!ending_) {
    arm();
    const int n = ::epoll_wait(epoll_, events.data(), static_cast<int>(events.size()), more ? 0 : -1);
    for (int k = 0; k < n; ++k) {
      const std::uint64_t tag = events[static_cast<std::size_t>(k)].data.u64;
      handle(static_cast<Source>(tag >> 32), tag & 0xFFFFFFFF);
    }
    bank_.tick(clock_now());
    sync_ports();
    write_ports();
    write_air();
    more = settle_waits();
    close_clients();
  }
}

void Server::handle(Source source, std::uint64_t number) {
  std::uint64_t expirations = 0;
  switch (source) {
    case Source::modem:
      return read_port(static_cast<int>(number));
    case Source::listener:
      return accept_client();
    case Source::watch:
      return owners_left();
    case Source::signals:
      ending_ = true;
      return;
    case Source::timer:
      armed_.reset();
      if (::read(timer_, &expirations, sizeof expirations) < 0) return;  // taken by an earlier turn
      return;
    case Source::client:
      if (const auto client = clients_.find(static_cast<int>(number)); client != clients_.end()) {
        read_client(client->second);
      }
  }
}

void Server::sync_ports() {
  for (int k = 0; k < bank_.size(); ++k) {
    const auto at = static_cast<std::size_t>(k);
    const bool current = ports_[at] != nullptr && plugs_[at] == bank_.plugs(k);
    if (current == bank_.plugged(k)) continue;
    ports_[at].reset();  // closing takes it out of the epoll set
    write_watched_[at] = false;
    if (!bank_.plugged(k)) continue;
    ports_[at] = std::make_unique<Port>(options_.dir + "/" + bank_.modem(k).settings().name);
    plugs_[at] = bank_.plugs(k);
    watch(ports_[at]->fd(), Source::modem, static_cast<std::uint64_t>(k), EPOLLIN);
    const int descriptor = ::inotify_add_watch(inotify_, ports_[at]->pts().c_str(), IN_CLOSE);
    if (descriptor >= 0) modem_by_watch_[descriptor] = k;
  }
}

void Server::read_port(int k) {
  const auto& port = ports_[static_cast<std::size_t>(k)];
  if (!port) return;  // unplugged in this very turn
  std::string bytes;
  port->read(&bytes);
  bank_.feed(k, bytes, clock_now());
}

void Server::write_ports() {
  for (int k = 0; k < bank_.size(); ++k) {
    const auto at = static_cast<std::size_t>(k);
    if (!ports_[at]) continue;
    Port& port = *ports_[at];
    const std::string bytes = bank_.take_output(k, clock_now());
    if (!bytes.empty())
      port.write(bytes);
    else if (port.write_waiting())
      port.flush();
    if (port.write_waiting() == write_watched_[at]) continue;
    write_watched_[at] = port.write_waiting();
    const std::uint32_t events = write_watched_[at] ? EPOLLIN | EPOLLOUT : EPOLLIN;
    watch(port.fd(), Source::modem, static_cast<std::uint64_t>(k), events);
  }
}

void Server::write_air() {
  std::string submits, all;
  for (const Record& r : bank_.air().take_log()) {
    const std::string line = to_json(r, bank_.air().unix_ms(r.at)) + "\n";
    if (r.submit) submits += line;
    all += line;
  }
  append(air_, submits);
  append(trace_, all);
}

void Server::append(int fd, const std::string& lines) {
  if (fd < 0 || lines.empty()) return;
  if (::write(fd, lines.data(), lines.size()) == static_cast<ssize_t>(lines.size())) return;
  std::perror("klaxon-modembank: a log");
  ending_ = true;  // one with holes would make a good daemon look bad
}

// What the modems want, and the clients that wait.
void Server::arm() {
  auto due = bank_.deadline();
  for (const auto& [fd, client] : clients_) {
    if (client.wait && (!due || client.wait->until < *due)) due = client.wait->until;
  }
  if (due == armed_) return;
  armed_ = due;
  itimerspec spec{};
  if (due) {
    const auto ns = std::max<Duration::rep>(1, due->time_since_epoch().count());
    spec.it_value.tv_sec = static_cast<time_t>(ns / 1'000'000'000);
    spec.it_value.tv_nsec = static_cast<long>(ns % 1'000'000'000);
  }
  ::timerfd_settime(timer_, TFD_TIMER_ABSTIME, &spec, nullptr);
}

void Server::owners_left() {
  alignas(inotify_event) std::array<char, 4096> buffer{};
  const ssize_t n = ::read(inotify_, buffer.data(), buffer.size());
  for (ssize_t at = 0; at < n;) {
    const auto* event = reinterpret_cast<const inotify_event*>(buffer.data() + at);
    at += static_cast<ssize_t>(sizeof(inotify_event) + event->len);
    const auto modem = modem_by_watch_.find(event->wd);
    if (modem == modem_by_watch_.end()) continue;
    if ((event->mask & IN_IGNORED) != 0) {
      modem_by_watch_.erase(modem);
    } else if (const auto& port = ports_[static_cast<std::size_t>(modem->second)]) {
      port->owner_left();
    }
  }
}

}  // namespace modembank
