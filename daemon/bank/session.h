// The shell around one modem's port: finds it, opens it, moves bytes. What they mean is drivers::Modem's business.
// A port is a fixed one, where a modem is plugged in at the moment, or one of a terminal server.
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/steady_timer.hpp>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "config/settings.h"
#include "daemon/bank/discovery.h"
#include "hw/dial.h"
#include "hw/line.h"

namespace klaxon {

class Session {
 public:
  struct Calls {  // all on the loop's thread, never from within open(), close() or write()
    std::function<void()> opened;
    std::function<void(std::string_view why)> closed;        // lost, not asked for
    std::function<void(std::string_view bytes)> bytes;
    std::function<void(std::string_view why)> waits;         // the port is not there or not ours; told once per reason
  };
  Session(boost::asio::io_context&, std::string port, int baud, Calls);

  // Where the modem is from now on. What a probe heard comes again as bytes of the next opening.
  void plugged(std::string port, int baud, Heard);
  bool unplugged(const std::string& why);  // its port is no more; true: closed() was told
  void open();                      // looks for the port every 200 ms until it can be opened
  void close();                     // on our own wish: no call follows
  void write(std::string bytes);    // in order; an error closes
  bool is_open() const { return open_ != nullptr; }

 private:
  // One opening of the port. Completions of an earlier one find that it is no longer the present one.
  struct Open {
    Open(boost::asio::io_context& loop, std::unique_ptr<hw::Line> held, int fd) : line(std::move(held)), stream(loop, fd) {}
    std::unique_ptr<hw::Line> line;
    boost::asio::posix::stream_descriptor stream;
    std::string writing, next;
    bool lost = false;
  };
  // A connection in the making.
  struct Call {
    Call(boost::asio::io_context& loop, hw::Dial made) : dial(std::move(made)), ready(loop) {}
    hw::Dial dial;
    boost::asio::posix::stream_descriptor ready;
    bool dropped = false;
  };
  void begin(std::unique_ptr<hw::Line>);
  void call(const config::TcpLine&);
  void go_on(std::shared_ptr<Call>);
  void hang_up();
  void wait_for(const std::string& why, std::chrono::milliseconds gap);
  void try_open();
  void look_again(std::chrono::milliseconds);
  void read(std::shared_ptr<Open>);
  void flush(std::shared_ptr<Open>);
  void lose(const std::shared_ptr<Open>&, const std::string& why);

  boost::asio::io_context& loop_;
  boost::asio::steady_timer timer_;
  std::string port_;
  int baud_;
  Calls calls_;
  std::shared_ptr<Open> open_;
  std::shared_ptr<Call> call_;
  bool looking_ = false;
  bool replugs_ = false;            // the port is known to come and go
  bool just_lost_ = false;
  Heard heard_;
  std::string told_;
};

}  // namespace klaxon
