// What a person's spreadsheet gives: any octets. What is read is written and read again as it was.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "daemon/doors/contact_body.h"
#include "daemon/doors/csv.h"

namespace {

using namespace klaxon;

void must(bool holds) {
  if (!holds) std::abort();
}

void check_cells(std::string_view text) {
  const doors::Csv csv = doors::read_csv(text);
  must(csv.rows.size() <= doors::kMostCsvRows + 1);
  std::size_t line = 0;
  for (const doors::CsvRow& row : csv.rows) {
    must(row.line > line && row.cells.size() <= doors::kMostCsvCells);
    line = row.line;
    // A heading of commas alone tells their separator, whatever the first row holds.
    const doors::Csv back = doors::read_csv(doors::csv_line({"a", "b"}) + doors::csv_line(row.cells));
    must(back.faults.empty() && back.rows.size() == 2 && back.rows[1].cells == row.cells);
  }
}

}  // namespace

int fuzz_csv(const std::uint8_t* bytes, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(bytes), size);
  check_cells(text);
  static const config::Settings kSettings;
  const doors::Rules rules{kSettings, 1'795'339'800'000, [](const std::string&) { return false; },
                           [](const std::string&) { return std::optional<std::size_t>(); }};
  doors::FieldErrors errors;
  const auto contacts = doors::read_contacts_csv(text, rules, errors);
  if (errors.empty()) {
    doors::FieldErrors none;
    must(doors::read_contacts_csv(doors::contacts_csv(contacts), rules, none) == contacts && none.empty());
  }
  doors::FieldErrors of_groups;
  const auto groups = doors::read_groups_csv(text, rules, of_groups);
  if (of_groups.empty()) must(!groups.empty());
  return 0;
}
