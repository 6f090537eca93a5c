// The ops on PDUs, alphabets and single fields.
#include <array>

#include "at/tpdu.h"
#include "at/ucs2.h"
#include "at/user_data.h"
#include "at/ussd.h"
#include "daemon/cli/op_input.h"
#include "daemon/cli/pdu_fields.h"
#include "daemon/cli/pdu_op_table.h"
#include "daemon/cli/pdu_time.h"

namespace klaxon::cli {

namespace {

std::string at_octet(const at::CodecError& error) {
  return "octet " + std::to_string(error.octet) + ": " + error.reason;
}

}  // namespace

json::object op_decode(OpInput& input) {
  const std::string hex = input.text("pdu"), dir = input.text("dir", "mt");
  const bool lenient = input.flag("lenient", false), smsc = input.flag("smsc", true);
  if (dir != "mt" && dir != "mo") input.refuse("dir is neither mt nor mo");
  if (!input.error().empty()) return {};
  const auto direction = dir == "mo" ? at::Direction::to_sc : at::Direction::from_sc;
  const auto pdu = at::decode_pdu(hex, {direction, !lenient, smsc});
  if (!pdu) {
    input.refuse(at_octet(pdu.error()));
    return {};
  }
  json::object fields = fields_of(*pdu);
  if (lenient) fields["defects"] = defects_of(*pdu);
  return fields;
}

namespace {

at::Octets septets_of(OpInput& input, std::string_view key) {
  at::Octets septets = input.octets(key);
  for (const std::uint8_t septet : septets) {
    if (septet > 0x7F) input.refuse(std::string(key) + " holds an octet above 7F");
  }
  return septets;
}

int fill_bits(OpInput& input) {
  return static_cast<int>(input.number("fill_bits", 0, 6, 0));
}

at::Septets unpacked(OpInput& input) {
  const at::Octets packed = input.octets("packed");
  const int fill = fill_bits(input);
  const auto bits = static_cast<std::int64_t>(packed.size()) * 8 - fill;
  const std::int64_t most = bits < 0 ? 0 : bits / 7;
  const std::int64_t count = input.number("count", 0, most, most);
  if (!input.error().empty()) return {};
  return at::gsm7_unpack(packed.data(), packed.size(), static_cast<std::size_t>(count), fill);
}

}  // namespace

json::object op_gsm7_encode(OpInput& input) {
  const std::string text = input.text("text");
  const at::Gsm7Tables tables = input.tables();
  const int fill = fill_bits(input);
  char32_t missing = 0;
  const auto septets = at::gsm7_encode(text, &missing, tables);
  if (!septets) input.refuse(at::code_point_name(missing) + " is in none of the tables");
  if (!input.error().empty()) return {};
  return {{"septets", at::hex_encode(*septets)},
          {"packed", at::hex_encode(at::gsm7_pack(*septets, fill))},
          {"count", septets->size()}};
}

json::object op_gsm7_decode(OpInput& input) {
  const at::Gsm7Tables tables = input.tables();
  const at::Septets septets = input.has("septets") ? septets_of(input, "septets") : unpacked(input);
  return {{"text", at::gsm7_decode(septets, tables)}};
}

json::object op_gsm7_pack(OpInput& input) {
  const at::Septets septets = septets_of(input, "septets");
  return {{"packed", at::hex_encode(at::gsm7_pack(septets, fill_bits(input)))}};
}

json::object op_gsm7_unpack(OpInput& input) {
  return {{"septets", at::hex_encode(unpacked(input))}};
}

json::object op_ussd_pack(OpInput& input) {
  char32_t missing = 0;
  const auto packed = at::ussd_pack(input.text("text"), &missing);
  if (!packed) input.refuse(at::code_point_name(missing) + " is not in the default alphabet");
  return packed ? json::object{{"packed", at::hex_encode(*packed)}} : json::object{};
}

json::object op_ucs2_encode(OpInput& input) {
  return {{"data", at::hex_encode(at::ucs2_octets(input.text("text")))}};
}

json::object op_ucs2_decode(OpInput& input) {
  const at::Octets octets = input.octets("data");
  if (octets.size() % 2 != 0) input.refuse("data has an odd number of octets");
  return {{"text", at::utf8_from_utf16(at::ucs2_units(octets.data(), octets.size()))}};
}

json::object op_address_encode(OpInput& input) {
  const std::string number = input.text("number");
  const bool smsc = input.flag("smsc", false);
  const at::Address address = at::address_from_display(number);
  if (number.starts_with('+') && address.ton == at::Ton::alphanumeric)
    input.refuse("number holds more than + and digits");
  if (number.empty() && !smsc) input.refuse("number is empty");
  if (smsc && address.ton == at::Ton::alphanumeric) input.refuse("number of an SMSC is no text");
  const auto octets = smsc ? at::encode_sc_address(address) : at::encode_tp_address(address);
  if (!octets) input.refuse("number: " + octets.error().reason);
  if (!input.error().empty()) return {};
  return {{"hex", at::hex_encode(*octets)}};
}

json::object op_address_decode(OpInput& input) {
  const at::Octets octets = input.octets("hex");
  const bool smsc = input.flag("smsc", false);
  if (!input.error().empty()) return {};
  std::size_t at = 0;
  std::string_view odd;
  const auto address =
      smsc ? at::decode_sc_address(octets, &at, &odd) : at::decode_tp_address(octets, &at, &odd);
  if (!address) {
    input.refuse(at_octet(address.error()));
    return {};
  }
  if (at < octets.size()) input.refuse("octet " + std::to_string(at) + ": more than the address");
  if (!odd.empty() && odd != at::kFillerInside) input.refuse("octet 0: " + std::string(odd));
  return address_fields(*address);
}

json::object op_timestamp_encode(OpInput& input) {
  const auto octets = timestamp_of(input.text("time"));
  if (!octets)
    input.refuse("time is none such as 2026-11-22T09:30:00+01:00, 1970 to 2069, with whole quarter hours");
  if (!input.error().empty()) return {};
  return {{"hex", at::hex_encode(octets->data(), octets->size())}};
}

json::object op_timestamp_decode(OpInput& input) {
  const at::Octets octets = input.octets("hex");
  if (octets.size() != 7) input.refuse("hex has not seven octets");
  if (!input.error().empty()) return {};
  const auto iso = iso_of(at::decode_timestamp(octets.data()));
  if (!iso) input.refuse("hex is no date");
  return iso ? json::object{{"time", *iso}} : json::object{};
}

json::object op_vp_encode(OpInput& input) {
  return {{"value", at::encode_relative_vp(input.number("seconds", 0, kManySeconds))}};
}

json::object op_vp_decode(OpInput& input) {
  return {{"seconds", at::decode_relative_vp(static_cast<std::uint8_t>(input.number("value", 0, 255)))}};
}

json::object op_udh_decode(OpInput& input) {
  const at::Octets octets = input.octets("hex");
  at::UserData ud;
  std::vector<at::Defect> defects;
  const std::size_t end = at::read_udh(octets.data(), octets.size(), 0, &ud.udh, &defects);
  if (!defects.empty()) {
    input.refuse(at_octet({defects.front().octet, defects.front().reason}));
  } else if (end < octets.size()) {
    input.refuse("octet " + std::to_string(end) + ": more than UDHL says");
  }
  at::understand_udh(&ud);
  json::object fields{{"udh", json::array{}}};
  put_udh(ud, &fields);
  return fields;
}

}  // namespace klaxon::cli
