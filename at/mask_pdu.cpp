// A PDU walked through field by field (23.040 9.2.2). What can't be followed is blanked to its end.
#include "at/mask.h"

#include <algorithm>
#include <cstdint>
#include <vector>

#include "at/mask_digits.h"
#include "at/params_text.h"
#include "at/tpdu.h"

namespace at {

namespace {

constexpr std::uint8_t kDeliver = 0, kSubmit = 1, kStatusReport = 2;  // TP-MTI, whichever way
constexpr std::uint8_t kUdhi = 0x40;
constexpr std::uint8_t kAlphanumeric = 0x50, kTonBits = 0x70;
constexpr std::size_t kTimestamp = 7;

class Walk {
 public:
  explicit Walk(std::vector<std::uint8_t>& octets) : octets_(octets) {}
  bool has(std::size_t n) const { return octets_.size() - at_ >= n; }
  // 0 past the end, where has() tells.
  std::uint8_t take() { return has(1) ? octets_[at_++] : std::uint8_t{0}; }
  void pass(std::size_t n) { at_ += std::min(n, octets_.size() - at_); }
  void blank_rest() {
    std::fill(octets_.begin() + static_cast<std::ptrdiff_t>(at_), octets_.end(), std::uint8_t{0});
    at_ = octets_.size();
  }

  // False: it was cut off, and the rest is blank.
  bool sc_address() {
    const std::size_t octets = take();
    if (octets == 0) return has(1);
    if (!has(octets)) return blank_rest(), false;
    take();
    semi_octets((octets - 1) * 2);
    return has(1);
  }

  bool tp_address() {
    const std::size_t digits = take();
    const std::uint8_t type = take();
    const std::size_t octets = (digits + 1) / 2;
    if (!has(octets)) return blank_rest(), false;
    if ((type & kTonBits) == kAlphanumeric) {
      std::fill_n(octets_.begin() + static_cast<std::ptrdiff_t>(at_), octets, std::uint8_t{0});
      pass(octets);
    } else {
      semi_octets(digits);
    }
    return has(1);
  }

  void user_data(Alphabet alphabet, bool udhi) {
    take();  // TP-UDL
    if (udhi && has(1)) {
      const std::size_t header = octets_[at_];
      if (!has(header + 1)) return blank_rest();
      pass(header + 1);
    }
    const std::size_t text = at_;
    blank_rest();
    if (alphabet == Alphabet::ucs2)
      for (std::size_t i = text + 1; i < octets_.size(); i += 2) octets_[i] = '@';
  }

 private:
  // Digits two by two, the first one low; a filler F stays.
  void semi_octets(std::size_t digits) {
    std::string number;
    const auto low_first = [&](std::size_t i) -> std::pair<std::size_t, int> {
      return {at_ + i / 2, i % 2 == 0 ? 0 : 4};
    };
    for (std::size_t i = 0; i < digits; ++i) {
      const auto [octet, shift] = low_first(i);
      const int nibble = octets_[octet] >> shift & 0xF;
      if (nibble == 0xF) break;
      number += static_cast<char>(nibble > 9 ? '0' : '0' + nibble);
    }
    number = shorten_digits(number);
    for (std::size_t i = 0; i < number.size(); ++i) {
      const auto [octet, shift] = low_first(i);
      const int kept = octets_[octet] & ~(0xF << shift);
      octets_[octet] = static_cast<std::uint8_t>(kept | (number[i] - '0') << shift);
    }
    pass((digits + 1) / 2);
  }

  std::vector<std::uint8_t>& octets_;
  std::size_t at_ = 0;
};

void mask_tpdu(Walk& walk) {
  const std::uint8_t first = walk.take();
  const bool udhi = (first & kUdhi) != 0;
  const std::uint8_t mti = first & 3;
  if (mti == kSubmit || mti == kStatusReport) walk.take();  // TP-MR
  if (!walk.tp_address()) return;
  if (mti == kStatusReport) {
    walk.pass(2 * kTimestamp + 1);
    return walk.blank_rest();
  }
  walk.take();  // TP-PID
  const Alphabet alphabet = decode_dcs(walk.take()).alphabet;
  if (mti == kSubmit) {
    const int vpf = first >> 3 & 3;
    walk.pass(vpf == 0 ? 0 : vpf == 2 ? 1 : kTimestamp);
  } else {
    walk.pass(kTimestamp);
  }
  walk.user_data(alphabet, udhi);
}

std::uint8_t value_of(char c) {
  return static_cast<std::uint8_t>(is_digit(c) ? c - '0' : (c | 0x20) - 'a' + 10);
}

}  // namespace

std::string mask_pdu(std::string_view hex) {
  std::vector<std::uint8_t> octets;
  for (std::size_t i = 0; i + 1 < hex.size(); i += 2)
    octets.push_back(static_cast<std::uint8_t>(value_of(hex[i]) << 4 | value_of(hex[i + 1])));
  Walk walk(octets);
  if (walk.sc_address()) mask_tpdu(walk);
  static constexpr std::string_view kHex = "0123456789ABCDEF";
  std::string out;
  for (const std::uint8_t octet : octets) out.append({kHex[octet >> 4], kHex[octet & 0xF]});
  if (hex.size() % 2 != 0) out += '0';
  return out;
}

}  // namespace at
