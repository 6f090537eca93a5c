// SUBMIT, DELIVER and STATUS-REPORT (23.040 9.2.2), both ways, with their UDH.
// Every reader here is total: any octets give a value or a CodecError, never an exception, never a read past the end.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "at/address.h"
#include "at/expected.h"
#include "at/gsm7.h"

namespace at {

enum class Alphabet : std::uint8_t { gsm7, octets, ucs2, compressed };

struct Dcs {
  Alphabet alphabet = Alphabet::gsm7;
  std::optional<std::uint8_t> message_class;  // 0-3
  bool message_waiting = false;
};
Dcs decode_dcs(std::uint8_t tp_dcs);  // every value has a meaning (23.038 4)

// TP-SCTS, TP-DT (23.040 9.2.3.11). Never a reason to refuse a message.
struct Timestamp {
  std::array<std::uint8_t, 7> raw{};
  std::optional<std::int64_t> unix_seconds;  // none when a field makes no date
  int offset_quarters = 0;                   // local minus UTC, quarter hours
};
Timestamp decode_timestamp(const std::uint8_t* seven_octets);
std::array<std::uint8_t, 7> encode_timestamp(std::int64_t unix_seconds, int offset_quarters);

struct InformationElement {
  std::uint8_t iei = 0;
  Octets octets;
  friend bool operator==(const InformationElement&, const InformationElement&) = default;
};
struct Concat {  // IEI 00 (8-bit reference) and 08 (16-bit)
  std::uint16_t reference = 0;
  std::uint8_t reference_bits = 8;
  std::uint8_t total = 1;
  std::uint8_t sequence = 1;  // 1-based
  friend bool operator==(const Concat&, const Concat&) = default;
};

// TP-UD after the header was taken off.
struct UserData {
  std::vector<InformationElement> udh;
  std::optional<Concat> concat;  // total 0, sequence 0 or above total: not set (23.040 9.2.3.24.1)
  Alphabet alphabet = Alphabet::gsm7;
  Octets units;                  // gsm7: one septet per octet; ucs2 and 8-bit: the octets
  std::string text() const;      // UTF-8; empty for 8-bit and compressed
};

struct Deliver {
  Address tp_oa;
  bool tp_mms = true;  // raw bit: true = no more messages waiting
  bool tp_sri = false, tp_udhi = false, tp_rp = false, tp_lp = false;
  std::uint8_t tp_pid = 0, tp_dcs = 0;
  Timestamp tp_scts;
  UserData ud;
};
struct Submit {
  bool tp_rd = false, tp_srr = false, tp_udhi = false, tp_rp = false;
  std::uint8_t tp_mr = 0;
  Address tp_da;
  std::uint8_t tp_pid = 0, tp_dcs = 0;
  std::uint8_t tp_vpf = 0;                  // 0 none, 2 relative, 1 enhanced, 3 absolute (as the two bits read)
  std::optional<std::uint8_t> tp_vp;        // relative form only
  Octets tp_vp_octets;                      // the seven octets of the other forms
  UserData ud;
};
struct StatusReport {
  bool tp_mms = true, tp_srq = false, tp_udhi = false, tp_lp = false;
  std::uint8_t tp_mr = 0;
  Address tp_ra;
  Timestamp tp_scts, tp_dt;
  std::uint8_t tp_st = 0;
  Octets optional_parameters;  // TP-PI and what it announces (TP-PID, TP-DCS, TP-UD), as they came; mostly none
};

struct Pdu {
  Address sc;  // empty digits: none
  std::variant<Deliver, Submit, StatusReport> tpdu;
  std::vector<std::string> defects;  // what was passed over: "12 octets of filler after TP-UD"
};

enum class Direction { from_sc, to_sc };  // 23.040 9.2.3.1: TP-MTI says nothing without it

// hex as on the AT port, with the SC address in front. FF filler behind TP-UD is a defect, not an error.
// from_sc with TP-MTI 01 (SUBMIT-REPORT) and to_sc other than SUBMIT are CodecErrors ("TP-MTI ...").
Expected<Pdu, CodecError> decode_pdu(std::string_view hex, Direction);

struct EncodedPdu {
  std::string hex;       // SC address and TPDU, upper case
  int tpdu_octets = 0;   // what +CMGS= and +CMGR count (27.005 3.1)
};
// Submit.ud: udh, alphabet (must agree with tp_dcs) and units decide; ud.concat is ignored (put its element into udh).
Expected<EncodedPdu, CodecError> encode_pdu(const Address& sc, const Submit&);
Expected<EncodedPdu, CodecError> encode_pdu(const Address& sc, const Deliver&);
Expected<EncodedPdu, CodecError> encode_pdu(const Address& sc, const StatusReport&);

InformationElement concat_element(const Concat&);
// Smallest relative TP-VP that says at least this (23.040 9.2.3.12.1); 255 (63 weeks) above.
std::uint8_t encode_relative_vp(std::int64_t seconds);
std::int64_t decode_relative_vp(std::uint8_t tp_vp);

// What a TP-ST means (23.040 9.2.3.15).
enum class Delivery : std::uint8_t { delivered, unconfirmed, pending, expired, failed };
Delivery classify_tp_st(std::uint8_t tp_st);  // 01 unconfirmed; 20-3F pending; 46 expired; 40-7F failed; 80-FF failed
std::string_view tp_st_text(std::uint8_t tp_st);

}  // namespace at
