// The description says what is built, and nothing else.
#include <CppUTest/TestHarness.h>

#include <set>

#include "daemon/doors/message_body.h"
#include "daemon/doors/openapi.h"
#include "daemon/doors/token.h"
#include "tests/daemon/doors/desk.h"
#include "tests/daemon/doors/expect.h"

namespace json = boost::json;
using klaxon::doors::Api;

namespace {

// "/v1/messages/{id}" as the routes write it: "/v1/messages/{}".
std::string without_names(std::string_view path) {
  std::string out;
  bool inside = false;
  for (const char c : path) {
    if (c == '}') inside = false;
    if (!inside) out += c;
    if (c == '{') inside = true;
  }
  return out;
}

std::string upper(std::string_view text) {
  std::string out(text);
  for (char& c : out) c = c >= 'a' && c <= 'z' ? char(c - 32) : c;
  return out;
}

std::string scope_list(unsigned scopes) {
  std::string out;
  using namespace klaxon::doors;
  for (const Scope scope : {kSend, kRead, kInbox, kAlert, kAdmin})
    if ((scopes & scope) != 0) out += std::string(scope_name(scope)) + " ";
  return out;
}

// "GET /v1/queue: read; body no", of the route and of its description.
std::string line_of(const Api::Offer& offer) {
  return std::string(offer.method) + " " + offer.path + ": " + scope_list(offer.scopes) + "; body " +
         (offer.body_required ? "required"
          : offer.body        ? "optional"
                              : "no");
}

std::string line_of(std::string_view method, std::string_view path, const json::object& operation) {
  std::string out = upper(method) + " " + without_names(path) + ": ";
  if (const auto* scopes = operation.if_contains("x-scopes")) {
    for (const auto& scope : scopes->as_array()) out += std::string(scope.as_string()) + " ";
  }
  const auto* body = operation.if_contains("requestBody");
  out += "; body ";
  return out + (body == nullptr ? "no" : body->at("required").as_bool() ? "required" : "optional");
}

}  // namespace

TEST_GROUP(OpenApi) {
  Desk desk;
  json::value whole = parsed(desk.ask("GET", "/openapi.json", "", ""));
};

TEST(OpenApi, DescribesEveryRouteAndNoOther) {
  std::set<std::string> built, described;
  for (const Api::Offer& offer : Api::offers()) built.insert(line_of(offer));
  for (const auto& [path, item] : whole.at("paths").as_object()) {
    for (const auto& [method, operation] : item.as_object()) {
      if (method != "parameters") described.insert(line_of(method, path, operation.as_object()));
    }
  }
  for (const std::string& line : built)
    CHECK_TEXT(described.contains(line), ("not described: " + line).c_str());
  for (const std::string& line : described) CHECK_TEXT(built.contains(line), ("not built: " + line).c_str());
}

TEST(OpenApi, WhoNeedsNoTokenIsToldSo) {
  for (const auto& [path, item] : whole.at("paths").as_object()) {
    for (const auto& [method, operation] : item.as_object()) {
      if (method == "parameters") continue;
      const bool open = operation.at("security").as_array().empty();
      CHECK_TEXT(open != operation.as_object().contains("x-scopes"), std::string(path).c_str());
    }
  }
}

TEST(OpenApi, BoundsAreThoseOfTheCode) {
  const auto at = [this](const char* pointer) { return whole.at_pointer(pointer).to_number<std::size_t>(); };
  LONGS_EQUAL(klaxon::doors::kMostRecipients,
              at("/components/schemas/MessageBody/properties/to/oneOf/1/maxItems"));
  LONGS_EQUAL(422, desk.ask("GET", "/v1/audit?limit=" +
                                       std::to_string(at("/components/parameters/limit/schema/maximum") + 1))
                       .status);
  const std::string longest(at("/components/parameters/IdempotencyKey/schema/maxLength"), 'k');
  auto call = request("POST", "/v1/messages", R"({"to":"+447700900123","text":"hi"})");
  call.idempotency_key = longest;
  LONGS_EQUAL(202, desk.ask(call).status);
  call.idempotency_key = longest + "k";
  LONGS_EQUAL(422, desk.ask(call).status);
}

TEST(OpenApi, IsJoinedWithoutLoss) {
  expect(
      R"({"info":{"version":"2"},"tags":[1,2],"paths":{"/a":1,"/b":2},"components":{"schemas":{"A":1,"B":2}}})",
      klaxon::doors::join_openapi(
          {R"({"info":{},"tags":[1],"paths":{"/a":1},"components":{"schemas":{"A":1}}})",
           R"({"tags":[2],"paths":{"/b":2},"components":{"schemas":{"B":2}}})"},
          "2"));
  CHECK_THROWS(std::logic_error, klaxon::doors::join_openapi(
                                     {R"({"info":{},"paths":{"/a":1}})", R"({"paths":{"/a":2}})"}, "1"));
}
