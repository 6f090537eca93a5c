// Which alphabet and tables take the fewest parts for a text, and where its parts end. For segment.cpp.
#pragma once

#include <cstddef>
#include <optional>
#include <string_view>
#include <vector>

#include "at/segment.h"

namespace at {

// One way to write a text, before it is cut.
struct Way {
  Alphabet alphabet = Alphabet::gsm7;
  Gsm7Tables tables{};
  std::size_t units = 0;  // of the whole text: septets or UTF-16 units
};
struct Room {
  std::size_t single = 0, part = 0;  // units of a part alone, of one of several
};
// What is left beside the header; part 0: not even one character of any kind.
Room room_of(const Way&, const SegmentOptions&);

class TextPlan {
 public:
  // Both outlive it.
  TextPlan(std::u32string_view text, const SegmentOptions& options) : text_(text), options_(options) {}

  // Where the parts of a text written this way end, as places in the text; ascending, the last one is its
  // end.
  std::vector<std::size_t> part_ends(const Way&);

  std::size_t cost(char32_t, const Way&) const;  // in units
  Way ucs2() const;
  // The best way with the languages' tables, in at most so many parts; std::nullopt if there is none.
  // *missing gets the first code point that leaves no way, 0 if none does.
  std::optional<Way> national(std::size_t most_parts, char32_t* missing);

 private:
  std::vector<Way> national_ways(char32_t* missing) const;

  std::u32string_view text_;
  const SegmentOptions& options_;
  std::vector<bool> starts_;  // of clusters; empty until somebody cuts
};

}  // namespace at
