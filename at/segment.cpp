#include "at/segment.h"

#include <algorithm>
#include <limits>

#include "at/gsm7.h"
#include "at/text_plan.h"
#include "at/ucs2.h"
#include "at/user_data.h"

namespace at {
namespace {

constexpr std::uint8_t kSingleShift = 0x24, kLockingShift = 0x25;
constexpr std::size_t kMaxParts = 255;  // the total is one octet

Unexpected<SegmentError> refused(SegmentError::Kind kind) {
  return Unexpected<SegmentError>{{kind}};
}

Unexpected<SegmentError> too_many(std::size_t parts) {
  return Unexpected<SegmentError>{{SegmentError::Kind::too_many, 0, parts > kMaxParts ? 0 : parts}};
}

std::size_t most_parts(const SegmentOptions& options) {
  return static_cast<std::size_t>(std::clamp(options.max_parts, 0, static_cast<int>(kMaxParts)));
}

// More characters than any message holds, whatever they are.
bool hopeless(std::string_view utf8) {
  const auto continues = [](char c) { return (static_cast<unsigned char>(c) & 0xC0) == 0x80; };
  const auto characters =
      utf8.size() - static_cast<std::size_t>(std::count_if(utf8.begin(), utf8.end(), continues));
  return characters > kMaxParts * kMaxUserDataSeptets;
}

std::u32string code_points(std::string_view utf8) {
  std::u32string points;
  points.reserve(utf8.size());
  for (std::size_t at = 0; at < utf8.size();) points.push_back(utf8_next(utf8, &at));
  return points;
}

Segmented framed(const Way& way, const SegmentOptions& options) {
  return {way.alphabet, {}, way.tables, options.concat_bits, options.elements};
}

std::size_t octets_per_unit(Alphabet alphabet) {
  return alphabet == Alphabet::ucs2 ? 2 : 1;
}

Octets units_of(std::string_view utf8, const Way& way) {
  if (way.alphabet == Alphabet::ucs2) return ucs2_octets(utf8);
  return gsm7_encode(utf8, nullptr, way.tables).value_or(Septets{});
}

Expected<Segmented, SegmentError> whole(Octets units, const Way& way, const SegmentOptions& options) {
  if (most_parts(options) < 1) return too_many(1);
  Segmented segmented = framed(way, options);
  segmented.parts.push_back(std::move(units));
  return segmented;
}

Expected<Segmented, SegmentError> cut(std::string_view utf8, std::u32string_view points, TextPlan& plan,
                                      const Way& way, const SegmentOptions& options) {
  const Room room = room_of(way, options);
  if (room.part == 0) return refused(SegmentError::Kind::no_room);
  const Octets units = units_of(utf8, way);
  if (way.units <= room.single) return whole(units, way, options);
  const std::vector<std::size_t> ends = plan.part_ends(way);
  if (ends.size() > most_parts(options)) return too_many(ends.size());
  Segmented segmented = framed(way, options);
  auto from = units.begin();
  std::size_t begin = 0;
  for (const std::size_t end : ends) {
    std::size_t taken = 0;
    for (; begin < end; ++begin) taken += plan.cost(points[begin], way) * octets_per_unit(way.alphabet);
    const auto to = from + static_cast<std::ptrdiff_t>(taken);
    segmented.parts.emplace_back(from, to);
    from = to;
  }
  return segmented;
}

// What the default alphabet lacks.
Expected<Segmented, SegmentError> cut_cheapest(std::string_view utf8, std::u32string_view points,
                                               const SegmentOptions& options) {
  TextPlan plan(points, options);
  const Way ucs2 = plan.ucs2();
  if (options.encoding == Encoding::ucs2) return cut(utf8, points, plan, ucs2, options);
  const bool may_be_ucs2 = options.encoding == Encoding::automatic;
  const std::size_t parts =
      may_be_ucs2 ? plan.part_ends(ucs2).size() : std::numeric_limits<std::size_t>::max();
  char32_t missing = 0;
  if (parts > 1 && (options.languages != 0 || !may_be_ucs2)) {
    if (const auto national = plan.national(parts - 1, &missing))
      return cut(utf8, points, plan, *national, options);
  }
  if (may_be_ucs2) return cut(utf8, points, plan, ucs2, options);
  if (missing == 0) return refused(SegmentError::Kind::no_room);
  return Unexpected<SegmentError>{{SegmentError::Kind::not_in_alphabet, missing}};
}

Expected<Segmented, SegmentError> cut_with(std::string_view utf8, const Gsm7Tables& tables,
                                           const SegmentOptions& options) {
  char32_t missing = 0;
  auto septets = gsm7_encode(utf8, &missing, tables);
  if (!septets) return Unexpected<SegmentError>{{SegmentError::Kind::not_in_alphabet, missing}};
  const Way way{Alphabet::gsm7, tables, septets->size()};
  const Room room = room_of(way, options);
  if (room.part > 0 && way.units <= room.single) return whole(std::move(*septets), way, options);
  if (hopeless(utf8)) return too_many(0);
  const std::u32string points = code_points(utf8);
  TextPlan plan(points, options);
  return cut(utf8, points, plan, way, options);
}

// A text full of escapes, such as "€", may take fewer parts by a table that has them unescaped. UCS-2 never
// does: of what the default alphabet has, 76 escapes fit where 67 units do.
Expected<Segmented, SegmentError> cheaper(std::string_view utf8, Expected<Segmented, SegmentError> by_default,
                                          const SegmentOptions& options) {
  const bool one = by_default && by_default->parts.size() == 1;
  if (one || options.languages == 0 || hopeless(utf8)) return by_default;
  const std::u32string points = code_points(utf8);
  TextPlan plan(points, options);
  char32_t missing = 0;
  const auto way = plan.national(by_default ? by_default->parts.size() - 1 : most_parts(options), &missing);
  return way ? cut(utf8, points, plan, *way, options) : by_default;
}

// What the default alphabet lacks, in one part: nothing takes fewer, so nothing is weighed. Nothing where it
// takes more.
std::optional<Segmented> one_part_of_ucs2(std::string_view utf8, const SegmentOptions& options) {
  const Way way{Alphabet::ucs2, {}, 0};
  const Room room = room_of(way, options);
  constexpr std::size_t kMostBytes = 3;  // of UTF-8 for one unit
  if (room.part == 0 || most_parts(options) < 1 || utf8.size() > kMostBytes * room.single)
    return std::nullopt;
  Octets units = ucs2_octets(utf8);
  if (units.size() > room.single * octets_per_unit(way.alphabet)) return std::nullopt;
  Segmented segmented = framed(way, options);
  segmented.parts.push_back(std::move(units));
  return segmented;
}

std::uint8_t dcs_of(Alphabet alphabet, std::optional<std::uint8_t> message_class) {
  unsigned tp_dcs = 0x00;
  if (alphabet == Alphabet::octets) tp_dcs = 0x04;
  if (alphabet == Alphabet::ucs2) tp_dcs = 0x08;
  return static_cast<std::uint8_t>(message_class ? tp_dcs | 0x10u | *message_class : tp_dcs);
}

void set_validity(Submit& submit, const SubmitOptions& options) {
  if (options.tp_vp_absolute) {
    submit.tp_vpf = 3;
    submit.tp_vp_octets.assign(options.tp_vp_absolute->begin(), options.tp_vp_absolute->end());
  } else if (options.tp_vp || options.valid_seconds) {
    submit.tp_vpf = 2;
    submit.tp_vp = options.tp_vp ? *options.tp_vp : encode_relative_vp(*options.valid_seconds);
  }
}

std::vector<InformationElement> header_of(const Segmented& segmented, std::size_t index,
                                          std::uint16_t reference) {
  std::vector<InformationElement> udh;
  if (segmented.parts.size() > 1) {
    const bool wide = segmented.concat_bits == 16;
    udh.push_back(concat_element({static_cast<std::uint16_t>(wide ? reference : reference & 0xFF),
                                  static_cast<std::uint8_t>(wide ? 16 : 8),
                                  static_cast<std::uint8_t>(segmented.parts.size()),
                                  static_cast<std::uint8_t>(index + 1)}));
  }
  if (segmented.tables.locking != 0) udh.push_back({kLockingShift, {segmented.tables.locking}});
  if (segmented.tables.single != 0) udh.push_back({kSingleShift, {segmented.tables.single}});
  udh.insert(udh.end(), segmented.elements.begin(), segmented.elements.end());
  return udh;
}

}  // namespace

std::size_t Segmented::capacity(std::size_t of_parts) const {
  SegmentOptions options;
  options.concat_bits = concat_bits;
  options.elements = elements;
  const Room room = room_of({alphabet, tables, 0}, options);
  return of_parts > 1 ? room.part : room.single;
}

std::size_t Segmented::length(std::size_t part) const {
  return parts[part].size() / octets_per_unit(alphabet);
}

Expected<Segmented, SegmentError> segment_text(std::string_view utf8, const SegmentOptions& options) {
  if (!utf8_valid(utf8)) return refused(SegmentError::Kind::not_utf8);
  if (options.tables) return cut_with(utf8, *options.tables, options);
  char32_t missing = 0;
  if (options.encoding != Encoding::ucs2) {
    auto by_default = cut_with(utf8, {}, options);
    if (by_default || by_default.error().kind == SegmentError::Kind::too_many)
      return cheaper(utf8, std::move(by_default), options);
    if (by_default.error().kind != SegmentError::Kind::not_in_alphabet) return by_default;
    missing = by_default.error().code_point;
  }
  if (options.encoding == Encoding::gsm7 && options.languages == 0) {
    return Unexpected<SegmentError>{{SegmentError::Kind::not_in_alphabet, missing}};
  }
  if (options.encoding != Encoding::gsm7) {
    if (auto one = one_part_of_ucs2(utf8, options)) return std::move(*one);
  }
  if (hopeless(utf8)) return too_many(0);
  return cut_cheapest(utf8, code_points(utf8), options);
}

Expected<Segmented, SegmentError> segment_octets(const Octets& octets, const SegmentOptions& options) {
  const Way way{Alphabet::octets, {}, octets.size()};
  const Room room = room_of(way, options);
  if (room.part == 0) return refused(SegmentError::Kind::no_room);
  if (octets.size() <= room.single) return whole(octets, way, options);
  const std::size_t parts = (octets.size() + room.part - 1) / room.part;
  if (parts > most_parts(options)) return too_many(parts);
  Segmented segmented = framed(way, options);
  for (std::size_t from = 0; from < octets.size(); from += room.part) {
    const auto begin = octets.begin() + static_cast<std::ptrdiff_t>(from);
    segmented.parts.emplace_back(
        begin, begin + static_cast<std::ptrdiff_t>(std::min(room.part, octets.size() - from)));
  }
  return segmented;
}

Expected<Segmented, SegmentError> segment_text(std::string_view utf8, Encoding encoding, int max_parts) {
  SegmentOptions options;
  options.encoding = encoding;
  options.max_parts = max_parts;
  return segment_text(utf8, options);
}

Expected<Segmented, SegmentError> segment_octets(const Octets& octets, int max_parts) {
  SegmentOptions options;
  options.max_parts = max_parts;
  return segment_octets(octets, options);
}

Expected<EncodedPdu, CodecError> submit_pdu(const Segmented& segmented, std::size_t index,
                                            const SubmitOptions& options) {
  if (index >= segmented.parts.size() || segmented.parts.size() > kMaxParts)
    return Unexpected<CodecError>{{0, "no such part"}};
  if (options.message_class.value_or(0) > 3) return Unexpected<CodecError>{{0, "message class above 3"}};
  Submit submit;
  submit.tp_rd = options.tp_rd;
  submit.tp_srr = options.report;
  submit.tp_mr = options.tp_mr;
  submit.tp_da = options.tp_da;
  submit.tp_pid = options.tp_pid;
  submit.tp_dcs = dcs_of(segmented.alphabet, options.message_class);
  set_validity(submit, options);
  submit.ud.alphabet = segmented.alphabet;
  submit.ud.units = segmented.parts[index];
  submit.ud.udh = header_of(segmented, index, options.concat_reference);
  submit.tp_udhi = !submit.ud.udh.empty();
  return encode_pdu(options.sc, submit);
}

}  // namespace at
