// A TOML table under examination: reads typed values, notes every fault with its place, and knows which keys
// were asked for, so that whatever is left over is an unknown key. Nothing here throws or stops at the first
// fault.
#pragma once

#include <concepts>
#include <cstdint>
#include <functional>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#define TOML_ENABLE_FORMATTERS 0
#include <toml++/toml.h>

#include "config/settings.h"

namespace config {

// The faults of one file.
class Report {
 public:
  explicit Report(std::string file) : file_(std::move(file)) {}
  void add(const toml::source_region& where, std::string reason);
  bool empty() const { return findings_.empty(); }
  std::vector<Finding> take();  // by place in the file

 private:
  std::string file_;
  std::vector<Finding> findings_;
};

// nullopt: not TOML; the parser stops at the first fault of that kind, and the report names it.
std::optional<toml::table> parse_toml(const std::string& text, const std::string& name, Report&);

class TomlTable {
 public:
  // `name` as a person would look for it: "[policy]", "[[sim]]"; empty for the top of the file. Both the
  // table and the report outlive this.
  TomlTable(const toml::table& table, std::string name, Report& report)
      : table_(table), name_(std::move(name)), report_(report) {}

  // Each of the next leaves its target as it is when the key is absent or wrong (then it is in the report).
  void read(std::string_view key, std::string* into);
  void read(std::string_view key, bool* into);
  void read(std::string_view key, std::optional<double>* into);
  template <std::integral Number>
  void read(std::string_view key, Number* into, std::int64_t least, std::int64_t most);
  void read(std::string_view key, Millis* into, Millis least, Millis most);

  // For the one word that stands for a value of another kind.
  bool text_is(std::string_view key, std::string_view word);

  // "" or 0: whoever wrote that wants none of it.
  bool is_off(std::string_view key);

  struct Text {  // one item of a list of strings
    std::string value;
    const toml::node* node;
  };
  // nullopt: absent, or no list of strings. At most `most` items.
  std::optional<std::vector<Text>> texts(std::string_view key, std::size_t most);
  // [name] and [[name]]; nothing when absent.
  void table(std::string_view key, const std::function<void(TomlTable&)>& examine);
  void tables(std::string_view key, std::size_t most, const std::function<void(TomlTable&)>& examine);

  // [name] whose keys are no fixed words; all of them are asked for by this.
  std::vector<std::string> keys();

  bool has(std::string_view key) const { return table_.contains(key); }
  void fault(std::string_view key,
             std::string reason);  // at the key's value, or at the table where it is absent
  void fault(const toml::node& node, std::string reason) { report_.add(node.source(), std::move(reason)); }
  Place place(std::string_view key) const;  // of its value; line 0: absent
  std::uint32_t line() const { return static_cast<std::uint32_t>(table_.source().begin.line); }
  void finish();  // names whatever was not asked for

 private:
  const toml::node* find(std::string_view key);
  std::optional<std::int64_t> whole(std::string_view key, std::int64_t least, std::int64_t most);
  void wrong_type(std::string_view key, const toml::node&, std::string_view wanted);

  const toml::table& table_;
  std::string name_;
  Report& report_;
  std::vector<std::string> known_;
};

template <std::integral Number>
void TomlTable::read(std::string_view key, Number* into, std::int64_t least, std::int64_t most) {
  if (const auto value = whole(key, least, most)) *into = static_cast<Number>(*value);
}

}  // namespace config
