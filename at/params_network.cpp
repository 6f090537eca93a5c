#include <array>

#include "at/params.h"
#include "at/params_text.h"

namespace at {

namespace {

// The second value of an answer is <stat>; of a URC it is <lac>: quoted, or with more digits than a <stat>
// has.
bool second_is_stat(const Param& p) {
  if (p.quoted || !all_digits(p.text) || p.text.size() > 3) return false;
  return first_number(p.text).value_or(99) <= 11;
}

// From <stat> on: lac, ci, AcT; some print a rac before the ci. Of six and more the rest are reject causes.
std::optional<int> act_of(const std::vector<Param>& p, std::size_t stat) {
  const std::size_t count = p.size() - stat;
  if (count < 4) return std::nullopt;
  const Param& act = p[stat + (count == 5 ? 4 : 3)];
  if (act.quoted || !all_digits(act.text)) return std::nullopt;
  return first_number(act.text);
}

}  // namespace

// 27.007 7.2, 10.1.20, 10.1.22.
std::optional<Registration> parse_registration(std::string_view line, std::string_view prefix, bool asked) {
  const auto text = after_prefix(line, prefix);
  if (!text) return std::nullopt;
  const auto p = params_of(*text);
  std::size_t stat = 0;
  if (p.size() >= 2) {
    const bool empty_answer = asked && p[1].text.empty();
    if (empty_answer) return std::nullopt;
    if (second_is_stat(p[1])) stat = 1;
  }
  const auto value = first_number(p[stat].text);
  if (!value || *value > 11) return std::nullopt;
  return Registration{*value, act_of(p, stat)};
}

std::optional<int> parse_csq(std::string_view line) {
  const auto text = after_prefix(line, "+CSQ:");
  if (!text) return std::nullopt;
  const auto rssi = first_number(*text);
  if (!rssi) return std::nullopt;
  return *rssi <= 31 ? *rssi : 99;
}

// 27.007 7.3: mode[,format,oper[,AcT]].
std::optional<Operator> parse_cops(std::string_view line) {
  const auto text = after_prefix(line, "+COPS:");
  if (!text || text->starts_with('(')) return std::nullopt;
  const auto p = params_of(*text);
  if (p.size() < 3 || p[2].text.empty()) return std::nullopt;
  Operator out{p[2].text, std::nullopt};
  if (p.size() > 3) out.act = first_number(p[3].text);
  return out;
}

}  // namespace at
