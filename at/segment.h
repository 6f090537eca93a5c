// A text cut into the segments that go on the air (23.040 9.2.3.24.1).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "at/expected.h"
#include "at/tpdu.h"

namespace at {

enum class Encoding : std::uint8_t { automatic, gsm7, ucs2 };

struct Segmented {
  Alphabet alphabet = Alphabet::gsm7;
  std::vector<Octets> parts;  // units as in UserData; one part: no UDH needed
};

struct SegmentError {
  enum class Kind { not_utf8, not_in_alphabet, too_many } kind;
  char32_t code_point = 0;  // of not_in_alphabet
};

// Single: 160 septets / 70 UTF-16 units / 140 octets; concatenated with an 8-bit reference: 153 / 67 / 134.
// Never cuts an escape pair or a surrogate pair. More than max_parts: too_many (found without building them all).
// An empty text is one empty part.
Expected<Segmented, SegmentError> segment_text(std::string_view utf8, Encoding, int max_parts);
Expected<Segmented, SegmentError> segment_octets(const Octets&, int max_parts);

struct SubmitOptions {
  Address tp_da;
  bool report = true;                          // TP-SRR
  std::optional<std::int64_t> valid_seconds{};  // TP-VP relative, rounded up; none: no TP-VP
  bool flash = false;                          // class 0
  std::uint8_t concat_reference = 0;           // used when there is more than one part
};
// The SUBMIT of part index (0-based). TP-MR 0: the modem fills it in. SC address 00: the SIM's own.
Expected<EncodedPdu, CodecError> submit_pdu(const Segmented&, std::size_t index, const SubmitOptions&);

}  // namespace at
