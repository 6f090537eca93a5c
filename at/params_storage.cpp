#include <utility>

#include "at/params.h"
#include "at/params_text.h"

namespace at {

namespace {

constexpr int kMaxListed = 255;

// "3" or "0-3".
void add_values(std::string_view token, std::vector<int>* out) {
  const auto dash = token.find('-');
  const auto first = decimal(token.substr(0, dash));
  const auto last = dash == std::string_view::npos ? first : decimal(token.substr(dash + 1));
  if (!first || !last || *last > kMaxListed) return;
  for (int value = *first; value <= *last; ++value) out->push_back(value);
}

std::vector<int> values_of(const std::vector<std::string>& tokens) {
  std::vector<int> out;
  for (const std::string& token : tokens)
    if (out.size() <= kMaxListed) add_values(token, &out);
  return out;
}

}  // namespace

// 27.005 3.2.3; the answer to a question has names, the one to a setting has none.
std::vector<StorageUse> parse_cpms(std::string_view line) {
  std::vector<StorageUse> out;
  const auto text = after_prefix(line, "+CPMS:");
  if (!text || text->starts_with('(')) return out;
  const auto p = raw_params_of(*text);
  const bool named = p[0].quoted || !all_digits(p[0].text);
  const std::size_t step = named ? 3 : 2;
  for (std::size_t i = 0; i + step <= p.size() && out.size() < 3; i += step) {
    const auto used = decimal(p[i + step - 2].text), total = decimal(p[i + step - 1].text);
    if (!used || !total) break;
    out.push_back({named ? p[i].text : std::string{}, *used, *total});
  }
  return out;
}

std::optional<StorageNames> parse_cpms_test(std::string_view line) {
  const auto text = after_prefix(line, "+CPMS:");
  if (!text) return std::nullopt;
  auto lists = lists_of(*text, 3);
  lists.resize(3);
  return StorageNames{std::move(lists[0]), std::move(lists[1]), std::move(lists[2])};
}

// 27.005 3.4.1.
std::optional<IndicationValues> parse_cnmi_test(std::string_view line) {
  const auto text = after_prefix(line, "+CNMI:");
  if (!text) return std::nullopt;
  auto lists = lists_of(*text, 5);
  lists.resize(5);
  IndicationValues out{values_of(lists[0]), values_of(lists[1]), values_of(lists[2]), values_of(lists[3]),
                       values_of(lists[4])};
  if (out.mode.empty()) return std::nullopt;
  return out;
}

std::vector<int> parse_values_test(std::string_view line, std::string_view prefix) {
  const auto text = after_prefix(line, prefix);
  if (!text) return {};
  const auto lists = lists_of(*text, 1);
  return lists.empty() ? std::vector<int>{} : values_of(lists[0]);
}

// 27.007 5.5: one list; its brackets may be missing.
std::optional<std::vector<std::string>> parse_cscs_test(std::string_view line) {
  const auto text = after_prefix(line, "+CSCS:");
  if (!text) return std::nullopt;
  std::vector<std::string> out;
  for (auto& list : lists_of(*text, 64))
    for (auto& name : list) out.push_back(std::move(name));
  if (out.empty()) return std::nullopt;
  return out;
}

}  // namespace at
