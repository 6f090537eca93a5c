#include "daemon/doors/problem.h"

#include <algorithm>
#include <array>
#include <boost/json.hpp>
#include <utility>

namespace klaxon::doors {

namespace json = boost::json;

void FieldErrors::add(std::string pointer, std::string detail) {
  ++total_;
  if (list_.size() < kMost) list_.push_back({std::move(pointer), std::move(detail)});
}

std::string shortened(std::string_view utf8, std::size_t octets) {
  if (utf8.size() <= octets) return std::string(utf8);
  while (octets > 0 && (static_cast<unsigned char>(utf8[octets]) & 0xC0) == 0x80) --octets;
  return std::string(utf8.substr(0, octets));
}

std::string pointer_token(std::string_view name) {
  std::string out;
  for (const char c : shortened(name, 64)) {
    if (c == '~') {
      out += "~0";
    } else if (c == '/') {
      out += "~1";
    } else {
      out += c;
    }
  }
  return out;
}

std::string_view status_phrase(int status) {
  static constexpr std::array<std::pair<int, std::string_view>, 22> kPhrases{{
      {200, "OK"},
      {201, "Created"},
      {202, "Accepted"},
      {204, "No Content"},
      {400, "Bad Request"},
      {401, "Unauthorized"},
      {403, "Forbidden"},
      {404, "Not Found"},
      {405, "Method Not Allowed"},
      {408, "Request Timeout"},
      {409, "Conflict"},
      {413, "Content Too Large"},
      {415, "Unsupported Media Type"},
      {417, "Expectation Failed"},
      {422, "Unprocessable Content"},
      {429, "Too Many Requests"},
      {431, "Request Header Fields Too Large"},
      {500, "Internal Server Error"},
      {501, "Not Implemented"},
      {502, "Bad Gateway"},
      {503, "Service Unavailable"},
      {504, "Gateway Timeout"},
  }};
  const auto* found =
      std::find_if(kPhrases.begin(), kPhrases.end(), [status](const auto& p) { return p.first == status; });
  return found == kPhrases.end() ? std::string_view("Error") : found->second;
}

namespace {

json::object problem_object(int status, std::string_view detail) {
  json::object out;
  out["type"] = "about:blank";
  out["title"] = status_phrase(status);
  out["status"] = status;
  out["detail"] = detail;
  return out;
}

HttpResponse respond(int status, const json::object& body) {
  HttpResponse out;
  out.status = status;
  out.content_type = "application/problem+json";
  out.body = json::serialize(body);
  return out;
}

json::array errors_array(const std::vector<FieldError>& errors) {
  json::array out;
  for (const FieldError& error : errors)
    out.push_back({{"pointer", error.pointer}, {"detail", error.detail}});
  return out;
}

}  // namespace

HttpResponse problem(int status, std::string_view detail) {
  return respond(status, problem_object(status, detail));
}

HttpResponse busy(int status, std::string_view detail, int retry_after_s) {
  HttpResponse out = problem(status, detail);
  out.headers.emplace_back("Retry-After", std::to_string(std::max(retry_after_s, 1)));
  return out;
}

HttpResponse invalid(const FieldErrors& errors) {
  return invalid(errors, {});
}

HttpResponse invalid(const FieldErrors& errors, const json::object& more) {
  std::string detail =
      std::to_string(errors.total()) + (errors.total() == 1 ? " field is" : " fields are") + " wrong";
  if (errors.total() > errors.list().size()) {
    detail += "; the first " + std::to_string(errors.list().size()) + " are shown";
  } else if (errors.total() == 1) {
    detail = errors.list().front().pointer + ": " + errors.list().front().detail;
  }
  json::object body = problem_object(422, detail);
  body["errors"] = errors_array(errors.list());
  for (const auto& member : more) body[member.key()] = member.value();
  return respond(422, body);
}

HttpResponse invalid(std::string pointer, std::string detail) {
  FieldErrors errors;
  errors.add(std::move(pointer), std::move(detail));
  return invalid(errors);
}

HttpResponse refused(const Refused& why) {
  json::object body = problem_object(why.status, why.detail);
  if (!why.pointer.empty()) body["errors"] = errors_array({{why.pointer, why.detail}});
  HttpResponse out = respond(why.status, body);
  if (why.status == 429 || why.status == 503) {
    out.headers.emplace_back("Retry-After", std::to_string(std::max(why.retry_after_s, 1)));
  }
  return out;
}

HttpResponse not_ready(const std::vector<std::string>& reasons) {
  std::string detail;
  json::array list;
  for (const std::string& reason : reasons) {
    if (!detail.empty()) detail += "; ";
    detail += reason;
    list.emplace_back(reason);
  }
  json::object body = problem_object(503, detail);
  body["ready"] = false;
  body["reasons"] = std::move(list);
  HttpResponse out = respond(503, body);
  out.headers.emplace_back("Retry-After", "5");
  return out;
}

}  // namespace klaxon::doors
