// The TPDUs of 23.040 9.2.2 with their UDH: SUBMIT, DELIVER and STATUS-REPORT both ways, SUBMIT-REPORT, DELIVER-REPORT and
// COMMAND as far as reading goes.
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
std::string_view alphabet_name(Alphabet);  // "gsm7", "8bit", "ucs2", "compressed"

struct MessageWaiting {  // 23.038 4, groups 1100 to 1110
  enum class Kind : std::uint8_t { voicemail, fax, email, other } kind = Kind::voicemail;
  bool active = false;   // the indication is to be set, else cleared
  bool store = false;    // false: the text may be thrown away
};
struct Dcs {
  Alphabet alphabet = Alphabet::gsm7;
  std::optional<std::uint8_t> message_class;  // 0-3
  std::optional<MessageWaiting> message_waiting;
  bool automatic_deletion = false;            // the phone deletes it after reading (group 01xx)
  bool reserved = false;                      // a coding that 23.038 leaves open: read as the default alphabet
};
Dcs decode_dcs(std::uint8_t tp_dcs);  // every value has a meaning (23.038 4)

// TP-SCTS, TP-DT (23.040 9.2.3.11). Never a reason to refuse a message: a digit above 9 counts as 0, as the clause says,
// and the octets are kept as they came.
struct Timestamp {
  std::array<std::uint8_t, 7> raw{};
  std::optional<std::int64_t> unix_seconds;  // none when the fields make no date
  bool whole = false;                        // every digit was one and the fields make a date
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

struct Ports {  // IEI 04 and 05, application port addressing
  std::uint16_t destination = 0, source = 0;
  std::uint8_t bits = 16;
  friend bool operator==(const Ports&, const Ports&) = default;
};

// TP-UD after the header was taken off.
struct UserData {
  std::uint8_t tp_udl = 0;       // as it was read; the writer counts for itself
  std::vector<InformationElement> udh;
  // What the elements say. Of several that exclude each other the last counts; one with a wrong length, or a total of 0,
  // a sequence of 0 or above the total, is as if it were not there (23.040 9.2.3.24). The writer looks at udh alone.
  std::optional<Concat> concat;
  std::optional<Ports> ports;
  Gsm7Tables tables;             // IEI 24 and 25; used where the alphabet is gsm7
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
struct OptionalParameters {      // what TP-PI announces (23.040 9.2.3.27)
  Octets tp_pi;                  // with its extension octets; empty: there was none
  std::optional<std::uint8_t> tp_pid, tp_dcs;
  std::optional<UserData> ud;
};
struct StatusReport {
  bool tp_mms = true, tp_srq = false, tp_udhi = false, tp_lp = false;
  std::uint8_t tp_mr = 0;
  Address tp_ra;
  Timestamp tp_scts, tp_dt;
  std::uint8_t tp_st = 0;
  OptionalParameters parameters;  // mostly none
};
// The two forms of a report, for RP-ACK and RP-ERROR, do not say which they are: an octet above 7F is a TP-FCS, since no
// other TP-FCS is assigned and no TP-PI has its extension bit set.
struct SubmitReport {
  bool tp_udhi = false;
  std::optional<std::uint8_t> tp_fcs;
  Timestamp tp_scts;
  OptionalParameters parameters;
};
struct DeliverReport {
  bool tp_udhi = false;
  std::optional<std::uint8_t> tp_fcs;
  OptionalParameters parameters;
};
struct SmsCommand {  // COMMAND; at::Command is a modem's
  bool tp_udhi = false, tp_srr = false;
  std::uint8_t tp_mr = 0, tp_pid = 0, tp_ct = 0, tp_mn = 0;
  Address tp_da;
  std::uint8_t tp_cdl = 0;
  Octets tp_cd;
};

struct Defect {
  std::size_t octet = 0;  // as CodecError's
  std::string reason;     // "12 octets of filler after TP-UD"
  bool allowed = false;   // 23.040 tells a receiver to pass over it: no reason to refuse
};

struct Pdu {
  Address sc;  // empty digits: none
  std::variant<Deliver, Submit, StatusReport, SubmitReport, DeliverReport, SmsCommand> tpdu;
  std::vector<Defect> defects;
  // The first field that could not be read ("TP-SCTS"): it and all behind it are empty. Empty: all were read.
  std::string_view ends_before;
};

enum class Direction { from_sc, to_sc };  // 23.040 9.2.3.1: TP-MTI says nothing without it

struct Reading {
  Direction direction;
  bool strict = false;      // the first defect that is not allowed is the error
  bool sc_address = true;   // in front, as on the AT port; false: a bare TPDU
  Reading(Direction from, bool strictly = false, bool with_sc_address = true)
      : direction(from), strict(strictly), sc_address(with_sc_address) {}
};

// hex in any case. An error of a lenient reading means that there is not even a first octet to go by.
// TP-MTI 3 from the SC is read as a DELIVER (23.040 9.2.3.1), to the SC it is an error.
Expected<Pdu, CodecError> decode_pdu(std::string_view hex, Reading);

struct EncodedPdu {
  std::string hex;       // SC address and TPDU, upper case
  int tpdu_octets = 0;   // what +CMGS= and +CMGR count (27.005 3.1)
};
// ud: udh, alphabet (must agree with tp_dcs; compressed is refused) and units decide.
Expected<EncodedPdu, CodecError> encode_pdu(const Address& sc, const Submit&);
Expected<EncodedPdu, CodecError> encode_pdu(const Address& sc, const Deliver&);
Expected<EncodedPdu, CodecError> encode_pdu(const Address& sc, const StatusReport&);

InformationElement concat_element(const Concat&);
InformationElement ports_element(const Ports&);
// Smallest relative TP-VP that says at least this (23.040 9.2.3.12.1); 255 (63 weeks) above.
std::uint8_t encode_relative_vp(std::int64_t seconds);
std::int64_t decode_relative_vp(std::uint8_t tp_vp);
struct EnhancedVp {                      // 23.040 9.2.3.12.3
  std::optional<std::int64_t> seconds;  // none: no validity period is given, or its format is reserved
  bool single_shot = false;             // the SC tries once
};
EnhancedVp decode_enhanced_vp(const std::uint8_t* seven_octets);

// What a TP-ST means (23.040 9.2.3.15).
enum class Delivery : std::uint8_t { delivered, unconfirmed, pending, expired, failed };
Delivery classify_tp_st(std::uint8_t tp_st);  // 01 unconfirmed; 20-3F pending; 46 expired; 40-7F failed; 80-FF failed
std::string_view tp_st_text(std::uint8_t tp_st);

}  // namespace at
