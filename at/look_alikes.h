// Typography that word processors and phones put in place of what was typed, and what the default alphabet
// has for it. Letters are left alone: none loses its accent, none changes its script.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace at {

struct Replacement {
  char32_t from = 0;
  std::string_view to;  // of the default alphabet; empty: it is left out. Lives as long as the program
  std::size_t count = 0;
};
struct Simplified {
  std::string text;
  std::vector<Replacement> replaced;  // in the order of their first place
};
// Malformed UTF-8 passes through untouched.
Simplified simplify(std::string_view utf8);

}  // namespace at
