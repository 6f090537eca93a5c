#include "at/params.h"

#include <algorithm>
#include <cctype>
#include <charconv>

#include "at/params_text.h"

namespace at {

std::optional<std::string_view> after_prefix(std::string_view line, std::string_view prefix) {
  if (!line.starts_with(prefix)) return std::nullopt;
  line.remove_prefix(prefix.size());
  if (!prefix.ends_with(':')) {
    if (!line.starts_with(':')) return std::nullopt;
    line.remove_prefix(1);
  }
  return trim(line);
}

std::vector<Param> params_of(std::string_view text) {
  std::vector<Param> out(1);
  bool quoted = false;
  int depth = 0;
  for (char c : text) {
    if (c == '"') {
      quoted = !quoted;
      out.back().quoted = true;
      continue;
    }
    if (!quoted && c == '(') ++depth;
    if (!quoted && c == ')' && depth > 0) --depth;
    if (!quoted && depth == 0 && c == ',') {
      out.emplace_back();
      continue;
    }
    out.back().text.push_back(c);
  }
  for (Param& p : out) p.text = std::string(trim(p.text));
  return out;
}

std::vector<std::string> split_params(std::string_view text) {
  std::vector<std::string> out;
  for (Param& p : params_of(text)) out.push_back(std::move(p.text));
  return out;
}

std::optional<int> first_number(std::string_view text) {
  const auto from = std::find_if(text.begin(), text.end(), is_digit);
  if (from == text.end()) return std::nullopt;
  const auto to = std::find_if_not(from, text.end(), is_digit);
  int value = 0;
  const auto [end, bad] = std::from_chars(&*from, &*from + (to - from), value);
  if (bad != std::errc{}) return std::nullopt;
  return value;
}

std::optional<int> last_number(std::string_view text) {
  while (!text.empty() && !is_digit(text.back())) text.remove_suffix(1);
  std::size_t from = text.size();
  while (from > 0 && is_digit(text[from - 1])) --from;
  return first_number(text.substr(from));
}

std::string technology(int act) {
  switch (act) {
    case 0:
    case 1:
    case 3:
    case 8:
      return "GSM";
    case 2:
    case 4:
    case 5:
    case 6:
      return "UMTS";
    case 7:
    case 9:
    case 10:
    case 13:
      return "LTE";
    case 11:
    case 12:
      return "NR";
    default:
      return {};
  }
}

}  // namespace at
