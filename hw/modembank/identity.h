// Who modem K and its SIM are: deterministic, so that a test can name them without asking.
#pragma once

#include <string>
#include <string_view>

namespace modembank {

constexpr std::string_view kServiceCentre = "+447700900999";  // Ofcom's range for drama, as all numbers here

struct Identity {
  std::string imei;    // 15 digits, the last one by Luhn
  std::string iccid;   // even K: 19 digits, odd K: 20; the last one by Luhn (ITU-T E.118)
  std::string imsi;    // 15 digits in the test network 001-01
  std::string number;  // +447700900001 and up
};

// k: 0 to 899.
Identity identity_of(int k);

char luhn_digit(std::string_view digits);  // the digit to append
bool luhn_valid(std::string_view digits);

}  // namespace modembank
