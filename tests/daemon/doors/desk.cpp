#include "tests/daemon/doors/desk.h"

#include "daemon/doors/token.h"

using klaxon::doors::HttpRequest;
using klaxon::doors::HttpResponse;

Desk::Desk() {
  klaxon::Id id = 1;
  for (const char* scope : {"send", "read", "inbox", "alert", "admin"}) {
    klaxon::TokenRecord token;
    token.id = id++;
    token.name = scope;
    token.sha256 = klaxon::doors::token_sha256(scope);
    token.scopes = {scope};
    token.created_ms = 1;
    face.token_rows.push_back(token);
  }
  klaxon::SimView sim;
  sim.iccid = "8944100000000000001";
  sim.label = "vodafone-1";
  sim.state = "ready";
  face.sim_views.push_back(sim);
}

std::shared_ptr<Desk::Slip> Desk::hand_in(HttpRequest wanted) {
  auto slip = std::make_shared<Slip>();
  api.handle(std::move(wanted), slip);
  return slip;
}

void Desk::turn() {
  // A read may ask for a change and a change for a read.
  for (int i = 0; i < 4; ++i) {
    face.run_reads();
    api.deliver();
  }
}

HttpResponse Desk::ask(HttpRequest wanted) {
  const auto slip = hand_in(std::move(wanted));
  turn();
  return slip->response.value_or(HttpResponse{.status = 0, .content_type = {}, .headers = {}, .body = {}, .file = {}});
}

HttpResponse Desk::ask(const std::string& method, const std::string& target, const std::string& body,
                       const std::string& token) {
  return ask(request(method, target, body, token));
}

HttpRequest request(const std::string& method, const std::string& target, const std::string& body,
                    const std::string& token) {
  HttpRequest out;
  out.method = method;
  out.target = target;
  if (!token.empty()) out.authorization = "Bearer " + token;
  if (!body.empty()) out.content_type = "application/json";
  out.body = body;
  return out;
}

boost::json::value parsed(const HttpResponse& response) {
  boost::json::error_code error;
  auto value = boost::json::parse(response.body, error);
  return error ? boost::json::value() : value;
}

std::string at_path(const HttpResponse& response, const std::string& pointer) {
  boost::json::error_code error;
  const auto body = parsed(response);
  const auto* found = body.find_pointer(pointer, error);
  if (found == nullptr) return "(absent)";
  if (const auto* text = found->if_string()) return std::string(text->data(), text->size());
  return boost::json::serialize(*found);
}

std::string pointers(const HttpResponse& response) {
  std::string out;
  const auto body = parsed(response);
  boost::json::error_code error;
  const auto* errors = body.find_pointer("/errors", error);
  if (errors == nullptr || !errors->is_array()) return "(none)";
  for (const auto& entry : errors->get_array()) {
    if (!out.empty()) out += ' ';
    out += entry.at("pointer").as_string().c_str();
  }
  return out;
}

std::string header(const HttpResponse& response, const std::string& name) {
  for (const auto& [key, value] : response.headers) {
    if (key == name) return value;
  }
  return "(absent)";
}
