#include "at/address.h"

#include <algorithm>
#include <array>

#include "at/gsm7.h"

namespace at {
namespace {

constexpr std::size_t kMaxDigits = 20;      // 23.040 9.1.2.5: 12 octets in all, two of them length and type
constexpr std::size_t kMaxScOctets = 11;    // 24.011 8.2.5.2: the same, counted in octets from the type on
constexpr std::size_t kMaxCharacters = 11;  // 77 bits in the ten octets of twenty digits
constexpr std::string_view kSemiOctets = "0123456789*#abc";
constexpr std::uint8_t kFiller = 0x0F;

constexpr std::array<std::uint8_t, 128> semi_octet_values() {
  std::array<std::uint8_t, 128> values{};
  for (auto& value : values) value = kFiller;
  for (std::size_t i = 0; i < kSemiOctets.size(); ++i) {
    values[static_cast<std::size_t>(kSemiOctets[i])] = static_cast<std::uint8_t>(i);
  }
  return values;
}
constexpr auto kSemiOctetValues = semi_octet_values();

std::uint8_t semi_octet(char c) {
  const auto index = static_cast<unsigned char>(c);
  return index < kSemiOctetValues.size() ? kSemiOctetValues[index] : kFiller;
}

std::string count_of(std::size_t count, const char* what) {
  return std::to_string(count) + " " + what + (count == 1 ? "" : "s");
}

Unexpected<CodecError> bad(std::size_t octet, std::string reason) {
  return Unexpected<CodecError>{{octet, std::move(reason)}};
}

Address typed(std::uint8_t type_of_address) {
  Address address;
  address.ton = static_cast<Ton>(type_of_address >> 4 & 7);
  address.npi = type_of_address & 0x0F;
  return address;
}

// count digits of so many octets. A filler that is not the last semi-octet is passed over (23.040 9.1.2.3),
// so that a number which is padded instead of shortened comes out as it is.
std::string read_digits(const std::uint8_t* octets, std::size_t count, std::string_view* odd) {
  std::array<char, 2 * kMaxScOctets> digits;
  std::size_t size = 0;
  const std::size_t semi_octets = (count + 1) / 2 * 2;
  for (std::size_t i = 0; i < semi_octets && size < count; ++i) {
    const std::uint8_t value = i % 2 == 0 ? octets[i / 2] & 0x0F : octets[i / 2] >> 4;
    if (value == kFiller)
      *odd = kFillerInside;
    else
      digits[size++] = kSemiOctets[value];
  }
  if (size == count && count % 2 != 0 && odd->empty() && octets[count / 2] >> 4 != kFiller)
    *odd = "no filler behind an odd number of digits";
  return std::string(digits.data(), size);
}

// The length is in semi-octets. A name of seven whose writer counted whole octets says 14 and so reads as
// eight with a last "@" (septet 00) that nobody wrote.
std::string read_alphanumeric(const std::uint8_t* octets, std::size_t semi_octets) {
  Septets septets = gsm7_unpack(octets, (semi_octets + 1) / 2, semi_octets * 4 / 7);
  if (semi_octets == 14 && septets.back() == 0) septets.pop_back();
  return gsm7_decode(septets);
}

std::uint8_t type_of_address(const Address& address) {
  return static_cast<std::uint8_t>(0x80 | static_cast<unsigned>(address.ton) << 4 | (address.npi & 0x0Fu));
}

// Behind an octet of length, which is the caller's, and the type of address: two digits an octet.
Expected<Octets, CodecError> encode_digits(const Address& address) {
  const std::string_view digits = address.digits;
  if (digits.size() > kMaxDigits) {
    return bad(0, "length " + std::to_string(digits.size()) + " above 20 digits");
  }
  constexpr std::size_t kHead = 2;
  Octets octets(kHead + (digits.size() + 1) / 2, 0xFF);
  octets[1] = type_of_address(address);
  for (std::size_t i = 0; i < digits.size(); ++i) {
    const std::uint8_t value = semi_octet(digits[i]);
    if (value == kFiller) return bad(0, "digit " + std::to_string(i + 1) + " is none of 0-9 * # a b c");
    std::uint8_t& octet = octets[kHead + i / 2];
    octet = static_cast<std::uint8_t>(i % 2 == 0 ? 0xF0 | value : (octet & 0x0F) | value << 4);
  }
  return octets;
}

Expected<Octets, CodecError> encode_alphanumeric(const Address& address) {
  const auto septets = gsm7_encode(address.digits);
  if (!septets) return bad(0, "alphanumeric has a character that the default alphabet lacks");
  if (septets->size() > kMaxCharacters) {
    return bad(0, "alphanumeric length " + std::to_string(septets->size()) + " above 11 characters");
  }
  Octets octets{static_cast<std::uint8_t>((septets->size() * 7 + 3) / 4), type_of_address(address)};
  const Octets packed = gsm7_pack(*septets);
  octets.insert(octets.end(), packed.begin(), packed.end());
  return octets;
}

}  // namespace

std::string Address::display() const {
  return ton == Ton::international && !digits.empty() ? "+" + digits : digits;
}

Address address_from_display(std::string_view number) {
  Address address;
  const bool plus = number.size() > 1 && number.front() == '+';
  const std::string_view digits = plus ? number.substr(1) : number;
  const auto dialled = [](char c) { return (c >= '0' && c <= '9') || c == '*' || c == '#'; };
  if (!std::all_of(digits.begin(), digits.end(), dialled)) {
    return {Ton::alphanumeric, 0, std::string(number)};
  }
  return {plus ? Ton::international : Ton::unknown, 1, std::string(digits)};
}

Expected<Address, CodecError> decode_tp_address(std::span<const std::uint8_t> octets, std::size_t* at,
                                                std::string_view* odd) {
  const std::size_t left = octets.size() - std::min(*at, octets.size());
  if (left < 2) return bad(*at, left == 0 ? "missing" : "cut");
  const std::size_t length = octets[*at];
  if (length > kMaxDigits) return bad(*at, "length " + std::to_string(length) + " above 20 digits");
  if (left - 2 < (length + 1) / 2) {
    return bad(*at, "length " + std::to_string(length) + " with " + count_of(left - 2, "octet") + " left");
  }
  std::string_view nowhere;
  if (odd == nullptr) odd = &nowhere;
  Address address = typed(octets[*at + 1]);
  const std::uint8_t* semi_octets = octets.data() + *at + 2;
  address.digits = address.ton == Ton::alphanumeric ? read_alphanumeric(semi_octets, length)
                                                    : read_digits(semi_octets, length, odd);
  if ((octets[*at + 1] & 0x80) == 0) *odd = "bit 7 of its type is not set";
  *at += 2 + (length + 1) / 2;
  return address;
}

Expected<Octets, CodecError> encode_tp_address(const Address& address) {
  if (address.ton == Ton::alphanumeric) return encode_alphanumeric(address);
  auto encoded = encode_digits(address);
  if (encoded) encoded->front() = static_cast<std::uint8_t>(address.digits.size());
  return encoded;
}

Expected<Address, CodecError> decode_sc_address(std::span<const std::uint8_t> octets, std::size_t* at,
                                                std::string_view* odd) {
  if (*at >= octets.size()) return bad(*at, "missing");
  const std::size_t length = octets[*at], left = octets.size() - *at - 1;
  if (length > kMaxScOctets) return bad(*at, "length " + std::to_string(length) + " above 11 octets");
  if (length > left) {
    return bad(*at, "length " + std::to_string(length) + " with " + count_of(left, "octet") + " left");
  }
  Address address;
  if (length > 0) {
    address = typed(octets[*at + 1]);
    std::string_view nowhere;
    if (odd == nullptr) odd = &nowhere;
    // Its length counts octets: whether the last semi-octet is a filler says how many digits there are.
    const std::size_t semi_octets = (length - 1) * 2;
    const bool filled = semi_octets > 0 && octets[*at + length] >> 4 == kFiller;
    address.digits = read_digits(octets.data() + *at + 2, semi_octets - (filled ? 1 : 0), odd);
    if ((octets[*at + 1] & 0x80) == 0) *odd = "bit 7 of its type is not set";
  }
  *at += 1 + length;
  return address;
}

Expected<Octets, CodecError> encode_sc_address(const Address& address) {
  if (address.digits.empty()) return Octets{0};
  auto encoded = encode_digits(address);
  if (encoded) encoded->front() = static_cast<std::uint8_t>(encoded->size() - 1);
  return encoded;
}

}  // namespace at
