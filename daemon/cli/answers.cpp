#include "daemon/cli/answers.h"

#include <sstream>

#include "daemon/cli/text_table.h"

namespace klaxon::cli {
namespace {

std::string joined(const json::array& items) {
  std::string text;
  for (const auto& item : items) text += (text.empty() ? "" : item.is_object() ? "; " : ", ") + shown(item);
  return text.empty() ? "-" : text;
}

std::string joined(const json::object& fields) {
  if (fields.contains("value") && fields.contains("source") && fields.size() == 2)
    return shown(fields, "value") + " (" + shown(fields, "source") + ")";
  std::string text;
  for (const auto& [key, value] : fields)
    text += (text.empty() ? "" : ", ") + std::string(key) + " " + shown(value);
  return text.empty() ? "-" : text;
}

}  // namespace

std::string text_of(const json::object& fields, std::string_view key) {
  const auto* value = fields.if_contains(key);
  return value != nullptr && value->is_string() ? std::string(value->get_string()) : std::string{};
}

const json::array* items_of(const json::object& fields, std::string_view key) {
  const auto* value = fields.if_contains(key);
  return value != nullptr ? value->if_array() : nullptr;
}

json::array list_of(const std::vector<std::string>& texts) {
  json::array items;
  for (const auto& text : texts) items.emplace_back(text);
  return items;
}

const json::object* object_of(const json::object& fields, std::string_view key) {
  const auto* value = fields.if_contains(key);
  return value != nullptr ? value->if_object() : nullptr;
}

std::string shown(const json::value& value) {
  switch (value.kind()) {
    case json::kind::null:
      return "-";
    case json::kind::bool_:
      return value.get_bool() ? "yes" : "no";
    case json::kind::string:
      return value.get_string().empty() ? "-" : std::string(value.get_string());
    case json::kind::array:
      return joined(value.get_array());
    case json::kind::object:
      return joined(value.get_object());
    case json::kind::int64:
    case json::kind::uint64:
      return json::serialize(value);
    case json::kind::double_:
      break;
  }
  std::ostringstream number;  // 0.5, not 5E-1
  number << value.get_double();
  return number.str();
}

std::string shown(const json::object& fields, std::string_view key) {
  const auto* value = fields.if_contains(key);
  return value != nullptr ? shown(*value) : "-";
}

std::string table_of(const json::value& list, const std::vector<Column>& columns) {
  std::vector<std::string> headings;
  for (const auto& column : columns) headings.emplace_back(column.heading);
  TextTable table(std::move(headings));
  const auto* fields = list.if_object();
  const auto* items = fields != nullptr ? items_of(*fields, "items") : nullptr;
  if (items == nullptr || items->empty()) return "none\n";
  for (const auto& item : *items) {
    if (!item.is_object()) continue;
    std::vector<std::string> cells;
    for (const auto& column : columns) cells.push_back(shown(item.get_object(), column.key));
    table.row(std::move(cells));
  }
  return table.text();
}

std::string lines_of(const json::object& fields) {
  TextTable table({});
  for (const auto& [key, value] : fields) table.row({std::string(key), shown(value)});
  return table.text();
}

}  // namespace klaxon::cli
