#include "at/user_data.h"

#include <algorithm>

#include "at/ucs2.h"

namespace at {
namespace {

CodecError bad(std::string reason) {
  return {0, std::move(reason)};
}

bool in_septets(Alphabet alphabet) {
  return alphabet == Alphabet::gsm7;
}

std::string with_unit(std::size_t count, Alphabet alphabet) {
  return in_septets(alphabet) ? std::to_string(count) + " septets" : count_octets(count);
}

// The text behind a header starts on a septet boundary, counted from the start of TP-UD.
Septets read_septets(const std::uint8_t* octets, std::size_t size, std::size_t tp_udl, std::size_t header,
                     std::size_t offset, std::vector<Defect>* defects) {
  if (header_septets(header) > tp_udl) {
    defects->push_back({offset, "TP-UDL " + std::to_string(tp_udl) + " is less than its header"});
    return {};
  }
  return gsm7_unpack(octets + header, size - header, tp_udl - header_septets(header), fill_bits(header));
}

std::size_t longest(Alphabet alphabet, std::size_t most_octets = kMaxUserDataOctets) {
  return in_septets(alphabet) ? most_octets * 8 / 7 : most_octets;
}

bool all_septets(const Octets& units) {
  std::uint8_t any = 0;  // the compiler takes sixteen at a time, as it would not if the first one ended it
  for (const std::uint8_t unit : units) any |= unit;
  return any <= 0x7F;
}

}  // namespace

std::size_t user_data_octets(std::size_t tp_udl, Alphabet alphabet) {
  return in_septets(alphabet) ? (tp_udl * 7 + 7) / 8 : tp_udl;
}

UserData read_user_data(std::span<const std::uint8_t> octets, std::size_t* at, bool tp_udhi,
                        Alphabet alphabet, std::vector<Defect>* defects, std::size_t most_octets) {
  UserData ud;
  ud.alphabet = alphabet;
  const std::size_t place = *at;
  std::size_t tp_udl = ud.tp_udl = octets[(*at)++];
  if (const std::size_t most = longest(alphabet, most_octets); tp_udl > most) {
    defects->push_back({place, "TP-UDL " + std::to_string(tp_udl) + " above " + with_unit(most, alphabet)});
  }
  std::size_t size = user_data_octets(tp_udl, alphabet);
  if (const std::size_t left = octets.size() - *at; size > left) {
    defects->push_back({place, "TP-UDL " + std::to_string(tp_udl) + " with " + count_octets(left) + " left"});
    size = left;
    tp_udl = in_septets(alphabet) ? left * 8 / 7 : left;
  }
  const std::uint8_t* body = octets.data() + *at;
  // 23.040 9.2.3.16: without TP-UD there is no header either.
  if (tp_udhi && tp_udl == 0) defects->push_back({place, "TP-UDHI without TP-UD", true});
  const std::size_t header = tp_udhi && tp_udl > 0 ? read_udh(body, size, *at, &ud.udh, defects) : 0;
  if (!ud.udh.empty()) understand_udh(&ud);
  if (in_septets(alphabet)) {
    ud.units = read_septets(body, size, tp_udl, header, place, defects);
  } else {
    ud.units.assign(body + header, body + size);
  }
  *at += size;
  if (alphabet == Alphabet::ucs2 && ud.units.size() % 2 != 0) {
    defects->push_back({*at - 1, "odd last octet of UCS-2"});
  }
  return ud;
}

std::optional<CodecError> append_user_data(const UserData& ud, bool tp_udhi, Octets* octets) {
  if (ud.alphabet == Alphabet::compressed) return bad("TP-UD compressed after 23.042 is not written");
  const auto too_long = [](const InformationElement& element) { return element.octets.size() > 0xFF; };
  if (std::any_of(ud.udh.begin(), ud.udh.end(), too_long)) return bad("UDH element above 255 octets");
  const Octets header = tp_udhi ? write_udh(ud.udh) : Octets{};
  const std::size_t tp_udl = in_septets(ud.alphabet) ? header_septets(header.size()) + ud.units.size()
                                                     : header.size() + ud.units.size();
  if (tp_udl > longest(ud.alphabet)) {
    return bad("TP-UD of " + with_unit(tp_udl, ud.alphabet) + " above " +
               with_unit(longest(ud.alphabet), ud.alphabet));
  }
  if (in_septets(ud.alphabet) && !all_septets(ud.units)) return bad("TP-UD unit above 7F is no septet");
  octets->push_back(static_cast<std::uint8_t>(tp_udl));
  octets->insert(octets->end(), header.begin(), header.end());
  if (in_septets(ud.alphabet)) {
    const int fill = fill_bits(header.size());
    const std::size_t from = octets->size();
    octets->resize(from + gsm7_packed_octets(ud.units.size(), fill));
    gsm7_pack(ud.units, fill, octets->data() + from);
  } else {
    octets->insert(octets->end(), ud.units.begin(), ud.units.end());
  }
  return std::nullopt;
}

std::string UserData::text() const {
  if (alphabet == Alphabet::gsm7) return gsm7_decode(units, tables);
  if (alphabet == Alphabet::ucs2) return utf8_from_utf16(ucs2_units(units.data(), units.size()));
  return {};
}

}  // namespace at
