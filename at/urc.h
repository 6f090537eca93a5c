// Unsolicited result codes: which lines come unasked, and what they ask for. One table for all makes: a
// prefix that means the same everywhere needs no profile, and a modem of an unknown make still gets its texts
// read.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace at {

enum class UrcKind : std::uint8_t {
  stored_message,    // +CMTI
  stored_report,     // +CDSI
  routed_message,    // +CMT, and its PDU on the next line
  routed_report,     // +CDS, likewise
  routed_broadcast,  // +CBM, likewise
  registration,      // +CREG, +CGREG, +CEREG, +C5GREG
  sim,               // the SIM came, went or changed its state
  boot,              // the modem started anew (or goes down): every setting is gone
  sms_ready,         // the SMS layer is up
  storage_full,
  call,  // a call rings
  signal,
  ussd,    // +CUSD, its string may go over several lines
  supply,  // under- and over-voltage
  ignored
};

// std::nullopt: not in the table. A line that an own command asked for may look the same (+CPIN, +CREG,
// +CFUN): whoever owns the prefix is asked first.
std::optional<UrcKind> urc_kind(std::string_view line);

// The PDU stands on the line after it (27.005 3.4.1).
bool has_data_line(UrcKind);

}  // namespace at
