// TP-OA, TP-DA, TP-RA (23.040 9.1.2.5) and the SC address (24.011 8.2.5.2).
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "at/expected.h"

namespace at {

enum class Ton : std::uint8_t {
  unknown = 0, international = 1, national = 2, network_specific = 3,
  subscriber = 4, alphanumeric = 5, abbreviated = 6, reserved = 7
};

struct Address {
  Ton ton = Ton::unknown;
  std::uint8_t npi = 1;      // numbering plan, 0-15; 1 is E.164
  std::string digits;        // 0-9 * # a b c, without "+"; for Ton::alphanumeric the text in UTF-8

  // "+447700900123" for international, else the digits or the text as they are.
  std::string display() const;
  friend bool operator==(const Address&, const Address&) = default;
};

// From "+447700900123" (international), "60777" (unknown TON; short codes go so, field practice) or "*100#".
// Anything else is an alphanumeric sender (used by tests and the simulated bank only). npi 1; 0 for alphanumeric.
Address address_from_display(std::string_view number);

struct CodecError {
  std::size_t octet = 0;  // offset into the octets that were given
  std::string reason;     // names the field: "TP-DA length 21 above 20 digits"
};

// 23.040 9.1.2.3: is to be passed over.
constexpr std::string_view kFillerInside = "a filler among the digits";

// A TP address at octets[*at]; *at moves past it. Length counts digits. *odd (may be null) gets what 23.040 forbids and
// is read all the same: a type without bit 7, a filler where none belongs, none where one does.
Expected<Address, CodecError> decode_tp_address(std::span<const std::uint8_t> octets, std::size_t* at,
                                                std::string_view* odd = nullptr);
// Precondition: at most 20 digits or 11 characters; longer is cut by no one: CodecError.
Expected<std::vector<std::uint8_t>, CodecError> encode_tp_address(const Address&);
// The SC address: length counts octets; a lone 00 is "none" and gives an Address with empty digits.
Expected<Address, CodecError> decode_sc_address(std::span<const std::uint8_t> octets, std::size_t* at,
                                                std::string_view* odd = nullptr);
Expected<std::vector<std::uint8_t>, CodecError> encode_sc_address(const Address&);

}  // namespace at
