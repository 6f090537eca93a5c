#include "at/segment.h"

#include <algorithm>

#include "at/gsm7.h"
#include "at/ucs2.h"
#include "at/user_data.h"

namespace at {
namespace {

constexpr std::uint8_t kEscape = 0x1B;
constexpr std::size_t kConcatHeaderOctets = 6;  // UDHL, IEI 00, its length, reference, total, sequence
constexpr int kMaxParts = 255;                  // the total is one octet

struct Limits {
  std::size_t single, part;
};

Limits limits_of(Alphabet alphabet) {
  if (alphabet == Alphabet::gsm7) {
    return {kMaxUserDataSeptets, kMaxUserDataSeptets - header_septets(kConcatHeaderOctets)};
  }
  return {kMaxUserDataOctets, kMaxUserDataOctets - kConcatHeaderOctets};
}

// Whether a part may not end before units[at]: inside an escape pair or a surrogate pair. at > 0.
bool inside_pair(const Octets& units, std::size_t at, Alphabet alphabet) {
  if (alphabet == Alphabet::gsm7) return units[at - 1] == kEscape;
  if (alphabet == Alphabet::ucs2) return (units[at - 2] & 0xFC) == 0xD8;
  return false;
}

std::size_t end_of_part(const Octets& units, std::size_t from, std::size_t limit, Alphabet alphabet) {
  if (units.size() - from <= limit) return units.size();
  const std::size_t end = from + limit;
  if (!inside_pair(units, end, alphabet)) return end;
  return end - (alphabet == Alphabet::ucs2 ? 2 : 1);
}

Expected<Segmented, SegmentError> cut(Octets units, Alphabet alphabet, int max_parts) {
  const Limits limits = limits_of(alphabet);
  const auto most = static_cast<std::size_t>(std::clamp(max_parts, 0, kMaxParts));
  const bool one = units.size() <= limits.single;
  if (most < 1 || (!one && units.size() > most * limits.part)) {
    return Unexpected<SegmentError>{{SegmentError::Kind::too_many}};
  }
  Segmented segmented{alphabet, {}};
  if (one) {
    segmented.parts.push_back(std::move(units));
    return segmented;
  }
  for (std::size_t from = 0; from < units.size();) {
    if (segmented.parts.size() == most) return Unexpected<SegmentError>{{SegmentError::Kind::too_many}};
    const std::size_t end = end_of_part(units, from, limits.part, alphabet);
    segmented.parts.emplace_back(units.begin() + static_cast<std::ptrdiff_t>(from),
                                 units.begin() + static_cast<std::ptrdiff_t>(end));
    from = end;
  }
  return segmented;
}

std::uint8_t dcs_of(Alphabet alphabet, bool flash) {
  unsigned tp_dcs = 0x00;
  if (alphabet == Alphabet::octets) tp_dcs = 0x04;
  if (alphabet == Alphabet::ucs2) tp_dcs = 0x08;
  return static_cast<std::uint8_t>(flash ? tp_dcs | 0x10 : tp_dcs);
}

}  // namespace

Expected<Segmented, SegmentError> segment_text(std::string_view utf8, Encoding encoding, int max_parts) {
  if (!utf8_valid(utf8)) return Unexpected<SegmentError>{{SegmentError::Kind::not_utf8}};
  if (encoding != Encoding::ucs2) {
    char32_t missing = 0;
    if (auto septets = gsm7_encode(utf8, &missing))
      return cut(std::move(*septets), Alphabet::gsm7, max_parts);
    if (encoding == Encoding::gsm7) {
      return Unexpected<SegmentError>{{SegmentError::Kind::not_in_alphabet, missing}};
    }
  }
  return cut(ucs2_octets(utf16_from_utf8(utf8)), Alphabet::ucs2, max_parts);
}

Expected<Segmented, SegmentError> segment_octets(const Octets& octets, int max_parts) {
  return cut(octets, Alphabet::octets, max_parts);
}

Expected<EncodedPdu, CodecError> submit_pdu(const Segmented& segmented, std::size_t index,
                                            const SubmitOptions& options) {
  const std::size_t total = segmented.parts.size();
  if (index >= total || total > kMaxParts) return Unexpected<CodecError>{{0, "no such part"}};
  Submit submit;
  submit.tp_srr = options.report;
  submit.tp_da = options.tp_da;
  submit.tp_dcs = dcs_of(segmented.alphabet, options.flash);
  if (options.valid_seconds) {
    submit.tp_vpf = 2;
    submit.tp_vp = encode_relative_vp(*options.valid_seconds);
  }
  submit.ud.alphabet = segmented.alphabet;
  submit.ud.units = segmented.parts[index];
  if (total > 1) {
    submit.tp_udhi = true;
    submit.ud.udh.push_back(concat_element({options.concat_reference, 8, static_cast<std::uint8_t>(total),
                                            static_cast<std::uint8_t>(index + 1)}));
  }
  return encode_pdu(Address{}, submit);
}

}  // namespace at
