// /openapi.json. No token: it says nothing of this box, and who builds on it has none yet.
#include <stdexcept>

#include "config/version.h"
#include "daemon/doors/api_call.h"
#include "daemon/doors/openapi.h"

namespace klaxon::doors {

namespace json = boost::json;

namespace {

void add_all(const json::object& from, json::object& to) {
  for (const auto& [name, value] : from) {
    if (!to.emplace(name, value).second) throw std::logic_error("openapi: twice: " + std::string(name));
  }
}

void add_part(const json::object& part, json::object& whole) {
  for (const auto& [name, value] : part) {
    if (name == "tags") {
      auto& tags = whole["tags"].is_array() ? whole["tags"].get_array() : whole["tags"].emplace_array();
      tags.insert(tags.end(), value.as_array().begin(), value.as_array().end());
    } else if (name == "paths") {
      add_all(value.as_object(),
              whole["paths"].is_object() ? whole["paths"].get_object() : whole["paths"].emplace_object());
    } else if (name == "components") {
      auto& kinds = whole["components"].is_object() ? whole["components"].get_object()
                                                    : whole["components"].emplace_object();
      for (const auto& [kind, named] : value.as_object())
        add_all(named.as_object(),
                kinds[kind].is_object() ? kinds[kind].get_object() : kinds[kind].emplace_object());
    } else {
      whole.emplace(name, value);
    }
  }
}

}  // namespace

std::string join_openapi(const std::vector<std::string_view>& parts, std::string_view version) {
  json::object whole;
  for (const std::string_view part : parts)
    add_part(json::parse({part.data(), part.size()}).as_object(), whole);
  whole["info"].as_object()["version"] = version;
  return json::serialize(whole);
}

void Api::get_openapi(const CallRef& call) {
  if (auto refusal = no_query(*call)) return give(call->asker, std::move(*refusal));
  static const std::string kText = join_openapi(openapi_parts(), config::version());
  HttpResponse out;
  out.content_type = "application/json";
  out.body = kText;
  give(call->asker, std::move(out));
}

}  // namespace klaxon::doors
