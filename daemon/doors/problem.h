// Errors as the client sees them: application/problem+json (RFC 9457) with a JSON pointer to each bad field.
#pragma once

#include <boost/json.hpp>
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "daemon/app/face.h"
#include "daemon/doors/http.h"

namespace klaxon::doors {

struct FieldError {
  std::string pointer;  // RFC 6901: "/to/17"; empty: the whole body
  std::string detail;
};

// Collects what is wrong with a body. Bounded: after kMost it only counts.
class FieldErrors {
 public:
  static constexpr std::size_t kMost = 100;
  void add(std::string pointer, std::string detail);
  bool empty() const { return total_ == 0; }
  std::size_t total() const { return total_; }
  const std::vector<FieldError>& list() const { return list_; }

 private:
  std::vector<FieldError> list_;
  std::size_t total_ = 0;
};

// One reference token of a JSON pointer, with '~' and '/' escaped and cut to a length fit for showing.
std::string pointer_token(std::string_view name);
// Cut at a code point's edge, at most so many octets.
std::string shortened(std::string_view utf8, std::size_t octets);

std::string_view status_phrase(int status);
HttpResponse problem(int status, std::string_view detail);
// 429 and 503 carry Retry-After.
HttpResponse busy(int status, std::string_view detail, int retry_after_s);
HttpResponse invalid(const FieldErrors&);                                   // 422
HttpResponse invalid(const FieldErrors&, const boost::json::object& more);  // with members besides
HttpResponse invalid(std::string pointer, std::string detail);
HttpResponse refused(const Refused&);
HttpResponse not_ready(const std::vector<std::string>& reasons);  // 503 with "reasons"

}  // namespace klaxon::doors
