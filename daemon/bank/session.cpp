#include "daemon/bank/session.h"

#include <unistd.h>

#include <array>
#include <boost/asio/buffer.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/post.hpp>
#include <utility>

namespace klaxon {

namespace {
using Stream = boost::asio::posix::stream_descriptor;

constexpr std::chrono::milliseconds kLookGap{200};
// A plugged modem's port that was lost: udev will say in a moment that it is gone, and its name may be another's then.
constexpr std::chrono::milliseconds kAfterLoss{1'000};
constexpr std::chrono::milliseconds kCallGap{1'000};
constexpr std::chrono::seconds kCallDeadline{10};
constexpr std::size_t kUnwritten = 64 * 1024;  // a port that takes no more than this is dead
}  // namespace

Session::Session(boost::asio::io_context& loop, std::string port, int baud, Calls calls)
    : loop_(loop), timer_(loop), port_(std::move(port)), baud_(baud), calls_(std::move(calls)) {}

void Session::plugged(std::string port, int baud, Heard heard) {
  if (open_) unplugged("its port is another now");
  port_ = std::move(port);
  baud_ = baud;
  heard_ = std::move(heard);
  replugs_ = true;
  just_lost_ = false;
  told_.clear();
  if (!looking_) return;
  timer_.cancel();
  boost::asio::post(loop_, [this] { try_open(); });
}

bool Session::unplugged(const std::string& why) {
  port_.clear();
  heard_ = {};
  timer_.cancel();
  if (!open_) return false;
  lose(open_, why);
  return true;
}

void Session::open() {
  if (open_ || looking_) return;
  looking_ = true;
  if (port_.empty()) return;
  if (replugs_ && std::exchange(just_lost_, false)) return look_again(kAfterLoss);
  boost::asio::post(loop_, [this] { try_open(); });
}

void Session::try_open() {
  if (!looking_ || open_ || port_.empty()) return;
  if (const auto tcp = config::parse_tcp_line(port_)) return call(*tcp);
  auto line = hw::open_line(port_, baud_);
  if (!line) return wait_for(line.error().text, kLookGap);
  begin(std::move(*line));
}

void Session::wait_for(const std::string& why, std::chrono::milliseconds gap) {
  if (told_ != why) {
    told_ = why;
    calls_.waits(told_);
  }
  look_again(gap);
}

void Session::call(const config::TcpLine& to) {
  hang_up();
  call_ = std::make_shared<Call>(loop_, hw::Dial(to.host, to.port));
  timer_.expires_after(kCallDeadline);
  timer_.async_wait([this, call = call_](boost::system::error_code error) {
    if (error || call->dropped) return;
    hang_up();
    wait_for(port_ + ": no connection within 10 s", kCallGap);
  });
  go_on(call_);
}

void Session::go_on(std::shared_ptr<Call> call) {
  boost::system::error_code ignored;
  call->ready.close(ignored);
  if (auto outcome = call->dial.advance()) {
    hang_up();
    timer_.cancel();
    if (!*outcome) return wait_for(outcome->error().text, kCallGap);
    return begin(std::move(**outcome));
  }
  const int fd = ::dup(call->dial.fd());
  if (fd < 0) return;  // the deadline finds it
  call->ready.assign(fd);
  auto& ready = call->ready;
  const auto what = call->dial.awaits_write() ? Stream::wait_write : Stream::wait_read;
  ready.async_wait(what, [this, call = std::move(call)](boost::system::error_code error) {
    if (!error && !call->dropped) go_on(call);
  });
}

void Session::hang_up() {
  if (!call_) return;
  call_->dropped = true;
  boost::system::error_code ignored;
  call_->ready.close(ignored);
  call_.reset();
}

void Session::begin(std::unique_ptr<hw::Line> line) {
  const int fd = ::dup(line->fd());  // each side closes its own
  if (fd < 0) return look_again(kLookGap);
  looking_ = false;
  told_.clear();
  open_ = std::make_shared<Open>(loop_, std::move(line), fd);
  boost::system::error_code ignored;
  open_->stream.non_blocking(true, ignored);
  read(open_);
  calls_.opened();
  if (!heard_.before_escape.empty()) calls_.bytes(std::exchange(heard_.before_escape, {}));
}

void Session::look_again(std::chrono::milliseconds gap) {
  timer_.expires_after(gap);
  timer_.async_wait([this](boost::system::error_code error) {
    if (!error) try_open();
  });
}

void Session::close() {
  looking_ = false;
  timer_.cancel();
  hang_up();
  if (!open_) return;
  open_->line->drop_dtr();
  open_->lost = true;
  boost::system::error_code ignored;
  open_->stream.close(ignored);
  open_->line.reset();
  open_.reset();
  heard_ = {};
}

void Session::read(std::shared_ptr<Open> open) {
  auto& stream = open->stream;
  stream.async_wait(Stream::wait_read, [this, open = std::move(open)](boost::system::error_code error) {
    if (open->lost || open != open_) return;
    std::array<char, 4096> in;  // of whoever is read now: hundreds of ports wait, and hold none
    const std::size_t n = error ? 0 : open->stream.read_some(boost::asio::buffer(in), error);
    if (error && error != boost::asio::error::try_again && error != boost::asio::error::would_block)
      return lose(open, error.message());
    if (n > 0) calls_.bytes(std::string_view(in.data(), n));
    if (!open->lost && open == open_) read(open);
  });
}

void Session::write(std::string bytes) {
  if (!open_ || bytes.empty()) return;
  // The first that a modem is told at a takeover is ESC; what a probe's ESC brought is the answer to it.
  if (!heard_.after_escape.empty())
    boost::asio::post(loop_, [this, open = open_, heard = std::exchange(heard_.after_escape, {})] {
      if (!open->lost && open == open_) calls_.bytes(heard);
    });
  open_->next += bytes;
  if (open_->next.size() > kUnwritten) {
    boost::asio::post(loop_, [this, open = open_] { lose(open, "it takes no more bytes"); });
    return;
  }
  if (open_->writing.empty()) flush(open_);
}

void Session::flush(std::shared_ptr<Open> open) {
  if (open->next.empty()) return;
  open->writing = std::exchange(open->next, {});
  auto& stream = open->stream;
  const auto buffer = boost::asio::buffer(open->writing);
  stream.async_write_some(buffer, [this, open = std::move(open)](boost::system::error_code error, std::size_t n) {
    if (open->lost || open != open_) return;
    if (error) return lose(open, error.message());
    open->next.insert(0, open->writing.substr(n));
    open->writing.clear();
    flush(open);
  });
}

void Session::lose(const std::shared_ptr<Open>& open, const std::string& why) {
  if (open->lost || open != open_) return;
  close();  // at once, or the port comes back under another number
  just_lost_ = true;
  calls_.closed(why);
}

}  // namespace klaxon
