// The ops on whole texts: how they are cut, and the SUBMITs that carry them.
#include "at/segment.h"
#include "at/ucs2.h"
#include "daemon/cli/op_input.h"
#include "daemon/cli/pdu_fields.h"
#include "daemon/cli/pdu_op_table.h"
#include "daemon/cli/pdu_time.h"

namespace klaxon::cli {

namespace {

std::optional<at::Alphabet> alphabet_of(OpInput& input) {
  const std::string name = input.text("alphabet", "auto");
  if (name == "gsm7") return at::Alphabet::gsm7;
  if (name == "ucs2") return at::Alphabet::ucs2;
  if (name == "8bit") return at::Alphabet::octets;
  if (name == "compressed") input.refuse("alphabet compressed (23.042) is not written");
  if (name != "auto") input.refuse("alphabet is none of auto, gsm7, ucs2 and 8bit");
  return std::nullopt;
}

std::string told(const at::SegmentError& error) {
  switch (error.kind) {
    case at::SegmentError::Kind::not_utf8:
      return "text is not UTF-8";
    case at::SegmentError::Kind::not_in_alphabet:
      return "text: " + at::code_point_name(error.code_point) + " is not in the alphabet";
    case at::SegmentError::Kind::too_many:
      return "text takes more than 255 parts";
    case at::SegmentError::Kind::no_room:
      break;
  }
  return "the header leaves no room for text";
}

// national: names of the languages whose tables may be used.
at::Languages languages_of(OpInput& input) {
  at::Languages languages = 0;
  for (const std::string& name : input.texts("national")) {
    const auto language = at::gsm7_language(name);
    if (!language)
      input.refuse("national: there are no tables called " + name);
    else
      languages = static_cast<at::Languages>(languages | 1u << *language);
  }
  return languages;
}

// 8-bit: the text's own octets in UTF-8, or `data` in hex.
std::optional<at::Segmented> cut(OpInput& input) {
  const auto alphabet = alphabet_of(input);
  at::SegmentOptions options;
  options.languages = languages_of(input);
  options.concat_bits = static_cast<std::uint8_t>(input.number("concat_bits", 8, 16, 8));
  if (options.concat_bits != 8 && options.concat_bits != 16) input.refuse("concat_bits is neither 8 nor 16");
  if (alphabet == at::Alphabet::gsm7) options.encoding = at::Encoding::gsm7;
  if (alphabet == at::Alphabet::ucs2) options.encoding = at::Encoding::ucs2;
  const bool octets = alphabet == at::Alphabet::octets;
  const bool given = octets && input.has("data");
  const std::string text = given ? std::string{} : input.text("text");
  at::Octets data = given ? input.octets("data") : at::Octets(text.begin(), text.end());
  if (!input.error().empty()) return std::nullopt;
  auto segmented = octets ? at::segment_octets(data, options) : at::segment_text(text, options);
  if (segmented) return std::move(*segmented);
  input.refuse(told(segmented.error()));
  return std::nullopt;
}

}  // namespace

json::object op_segment(OpInput& input) {
  const auto segmented = cut(input);
  if (!segmented) return {};
  json::array lengths;
  std::size_t units = 0;
  for (std::size_t part = 0; part < segmented->parts.size(); ++part) {
    units += segmented->length(part);
    lengths.emplace_back(segmented->length(part));
  }
  json::object fields{{"alphabet", at::alphabet_name(segmented->alphabet)},
                      {"parts", segmented->parts.size()},
                      {"units", units},
                      {"lengths", std::move(lengths)}};
  if (segmented->tables != at::Gsm7Tables{})
    fields["national"] = {{"locking", segmented->tables.locking}, {"single", segmented->tables.single}};
  return fields;
}

namespace {

at::Address address_of(OpInput& input, std::string_view key) {
  const std::string number = input.text(key);
  const at::Address address = at::address_from_display(number);
  if (address.ton == at::Ton::alphanumeric || number.empty())
    input.refuse(std::string(key) + " is no number: digits, * and #, with or without + in front");
  return address;
}

void validity(OpInput& input, at::SubmitOptions* options) {
  if (input.has("vp_relative"))
    options->tp_vp = static_cast<std::uint8_t>(input.number("vp_relative", 0, 255));
  if (input.has("vp_seconds")) options->valid_seconds = input.number("vp_seconds", 0, kManySeconds);
  if (!input.has("vp_absolute")) return;
  options->tp_vp_absolute = timestamp_of(input.text("vp_absolute"));
  if (!options->tp_vp_absolute) input.refuse("vp_absolute is no time such as 2026-11-22T09:30:00+01:00");
}

}  // namespace

json::object op_encode_submit(OpInput& input) {
  at::SubmitOptions options;
  options.tp_da = address_of(input, "da");
  if (input.has("smsc")) options.sc = address_of(input, "smsc");
  options.tp_mr = static_cast<std::uint8_t>(input.number("mr", 0, 255, 0));
  options.report = input.flag("srr", false);
  options.tp_rd = input.flag("rd", false);
  if (input.has("class")) options.message_class = static_cast<std::uint8_t>(input.number("class", 0, 3));
  options.tp_pid = static_cast<std::uint8_t>(input.number("pid", 0, 255, 0));
  validity(input, &options);
  const auto segmented = cut(input);
  const std::int64_t references = segmented && segmented->concat_bits == 16 ? 0xFFFF : 0xFF;
  options.concat_reference = static_cast<std::uint16_t>(input.number("concat_ref", 0, references, 0));
  if (!segmented || !input.error().empty()) return {};
  json::array pdus, lengths;
  for (std::size_t part = 0; part < segmented->parts.size(); ++part) {
    const auto pdu = at::submit_pdu(*segmented, part, options);
    if (!pdu) {
      input.refuse(pdu.error().reason);
      return {};
    }
    pdus.emplace_back(pdu->hex);
    lengths.emplace_back(pdu->tpdu_octets);
  }
  return {{"pdus", std::move(pdus)}, {"tpdu_lens", std::move(lengths)}};
}

}  // namespace klaxon::cli
