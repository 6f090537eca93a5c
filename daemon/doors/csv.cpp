#include "daemon/doors/csv.h"

#include <algorithm>
#include <utility>

#include "at/ucs2.h"

namespace klaxon::doors {

namespace {

constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";
constexpr std::string_view kSeparators = ",;\t";

bool line_end(char c) {
  return c == '\r' || c == '\n';
}

char separator_of(std::string_view text) {
  bool quoted = false;
  for (const char c : text) {
    if (c == '"') quoted = !quoted;
    if (quoted) continue;
    if (line_end(c)) break;
    if (kSeparators.find(c) != std::string_view::npos) return c;
  }
  return ',';
}

class Reading {
 public:
  explicit Reading(std::string_view text) : text_(text), separator_(separator_of(text)) {}

  Csv all() {
    while (at_ < text_.size() && row()) {
    }
    return std::move(csv_);
  }

 private:
  bool row() {
    CsvRow row{line_, {}};
    const std::size_t faults = csv_.faults.size();
    do {
      row.cells.push_back(text_.substr(at_).starts_with('"') ? quoted_cell() : plain_cell());
      if (csv_.faults.size() > faults) break;
    } while (row.cells.size() <= kMostCsvCells && separator_follows());
    if (csv_.faults.size() == faults && row.cells.size() > kMostCsvCells)
      fault(row.line, "more than " + std::to_string(kMostCsvCells) + " cells");
    skip_line();
    const bool good = csv_.faults.size() == faults;
    if (good && blank(row)) return true;
    if (csv_.rows.size() + csv_.faults.size() > kMostCsvRows) {
      fault(row.line, "more than " + std::to_string(kMostCsvRows) + " lines");
      return false;
    }
    if (good) csv_.rows.push_back(std::move(row));
    return true;
  }

  std::string plain_cell() {
    const std::size_t begin = at_;
    while (at_ < text_.size() && text_[at_] != separator_ && !line_end(text_[at_])) {
      if (text_[at_] == '"') fault(line_, "a quote inside a cell that does not begin with one");
      if (text_[at_] == '"') break;
      ++at_;
    }
    return checked(text_.substr(begin, at_ - begin), line_);
  }

  std::string quoted_cell() {
    const std::size_t first_line = line_;
    std::string cell;
    for (++at_; at_ < text_.size(); ++at_) {
      if (text_[at_] == '"' && text_.substr(at_ + 1).starts_with('"'))
        ++at_;
      else if (text_[at_] == '"')
        break;
      count_line();
      cell.push_back(text_[at_]);
    }
    if (at_ >= text_.size()) {
      fault(first_line, "a quote that is never closed");
      return cell;
    }
    ++at_;
    if (at_ < text_.size() && text_[at_] != separator_ && !line_end(text_[at_]))
      fault(line_, "something between a closing quote and the next cell");
    return checked(cell, first_line);
  }

  bool separator_follows() {
    if (at_ >= text_.size() || text_[at_] != separator_) return false;
    ++at_;
    return true;
  }

  // Of CR LF, the LF counts.
  void count_line() {
    if (text_[at_] == '\n' || (text_[at_] == '\r' && !text_.substr(at_ + 1).starts_with('\n'))) ++line_;
  }

  void skip_line() {
    while (at_ < text_.size() && !line_end(text_[at_])) ++at_;
    if (text_.substr(at_).starts_with("\r\n")) ++at_;
    if (at_ >= text_.size()) return;
    ++at_;
    ++line_;
  }

  std::string checked(std::string_view cell, std::size_t line) {
    if (!at::utf8_valid(cell)) fault(line, "not UTF-8; have the spreadsheet save it as CSV UTF-8");
    return std::string(cell);
  }

  static bool blank(const CsvRow& row) {
    return std::all_of(row.cells.begin(), row.cells.end(),
                       [](const std::string& cell) { return cell.empty(); });
  }

  void fault(std::size_t line, std::string what) { csv_.faults.push_back({line, std::move(what)}); }

  std::string_view text_;
  char separator_;
  std::size_t at_ = 0, line_ = 1;
  Csv csv_;
};

}  // namespace

Csv read_csv(std::string_view text) {
  if (text.starts_with(kByteOrderMark)) text.remove_prefix(kByteOrderMark.size());
  return Reading(text).all();
}

std::string csv_line(const std::vector<std::string>& cells) {
  std::string line;
  for (const std::string& cell : cells) {
    if (&cell != &cells.front()) line += ',';
    if (cell.find_first_of(",;\t\"\r\n") == std::string::npos) {
      line += cell;
      continue;
    }
    line += '"';
    for (const char c : cell) line += c == '"' ? std::string("\"\"") : std::string(1, c);
    line += '"';
  }
  return line + "\r\n";
}

}  // namespace klaxon::doors
