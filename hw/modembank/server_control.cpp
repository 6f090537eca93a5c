// The control socket: lines in, lines out.
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <sstream>
#include <system_error>

#include "hw/modembank/server.h"

namespace modembank {
namespace {

constexpr std::size_t kClients = 16;
constexpr std::size_t kLine = 128 * 1024;
constexpr std::size_t kOut = 1024 * 1024;
constexpr double kLongestWait = 3600;

}  // namespace

void Server::open_control(const std::string& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (path.size() >= sizeof address.sun_path) {
    throw std::system_error(ENAMETOOLONG, std::generic_category(), path);
  }
  std::memcpy(address.sun_path, path.data(), path.size());
  listener_ = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  ::unlink(path.c_str());  // of a bank that was killed
  if (listener_ < 0 || ::bind(listener_, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0 ||
      ::listen(listener_, static_cast<int>(kClients)) != 0) {
    throw std::system_error(errno, std::generic_category(), path);
  }
  watch(listener_, Source::listener, 0, EPOLLIN);
}

void Server::accept_client() {
  const int fd = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK);
  if (fd < 0) return;
  if (clients_.size() >= kClients) {
    ::close(fd);
    return;
  }
  clients_[fd].fd = fd;
  watch(fd, Source::client, static_cast<std::uint64_t>(fd), EPOLLIN);
}

void Server::read_client(Client& client) {
  std::array<char, 16 * 1024> chunk{};
  const ssize_t n = ::read(client.fd, chunk.data(), chunk.size());
  if (n == 0 || (n < 0 && errno != EAGAIN)) client.closing = true;
  if (n > 0) client.in.append(chunk.data(), static_cast<std::size_t>(n));
  if (!client.out.empty()) flush(client);
  serve(client);
  if (client.in.size() > kLine) {
    answer(client, "error the line is too long");
    client.closing = true;
  }
}

void Server::serve(Client& client) {
  while (!client.wait && !client.closing) {
    const auto end = client.in.find('\n');
    if (end == std::string::npos) return;
    const std::string line = client.in.substr(0, end);
    write_air();  // what an answer speaks of is in the file
    client.in.erase(0, end + 1);
    if (line == "quit") {
      ending_ = true;
      answer(client, "ok");
    } else if (line.starts_with("wait ")) {
      const std::string problem = start_wait(client, line);
      if (!problem.empty()) answer(client, problem);
    } else {
      const std::string said = bank_.control(line, std::chrono::steady_clock::now());
      sync_ports();  // whoever reads "ok" to a plug finds the port
      answer(client, said);
    }
  }
}

void Server::answer(Client& client, const std::string& line) {
  client.out += line + "\n";
  flush(client);
}

void Server::flush(Client& client) {
  const ssize_t n = ::write(client.fd, client.out.data(), client.out.size());
  if (n > 0) client.out.erase(0, static_cast<std::size_t>(n));
  if (client.out.size() > kOut || (n < 0 && errno != EAGAIN)) client.closing = true;
  const bool waiting = !client.out.empty();
  if (waiting == client.write_watched || client.closing) return;
  client.write_watched = waiting;
  watch(client.fd, Source::client, static_cast<std::uint64_t>(client.fd),
        waiting ? EPOLLIN | EPOLLOUT : EPOLLIN);
}

std::string Server::start_wait(Client& client, std::string_view line) {
  std::istringstream words{std::string(line)};
  std::string verb, count;
  std::uint64_t at_least = 0;
  double seconds = 0;
  words >> verb >> count >> at_least >> seconds;
  if (words.fail() || seconds < 0 || seconds > kLongestWait) return "error wait COUNT N SECONDS";
  if (!bank_.count(count)) return "error no such count: " + count;
  const auto span = std::chrono::duration_cast<Duration>(std::chrono::duration<double>(seconds));
  client.wait = Client::Wait{count, at_least, std::chrono::steady_clock::now() + span};
  return {};
}

bool Server::settle_waits() {
  bool served = false;
  const at::Instant now = std::chrono::steady_clock::now();
  for (auto& [fd, client] : clients_) {
    if (!client.wait) continue;
    const std::uint64_t value = *bank_.count(client.wait->count);
    const bool reached = value >= client.wait->at_least;
    if (!reached && now < client.wait->until) continue;
    client.wait.reset();
    answer(client, (reached ? "ok " : "error only ") + std::to_string(value));
    serve(client);
    served = true;
  }
  return served;
}

void Server::close_clients() {
  std::erase_if(clients_, [](const auto& entry) {
    if (entry.second.closing) ::close(entry.first);
    return entry.second.closing;
  });
}

}  // namespace modembank
