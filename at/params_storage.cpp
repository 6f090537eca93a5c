#include <algorithm>
#include <utility>

#include "at/params.h"
#include "at/params_text.h"

namespace at {

namespace {

// +CPMS=? in brackets: names at depth 1 form a list, a name at depth 0 is a list of its own. Quotes are only
// stripped, because some firmwares lose one.
struct NameLists {
  std::vector<std::vector<std::string>> lists{1};
  std::string name;

  void end_name() {
    if (!name.empty()) lists.back().push_back(std::exchange(name, {}));
  }
  void end_list() {
    end_name();
    if (lists.size() < 3) lists.emplace_back();
  }
};

std::string_view without_outer_brackets(std::string_view text) {
  if (text.starts_with("((") && text.ends_with("))")) return text.substr(1, text.size() - 2);
  return text;
}

NameLists read_names(std::string_view text) {
  NameLists out;
  int depth = 0;
  for (char c : without_outer_brackets(text)) {
    if (c == '(')
      ++depth;
    else if (c == ')')
      depth = std::max(0, depth - 1);
    else if (c == ',' && depth == 0)
      out.end_list();
    else if (c == ',')
      out.end_name();
    else if (c != '"' && c != ' ')
      out.name.push_back(c);
  }
  out.end_name();
  return out;
}

struct HeaderLine {
  std::string_view fields;
  std::string pdu;
};

// The PDU may stand on the header's line, after a blank. Ten octets is the least a stored TPDU has.
HeaderLine split_header(std::string_view text) {
  const auto blank = text.rfind(' ');
  if (blank != std::string_view::npos) {
    const std::string_view tail = text.substr(blank + 1);
    if (tail.size() >= 20 && all_hex(tail)) return {trim(text.substr(0, blank)), std::string(tail)};
  }
  return {text, {}};
}

int number_at(const std::vector<Param>& p, std::size_t i) {
  return i < p.size() && all_digits(p[i].text) ? first_number(p[i].text).value_or(0) : 0;
}

}  // namespace

// 27.005 3.2.3; the answer to a question has names, the one to a setting has none.
std::vector<StorageUse> parse_cpms(std::string_view line) {
  std::vector<StorageUse> out;
  const auto text = after_prefix(line, "+CPMS:");
  if (!text || text->starts_with('(')) return out;
  const auto p = params_of(*text);
  const bool named = p[0].quoted || !all_digits(p[0].text);
  const std::size_t step = named ? 3 : 2;
  for (std::size_t i = 0; i + step <= p.size() && out.size() < 3; i += step) {
    if (!all_digits(p[i + step - 2].text) || !all_digits(p[i + step - 1].text)) break;
    out.push_back(
        {named ? p[i].text : std::string{}, number_at(p, i + step - 2), number_at(p, i + step - 1)});
  }
  return out;
}

std::optional<StorageNames> parse_cpms_test(std::string_view line) {
  const auto text = after_prefix(line, "+CPMS:");
  if (!text) return std::nullopt;
  auto lists = read_names(*text).lists;
  lists.resize(3);
  if (std::all_of(lists.begin(), lists.end(), [](const auto& l) { return l.empty(); })) return std::nullopt;
  return StorageNames{std::move(lists[0]), std::move(lists[1]), std::move(lists[2])};
}

std::optional<StoredNotice> parse_cmti(std::string_view line) {
  auto text = after_prefix(line, "+CMTI:");
  if (!text) text = after_prefix(line, "+CDSI:");
  if (!text) return std::nullopt;
  const auto p = params_of(*text);
  if (p.size() < 2 || p[0].text.empty() || !all_digits(p[1].text)) return std::nullopt;
  const auto index = first_number(p[1].text);
  if (!index) return std::nullopt;
  return StoredNotice{p[0].text, *index};
}

std::optional<int> parse_cmgs(std::string_view line) {
  const auto text = after_prefix(line, "+CMGS:");
  if (!text) return std::nullopt;
  const auto tp_mr = first_number(*text);
  if (!tp_mr) return std::nullopt;
  return *tp_mr % 256;
}

// 27.005 3.4.3: <stat>,[<alpha>],<length>; makes leave fields out or put the index in front. <length> is
// always last.
std::optional<CmgrHeader> parse_cmgr(std::string_view line) {
  const auto text = after_prefix(line, "+CMGR:");
  if (!text) return std::nullopt;
  HeaderLine header = split_header(*text);
  const auto p = params_of(header.fields);
  const bool index_first = p.size() == 4 && all_digits(p[1].text);
  return CmgrHeader{number_at(p, index_first ? 1 : 0), last_number(header.fields).value_or(0),
                    std::move(header.pdu)};
}

// 27.005 3.4.2: <index>,<stat>,[<alpha>],<length>.
std::optional<CmglHeader> parse_cmgl(std::string_view line) {
  const auto text = after_prefix(line, "+CMGL:");
  if (!text) return std::nullopt;
  HeaderLine header = split_header(*text);
  const auto p = params_of(header.fields);
  if (!all_digits(p[0].text) || !first_number(p[0].text)) return std::nullopt;
  return CmglHeader{number_at(p, 0), number_at(p, 1), last_number(header.fields).value_or(0),
                    std::move(header.pdu)};
}

}  // namespace at
