// HTTP/1.1 on the addresses of http.listen, on the loop's thread; inside TLS where http.tls_certificate is set.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <variant>
#include <vector>

#include "at/expected.h"
#include "config/settings.h"
#include "daemon/doors/api.h"

namespace boost::asio {
class io_context;
}

namespace klaxon::doors {

struct Limits {
  std::size_t connections = 1000;                 // beyond: left in the kernel's queue until one ends
  std::size_t header_octets = 16 * 1024;          // 431
  std::size_t body_octets = 4 * 1024 * 1024;      // 413
  std::size_t quick_body = 4 * 1024;              // beyond: one at a time, and whatever else came goes between
  std::size_t small_body = 16 * 1024;             // up to here a body needs no room of bodies_octets
  std::size_t bodies_octets = 16 * 1024 * 1024;   // of all bodies being read or worked on; beyond: not read
  std::size_t answers_octets = 64 * 1024 * 1024;  // of all answers being written; beyond: large lists get 503
  std::size_t dropped_octets =
      64 * 1024 * 1024;              // read and thrown away after a refusal, so that the client sees it
  std::chrono::seconds handshake{10};  // of TLS, whole
  std::chrono::seconds idle{60};     // between requests
  std::chrono::seconds request{30};  // from a request's first octet to its last
  std::chrono::seconds long_answer{3600};  // of what takes minutes by its nature
  std::chrono::seconds answer{120};  // the appliance's; then the connection is closed without a word
  std::chrono::seconds write{60};    // of one answer; of a file, of each piece
  std::chrono::seconds drop{10};
  std::chrono::seconds keep_alive{15};  // of a stream that has nothing to tell
};

class Server {
 public:
  using Instant = std::chrono::steady_clock::time_point;

  using Clock = std::function<Instant()>;

  // All outlive the server; the io_context must not run its handlers after the server is gone.
  Server(boost::asio::io_context&, Api&, const config::Settings&, Clock, Limits = {});
  ~Server();

  // Reads certificate and key, at start and again when they were renewed; connections that are open keep what they have. On an
  // error nothing changes. What is to be told of the certificate; empty: no TLS is asked for.
  at::Expected<std::string, std::string> read_identity();
  // When the certificate has less than 30 days left: what the log is to say of it; else empty.
  std::string certificate_warning(std::int64_t unix_ms) const;

  // Binds every address, or none. Error: which one, and why. Port 0: the system picks one.
  at::Expected<std::monostate, std::string> listen();
  std::vector<std::uint16_t> ports() const;  // in the order of http.listen
  // Called before each request is given to the API: the place to set the clock, and to ask for a turn.
  void on_request(std::function<void()>);
  // After each turn.
  void deliver();
  // Takes no more connections; ends each one as soon as it has no answer to wait for or to write.
  void stop();
  std::size_t connections() const;
  // Does what is due: also runs once a second by itself while there are connections.
  void sweep(Instant now);

  struct Hall;

 private:
  std::unique_ptr<Hall> hall_;
};

}  // namespace klaxon::doors
