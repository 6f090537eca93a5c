#include "daemon/automation/template.h"

#include <kainjow/mustache.hpp>

namespace klaxon {

namespace {
kainjow::mustache::mustache plain(const std::string& text) {
  kainjow::mustache::mustache parsed(text);
  parsed.set_custom_escape([](const std::string& value) { return value; });  // a text is no HTML
  return parsed;
}
}  // namespace

bool template_valid(const std::string& text) { return plain(text).is_valid(); }

std::string render_template(const std::string& text, const std::vector<std::pair<std::string, std::string>>& values) {
  kainjow::mustache::data data;
  for (const auto& [name, value] : values) data.set(name, value);
  return plain(text).render(data);
}

}  // namespace klaxon
