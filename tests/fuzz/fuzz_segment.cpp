// A text, cut and joined again. Octet 0: encoding, length of the reference, ports or none; octets 1 and 2:
// the languages; the rest is the text. Every part fits, reads strictly as the SUBMIT that it is, and joined
// in another order they are the text; what the weighing chose is never dearer than what it left out.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <iostream>
#include <string>

#include "at/assembler.h"
#include "at/segment.h"
#include "at/ucs2.h"
#include "at/user_data.h"

namespace {

constexpr std::size_t kForm = 3;        // octets in front of the text
constexpr std::size_t kLongest = 2000;  // octets of text: some dozen parts

struct Case {
  std::string text;
  at::SegmentOptions options;

  void require(bool holds, const char* what) const {
    if (holds) return;
    std::cerr << what << ": languages " << options.languages << ", text "
              << at::hex_encode(at::Octets(text.begin(), text.end())) << '\n';
    std::abort();
  }
};

Case case_of(const std::uint8_t* bytes, std::size_t size) {
  Case one;
  one.options.encoding = static_cast<at::Encoding>(bytes[0] % 3);
  one.options.concat_bits = (bytes[0] & 0x10) != 0 ? 16 : 8;
  if ((bytes[0] & 0x20) != 0)
    one.options.elements.push_back(at::ports_element({.destination = 2948, .source = 9200, .bits = 16}));
  one.options.languages = static_cast<at::Languages>((bytes[1] << 8 | bytes[2]) & at::kAllLanguages);
  one.text.assign(reinterpret_cast<const char*>(bytes) + kForm, size - kForm);
  return one;
}

at::Part part_of(const Case& one, const at::Segmented& cut, std::size_t index) {
  at::SubmitOptions options{at::address_from_display("+447700900123")};
  options.concat_reference = 0x1234;
  const auto pdu = at::submit_pdu(cut, index, options);
  one.require(pdu.has_value(), "a part that no SUBMIT can carry");
  const auto read = at::decode_pdu(pdu->hex, at::Direction::to_sc);
  one.require(read && read->defects.empty(), "a SUBMIT with a defect");
  const at::UserData& ud = std::get<at::Submit>(read->tpdu).ud;
  one.require(ud.alphabet == cut.alphabet && ud.units == cut.parts[index], "other units than were cut");
  one.require(ud.tables == cut.tables, "other tables than were chosen");
  one.require(ud.ports.has_value() == !one.options.elements.empty(), "the ports are gone");
  one.require(ud.concat.has_value() == (cut.parts.size() > 1), "concatenation of one, or none of several");
  at::Part part;
  part.id = index;
  part.sequence = static_cast<std::uint8_t>(index + 1);
  if (ud.concat) one.require(ud.concat->sequence == part.sequence, "parts out of order");
  part.alphabet = ud.alphabet;
  part.units = ud.units;
  part.tables = ud.tables;
  return part;
}

std::size_t parts_with(const Case& one, at::Encoding encoding, at::Languages languages) {
  at::SegmentOptions options = one.options;
  options.encoding = encoding;
  options.languages = languages;
  const auto cut = at::segment_text(one.text, options);
  return cut ? cut->parts.size() : 256;
}

void require_the_cheapest(const Case& one, const at::Segmented& cut) {
  if (one.options.encoding == at::Encoding::ucs2) return;
  one.require(cut.parts.size() <= parts_with(one, at::Encoding::gsm7, 0), "plain GSM takes fewer parts");
  if (one.options.encoding == at::Encoding::automatic)
    one.require(cut.parts.size() <= parts_with(one, at::Encoding::ucs2, 0), "UCS-2 takes fewer parts");
  for (int language = 1; language < 14; ++language) {
    const auto single = static_cast<at::Languages>(one.options.languages & 1 << language);
    if (single != 0)
      one.require(cut.parts.size() <= parts_with(one, at::Encoding::gsm7, single),
                  "one language takes fewer");
  }
}

// What UCS-2 starts with may be the mark of its byte order.
bool is_mark(const std::string& text, std::size_t at) {
  return text.compare(at, 3, "\xEF\xBB\xBF") == 0 || text.compare(at, 3, "\xEF\xBF\xBE") == 0;
}
bool holds_a_mark(const std::string& text) {
  for (std::size_t at = 0; at < text.size(); ++at)
    if (is_mark(text, at)) return true;
  return false;
}

}  // namespace

int fuzz_segment(const std::uint8_t* bytes, std::size_t size) {
  if (size < kForm || size > kForm + kLongest) return 0;
  const Case one = case_of(bytes, size);
  const auto cut = at::segment_text(one.text, one.options);
  if (!cut) {
    const bool not_utf8 = cut.error().kind == at::SegmentError::Kind::not_utf8;
    one.require(not_utf8 != at::utf8_valid(one.text), "refused for what it is not");
    return 0;
  }
  std::vector<at::Part> parts;
  for (std::size_t i = 0; i < cut->parts.size(); ++i) {
    one.require(cut->length(i) <= cut->capacity(cut->parts.size()), "a part that is too long");
    one.require(cut->parts.size() == 1 || cut->length(i) > 0, "an empty part");
    parts.push_back(part_of(one, *cut, i));
  }
  if (!is_mark(one.text, 0)) one.require(at::join_text(parts) == one.text, "joined to another text");
  if (!holds_a_mark(one.text)) {
    std::string parts_alone;
    for (const at::Part& part : parts) parts_alone += at::join_text({part});
    one.require(parts_alone == one.text, "cut inside a character");
  }
  require_the_cheapest(one, *cut);
  return 0;
}
