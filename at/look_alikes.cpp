#include "at/look_alikes.h"

#include <algorithm>
#include <array>

#include "at/ucs2.h"

namespace at {
namespace {

struct LookAlike {
  char32_t from;
  std::string_view to;
};

// In the order of their code points.
constexpr std::array kLookAlikes{
    LookAlike{0x0009, " "},   LookAlike{0x0060, "'"},   LookAlike{0x0085, "\n"},  LookAlike{0x00A0, " "},
    LookAlike{0x00AB, "\""},  LookAlike{0x00AD, ""},    LookAlike{0x00B4, "'"},   LookAlike{0x00B7, "."},
    LookAlike{0x00BB, "\""},  LookAlike{0x00D7, "x"},   LookAlike{0x02B9, "'"},   LookAlike{0x02BA, "\""},
    LookAlike{0x02BC, "'"},   LookAlike{0x02C6, "^"},   LookAlike{0x02DC, "~"},   LookAlike{0x1680, " "},
    LookAlike{0x2000, " "},   LookAlike{0x2001, " "},   LookAlike{0x2002, " "},   LookAlike{0x2003, " "},
    LookAlike{0x2004, " "},   LookAlike{0x2005, " "},   LookAlike{0x2006, " "},   LookAlike{0x2007, " "},
    LookAlike{0x2008, " "},   LookAlike{0x2009, " "},   LookAlike{0x200A, " "},   LookAlike{0x200B, ""},
    LookAlike{0x2010, "-"},   LookAlike{0x2011, "-"},   LookAlike{0x2012, "-"},   LookAlike{0x2013, "-"},
    LookAlike{0x2014, "-"},   LookAlike{0x2015, "-"},   LookAlike{0x2018, "'"},   LookAlike{0x2019, "'"},
    LookAlike{0x201A, "'"},   LookAlike{0x201B, "'"},   LookAlike{0x201C, "\""},  LookAlike{0x201D, "\""},
    LookAlike{0x201E, "\""},  LookAlike{0x201F, "\""},  LookAlike{0x2022, "*"},   LookAlike{0x2023, "*"},
    LookAlike{0x2024, "."},   LookAlike{0x2025, ".."},  LookAlike{0x2026, "..."}, LookAlike{0x2028, "\n"},
    LookAlike{0x2029, "\n"},  LookAlike{0x202F, " "},   LookAlike{0x2032, "'"},   LookAlike{0x2033, "\""},
    LookAlike{0x2034, "'''"}, LookAlike{0x2035, "'"},   LookAlike{0x2036, "\""},  LookAlike{0x2039, "'"},
    LookAlike{0x203A, "'"},   LookAlike{0x2043, "-"},   LookAlike{0x2044, "/"},   LookAlike{0x205F, " "},
    LookAlike{0x2060, ""},    LookAlike{0x2212, "-"},   LookAlike{0x2215, "/"},   LookAlike{0x2217, "*"},
    LookAlike{0x2219, "*"},   LookAlike{0x2236, ":"},   LookAlike{0x25AA, "*"},   LookAlike{0x25CF, "*"},
    LookAlike{0x25E6, "*"},   LookAlike{0x3000, " "},   LookAlike{0xFB00, "ff"},  LookAlike{0xFB01, "fi"},
    LookAlike{0xFB02, "fl"},  LookAlike{0xFB03, "ffi"}, LookAlike{0xFB04, "ffl"}, LookAlike{0xFB05, "st"},
    LookAlike{0xFB06, "st"},  LookAlike{0xFEFF, ""},
};
static_assert(std::is_sorted(kLookAlikes.begin(), kLookAlikes.end(),
                             [](const LookAlike& a, const LookAlike& b) { return a.from < b.from; }));

const LookAlike* look_alike(char32_t c) {
  if (c < 0x80 && c != '\t' && c != '`') return nullptr;
  const auto* found = std::lower_bound(kLookAlikes.begin(), kLookAlikes.end(), c,
                                       [](const LookAlike& row, char32_t key) { return row.from < key; });
  return found != kLookAlikes.end() && found->from == c ? found : nullptr;
}

void count(std::vector<Replacement>& replaced, const LookAlike& row) {
  const auto known = std::find_if(replaced.begin(), replaced.end(),
                                  [&](const Replacement& one) { return one.from == row.from; });
  if (known == replaced.end()) {
    replaced.push_back({row.from, row.to, 1});
  } else {
    ++known->count;
  }
}

}  // namespace

Simplified simplify(std::string_view utf8) {
  Simplified out;
  out.text.reserve(utf8.size());
  for (std::size_t at = 0; at < utf8.size();) {
    const std::size_t begin = at;
    const LookAlike* found = look_alike(utf8_next(utf8, &at));
    out.text += found == nullptr ? utf8.substr(begin, at - begin) : found->to;
    if (found != nullptr) count(out.replaced, *found);
  }
  return out;
}

}  // namespace at
