#include "daemon/cli/text_table.h"

#include <algorithm>

#include "at/ucs2.h"

namespace klaxon::cli {
namespace {

bool steers(char32_t c) {
  return c < 0x20 || (c >= 0x7F && c <= 0x9F) ||  // C0, DEL, C1
         (c >= 0x200E && c <= 0x200F) ||          // direction marks, and the overrides below
         (c >= 0x2028 && c <= 0x202E) || (c >= 0x2066 && c <= 0x2069);
}

// Characters; wide ones count as one, which no table of texts is worth more for.
std::size_t width(std::string_view utf8) {
  std::size_t count = 0;
  for (std::size_t at = 0; at < utf8.size(); ++count) at::utf8_next(utf8, &at);
  return count;
}

}  // namespace

std::string printable(std::string_view utf8) {
  std::string safe;
  for (std::size_t at = 0; at < utf8.size();) {
    const char32_t c = at::utf8_next(utf8, &at);
    at::utf8_append(&safe, c == U'\n' ? U'⏎' : steers(c) ? U'·' : c);
  }
  return safe;
}

TextTable::TextTable(std::vector<std::string> headings) {
  if (!headings.empty()) rows_.push_back(std::move(headings));
}

void TextTable::row(std::vector<std::string> cells) {
  for (auto& cell : cells) cell = printable(cell);
  rows_.push_back(std::move(cells));
}

std::string TextTable::text() const {
  std::vector<std::size_t> widths;
  for (const auto& cells : rows_) {
    widths.resize(std::max(widths.size(), cells.size()));
    for (std::size_t column = 0; column < cells.size(); ++column)
      widths[column] = std::max(widths[column], width(cells[column]));
  }
  std::string text;
  for (const auto& cells : rows_) {
    for (std::size_t column = 0; column < cells.size(); ++column) {
      text += cells[column];
      if (column + 1 < cells.size()) text.append(widths[column] - width(cells[column]) + 2, ' ');
    }
    text += '\n';
  }
  return text;
}

}  // namespace klaxon::cli
