// A request and its answer as the API sees them: no Asio, no Beast, no socket.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace klaxon::store {
struct OpenFile;
}

namespace klaxon::doors {

struct HttpRequest {
  std::string method;  // "GET", as on the wire; HEAD comes as "GET", its body is dropped by the connection
  std::string target;  // origin form, still percent-encoded: "/v1/messages?limit=2"
  // Header fields that the API looks at; one that came more than once is joined with ", ".
  std::string authorization, content_type, content_encoding;
  std::optional<std::string> idempotency_key, last_event_id;
  std::string body;
};

// The body of an answer that has no end, piece by piece.
class Stream {
 public:
  virtual ~Stream() = default;
  // What is to be written next; the piece before has left. Null: nothing now; Asker::more() is called when
  // there is.
  virtual std::shared_ptr<const std::string> take() = 0;
  // Nothing more may be given to this client.
  virtual bool over() const = 0;
};

struct HttpResponse {
  int status = 200;
  std::string content_type;  // empty: no body (204)
  std::vector<std::pair<std::string, std::string>> headers;
  std::string body;
  std::shared_ptr<const store::OpenFile> file;  // in the place of the body, where there is one
  std::shared_ptr<Stream> stream = nullptr;  // instead of body
};

// Who asked. The API holds it weakly: a connection may be gone before its answer is there.
class Asker {
 public:
  virtual ~Asker() = default;
  virtual bool open() const = 0;
  // Precondition: open(), and not yet answered. May be called from within Api::handle().
  virtual void answer(HttpResponse) = 0;
  // What was asked for takes minutes, and whoever asked knows that.
  virtual void takes_long() {}
  // The stream that was the answer has something to take, or is over. Not from within take().
  virtual void more() {}
};
using AskerRef = std::weak_ptr<Asker>;

}  // namespace klaxon::doors
