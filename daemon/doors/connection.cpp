#include "daemon/doors/connection.h"

#include <unistd.h>

#include <boost/asio/buffer.hpp>
#include <boost/asio/post.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/rfc7230.hpp>
#include <boost/beast/http/string_body.hpp>
#include <utility>

#include "daemon/doors/problem.h"
#include "daemon/store/store.h"
#include "daemon/doors/time_text.h"

namespace klaxon::doors {

namespace asio = boost::asio;
namespace http = boost::beast::http;
using asio::ip::tcp;
using boost::system::error_code;

struct Connection::Parsing {
  http::request_parser<http::string_body> parser;
  bool header_seen = false;
};

namespace {

// A field that came more than once: joined, as RFC 9110 5.3 reads it.
std::optional<std::string> field(const http::fields& fields, boost::beast::string_view name) {
  std::optional<std::string> out;
  const auto [first, last] = fields.equal_range(name);
  for (auto at = first; at != last; ++at) {
    if (out) out->append(", ");
    if (!out) out.emplace();
    out->append(at->value().data(), at->value().size());
  }
  return out;
}

HttpRequest to_request(http::request<http::string_body>&& message) {
  HttpRequest out;
  const auto method = message.method_string();
  out.method.assign(method.data(), method.size());
  if (out.method == "HEAD") out.method = "GET";
  out.target.assign(message.target().data(), message.target().size());
  out.authorization = field(message, "Authorization").value_or("");
  out.content_type = field(message, "Content-Type").value_or("");
  out.content_encoding = field(message, "Content-Encoding").value_or("");
  out.idempotency_key = field(message, "Idempotency-Key");
  out.last_event_id = field(message, "Last-Event-ID");
  out.body = std::move(message.body());
  return out;
}

}  // namespace

Connection::Connection(tcp::socket socket, Server::Hall& hall) : socket_(std::move(socket)), hall_(hall) {}
Connection::~Connection() = default;

void Connection::set_deadline(std::chrono::seconds from_now) {
  deadline_ = hall_.clock() + from_now;
}

void Connection::start() {
  error_code ignored;
  socket_.set_option(tcp::no_delay(true), ignored);
  socket_.non_blocking(true, ignored);
  if (hall_.identity) {
    tls_ = std::make_unique<TlsStream>(*hall_.identity, socket_.native_handle());
    state_ = State::handshaking;
    set_deadline(hall_.limits.handshake);
    return wait(Next::readable, &Connection::handshake);
  }
  set_deadline(hall_.limits.idle);
  wait_for_bytes();
}

void Connection::handshake() {
  if (state_ != State::handshaking) return;
  const Next next = tls_->handshake();
  if (next == Next::readable || next == Next::writable) return wait(next, &Connection::handshake);
  if (next == Next::done) {
    state_ = State::reading;
    set_deadline(hall_.limits.idle);
    return read();  // a request may have come with the last of it
  }
  hall_.api.handshake_failed();
  if (next == Next::ended) return close();
  tls_.reset();
  refuse(400, "this port speaks HTTPS; write https:// before the address");
}

void Connection::wait(Next what, void (Connection::*then)()) {
  const auto kind = what == Next::writable ? tcp::socket::wait_write : tcp::socket::wait_read;
  socket_.async_wait(kind, [self = shared_from_this(), then](error_code error) {
    if (!self->open()) return;
    if (error) return self->close();
    (self.get()->*then)();
  });
}

void Connection::bytes_came() {
  // In any other state the request was refused meanwhile: written() goes on from there.
  if (state_ == State::reading) return read();
  if (state_ == State::dropping) return drop();
  if (state_ == State::streaming) overhear();
}

Connection::Moved Connection::receive() {
  if (tls_) return tls_->read(hall_.scratch.data(), hall_.scratch.size());
  error_code error;
  const std::size_t got = socket_.read_some(asio::buffer(hall_.scratch), error);
  if (error == asio::error::would_block || error == asio::error::try_again) return {Next::readable, 0};
  return {error ? Next::ended : Next::done, got};
}

Connection::Moved Connection::send(std::string_view octets) {
  if (tls_) return tls_->write(octets);
  error_code error;
  const std::size_t sent = socket_.write_some(asio::buffer(octets.data(), octets.size()), error);
  if (error == asio::error::would_block || error == asio::error::try_again) return {Next::writable, 0};
  return {error ? Next::ended : Next::done, sent};
}

void Connection::read() {
  const Moved got = receive();
  if (got.next == Next::ended) return close();
  if (got.next != Next::done) return wait(got.next, &Connection::bytes_came);
  take({hall_.scratch.data(), got.octets});
}

// Precondition: state reading. Parses until a request is whole, the bytes end, or the body has to wait.
void Connection::take(std::string_view bytes) {
  std::string joined;
  if (!pending_.empty()) {
    joined = std::exchange(pending_, {});
    joined.append(bytes);
    bytes = joined;
  }
  const std::size_t used = parse(bytes);
  if (state_ == State::closed || state_ == State::dropping) return;
  if (used < bytes.size()) pending_.assign(bytes.substr(used));
  if (state_ != State::reading) return;
  if (parsing_ && parsing_->parser.is_done()) return dispatch();
  if (pending_.size() > 2 * hall_.limits.header_octets)
    return refuse(400, "a chunk's header or trailer never ends");
  wait_for_bytes();
}

// How many bytes were used. May change the state: a refusal, or a body that has to wait.
std::size_t Connection::parse(std::string_view bytes) {
  std::size_t used = 0;
  if (!parsing_) {
    // RFC 9112 2.2: empty lines before a request are passed over.
    while (used < bytes.size() && (bytes[used] == '\r' || bytes[used] == '\n')) ++used;
    if (used == bytes.size()) return used;
    parsing_ = std::make_unique<Parsing>();
    parsing_->parser.header_limit(static_cast<std::uint32_t>(hall_.limits.header_octets));
    parsing_->parser.body_limit(hall_.limits.body_octets);
    set_deadline(hall_.limits.request);
  }
  auto& parser = parsing_->parser;
  while (used < bytes.size() && !parser.is_done()) {
    error_code error;
    const std::size_t n = parser.put(asio::const_buffer(bytes.data() + used, bytes.size() - used), error);
    used += n;
    if (error == http::error::need_more) break;
    if (error == http::error::body_limit) {
      refuse(413, "the body is larger than " + std::to_string(hall_.limits.body_octets) + " octets");
      return used;
    }
    if (error == http::error::header_limit) {
      refuse(431, "the header is larger than " + std::to_string(hall_.limits.header_octets) + " octets");
      return used;
    }
    if (error) {
      refuse(400, "not HTTP/1.1: " + error.message());
      return used;
    }
    // Until the header is whole the parser stops behind it; then it takes as much body as there is.
    if (parser.is_header_done() && !std::exchange(parsing_->header_seen, true) && !header_done()) return used;
    if (n == 0) break;
  }
  return used;
}

// False: the state has changed, no body may be read now.
bool Connection::header_done() {
  auto& parser = parsing_->parser;
  const auto& message = parser.get();
  head_ = message.method() == http::verb::head;
  old_version_ = message.version() < 11;
  keep_alive_ = message.keep_alive();
  parser.eager(true);
  if (parser.is_done()) return true;
  const auto expect = message[http::field::expect];
  if (!expect.empty() && !boost::beast::iequals(expect, "100-continue")) {
    refuse(417, "only Expect: 100-continue is understood");
    return false;
  }
  const auto length = parser.content_length();
  room_ = static_cast<std::size_t>(length.value_or(hall_.limits.body_octets));
  if (room_ <= hall_.limits.small_body) room_ = 0;
  if (room_ > 0 && !hall_.take_room(shared_from_this(), room_)) {
    state_ = State::for_room;
    return false;
  }
  holds_room_ = room_ > 0;
  return say_continue();
}

// RFC 9110 10.1.1. False: the connection is closed.
bool Connection::say_continue() {
  if (old_version_ || parsing_->parser.get()[http::field::expect].empty()) return true;
  constexpr std::string_view kContinue = "HTTP/1.1 100 Continue\r\n\r\n";
  // Nothing else waits to be written, so the socket has room for a line.
  const Moved sent = send(kContinue);
  if (sent.next == Next::done && sent.octets == kContinue.size()) return true;
  close();
  return false;
}

void Connection::room_given(std::size_t octets) {
  if (state_ != State::for_room) return hall_.give_back_room(octets);
  holds_room_ = true;
  state_ = State::reading;
  if (say_continue()) take({});
}

void Connection::dispatch() {
  state_ = State::for_answer;
  set_deadline(hall_.limits.answer);
  HttpRequest request = to_request(parsing_->parser.release());
  parsing_.reset();
  if (request.body.size() > hall_.limits.quick_body) return hall_.take_in_turn(weak_from_this(), std::move(request));
  hall_.take_now(weak_from_this(), std::move(request));
}

void Connection::answer(HttpResponse response) {
  if (state_ != State::for_answer) return;
  constexpr std::size_t kLarge = 64 * 1024;
  if (response.status == 200 && response.body.size() > kLarge &&
      hall_.answers > hall_.limits.answers_octets) {
    response = busy(503, "too many large answers are being written", 1);
  }
  if (hall_.stopping) keep_alive_ = false;
  write(std::move(response));
}

// The last answer of a connection: what it refuses can't be told from the next request.
void Connection::refuse(int status, std::string_view detail) {
  keep_alive_ = false;
  parsing_.reset();
  write(hall_.api.refuse(status, detail));
}

void Connection::give_back_room() {
  if (std::exchange(holds_room_, false)) hall_.give_back_room(room_);
  room_ = 0;
}

void Connection::drop() {
  const Moved got = receive();
  if (got.next == Next::readable) return wait_for_bytes();
  dropped_ += got.octets;
  if (got.next != Next::done || dropped_ > hall_.limits.dropped_octets) return close();
  wait_for_bytes();
}

void Connection::sweep(Instant now) {
  if (!open() || now < deadline_) return;
  if (state_ == State::for_room) return refuse(503, "too many large requests are being read");
  if (state_ == State::streaming && !flowing_) {
    // A comment: proxies and clients see that the stream lives, and we that they do.
    static const auto kAlive = std::make_shared<const std::string>(":\n\n");
    return flow_out(kAlive);
  }
  if (state_ == State::reading && parsing_) return refuse(408, "the request did not come to an end in time");
  close();
}

void Connection::stop() {
  const bool idle = state_ == State::handshaking || state_ == State::reading || state_ == State::for_room;
  if (idle || state_ == State::streaming) close();
}

void Connection::close() {
  if (state_ == State::closed) return;
  state_ = State::closed;
  error_code ignored;
  socket_.close(ignored);
  hall_.answers -= out_body_.size();
  file_.reset();
  parsing_.reset();
  stream_.reset();
  give_back_room();
  hall_.leave(shared_from_this());
}

}  // namespace klaxon::doors
