// Comma-separated values as spreadsheets write them (RFC 4180): with or without a byte order mark, by comma,
// semicolon or tab, lines ended by CR, LF or both. Pure.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace klaxon::doors {

struct CsvRow {
  std::size_t line = 0;  // where it begins; a quoted cell may hold line ends
  std::vector<std::string> cells;
};
struct CsvFault {
  std::size_t line = 0;
  std::string what;
};
struct Csv {
  std::vector<CsvRow> rows;  // without those that are blank or at fault
  std::vector<CsvFault> faults;
};

constexpr std::size_t kMostCsvRows = 10'000;  // the heading comes besides
constexpr std::size_t kMostCsvCells = 64;

// What stands first outside of quotes tells the separator. Ends at the first row too many, with a fault; rows
// at fault count.
Csv read_csv(std::string_view text);

// One line, ended by CR LF; a cell is quoted where it has to be.
std::string csv_line(const std::vector<std::string>& cells);

}  // namespace klaxon::doors
