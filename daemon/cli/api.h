// The daemon's HTTP API as calls that give JSON or the reason why not.
#pragma once

#include <boost/json.hpp>
#include <memory>
#include <optional>
#include <string>

#include "at/expected.h"
#include "daemon/cli/http_call.h"

namespace klaxon::cli {

namespace json = boost::json;

constexpr int kDone = 0, kRefused = 1, kUsage = 2, kUnreachable = 3;  // exit codes

struct Failure {
  int exit_code = kRefused;
  unsigned status = 0;  // 0: no answer
  std::string text;     // for stderr; several lines where several fields are wrong
};
struct Reply {
  unsigned status = 0;
  json::value body;  // null where there is none
  std::string raw;   // as it came
};
using Outcome = at::Expected<Reply, Failure>;

class Api {
 public:
  Api(std::unique_ptr<Transport> transport, std::string token)
      : transport_(std::move(transport)), token_(std::move(token)) {}

  // Failure: no connection, no JSON, or a status from 400 on.
  Outcome get(const std::string& target);
  Outcome text(const std::string& target);  // of a call that answers plain text: a string
  Outcome put(const std::string& target, const json::object& body);
  // A file as it is; the daemon may take it twice.
  Outcome post_csv(const std::string& target, std::string body);
  Outcome patch(const std::string& target, const json::object& body);
  Outcome erase(const std::string& target);
  // With a key, a lost connection is followed by one more try: the daemon does it once.
  Outcome post(const std::string& target, const json::object& body, const std::string& idempotency_key = {});
  // A POST that takes as long as a modem does; never sent twice.
  Outcome ask(const std::string& target, const json::object& body, std::chrono::seconds patience);
  // A POST whose answer 200 is no JSON but goes to `sink` as it comes; false from it: stop. `patience` until it begins.
  Outcome fetch(const std::string& target, std::chrono::seconds patience, std::function<bool(std::string_view)> sink);
  // A list, page by page until it ends or `most` items are there (0: all): {"items": […], "next": …}.
  Outcome list(const std::string& target, std::size_t most);
  // An answer without an end, given to `sink` piece by piece. None: sink has had enough.
  std::optional<Failure> follow(const std::string& target, std::function<bool(std::string_view)> sink);

 private:
  enum class Wanted { json, text };
  Outcome call(HttpRequest request, bool again_when_lost, Wanted = Wanted::json);
  Failure unreachable(const HttpFailure&) const;

  std::unique_ptr<Transport> transport_;
  std::string token_;
};

// What problem+json says, in lines: "422 …: detail" and one for each field.
std::string refusal_text(const HttpAnswer&);

}  // namespace klaxon::cli
