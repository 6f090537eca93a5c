// A text cut into the segments that go on the air (23.040 9.2.3.24.1), the cheapest way that is allowed.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "at/expected.h"
#include "at/tpdu.h"

namespace at {

enum class Encoding : std::uint8_t { automatic, gsm7, ucs2 };

using Languages = std::uint16_t;  // bit n: language n of gsm7.h, 1 to 13
constexpr Languages kAllLanguages = 0x3FFE;

struct SegmentOptions {
  Encoding encoding = Encoding::automatic;
  int max_parts = 255;
  // Whose national tables may be used, singly or one's locking with another's single shift table. Phones that
  // know nothing of them show something else, and some networks drop the header that names them.
  Languages languages = 0;
  // Exactly these instead, nothing is weighed: for a text that was cut once and is cut again.
  std::optional<Gsm7Tables> tables{};
  std::uint8_t concat_bits = 8;                // or 16: of the reference
  std::vector<InformationElement> elements{};  // in the header of every part besides, such as ports_element()
};

struct Segmented {
  Alphabet alphabet = Alphabet::gsm7;
  std::vector<Octets> parts;  // units as in UserData
  Gsm7Tables tables{};        // other than 0: in the header of every part
  std::uint8_t concat_bits = 8;
  std::vector<InformationElement> elements{};

  // Of this alphabet and header: septets, UTF-16 units or octets that one part of so many holds.
  std::size_t capacity(std::size_t of_parts) const;
  std::size_t length(std::size_t part) const;  // in the same units
};

struct SegmentError {
  enum class Kind {
    not_utf8,
    not_in_alphabet,
    too_many,
    no_room
  } kind;                   // no_room: the elements fill the part
  char32_t code_point = 0;  // of not_in_alphabet
  std::size_t parts = 0;    // of too_many: how many it would take; 0: more than any message can have (255)
};

// Whatever takes the fewest parts; of those the default alphabet first, then UCS-2, then national tables, which fewer
// phones read, and of these the fewest septets. Encoding::gsm7 leaves out UCS-2.
//
// A part alone holds 160 septets, 70 UTF-16 units or 140 octets; one of several, with an 8-bit reference,
// 153, 67 or 134; every element and table takes its room. A cut never parts an escape from its septet, a
// surrogate pair, CR LF or a grapheme cluster, unless the cluster alone is longer than a part: then it is cut
// between code points.
//
// Linear in the text; one that is far too long is refused unseen. An empty text is one empty part.
Expected<Segmented, SegmentError> segment_text(std::string_view utf8, const SegmentOptions&);
Expected<Segmented, SegmentError> segment_octets(const Octets&, const SegmentOptions&);
Expected<Segmented, SegmentError> segment_text(std::string_view utf8, Encoding, int max_parts);
Expected<Segmented, SegmentError> segment_octets(const Octets&, int max_parts);

struct SubmitOptions {
  Address tp_da;
  bool report = true;                           // TP-SRR
  std::optional<std::int64_t> valid_seconds{};  // TP-VP relative, rounded up
  std::optional<std::uint8_t> tp_vp{};          // relative as it stands; goes before valid_seconds
  std::optional<std::array<std::uint8_t, 7>>
      tp_vp_absolute{};                         // as encode_timestamp() gives it; goes before both
  std::optional<std::uint8_t> message_class{};  // 0 (shown at once and not stored) to 3
  std::uint16_t concat_reference = 0;           // of several parts; cut to concat_bits
  std::uint8_t tp_pid = 0;
  std::uint8_t tp_mr = 0;  // most modems put their own count there
  bool tp_rd = false;
  Address sc{};  // no digits: the SIM's own
};
// The SUBMIT of part index (0-based). Its header: concatenation, IEI 25, IEI 24, the elements.
Expected<EncodedPdu, CodecError> submit_pdu(const Segmented&, std::size_t index, const SubmitOptions&);

}  // namespace at
