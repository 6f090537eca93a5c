// What the parsers of information responses share; not for other rooms.
#pragma once

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

namespace at {

inline bool is_digit(char c) {
  return c >= '0' && c <= '9';
}
inline bool is_hex(char c) {
  return is_digit(c) || (c >= 'A' && c <= 'F') || (c >= 'a' && c <= 'f');
}
inline bool all_digits(std::string_view s) {
  return !s.empty() && std::all_of(s.begin(), s.end(), is_digit);
}
inline bool all_hex(std::string_view s) {
  return !s.empty() && std::all_of(s.begin(), s.end(), is_hex);
}

inline std::string_view trim(std::string_view s) {
  while (!s.empty() && (s.front() == ' ' || s.front() == '\t')) s.remove_prefix(1);
  while (!s.empty() && (s.back() == ' ' || s.back() == '\t')) s.remove_suffix(1);
  return s;
}

// A parameter, and whether quotes stood around it: +CREG tells its URC from its answer by that.
struct Param {
  std::string text;
  bool quoted = false;
};
std::vector<Param> params_of(std::string_view);

}  // namespace at
