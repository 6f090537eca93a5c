// What somebody probably meant to type.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace config {

// The candidate with the fewest edits to `typed`; empty when none is near enough to be worth naming
// (more than a third of its letters, at least two, differ).
std::string nearest(std::string_view typed, const std::vector<std::string>& candidates);

}  // namespace config
