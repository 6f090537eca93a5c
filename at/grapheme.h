// What people see as one character: extended grapheme clusters (UAX 29), with the conjuncts of the Indic
// scripts kept whole (rule GB9c of Unicode 15.1, which the library's Unicode 15.0 has not yet).
#pragma once

#include <string_view>
#include <vector>

namespace at {

// For each code point, whether a cluster begins with it; the first one always does. Any values, also such as
// are no code points. Linear; the library is asked only where a text leaves U+0000 to U+02FF.
std::vector<bool> cluster_starts(std::u32string_view text);

}  // namespace at
