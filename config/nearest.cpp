#include "config/nearest.h"

#include <algorithm>
#include <cstddef>
#include <numeric>

namespace config {
namespace {

// Edits (insert, remove, replace) from one word to the other, two rows of the table at a time.
std::size_t edits(std::string_view from, std::string_view to) {
  std::vector<std::size_t> above(to.size() + 1);
  std::iota(above.begin(), above.end(), std::size_t{0});
  for (std::size_t row = 1; row <= from.size(); ++row) {
    std::vector<std::size_t> here(to.size() + 1, row);
    for (std::size_t column = 1; column <= to.size(); ++column) {
      const std::size_t replaced = above[column - 1] + (from[row - 1] == to[column - 1] ? 0 : 1);
      here[column] = std::min({above[column] + 1, here[column - 1] + 1, replaced});
    }
    above = std::move(here);
  }
  return above.back();
}

}  // namespace

std::string nearest(std::string_view typed, const std::vector<std::string>& candidates) {
  constexpr std::size_t kLongestWord = 64;  // the table is quadratic, the file is a stranger's
  if (typed.size() > kLongestWord) return {};
  std::string best;
  std::size_t fewest = kLongestWord;
  for (const auto& candidate : candidates) {
    const std::size_t count = edits(typed, candidate);
    if (count < fewest && count <= std::max<std::size_t>(2, candidate.size() / 3)) {
      fewest = count;
      best = candidate;
    }
  }
  return best;
}

}  // namespace config
