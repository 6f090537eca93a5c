// One HTTP request and its answer, over a connection of its own. The only door to the network, so that tests
// can stand in for it, and that Beast is compiled once.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "at/expected.h"
#include "daemon/cli/url.h"

namespace klaxon::cli {

struct HttpRequest {
  std::string method, target;  // "POST", "/v1/messages"
  std::string body;            // JSON; empty: none
  std::string token;           // empty: no Authorization
  std::string idempotency_key;
};
struct HttpAnswer {
  unsigned status = 0;
  std::string body;
  std::string retry_after;  // as sent, empty if not
};
struct HttpFailure {
  std::string reason;
  bool connected = false;  // the request may have been carried out
};

class Transport {
 public:
  virtual ~Transport() = default;
  // Answers within 5 s for connecting and 60 s for the rest, or fails.
  virtual at::Expected<HttpAnswer, HttpFailure> call(const HttpRequest&) = 0;
  // An answer without an end: `sink` gets each piece as it comes, until it says false (an answer of 200
  // without a body is then returned), the connection is lost or 45 s bring nothing (a failure). What is
  // refused is returned like any answer.
  using Sink = std::function<bool(std::string_view)>;
  virtual at::Expected<HttpAnswer, HttpFailure> stream(const HttpRequest&, const Sink&) = 0;
};

std::unique_ptr<Transport> connect_over_tcp(const BaseUrl&);

}  // namespace klaxon::cli
