// What the parsers of information responses share; not for other rooms.
#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>
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
// CR and LF are among them: an answer that goes over several lines is read as one text.
inline bool is_blank(char c) {
  return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

inline std::string_view trim(std::string_view s) {
  while (!s.empty() && is_blank(s.front())) s.remove_prefix(1);
  while (!s.empty() && is_blank(s.back())) s.remove_suffix(1);
  return s;
}

// The whole text as a number: no sign, no other character, nothing that does not fit.
std::optional<int> decimal(std::string_view);
// A blank among the digits is a zero that was padded with blanks: "0 5" is 005. At most 16 digits.
std::optional<std::uint64_t> hexadecimal(std::string_view);

// A parameter, and whether quotes stood around it: +CREG tells its URC from its answer by that.
struct Param {
  std::string text;
  bool quoted = false;
};
// Commas within quotes and brackets part nothing. A quote opens at a parameter's start only, and closes only
// before a comma, a bracket or the end: names hold quotes.
std::vector<Param> params_of(std::string_view);
// Every comma parts, quotes only vanish: for what is made of numbers, where a quote may be missing.
std::vector<Param> raw_params_of(std::string_view);
// One parameter from text[*at] on. *at stops at the comma after it, at a closing bracket that it did not
// open, or at the end.
Param next_param(std::string_view text, std::size_t* at);

// Past the end: a parameter that is empty.
const Param& param_at(const std::vector<Param>&, std::size_t);

// Lists in brackets, `("SM","ME"),("SM")` or `(0-3),(0,1)`; a value outside brackets is a list of its own.
// Brackets around the whole, missing ones and lost quotes do no harm. What comes after max_lists is dropped.
std::vector<std::vector<std::string>> lists_of(std::string_view, std::size_t max_lists);

}  // namespace at
