// Reading the API's JSON for people: every function takes whatever comes, and an absent field is empty, never
// an error.
#pragma once

#include <boost/json.hpp>
#include <string>
#include <string_view>
#include <vector>

namespace klaxon::cli {

namespace json = boost::json;

std::string text_of(const json::object&, std::string_view key);            // "" unless it is a string
const json::array* items_of(const json::object&, std::string_view key);    // nullptr unless it is a list
const json::object* object_of(const json::object&, std::string_view key);  // nullptr unless it is an object
json::array list_of(const std::vector<std::string>&);

// As a cell: "-" where absent, null or empty; numbers in full, "yes" and "no", lists with commas,
// {"value": 5, "source": "file"} as "5 (file)", other objects as "key value, key value".
std::string shown(const json::value&);
std::string shown(const json::object&, std::string_view key);

// A list answer as a table: one column for each key, under its heading.
struct Column {
  std::string_view heading, key;
};
std::string table_of(const json::value& list, const std::vector<Column>&);
// One object, a line for each field, in the order of the answer.
std::string lines_of(const json::object&);

}  // namespace klaxon::cli
