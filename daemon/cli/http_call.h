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
  std::string body;            // empty: none
  std::string token;           // empty: no Authorization
  std::string idempotency_key;
  // Of an answer 200, the body piece by piece instead of into HttpAnswer; false: stop.
  std::function<bool(std::string_view)> sink = {};
  std::chrono::seconds patience{60};  // for the answer to begin, and between its pieces
  std::string content_type = "application/json";  // of the body
  bool endless = false;               // that answer ends when `sink` stops it; any other end is a failure
};
// Whom to believe over https.
struct Trust {
  std::string ca_file;    // PEM: an authority's certificate, or the server's own; empty: what the system trusts
  bool insecure = false;  // anybody
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
  // Answers within 5 s for connecting, 10 s for TLS and the request's patience for the rest, or fails.
  virtual at::Expected<HttpAnswer, HttpFailure> call(const HttpRequest&) = 0;
};

std::unique_ptr<Transport> connect_over_tcp(const BaseUrl&, const Trust&);

}  // namespace klaxon::cli
