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
  const at::OptionalParameters* parameters = nullptr;
  if (const auto* report = std::get_if<at::StatusReport>(&pdu.tpdu)) parameters = &report->parameters;
  if (const auto* report = std::get_if<at::SubmitReport>(&pdu.tpdu)) parameters = &report->parameters;
  if (const auto* report = std::get_if<at::DeliverReport>(&pdu.tpdu)) parameters = &report->parameters;
  return parameters != nullptr && parameters->ud ? &*parameters->ud : nullptr;
}

const at::Address* address_of(const at::Pdu& pdu) {
  if (const auto* deliver = std::get_if<at::Deliver>(&pdu.tpdu)) return &deliver->tp_oa;
  if (const auto* submit = std::get_if<at::Submit>(&pdu.tpdu)) return &submit->tp_da;
  if (const auto* report = std::get_if<at::StatusReport>(&pdu.tpdu)) return &report->tp_ra;
  if (const auto* command = std::get_if<at::SmsCommand>(&pdu.tpdu)) return &command->tp_da;
  return nullptr;
}

std::size_t header_octets(const at::UserData& ud, bool tp_udhi) {
  std::size_t octets = tp_udhi ? 1 : 0;
  for (const auto& element : ud.udh) octets += 2 + element.octets.size();
  return octets;
}

bool has_header(const at::Pdu& pdu) {
  if (const auto* deliver = std::get_if<at::Deliver>(&pdu.tpdu)) return deliver->tp_udhi;
  if (const auto* report = std::get_if<at::StatusReport>(&pdu.tpdu)) return report->tp_udhi;
  return std::get<at::Submit>(pdu.tpdu).tp_udhi;
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

at::Expected<at::EncodedPdu, at::CodecError> written_again(const at::Pdu& pdu) {
  if (const auto* deliver = std::get_if<at::Deliver>(&pdu.tpdu)) return at::encode_pdu(pdu.sc, *deliver);
  if (const auto* submit = std::get_if<at::Submit>(&pdu.tpdu)) return at::encode_pdu(pdu.sc, *submit);
  return at::encode_pdu(pdu.sc, std::get<at::StatusReport>(pdu.tpdu));
}

// What is written at all, and compressed text is not. A name's last bits carry nothing and are not compared.
bool can_be_written(const at::Pdu& pdu) {
  const auto* address = address_of(pdu);
  if (address == nullptr || std::holds_alternative<at::SmsCommand>(pdu.tpdu)) return false;
  if (address->ton == at::Ton::alphanumeric || address->digits.empty()) return false;
  const at::UserData* ud = user_data_of(pdu);
  return ud == nullptr || ud->alphabet != at::Alphabet::compressed;
}

void check_same(const at::Octets& octets, const at::Pdu& pdu, const std::string& hex) {
  const auto encoded = written_again(pdu);
  require(encoded.has_value(), "not written again", hex);
  at::Octets before(octets.begin() + 1 + octets.front(), octets.end());
  const std::size_t sc_digits = encoded->hex.size() - static_cast<std::size_t>(encoded->tpdu_octets) * 2;
  at::Octets after = *at::hex_decode(encoded->hex.substr(sc_digits));
  require(before.size() == after.size(), "written with another length", hex);
  clear_spare_bits(pdu, &before);
  clear_spare_bits(pdu, &after);
  require(before == after, "written as another TPDU", hex);
}

// Strict and lenient reading are one: strict refuses exactly what lenient has a forbidden defect for, and
// there.
void check_strict(const std::string& hex, at::Direction direction,
                  const at::Expected<at::Pdu, at::CodecError>& lenient) {
  const auto strict = at::decode_pdu(hex, {direction, true});
  if (!lenient) {
    require(!strict, "strict reads what lenient can't", hex);
    return;
  }
  const at::Defect* first = nullptr;
  for (const at::Defect& defect : lenient->defects) {
    if (!defect.allowed && first == nullptr) first = &defect;
  }
  require(strict.has_value() == (first == nullptr), "strict and lenient disagree", hex);
  if (first != nullptr)
    require(strict.error().octet == first->octet && strict.error().reason == first->reason, "another error",
            hex);
}

void check(const at::Octets& octets, at::Direction direction) {
  const std::string hex = at::hex_encode(octets);
  const auto pdu = at::decode_pdu(hex, direction);
  check_strict(hex, direction, pdu);
  if (!pdu) {
    require(pdu.error().octet <= octets.size() && !pdu.error().reason.empty(), "error without a place", hex);
    return;
  }
  for (const at::Defect& defect : pdu->defects)
    require(defect.octet <= octets.size() && !defect.reason.empty(), "defect without a place", hex);
  require(pdu->ends_before.empty() || !pdu->defects.empty(), "cut without a defect", hex);
  if (const auto* address = address_of(*pdu))
    require(at::utf8_valid(address->display()), "address is not UTF-8", hex);
  if (const auto* ud = user_data_of(*pdu)) require(at::utf8_valid(ud->text()), "text is not UTF-8", hex);
  if (pdu->defects.empty() && can_be_written(*pdu)) check_same(octets, *pdu, hex);
}

}  // namespace

int fuzz_tpdu(const std::uint8_t* bytes, std::size_t size) {
  const at::Octets octets(bytes, bytes + size);
  check(octets, at::Direction::from_sc);
  check(octets, at::Direction::to_sc);
  return 0;
}
