// How a connection says its answer: whole, from a file, or as a stream without an end.
#include <unistd.h>

#include <boost/asio/post.hpp>
#include <utility>

#include "daemon/doors/connection.h"
#include "daemon/doors/problem.h"
#include "daemon/doors/time_text.h"
#include "daemon/store/store.h"

namespace klaxon::doors {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;

namespace {

struct Tail {  // what ends a header
  std::int64_t unix_ms;
  bool keep_alive, old_version;
};

std::string body_size(const HttpResponse& response) {
  if (response.file) return std::to_string(response.file->octets);
  return std::to_string(response.body.size());
}

std::string header_of(const HttpResponse& response, const Tail& tail) {
  std::string out;
  out.reserve(256);
  out.append("HTTP/1.1 ").append(std::to_string(response.status)).append(" ");
  out.append(status_phrase(response.status))
      .append("\r\nServer: klaxon\r\nDate: ")
      .append(http_date(tail.unix_ms));
  if (!response.content_type.empty()) out.append("\r\nContent-Type: ").append(response.content_type);
  if (response.status != 204 && !response.stream)
    out.append("\r\nContent-Length: ").append(body_size(response));
  for (const auto& [name, value] : response.headers)
    out.append("\r\n").append(name).append(": ").append(value);
  if (!tail.keep_alive) out.append("\r\nConnection: close");
  if (tail.keep_alive && tail.old_version) out.append("\r\nConnection: keep-alive");
  out.append("\r\n\r\n");
  return out;
}

}  // namespace

void Connection::write(HttpResponse response) {
  state_ = State::writing;
  if (response.stream) keep_alive_ = false;  // it ends with the connection
  if (!head_) stream_ = response.stream;
  set_deadline(hall_.limits.write);
  out_header_ = header_of(response, {hall_.api.unix_ms(), keep_alive_, old_version_});
  constexpr std::size_t kOneRecord = 16 * 1024;
  if (!head_ && response.body.size() < kOneRecord) {
    out_header_.append(response.body);  // one packet, one record
  } else if (!head_) {
    out_body_ = std::move(response.body);
  }
  hall_.answers += out_body_.size();
  sent_ = 0;
  if (!head_) file_ = std::move(response.file);
  file_sent_ = 0;
  write_on();
}

std::string_view Connection::unsent() const {
  const std::string_view header(out_header_), body(out_body_);
  return sent_ < header.size() ? header.substr(sent_) : body.substr(sent_ - header.size());
}

void Connection::write_on() {
  if (!open()) return;
  for (std::string_view rest = unsent(); !rest.empty() || more_of_file(); rest = unsent()) {
    if (rest.empty()) {
      // A turn of the loop between two pieces: a fast reader must not have it alone.
      return asio::post(hall_.io, [self = shared_from_this()] { self->write_on(); });
    }
    const Moved moved = send(rest);
    if (moved.next == Next::ended) return close();
    if (moved.next != Next::done) return wait(moved.next, &Connection::write_on);
    sent_ += moved.octets;
  }
  if (file_ && file_sent_ < file_->octets) return close();  // cut short: the client sees that it is
  // Posted: this may run inside the API's call for this very request, and the next one may be there already.
  asio::post(hall_.io, [self = shared_from_this()] {
    if (self->open()) self->written();
  });
}

bool Connection::more_of_file() {
  constexpr std::size_t kPiece = 256 * 1024;
  if (!file_ || file_sent_ >= file_->octets) return false;
  hall_.answers -= out_body_.size();
  out_header_.clear();
  out_body_.resize(kPiece);
  // Written a moment ago, so it is in memory; and whoever reads slowly waits on the socket, not here.
  const ssize_t got = ::pread(file_->descriptor, out_body_.data(), kPiece, file_sent_);
  out_body_.resize(got > 0 ? static_cast<std::size_t>(got) : 0);
  hall_.answers += out_body_.size();
  file_sent_ += static_cast<std::int64_t>(out_body_.size());
  sent_ = 0;
  set_deadline(hall_.limits.write);
  return got > 0;
}

void Connection::written() {
  file_.reset();
  hall_.answers -= out_body_.size();
  std::string().swap(out_body_);  // an assignment would keep the buffer
  give_back_room();
  head_ = false;
  if (stream_ && !hall_.stopping) {
    state_ = State::streaming;
    wait_for_bytes();
    return flow();
  }
  if (!keep_alive_ || hall_.stopping) {
    // Closed with unread bytes in it, the socket would send a reset, and the client would never see the
    // answer.
    error_code ignored;
    if (tls_) tls_->finish();
    socket_.shutdown(tcp::socket::shutdown_send, ignored);
    state_ = State::dropping;
    std::string().swap(pending_);
    set_deadline(hall_.limits.drop);
    return drop();
  }
  state_ = State::reading;
  set_deadline(hall_.limits.idle);
  pending_.empty() ? wait_for_bytes() : take({});
}

// A client that leaves is noticed at once, not with the next event.
void Connection::overhear() {
  const Moved got = receive();
  dropped_ += got.octets;
  if (got.next == Next::ended || dropped_ > hall_.limits.dropped_octets) return close();
  wait_for_bytes();
}

void Connection::more() {
  if (state_ == State::streaming && !flowing_) flow();
}

// One piece at a time: who reads slowly makes the next one wait, and is left when it does not move at all.
void Connection::flow() {
  if (stream_->over()) return close();
  if (auto piece = stream_->take()) return flow_out(std::move(piece));
  set_deadline(hall_.limits.keep_alive);
}

void Connection::flow_out(std::shared_ptr<const std::string> piece) {
  flowing_ = std::move(piece);
  sent_ = 0;
  set_deadline(hall_.limits.write);
  flow_on();
}

void Connection::flow_on() {
  if (!flowing_) return;
  while (sent_ < flowing_->size()) {
    const Moved moved = send(std::string_view(*flowing_).substr(sent_));
    if (moved.next == Next::ended) return close();
    if (moved.next != Next::done) return wait(moved.next, &Connection::flow_on);
    sent_ += moved.octets;
  }
  // A turn of the loop between two pieces, as in write_on().
  asio::post(hall_.io, [self = shared_from_this()] {
    if (!self->open()) return;
    self->flowing_.reset();
    self->flow();
  });
}

}  // namespace klaxon::doors
