// Information responses read leniently: what a modem can answer, in the forms that real ones use (27.007, 27.005).
// Total functions: std::nullopt when the line is not that answer or lacks what it is about. A field that the answer
// leaves out is std::nullopt (a text: empty); so is one that is no number where a number belongs: nothing is guessed
// from its digits. Texts come out as UTF-8.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "at/charset.h"

namespace at {

// Splits at commas outside quotes and parentheses; quotes are taken off, blanks trimmed. Unbalanced quotes end at the line's end.
std::vector<std::string> split_params(std::string_view);
// The text after "+XYZ:" if the line starts so (blanks trimmed).
std::optional<std::string_view> after_prefix(std::string_view line, std::string_view prefix);
std::optional<int> first_number(std::string_view);  // the first run of digits, decimal
std::optional<int> last_number(std::string_view);

// --- network (27.007 7, 8, 10) ---

struct Registration {                     // +CREG, +CGREG, +CEREG, +C5GREG (27.007 7.2, 10.1.20, 10.1.22, 10.1.47)
  int stat = 4;                           // 0-11; 4 unknown
  std::optional<int> n = std::nullopt;    // absent: the line has a URC's form
  std::optional<std::uint64_t> lac = std::nullopt, ci = std::nullopt;  // lac: TAC in LTE and 5G
  std::optional<int> act = std::nullopt;  // 0-15
  bool home_or_roaming() const { return stat == 1 || stat == 5; }
  bool sms_possible() const { return home_or_roaming() || stat == 6 || stat == 7 || stat == 9 || stat == 10; }
  bool roaming() const { return stat == 5 || stat == 7 || stat == 10; }
};
// asked: the line answers +CREG? (n comes first) and is no URC. Decides where both forms fit; one number is a URC's
// form either way.
std::optional<Registration> parse_registration(std::string_view line, std::string_view prefix, bool asked);

struct SignalQuality { int rssi = 99; std::optional<int> ber; };  // as printed: 0-31, 99 unknown; 100-199 TD-SCDMA
std::optional<SignalQuality> parse_csq(std::string_view line);
struct ExtendedSignal { std::optional<int> rxlev, ber, rscp, ecn0, rsrq, rsrp; };
std::optional<ExtendedSignal> parse_cesq(std::string_view line);  // six fields at least

struct Operator { int mode = 0; std::optional<int> format; std::string oper; std::optional<int> act; };
std::optional<Operator> parse_cops(std::string_view line, Charset = Charset::ira);
struct ListedOperator { std::optional<int> stat; std::string long_name, short_name, numeric; std::optional<int> act; };
// answer: from +COPS: on, with what follows on the next lines. The lists of modes and formats at its end are left out.
std::optional<std::vector<ListedOperator>> parse_cops_test(std::string_view answer, Charset = Charset::ira);
std::string technology(int act);                                  // "GSM", "UMTS", "LTE", "NR"; empty if unknown
std::optional<int> parse_cfun(std::string_view line);             // fun

// 27.007 8.15. The zone is local minus UTC in quarter hours (-96 to 96), absent where the modem prints none. Two
// digits of a year mean 1970 to 2069: clocks that were never set show 1970 or 1980.
struct ClockTime { int year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0; std::optional<int> zone; };
std::optional<ClockTime> parse_cclk(std::string_view line);       // none if it is no date

// --- messages and storages (27.005 3) ---

struct StorageUse { std::string mem; int used = 0, total = 0; };  // mem empty in the answer to a setting
std::vector<StorageUse> parse_cpms(std::string_view line);        // +CPMS: to ? and to =; up to three
struct StorageNames { std::vector<std::string> mem1, mem2, mem3; };
std::optional<StorageNames> parse_cpms_test(std::string_view line);
struct IndicationValues { std::vector<int> mode, mt, bm, ds, bfr; };  // ranges written out; 0-255
std::optional<IndicationValues> parse_cnmi_test(std::string_view line);
std::vector<int> parse_values_test(std::string_view line, std::string_view prefix);  // "+CMMS: (0-2)": its first list
std::optional<std::vector<std::string>> parse_cscs_test(std::string_view line);

struct StoredNotice { std::string mem; int index = 0; };
std::optional<StoredNotice> parse_cmti(std::string_view line);    // +CMTI and +CDSI
std::optional<int> parse_cmgs(std::string_view line);             // TP-MR of "+CMGS: 12,…", and of "+CMSS: 12,…"
std::optional<int> parse_cmgw(std::string_view line);             // index of "+CMGW: 3"
struct CmgrHeader { std::optional<int> stat; int length = 0; std::string same_line_pdu; };
std::optional<CmgrHeader> parse_cmgr(std::string_view line);      // same_line_pdu: some print it on the header's line
struct CmglHeader { int index = 0; std::optional<int> stat; int length = 0; std::string same_line_pdu; };
std::optional<CmglHeader> parse_cmgl(std::string_view line);
struct TextHeader { std::string stat, number; };                  // "REC READ"; TP-OA, TP-DA or TP-RA
std::optional<TextHeader> parse_cmgr_text(std::string_view line, Charset = Charset::ira);

// --- identities ---

std::optional<std::string> parse_cpin(std::string_view line);     // "READY", "SIM PIN"
struct ServiceCentre { std::string number; std::optional<int> type; };  // number empty: none is set
std::optional<ServiceCentre> parse_csca(std::string_view line, Charset = Charset::ira);
struct OwnNumber { std::string number; std::optional<int> type; };
std::optional<OwnNumber> parse_cnum(std::string_view line, Charset = Charset::ira);
// +CCID:, +ICCID:, ^ICCID:, +QCCID:, +CRSM: or bare; 18-22 digits, filler dropped, nibble-swapped forms turned. Some
// issuers put hex digits behind the leading 89.
std::optional<std::string> parse_iccid(std::string_view line);
std::optional<std::string> parse_imei(std::string_view line);     // 14-16 digits, bare or after +CGSN: with quotes
std::optional<int> parse_pin_tries(std::string_view line);        // +CPINR: "SIM PIN",3[,3]; +QPINC: "SC",3,10
std::string identification(std::string_view line);                // of +CGMI, +CGMM, +CGMR: without prefix and quotes

}  // namespace at
