#include "at/text_plan.h"

#include <algorithm>
#include <tuple>

#include "at/grapheme.h"
#include "at/user_data.h"

namespace at {
namespace {

constexpr std::size_t kUdhl = 1, kShiftElement = 3, kConcat8Element = 5, kConcat16Element = 6;

// Of every part: the tables' elements and the caller's (23.040 9.2.3.24.15, .16).
std::size_t element_octets(const Gsm7Tables& tables, const SegmentOptions& options) {
  std::size_t octets = (tables.locking != 0 ? kShiftElement : 0) + (tables.single != 0 ? kShiftElement : 0);
  for (const InformationElement& element : options.elements) octets += 2 + element.octets.size();
  return octets;
}

// Units beside elements of so many octets.
std::size_t room_beside(std::size_t elements, Alphabet alphabet) {
  const std::size_t header = elements == 0 ? 0 : kUdhl + elements;
  if (header >= kMaxUserDataOctets) return 0;
  if (alphabet == Alphabet::gsm7) return kMaxUserDataSeptets - header_septets(header);
  return (kMaxUserDataOctets - header) / (alphabet == Alphabet::ucs2 ? 2 : 1);
}

std::size_t utf16_units(char32_t c) {
  return c < 0x10000 ? 1 : 2;
}

bool has(Languages languages, std::size_t language) {
  return (languages >> language & 1) != 0;
}

// A locking table against the text: what it lacks is escaped, and must be in the single shift table.
struct Locking {
  std::uint8_t language = 0;
  std::size_t escapes = 0;
  Languages singles = 0;  // the single shift tables that have all of that; bit 0: the default one
};

std::vector<Locking> locking_tables(Languages languages) {
  const auto singles = static_cast<Languages>(languages | 1);
  std::vector<Locking> tables{{0, 0, singles}};
  for (std::uint8_t language = 1; language < kGsm7Languages; ++language) {
    if (has(languages, language) && gsm7_has_locking(language)) tables.push_back({language, 0, singles});
  }
  return tables;
}

// They all cost the same: none at all saves its element, the same language is what phones are most likely to
// know.
std::uint8_t single_for(const Locking& locking) {
  if (has(locking.singles, 0)) return 0;
  if (has(locking.singles, locking.language)) return locking.language;
  std::uint8_t language = 1;
  while (!has(locking.singles, language)) ++language;
  return language;
}

}  // namespace

Room room_of(const Way& way, const SegmentOptions& options) {
  const std::size_t elements = element_octets(way.tables, options);
  const std::size_t concat = options.concat_bits == 16 ? kConcat16Element : kConcat8Element;
  const Room room{room_beside(elements, way.alphabet), room_beside(elements + concat, way.alphabet)};
  constexpr std::size_t kLongestCharacter = 2;  // an escape and its septet, a surrogate pair
  return way.alphabet != Alphabet::octets && room.part < kLongestCharacter ? Room{} : room;
}

// Each part takes what it can: with cuts allowed at fixed places, nobody needs fewer parts.
std::vector<std::size_t> TextPlan::part_ends(const Way& way) {
  const Room room = room_of(way, options_);
  if (way.units <= room.single || room.part == 0) return {text_.size()};
  if (starts_.empty()) starts_ = cluster_starts(text_);
  std::vector<std::size_t> ends;
  std::size_t begin = 0, used = 0;       // of the part under way
  std::size_t cut = 0, used_at_cut = 0;  // the last place where it may end; begin: none yet
  for (std::size_t i = 0; i < text_.size(); ++i) {
    const std::size_t units = cost(text_[i], way);
    if (starts_[i] && i > begin) {
      cut = i;
      used_at_cut = used;
    }
    while (used + units > room.part) {
      if (cut == begin) {  // the cluster alone is longer than a part
        cut = i;
        used_at_cut = used;
      }
      ends.push_back(cut);
      used -= used_at_cut;
      begin = cut;
    }
    used += units;
  }
  ends.push_back(text_.size());
  return ends;
}

std::size_t TextPlan::cost(char32_t c, const Way& way) const {
  if (way.alphabet == Alphabet::ucs2) return utf16_units(c);
  return static_cast<std::size_t>(gsm7_cost(c, way.tables));
}

Way TextPlan::ucs2() const {
  Way way{Alphabet::ucs2, {}, 0};
  for (const char32_t c : text_) way.units += utf16_units(c);
  return way;
}

std::vector<Way> TextPlan::national_ways(char32_t* missing) const {
  std::vector<Locking> left = locking_tables(options_.languages);
  *missing = 0;
  for (const char32_t c : text_) {
    const Gsm7Presence there = gsm7_presence(c);
    for (Locking& locking : left) {
      if (has(there.locking, locking.language)) continue;
      ++locking.escapes;
      locking.singles &= there.single;
    }
    std::erase_if(left, [](const Locking& locking) { return locking.singles == 0; });
    if (left.empty()) {
      *missing = c;
      return {};
    }
  }
  std::vector<Way> ways;
  for (const Locking& locking : left) {
    ways.push_back({Alphabet::gsm7, {locking.language, single_for(locking)}, text_.size() + locking.escapes});
  }
  return ways;
}

std::optional<Way> TextPlan::national(std::size_t most_parts, char32_t* missing) {
  std::optional<Way> best;
  const auto risk = [](const Way& way) {
    return std::tuple(way.units, (way.tables.locking != 0) + (way.tables.single != 0), way.tables.locking,
                      way.tables.single);
  };
  for (const Way& way : national_ways(missing)) {
    const Room room = room_of(way, options_);
    if (room.part == 0) continue;
    const std::size_t at_least = way.units <= room.single ? 1 : (way.units + room.part - 1) / room.part;
    if (at_least > most_parts) continue;
    const std::size_t parts = part_ends(way).size();
    const bool as_few = best && parts == most_parts;
    if (parts > most_parts || (as_few && risk(*best) <= risk(way))) continue;
    best = way;
    most_parts = parts;
  }
  return best;
}

}  // namespace at
