#include "at/grapheme.h"

#include <utf8proc.h>

#include <algorithm>
#include <array>

namespace at {
namespace {

constexpr char32_t kFirstThatJoins = 0x300;  // below it, only CR LF is a cluster of two
constexpr char32_t kZeroWidthNonJoiner = 0x200C;

struct Range {
  char32_t first, last;
};
// Indic_Conjunct_Break=Consonant (DerivedCoreProperties of Unicode 15.1): the scripts that join consonants.
constexpr std::array kConsonants{
    Range{0x0915, 0x0939}, Range{0x0958, 0x095F}, Range{0x0978, 0x097F}, Range{0x0995, 0x09A8},
    Range{0x09AA, 0x09B0}, Range{0x09B2, 0x09B2}, Range{0x09B6, 0x09B9}, Range{0x09DC, 0x09DD},
    Range{0x09DF, 0x09DF}, Range{0x09F0, 0x09F1}, Range{0x0A95, 0x0AA8}, Range{0x0AAA, 0x0AB0},
    Range{0x0AB2, 0x0AB3}, Range{0x0AB5, 0x0AB9}, Range{0x0AF9, 0x0AF9}, Range{0x0B15, 0x0B28},
    Range{0x0B2A, 0x0B30}, Range{0x0B32, 0x0B33}, Range{0x0B35, 0x0B39}, Range{0x0B5C, 0x0B5D},
    Range{0x0B5F, 0x0B5F}, Range{0x0B71, 0x0B71}, Range{0x0C15, 0x0C28}, Range{0x0C2A, 0x0C39},
    Range{0x0C58, 0x0C5A}, Range{0x0D15, 0x0D3A},
};
constexpr char32_t kFirstIndic = 0x0900, kLastIndic = 0x0D7F;

bool is_consonant(char32_t c) {
  if (c < kFirstIndic || c > kLastIndic) return false;
  const auto* range = std::find_if(kConsonants.begin(), kConsonants.end(),
                                   [c](const Range& candidate) { return c <= candidate.last; });
  return range != kConsonants.end() && c >= range->first;
}

// The viramas of those scripts stand at one place of each block.
bool is_linker(char32_t c) {
  const bool at_its_place = (c & 0x7F) == 0x4D;
  return at_its_place && c >= kFirstIndic && c <= kLastIndic && c != 0x0A4D && c != 0x0BCD && c != 0x0CCD;
}

bool extends(char32_t c) {
  if (c < kFirstThatJoins || c == kZeroWidthNonJoiner) return false;
  const int found = utf8proc_get_property(static_cast<utf8proc_int32_t>(c))->boundclass;
  return found == UTF8PROC_BOUNDCLASS_EXTEND || found == UTF8PROC_BOUNDCLASS_ZWJ;
}

// GB9c: Consonant [Extend Linker]* Linker [Extend Linker]* x Consonant.
class Conjunct {
 public:
  // Takes the next code point; whether it belongs to the consonant before it.
  bool joins(char32_t c) {
    if (is_consonant(c)) {
      const bool joined = linked_;
      after_consonant_ = true;
      linked_ = false;
      return joined;
    }
    if (!after_consonant_) return false;
    if (is_linker(c)) {
      linked_ = true;
    } else if (!extends(c)) {
      after_consonant_ = linked_ = false;
    }
    return false;
  }

 private:
  bool after_consonant_ = false, linked_ = false;
};

}  // namespace

std::vector<bool> cluster_starts(std::u32string_view text) {
  std::vector<bool> starts(text.size(), true);
  Conjunct conjunct;
  utf8proc_int32_t state = 0;
  if (!text.empty()) conjunct.joins(text[0]);
  for (std::size_t i = 1; i < text.size(); ++i) {
    const char32_t before = text[i - 1], c = text[i];
    if (before < kFirstThatJoins && c < kFirstThatJoins) {
      starts[i] = !(before == '\r' && c == '\n');
      state = 0;
      conjunct = {};
      continue;
    }
    const bool joined = conjunct.joins(c);
    const bool breaks = utf8proc_grapheme_break_stateful(static_cast<utf8proc_int32_t>(before),
                                                         static_cast<utf8proc_int32_t>(c), &state);
    starts[i] = breaks && !joined;
  }
  return starts;
}

}  // namespace at
