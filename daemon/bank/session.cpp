#include "daemon/bank/session.h"

#include <unistd.h>

#include <boost/asio/buffer.hpp>
#include <boost/asio/post.hpp>
#include <utility>

namespace klaxon {

namespace {
constexpr std::chrono::milliseconds kLookGap{200};
constexpr std::size_t kUnwritten = 64 * 1024;  // a port that takes no more than this is dead
}  // namespace

Session::Session(boost::asio::io_context& loop, std::string port, int baud, Calls calls)
    : loop_(loop), timer_(loop), port_(std::move(port)), baud_(baud), calls_(std::move(calls)) {}

void Session::open() {
  if (open_ || looking_) return;
  looking_ = true;
  boost::asio::post(loop_, [this] { try_open(); });
}

void Session::try_open() {
  if (!looking_) return;
  auto line = hw::open_line(port_, baud_);
  if (!line) {
    if (told_ != line.error().text) {
      told_ = line.error().text;
      calls_.waits(told_);
    }
    return look_again();
  }
  const int fd = ::dup((*line)->fd());  // each side closes its own
  if (fd < 0) return look_again();
  looking_ = false;
  told_.clear();
  open_ = std::make_shared<Open>(loop_, std::move(*line), fd);
  read(open_);
  calls_.opened();
}

void Session::look_again() {
  timer_.expires_after(kLookGap);
  timer_.async_wait([this](boost::system::error_code error) {
    if (!error) try_open();
  });
}

void Session::close() {
  looking_ = false;
  timer_.cancel();
  if (!open_) return;
  open_->line->drop_dtr();
  open_->lost = true;
  boost::system::error_code ignored;
  open_->stream.close(ignored);
  open_->line.reset();
  open_.reset();
}

void Session::read(std::shared_ptr<Open> open) {
  auto& in = open->in;
  auto& stream = open->stream;
  stream.async_read_some(boost::asio::buffer(in), [this, open = std::move(open)](boost::system::error_code error, std::size_t n) {
    if (open->lost || open != open_) return;
    if (error) return lose(open, error.message());
    calls_.bytes(std::string_view(open->in.data(), n));
    if (!open->lost && open == open_) read(open);
  });
}

void Session::write(std::string bytes) {
  if (!open_ || bytes.empty()) return;
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
  calls_.closed(why);
}

}  // namespace klaxon
