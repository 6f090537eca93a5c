#include "hw/modembank/identity.h"

namespace modembank {
namespace {

std::string padded(int value, std::size_t width) {
  const std::string digits = std::to_string(value);
  return std::string(width - digits.size(), '0') + digits;
}

std::string with_luhn(std::string digits) {
  digits.push_back(luhn_digit(digits));
  return digits;
}

}  // namespace

char luhn_digit(std::string_view digits) {
  int sum = 0;
  bool doubled = true;
  for (auto it = digits.rbegin(); it != digits.rend(); ++it, doubled = !doubled) {
    const int value = (*it - '0') * (doubled ? 2 : 1);
    sum += value > 9 ? value - 9 : value;
  }
  return static_cast<char>('0' + (10 - sum % 10) % 10);
}

bool luhn_valid(std::string_view digits) {
  return digits.size() > 1 && luhn_digit(digits.substr(0, digits.size() - 1)) == digits.back();
}

Identity identity_of(int k) {
  Identity who;
  who.imei = with_luhn("35800000" + padded(100001 + k, 6));
  who.iccid = with_luhn("894400" + padded(k + 1, k % 2 == 0 ? 12 : 13));
  who.imsi = "00101" + padded(900001 + k, 10);
  who.number = "+447700" + padded(900001 + k, 6);
  return who;
}

}  // namespace modembank
