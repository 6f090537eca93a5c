// Mustache for texts: no HTML escaping, {{args}} and the like as they are.
#pragma once

#include <string>
#include <utility>
#include <vector>

namespace klaxon {

bool template_valid(const std::string& text);
std::string render_template(const std::string& text, const std::vector<std::pair<std::string, std::string>>& values);

}  // namespace klaxon
