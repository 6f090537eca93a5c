// One client: bytes to requests to answers, one at a time. For server.cpp and connection.cpp alone (it shows
// Asio).
#pragma once

#include <array>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_set>
#include <vector>

#include "daemon/doors/server.h"
#include "daemon/doors/tls.h"

namespace klaxon::doors {

class Connection;

// What all connections share; one thread.
struct Server::Hall {
  Hall(boost::asio::io_context& loop, Api& api_, const config::Settings& settings_, Clock clock_, Limits limits_)
      : io(loop), timer(loop), api(api_), settings(settings_), clock(std::move(clock_)), limits(limits_) {}

  boost::asio::io_context& io;
  boost::asio::steady_timer timer;
  Api& api;
  const config::Settings& settings;
  const Clock clock;
  const Limits limits;
  std::function<void()> before_request;
  std::shared_ptr<const Identity> identity;  // null: plain text
  std::vector<boost::asio::ip::tcp::acceptor> acceptors;
  std::vector<bool> accepting;  // an accept is under way, per acceptor
  std::unordered_set<std::shared_ptr<Connection>> connections;
  std::deque<std::weak_ptr<Connection>> waiting_for_room;
  std::deque<std::pair<std::weak_ptr<Connection>, HttpRequest>> in_turn;  // whole, with a large body
  std::size_t bodies = 0, answers = 0;  // octets in use
  bool stopping = false, ticking = false;
  std::array<char, 64 * 1024> scratch{};  // read into, never kept: an idle connection owns no buffer

  void accept_more();
  void accepted(std::size_t acceptor, boost::asio::ip::tcp::socket);
  void tick();
  void leave(const std::shared_ptr<Connection>&);
  // Room for a body, first come, first served. False: the connection is called back by room_given().
  bool take_room(const std::shared_ptr<Connection>&, std::size_t octets);
  void give_back_room(std::size_t octets);
  void take_now(std::weak_ptr<Connection>, HttpRequest);
  // A list takes milliseconds: before the next one, the loop looks at who else has come.
  void take_in_turn(std::weak_ptr<Connection>, HttpRequest);
  void take_next();
};

class Connection final : public Asker, public std::enable_shared_from_this<Connection> {
 public:
  using Instant = Server::Instant;
  Connection(boost::asio::ip::tcp::socket, Server::Hall&);
  ~Connection() override;

  void start();
  bool open() const override { return state_ != State::closed; }
  void answer(HttpResponse) override;
  void takes_long() override { set_deadline(hall_.limits.long_answer); }
  void more() override;
  void sweep(Instant now);
  void stop();                          // closes at once when idle, else after the answer
  void room_given(std::size_t octets);  // what take_room() was asked for
  std::size_t room_wanted() const { return room_; }

 private:
  using Next = TlsStream::Next;
  using Moved = TlsStream::Moved;
  enum class State {
    handshaking,  // TLS alone
    reading,     // idle, or part of a request is there
    for_room,    // the header is there, the body must wait
    for_answer,  // the API has it; nothing is read
    writing,
    streaming,  // an answer without an end; what comes in is thrown away
    dropping,  // answered for the last time; what still comes is thrown away
    closed
  };
  struct Parsing;  // Beast's parser, behind a pointer: an idle connection has none

  void handshake();
  // Calls `then` when the socket is ready for `what`, readable or writable.
  void wait(Next what, void (Connection::*then)());
  void wait_for_bytes() { wait(Next::readable, &Connection::bytes_came); }
  void bytes_came();
  Moved receive();  // into the hall's scratch
  Moved send(std::string_view);
  void read();
  void take(std::string_view bytes);
  std::size_t parse(std::string_view bytes);
  bool header_done();
  bool say_continue();
  void dispatch();
  void refuse(int status, std::string_view detail);
  void write(HttpResponse);
  void write_on();
  bool more_of_file();  // the next piece of it into out_body_; false: its end, or its end by a failure
  std::string_view unsent() const;
  void written();
  void overhear();
  void flow();
  void flow_out(std::shared_ptr<const std::string>);
  void flow_on();
  void give_back_room();
  void drop();
  void close();
  void set_deadline(std::chrono::seconds);

  boost::asio::ip::tcp::socket socket_;
  Server::Hall& hall_;
  State state_ = State::reading;
  std::unique_ptr<Parsing> parsing_;
  std::string pending_;  // read, not yet parsed
  std::unique_ptr<TlsStream> tls_;  // null: plain text
  std::string out_header_, out_body_;
  std::size_t sent_ = 0;  // of both
  std::shared_ptr<const store::OpenFile> file_;  // what follows them, piece by piece
  std::int64_t file_sent_ = 0;
  std::shared_ptr<Stream> stream_;
  std::shared_ptr<const std::string> flowing_;  // being written
  Instant deadline_;
  std::size_t room_ = 0;  // of hall_.bodies, held or wanted
  bool holds_room_ = false;
  bool head_ = false, keep_alive_ = true, old_version_ = false;
  std::size_t dropped_ = 0;
};

}  // namespace klaxon::doors
