// Octets as a PDU, read in both directions. What has no defect must be written as the same TPDU again.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <iostream>
#include <string>

#include "at/tpdu.h"
#include "at/ucs2.h"

namespace {

void require(bool holds, const char* what, const std::string& hex) {
  if (holds) return;
  std::cerr << what << ": " << hex << '\n';
  std::abort();
}

const at::UserData* user_data_of(const at::Pdu& pdu) {
  if (const auto* deliver = std::get_if<at::Deliver>(&pdu.tpdu)) return &deliver->ud;
  if (const auto* submit = std::get_if<at::Submit>(&pdu.tpdu)) return &submit->ud;
  return nullptr;
}

const at::Address& address_of(const at::Pdu& pdu) {
  if (const auto* deliver = std::get_if<at::Deliver>(&pdu.tpdu)) return deliver->tp_oa;
  if (const auto* submit = std::get_if<at::Submit>(&pdu.tpdu)) return submit->tp_da;
  return std::get<at::StatusReport>(pdu.tpdu).tp_ra;
}

std::size_t header_octets(const at::UserData& ud, bool tp_udhi) {
  std::size_t octets = tp_udhi ? 1 : 0;
  for (const auto& element : ud.udh) octets += 2 + element.octets.size();
  return octets;
}

bool has_header(const at::Pdu& pdu) {
  const auto* deliver = std::get_if<at::Deliver>(&pdu.tpdu);
  return deliver != nullptr ? deliver->tp_udhi : std::get<at::Submit>(pdu.tpdu).tp_udhi;
}

// The exceptions to "the same TPDU": bits that carry nothing. In septet text these are the fill bits behind a
// header and what is left of the last octet; some SCs put something there, we write zeros.
void clear_spare_bits(const at::Pdu& pdu, at::Octets* tpdu) {
  const at::UserData* ud = user_data_of(pdu);
  if (ud == nullptr || ud->alphabet != at::Alphabet::gsm7) return;
  const std::size_t header = header_octets(*ud, has_header(pdu));
  const std::size_t fill = (7 - header * 8 % 7) % 7;
  const std::size_t bits = header * 8 + fill + ud->units.size() * 7;
  const std::size_t from = tpdu->size() - (bits + 7) / 8;
  if (fill > 0) {
    at::Octets& octets = *tpdu;
    octets[from + header] = static_cast<std::uint8_t>(octets[from + header] & (0xFFu << fill));
  }
  if (bits % 8 != 0) tpdu->back() = static_cast<std::uint8_t>(tpdu->back() & ((1u << bits % 8) - 1));
}

void check_same(const at::Octets& octets, const at::Pdu& pdu, const std::string& hex) {
  const auto encoded = std::visit([&](const auto& tpdu) { return at::encode_pdu(pdu.sc, tpdu); }, pdu.tpdu);
  require(encoded.has_value(), "not written again", hex);
  at::Octets before(octets.begin() + 1 + octets.front(), octets.end());
  const std::size_t sc_digits = encoded->hex.size() - static_cast<std::size_t>(encoded->tpdu_octets) * 2;
  at::Octets after = *at::hex_decode(encoded->hex.substr(sc_digits));
  require(before.size() == after.size(), "written with another length", hex);
  clear_spare_bits(pdu, &before);
  clear_spare_bits(pdu, &after);
  require(before == after, "written as another TPDU", hex);
}

void check(const at::Octets& octets, at::Direction direction) {
  const std::string hex = at::hex_encode(octets);
  const auto pdu = at::decode_pdu(hex, direction);
  if (!pdu) {
    require(pdu.error().octet <= octets.size() && !pdu.error().reason.empty(), "error without a place", hex);
    return;
  }
  require(at::utf8_valid(address_of(*pdu).display()), "address is not UTF-8", hex);
  if (const auto* ud = user_data_of(*pdu)) require(at::utf8_valid(ud->text()), "text is not UTF-8", hex);
  if (pdu->defects.empty()) check_same(octets, *pdu, hex);
}

}  // namespace

int fuzz_tpdu(const std::uint8_t* bytes, std::size_t size) {
  const at::Octets octets(bytes, bytes + size);
  check(octets, at::Direction::from_sc);
  check(octets, at::Direction::to_sc);
  return 0;
}
