#include "daemon/doors/server.h"

#include <algorithm>
#include <boost/asio/ip/address.hpp>
#include <boost/asio/ip/v6_only.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/socket_base.hpp>
#include <utility>

#include "daemon/doors/connection.h"
#include "daemon/doors/time_text.h"

namespace klaxon::doors {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;

namespace {

constexpr std::chrono::seconds kTick{1};
constexpr std::chrono::seconds kWarnBefore{30 * 86'400};  // renewals by hand take their time

std::string named(const config::Listen& where) {
  const bool v6 = where.host.find(':') != std::string::npos;
  return (v6 ? "[" + where.host + "]" : where.host) + ":" + std::to_string(where.port);
}

error_code bind_to(tcp::acceptor& acceptor, const config::Listen& where, bool v6_only) {
  error_code error;
  const auto address = asio::ip::make_address(where.host == "localhost" ? "127.0.0.1" : where.host, error);
  if (error) return error;
  const tcp::endpoint endpoint(address, where.port);
  acceptor.open(endpoint.protocol(), error);
  if (error) return error;
  acceptor.set_option(tcp::acceptor::reuse_address(true), error);
  if (!error && address.is_v6()) acceptor.set_option(asio::ip::v6_only(v6_only), error);
  if (!error) acceptor.non_blocking(true, error);
  if (!error) acceptor.bind(endpoint, error);
  if (!error) acceptor.listen(asio::socket_base::max_listen_connections, error);
  return error;
}

// [::] takes IPv4 too, unless that port is asked for on an IPv4 address as well.
bool asked_on_v4(const std::vector<config::Listen>& all, std::uint16_t port) {
  return std::any_of(all.begin(), all.end(), [port](const config::Listen& where) {
    return where.port == port && where.host.find(':') == std::string::npos;
  });
}

}  // namespace

void Server::Hall::accept_more() {
  if (stopping) return;
  for (std::size_t i = 0; i < acceptors.size(); ++i) {
    const auto under_way = static_cast<std::size_t>(std::count(accepting.begin(), accepting.end(), true));
    if (accepting[i] || connections.size() + under_way >= limits.connections) continue;
    accepting[i] = true;
    acceptors[i].async_accept([this, i](error_code error, tcp::socket socket) {
      if (error == asio::error::operation_aborted || stopping) return;
      accepting[i] = false;
      // Out of descriptors: the tick tries again, not this handler, or the loop would spin.
      if (error) return tick();
      accepted(i, std::move(socket));
    });
  }
}

void Server::Hall::accepted(std::size_t, tcp::socket socket) {
  auto connection = std::make_shared<Connection>(std::move(socket), *this);
  connections.insert(connection);
  connection->start();
  tick();
  accept_more();
}

// One timer for all deadlines, and none while there is nobody.
void Server::Hall::tick() {
  if (std::exchange(ticking, true)) return;
  timer.expires_after(kTick);
  timer.async_wait([this](error_code error) {
    if (error) return;
    ticking = false;
    const Instant now = clock();
    const std::vector<std::shared_ptr<Connection>> all(connections.begin(), connections.end());
    for (const auto& connection : all) connection->sweep(now);
    accept_more();
    if (!connections.empty()) tick();
  });
}

void Server::Hall::leave(const std::shared_ptr<Connection>& connection) {
  connections.erase(connection);
  accept_more();
}

bool Server::Hall::take_room(const std::shared_ptr<Connection>& connection, std::size_t octets) {
  if (waiting_for_room.empty() && bodies + octets <= limits.bodies_octets) {
    bodies += octets;
    return true;
  }
  waiting_for_room.push_back(connection);
  return false;
}

void Server::Hall::give_back_room(std::size_t octets) {
  bodies -= octets;
  while (!waiting_for_room.empty()) {
    const auto next = waiting_for_room.front().lock();
    const std::size_t wanted = next && next->open() ? next->room_wanted() : 0;
    if (wanted > 0 && bodies + wanted > limits.bodies_octets) return;
    waiting_for_room.pop_front();
    if (wanted == 0) continue;
    bodies += wanted;
    // Posted: whoever gave back is in the middle of something.
    asio::post(io, [next, wanted] { next->room_given(wanted); });
  }
}

void Server::Hall::take_now(std::weak_ptr<Connection> asker, HttpRequest request) {
  if (before_request) before_request();
  api.handle(std::move(request), std::move(asker));
}

void Server::Hall::take_in_turn(std::weak_ptr<Connection> asker, HttpRequest request) {
  in_turn.emplace_back(std::move(asker), std::move(request));
  if (in_turn.size() == 1) asio::post(io, [this] { take_next(); });
}

void Server::Hall::take_next() {
  auto [asker, request] = std::move(in_turn.front());
  in_turn.pop_front();
  if (!in_turn.empty()) asio::post(io, [this] { take_next(); });
  if (const auto connection = asker.lock(); connection && connection->open()) take_now(asker, std::move(request));
}

Server::Server(asio::io_context& io, Api& api, const config::Settings& settings, Clock clock, Limits limits)
    : hall_(std::make_unique<Hall>(io, api, settings, std::move(clock), limits)) {}

Server::~Server() = default;

at::Expected<std::monostate, std::string> Server::listen() {
  const auto& wanted = hall_->settings.http.listen;
  for (const config::Listen& where : wanted) {
    tcp::acceptor acceptor(hall_->io);
    if (const error_code error = bind_to(acceptor, where, asked_on_v4(wanted, where.port))) {
      hall_->acceptors.clear();
      return at::Unexpected{"can't listen on " + named(where) + ": " + error.message()};
    }
    hall_->acceptors.push_back(std::move(acceptor));
  }
  hall_->accepting.assign(hall_->acceptors.size(), false);
  hall_->accept_more();
  return std::monostate{};
}

at::Expected<std::string, std::string> Server::read_identity() {
  const config::Http& http = hall_->settings.http;
  if (!http.tls()) return std::string();
  auto loaded = Identity::load(http.tls_certificate, http.tls_key);
  if (!loaded) {
    const bool of_key = loaded.error().key == Identity::Fault::Key::key;
    return at::Unexpected{(of_key ? "tls_key: " : "tls_certificate: ") + loaded.error().why};
  }
  hall_->identity = std::move(*loaded);
  hall_->api.certificate_ends(hall_->identity->not_after());
  return "TLS as " + hall_->identity->subject() + ", valid until " + utc_day(hall_->identity->not_after() * 1000) +
         ", SHA-256 " + hall_->identity->sha256();
}

std::string Server::certificate_warning(std::int64_t unix_ms) const {
  if (!hall_->identity) return {};
  const std::int64_t left = hall_->identity->not_after() - unix_ms / 1000;
  if (left >= kWarnBefore.count()) return {};
  const std::string day = utc_day(hall_->identity->not_after() * 1000);
  return hall_->settings.http.tls_certificate + (left < 0 ? " ended on " + day + ": clients refuse it" : " ends on " + day) +
         "; renew it and reload";
}

std::vector<std::uint16_t> Server::ports() const {
  std::vector<std::uint16_t> out;
  for (const tcp::acceptor& acceptor : hall_->acceptors) {
    error_code error;
    out.push_back(acceptor.local_endpoint(error).port());
  }
  return out;
}

void Server::on_request(std::function<void()> call) {
  hall_->before_request = std::move(call);
}

void Server::deliver() {
  hall_->api.deliver();
}

void Server::stop() {
  hall_->stopping = true;
  for (tcp::acceptor& acceptor : hall_->acceptors) {
    error_code ignored;
    acceptor.close(ignored);
  }
  const std::vector<std::shared_ptr<Connection>> all(hall_->connections.begin(), hall_->connections.end());
  for (const auto& connection : all) connection->stop();
}

std::size_t Server::connections() const {
  return hall_->connections.size();
}

void Server::sweep(Instant now) {
  const std::vector<std::shared_ptr<Connection>> all(hall_->connections.begin(), hall_->connections.end());
  for (const auto& connection : all) connection->sweep(now);
}

}  // namespace klaxon::doors
