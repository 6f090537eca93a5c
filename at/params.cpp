#include "at/params.h"

#include <algorithm>
#include <charconv>
#include <utility>

#include "at/params_text.h"

namespace at {

namespace {

// At a quote: does it end the parameter?
bool closes(std::string_view text, std::size_t quote) {
  const auto next =
      std::find_if_not(text.begin() + static_cast<std::ptrdiff_t>(quote) + 1, text.end(), is_blank);
  return next == text.end() || *next == ',' || *next == ')';
}

Param quoted_param(std::string_view text, std::size_t* at) {
  std::size_t end = ++*at;
  while (end < text.size() && !(text[end] == '"' && closes(text, end))) ++end;
  Param out{std::string(trim(text.substr(*at, end - *at))), true};
  *at = std::min(end + 1, text.size());
  while (*at < text.size() && is_blank(text[*at])) ++*at;
  return out;
}

}  // namespace

Param next_param(std::string_view text, std::size_t* at) {
  while (*at < text.size() && is_blank(text[*at])) ++*at;
  if (*at < text.size() && text[*at] == '"') return quoted_param(text, at);
  Param out;
  for (int depth = 0; *at < text.size(); ++*at) {
    const char c = text[*at];
    if (depth == 0 && (c == ',' || c == ')')) break;
    if (c == '(') ++depth;
    if (c == ')') --depth;
    if (c == '"')
      out.quoted = true;
    else
      out.text.push_back(c);
  }
  out.text = std::string(trim(out.text));
  return out;
}

std::vector<Param> params_of(std::string_view text) {
  std::vector<Param> out;
  std::size_t at = 0;
  while (true) {
    out.push_back(next_param(text, &at));
    while (at < text.size() && text[at] != ',') ++at;  // a bracket that nothing opened
    if (at == text.size()) return out;
    ++at;
  }
}

std::vector<Param> raw_params_of(std::string_view text) {
  std::vector<Param> out(1);
  for (char c : text) {
    if (c == ',')
      out.emplace_back();
    else if (c == '"')
      out.back().quoted = true;
    else
      out.back().text.push_back(c);
  }
  for (Param& p : out) p.text = std::string(trim(p.text));
  return out;
}

const Param& param_at(const std::vector<Param>& params, std::size_t i) {
  static const Param kNone;
  return i < params.size() ? params[i] : kNone;
}

std::vector<std::vector<std::string>> lists_of(std::string_view text, std::size_t max_lists) {
  std::vector<std::vector<std::string>> lists(1);
  std::string name;
  bool inside = false;
  const auto end_name = [&] {
    if (!name.empty()) lists.back().push_back(std::exchange(name, {}));
  };
  for (char c : text) {
    const bool next_list = (c == ',' && !inside) || (c == '(' && inside && !lists.back().empty());
    if (c == ',' || c == ')') end_name();
    if (next_list && lists.size() == max_lists) return lists;
    if (next_list) lists.emplace_back();
    if (c == '(' || c == ')')
      inside = c == '(';
    else if (c != ',' && c != '"' && !is_blank(c))
      name.push_back(c);
  }
  end_name();
  return lists;
}

std::optional<int> decimal(std::string_view text) {
  text = trim(text);
  int value = 0;
  const auto [end, bad] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (!all_digits(text) || bad != std::errc{}) return std::nullopt;
  return value;
}

std::optional<std::uint64_t> hexadecimal(std::string_view text) {
  std::string digits(trim(text));
  std::replace(digits.begin(), digits.end(), ' ', '0');
  std::uint64_t value = 0;
  const auto [end, bad] = std::from_chars(digits.data(), digits.data() + digits.size(), value, 16);
  if (!all_hex(digits) || bad != std::errc{}) return std::nullopt;
  return value;
}

std::optional<std::string_view> after_prefix(std::string_view line, std::string_view prefix) {
  if (!line.starts_with(prefix)) return std::nullopt;
  line.remove_prefix(prefix.size());
  if (!prefix.ends_with(':')) {
    if (!line.starts_with(':')) return std::nullopt;
    line.remove_prefix(1);
  }
  return trim(line);
}

std::vector<std::string> split_params(std::string_view text) {
  std::vector<std::string> out;
  for (Param& p : params_of(text)) out.push_back(std::move(p.text));
  return out;
}

std::optional<int> first_number(std::string_view text) {
  const auto from = std::find_if(text.begin(), text.end(), is_digit);
  const auto to = std::find_if_not(from, text.end(), is_digit);
  return decimal(
      text.substr(static_cast<std::size_t>(from - text.begin()), static_cast<std::size_t>(to - from)));
}

std::optional<int> last_number(std::string_view text) {
  while (!text.empty() && !is_digit(text.back())) text.remove_suffix(1);
  std::size_t from = text.size();
  while (from > 0 && is_digit(text[from - 1])) --from;
  return first_number(text.substr(from));
}

}  // namespace at
