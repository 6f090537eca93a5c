// Final result codes (V.250 5.7, 27.005 3.2.5, 27.007 9.2) and what each asks for.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace at {

enum class Final : std::uint8_t { ok, error, cms_error, cme_error, vendor_error };  // vendor: "COMMAND NOT SUPPORT", …

enum class ErrorClass : std::uint8_t {
  none,
  permanent,   // for this message: fail it
  refeatured,  // permanent for this form: once more without TP-SRR, TP-VP, TP-PID and class
  temporary,   // for this message: later, any SIM
  network,     // later; another operator's SIM
  sim,         // another SIM at once; this one is counted
  modem,       // repeat after the modem was looked after
  in_doubt,    // the network may have it (332, 500, …)
  accepted     // the SC holds it already (197): success
};

// Numbers from 512 up mean different things per make.
enum class CmsNumbering : std::uint8_t { standard, quectel, cinterion, wavecom, telit };

struct FinalResult {
  Final kind = Final::ok;
  std::optional<int> code;  // of +CMS ERROR / +CME ERROR, when it was a number
  std::string text;         // the line as it came, without line ends
  bool ok() const { return kind == Final::ok; }
  // "cms_38", "cme_100", "error": goes into the API's error.code.
  std::string name() const;
};

// std::nullopt: the line is no final result code. Exact words only: a text can say OK.
std::optional<FinalResult> parse_final(std::string_view line);

ErrorClass classify_submit_error(const FinalResult&, CmsNumbering);
// Plain words for a code, empty if unknown: "Unknown subscriber".
std::string_view error_text(const FinalResult&, CmsNumbering);

}  // namespace at
