// Information responses read leniently: what a modem can answer, in the forms that real ones use (27.007, 27.005).
// Total functions: std::nullopt when the line is not that answer or holds no value.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace at {

// Splits at commas outside quotes and parentheses; quotes are taken off, blanks trimmed. Unbalanced quotes end at the line's end.
std::vector<std::string> split_params(std::string_view);
// The text after "+XYZ:" if the line starts so (blanks trimmed).
std::optional<std::string_view> after_prefix(std::string_view line, std::string_view prefix);
std::optional<int> first_number(std::string_view);  // the first run of digits, decimal
std::optional<int> last_number(std::string_view);

struct Registration {  // +CREG, +CGREG, +CEREG, +C5GREG (27.007 7.2, 10.1.20, 10.1.22)
  int stat = 4;        // 0-11; 4 unknown
  std::optional<int> act;
  bool home_or_roaming() const { return stat == 1 || stat == 5; }
  bool sms_possible() const { return home_or_roaming() || stat == 6 || stat == 7 || stat == 9 || stat == 10; }
  bool roaming() const { return stat == 5 || stat == 7 || stat == 10; }
};
// asked: the line answers +CREG? (n comes first) and is no URC. One number is a URC's form either way.
std::optional<Registration> parse_registration(std::string_view line, std::string_view prefix, bool asked);

struct StorageUse { std::string mem; int used = 0, total = 0; };  // mem empty in the answer to a setting
std::vector<StorageUse> parse_cpms(std::string_view line);        // +CPMS: to ? and to =; up to three
struct StorageNames { std::vector<std::string> mem1, mem2, mem3; };
std::optional<StorageNames> parse_cpms_test(std::string_view line);

struct StoredNotice { std::string mem; int index = 0; };
std::optional<StoredNotice> parse_cmti(std::string_view line);    // +CMTI and +CDSI
std::optional<int> parse_cmgs(std::string_view line);             // TP-MR of "+CMGS: 12,…"
struct ListedPdu { int index = 0; int stat = 0; std::string pdu; };
struct CmgrHeader { int stat = 0; int length = 0; std::string same_line_pdu; };
std::optional<CmgrHeader> parse_cmgr(std::string_view line);      // same_line_pdu: some print it on the header's line
struct CmglHeader { int index = 0; int stat = 0; int length = 0; std::string same_line_pdu; };
std::optional<CmglHeader> parse_cmgl(std::string_view line);
std::optional<int> parse_csq(std::string_view line);              // rssi
std::optional<std::string> parse_cpin(std::string_view line);     // "READY", "SIM PIN"
std::optional<std::string> parse_csca(std::string_view line);     // digits with "+"; also from quoted UCS-2 hex
std::optional<std::string> parse_cnum(std::string_view line);     // own number, may be empty
struct Operator { std::string name; std::optional<int> act; };
std::optional<Operator> parse_cops(std::string_view line);
std::optional<std::string> parse_iccid(std::string_view line);    // +CCID:, +ICCID:, ^ICCID:, +QCCID:, +CRSM: or bare; 18-22 digits, filler dropped, nibble-swapped forms turned
std::optional<std::string> parse_imei(std::string_view line);     // 14-16 digits, bare or after +CGSN: with quotes
std::optional<int> parse_pin_tries(std::string_view line);        // +CPINR: "SIM PIN",3[,3]; +QPINC: "SC",3,10
std::string technology(int act);                                  // "GSM", "UMTS", "LTE", "NR"; empty if unknown

}  // namespace at
