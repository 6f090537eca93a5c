#include "config/toml_table.h"

#include <algorithm>
#include <tuple>

#include "config/nearest.h"
#include "config/units.h"

namespace config {
namespace {

std::string_view type_name(const toml::node& node) {
  switch (node.type()) {
    case toml::node_type::none:
      return "nothing";
    case toml::node_type::table:
      return "a table";
    case toml::node_type::array:
      return "a list";
    case toml::node_type::string:
      return "a string";
    case toml::node_type::integer:
      return "a whole number";
    case toml::node_type::floating_point:
      return "a number with a fraction";
    case toml::node_type::boolean:
      return "true or false";
    case toml::node_type::date:
      return "a date";
    case toml::node_type::time:
      return "a time";
    case toml::node_type::date_time:
      return "a date with time";
  }
  return "something else";
}

}  // namespace

void Report::add(const toml::source_region& where, std::string reason) {
  constexpr std::size_t kMostFindings = 1000;
  if (findings_.size() >= kMostFindings) return;
  findings_.push_back({file_, static_cast<std::uint32_t>(where.begin.line),
                       static_cast<std::uint32_t>(where.begin.column), std::move(reason)});
}

std::vector<Finding> Report::take() {
  std::stable_sort(findings_.begin(), findings_.end(), [](const Finding& a, const Finding& b) {
    return std::tie(a.line, a.column) < std::tie(b.line, b.column);
  });
  return std::move(findings_);
}

std::optional<toml::table> parse_toml(const std::string& text, const std::string& name, Report& report) {
  try {
    return toml::parse(text, name);
  } catch (const toml::parse_error& error) {
    report.add(error.source(), std::string(error.description()));
    return std::nullopt;
  }
}

const toml::node* TomlTable::find(std::string_view key) {
  if (std::find(known_.begin(), known_.end(), key) == known_.end()) known_.emplace_back(key);
  return table_.get(key);
}

void TomlTable::fault(std::string_view key, std::string reason) {
  const toml::node* node = table_.get(key);
  report_.add(node != nullptr ? node->source() : table_.source(),
              std::string(key) + ": " + std::move(reason));
}

Place TomlTable::place(std::string_view key) const {
  const toml::node* node = table_.get(key);
  if (node == nullptr) return {};
  const auto begin = node->source().begin;
  return {static_cast<std::uint32_t>(begin.line), static_cast<std::uint32_t>(begin.column)};
}

void TomlTable::wrong_type(std::string_view key, const toml::node& node, std::string_view wanted) {
  report_.add(node.source(), std::string(key) + ": must be " + std::string(wanted) + ", not " +
                                 std::string(type_name(node)));
}

void TomlTable::read(std::string_view key, std::string* into) {
  const toml::node* node = find(key);
  if (node == nullptr) return;
  if (const auto value = node->value_exact<std::string>()) {
    *into = *value;
  } else {
    wrong_type(key, *node, "a string");
  }
}

void TomlTable::read(std::string_view key, bool* into) {
  const toml::node* node = find(key);
  if (node == nullptr) return;
  if (const auto* value = node->as_boolean()) {
    *into = value->get();
  } else {
    wrong_type(key, *node, "true or false");
  }
}

void TomlTable::read(std::string_view key, std::optional<double>* into) {
  const toml::node* node = find(key);
  if (node == nullptr) return;
  if (node->is_number()) {
    *into = node->value<double>();
  } else {
    wrong_type(key, *node, "a number");
  }
}

std::optional<std::int64_t> TomlTable::whole(std::string_view key, std::int64_t least, std::int64_t most) {
  const toml::node* node = find(key);
  if (node == nullptr) return std::nullopt;
  const auto value = node->value_exact<std::int64_t>();
  if (!value) {
    wrong_type(key, *node, "a whole number");
  } else if (*value < least || *value > most) {
    fault(key, std::to_string(*value) + " is not between " + std::to_string(least) + " and " +
                   std::to_string(most));
  } else {
    return value;
  }
  return std::nullopt;
}

void TomlTable::read(std::string_view key, Millis* into, Millis least, Millis most) {
  const toml::node* node = find(key);
  if (node == nullptr) return;
  if (node->is_integer()) return fault(key, "a duration is a string with its unit: \"15s\" (ms, s, m, h, d)");
  const auto text = node->value_exact<std::string>();
  if (!text) return wrong_type(key, *node, "a duration such as \"15s\"");
  const Millis value = parse_duration(*text).value_or(Millis(-1));
  if (value.count() < 0) {
    fault(key,
          "\"" + *text + "\" is no duration; write a whole number and its unit: \"15s\" (ms, s, m, h, d)");
  } else if (value < least || value > most) {
    fault(key, *text + " is not between " + format_duration(least) + " and " + format_duration(most));
  } else {
    *into = value;
  }
}

bool TomlTable::text_is(std::string_view key, std::string_view word) {
  const toml::node* node = find(key);
  return node != nullptr && node->value_exact<std::string_view>() == word;
}

bool TomlTable::is_off(std::string_view key) {
  const toml::node* node = find(key);
  return text_is(key, "") || (node != nullptr && node->value_exact<std::int64_t>() == 0);
}

std::optional<std::vector<TomlTable::Text>> TomlTable::texts(std::string_view key, std::size_t most) {
  const toml::node* node = find(key);
  if (node == nullptr) return std::nullopt;
  const toml::array* list = node->as_array();
  if (list == nullptr) {
    wrong_type(key, *node, "a list of strings");
    return std::nullopt;
  }
  if (list->size() > most) {
    fault(key, std::to_string(list->size()) + " items; at most " + std::to_string(most));
    return std::nullopt;
  }
  std::vector<Text> found;
  for (const toml::node& item : *list) {
    if (const auto value = item.value_exact<std::string>()) {
      found.push_back({*value, &item});
    } else {
      wrong_type(key, item, "a list of strings");
    }
  }
  return found;
}

void TomlTable::table(std::string_view key, const std::function<void(TomlTable&)>& examine) {
  const toml::node* node = find(key);
  if (node == nullptr) return;
  if (node->as_table() == nullptr) {
    fault(key, "must be a table: [" + std::string(key) + "]");
    return;
  }
  TomlTable inner(*node->as_table(), "[" + std::string(key) + "]", report_);
  examine(inner);
  inner.finish();
}

std::vector<std::string> TomlTable::keys() {
  std::vector<std::pair<toml::source_position, std::string>> placed;
  for (const auto& [key, node] : table_) {
    placed.emplace_back(key.source().begin, key.str());
    find(key.str());
  }
  std::sort(placed.begin(), placed.end());
  std::vector<std::string> all;
  for (auto& [place, key] : placed) all.push_back(std::move(key));
  return all;
}

void TomlTable::tables(std::string_view key, std::size_t most,
                       const std::function<void(TomlTable&)>& examine) {
  const toml::node* node = find(key);
  if (node == nullptr) return;
  const std::string name = "[[" + std::string(key) + "]]";
  const toml::array* list = node->as_array();
  if (list == nullptr || (!list->empty() && !list->is_array_of_tables())) {
    fault(key, "must be a list of tables: " + name);
    return;
  }
  if (list->size() > most)
    fault(key, std::to_string(list->size()) + " of " + name + "; at most " + std::to_string(most));
  for (std::size_t at = 0; at < std::min(list->size(), most); ++at) {
    TomlTable inner(*list->get(at)->as_table(), name, report_);
    examine(inner);
    inner.finish();
  }
}

void TomlTable::finish() {
  for (const auto& [key, node] : table_) {
    if (std::find(known_.begin(), known_.end(), key.str()) != known_.end()) continue;
    const std::string typed(key.str());
    const std::string meant = nearest(typed, known_);
    report_.add(key.source(), typed + ": unknown key" + (name_.empty() ? "" : " in " + name_) +
                                  (meant.empty() ? "" : "; did you mean " + meant + "?"));
  }
}

}  // namespace config
