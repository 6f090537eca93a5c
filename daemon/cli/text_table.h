// Aligned columns for people's eyes.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace klaxon::cli {

// Texts come from strangers: whatever could steer a terminal is shown, not obeyed. A line end becomes "⏎",
// another control character "·", an octet that is not UTF-8 "�".
std::string printable(std::string_view utf8);

class TextTable {
 public:
  explicit TextTable(std::vector<std::string> headings);  // none: no line of headings
  void row(std::vector<std::string> cells);
  std::string text() const;  // columns two blanks apart, the last one ragged

 private:
  std::vector<std::vector<std::string>> rows_;
};

}  // namespace klaxon::cli
