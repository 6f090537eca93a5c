#include "daemon/doors/contact_body.h"

#include <algorithm>
#include <map>
#include <optional>
#include <set>

#include "at/ucs2.h"
#include "daemon/doors/csv.h"
#include "daemon/doors/directory_body.h"
#include "daemon/doors/json_body.h"

namespace klaxon::doors {

namespace json = boost::json;

namespace {

constexpr std::size_t kLongestName = 256, kLongestTag = 64;  // octets
constexpr std::size_t kMostGroupMembers = kMostRecipients;
constexpr std::size_t kMostListed = 100;  // beyond, a list is not looked at; a contact's own bounds are told by name
constexpr std::string_view kSeveral = "|";  // between what shares a cell

// Controls, and what turns the direction of writing: names are shown in terminals and texts.
bool invisible(std::string_view text) {
  const auto octet = [&](std::size_t at) {
    return static_cast<unsigned char>(at < text.size() ? text[at] : 0);
  };
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (octet(i) < 0x20 || octet(i) == 0x7F) return true;
    if (octet(i) == 0xC2 && octet(i + 1) >= 0x80 && octet(i + 1) <= 0x9F) return true;
    if (octet(i) != 0xE2) continue;
    if (octet(i + 1) == 0x80 && octet(i + 2) >= 0xA8 && octet(i + 2) <= 0xAE) return true;
    if (octet(i + 1) == 0x81 && octet(i + 2) >= 0xA6 && octet(i + 2) <= 0xA9) return true;
  }
  return false;
}

std::string label_fault(std::string_view text, std::size_t longest) {
  if (text.empty()) return "is empty";
  if (text.size() > longest) return "is longer than " + std::to_string(longest) + " octets";
  if (invisible(text)) return "holds characters that can't be seen";
  if (text.front() == ' ' || text.back() == ' ' || text.find("  ") != std::string_view::npos)
    return "has blanks at its ends, or two in a row";
  if (std::string_view("=+-@").find(text.front()) != std::string_view::npos)
    return "begins with = + - or @, which a spreadsheet takes for a formula";
  return {};
}

std::string tag_fault(std::string_view tag) {
  if (tag.find_first_of(",;|") != std::string_view::npos) return "holds a comma, a semicolon or a bar";
  return label_fault(tag, kLongestTag);
}

std::optional<std::string> number_of(const std::string& text, const Rules& rules) {
  return text.size() <= 64 ? config::normalise_number(text, rules.settings.policy.default_country)
                           : std::nullopt;
}

void add_once(std::vector<std::string>& list, std::string text) {
  if (std::find(list.begin(), list.end(), text) == list.end()) list.push_back(std::move(text));
}

// One number or tag as it was given; says itself what is wrong with it.
struct Into {
  ContactRecord& contact;
  const Rules& rules;
  FieldErrors& errors;

  void number(const std::string& text, const std::string& pointer) const {
    auto number = number_of(text, rules);
    if (!number) return errors.add(pointer, "\"" + shortened(text, 32) + "\" is no number");
    add_once(contact.numbers, std::move(*number));
  }
  void tag(const std::string& text, const std::string& pointer) const {
    if (const std::string fault = tag_fault(text); !fault.empty())
      return errors.add(pointer, "\"" + shortened(text, 32) + "\" " + fault);
    add_once(contact.tags, text);
  }
  void bounds(const std::string& numbers, const std::string& tags) const {
    if (contact.numbers.size() > kMostContactNumbers) errors.add(numbers, "more than 10 numbers");
    if (contact.tags.size() > kMostTags) errors.add(tags, "more than 20 tags");
  }
};

// Of a cell: blanks at its ends are gone, several become one.
std::string squeezed(std::string_view text) {
  std::string out;
  for (const char c : text) {
    const bool blank = c == ' ' || c == '\t' || c == '\r' || c == '\n';
    if (!blank)
      out += c;
    else if (!out.empty() && out.back() != ' ')
      out += ' ';
  }
  if (!out.empty() && out.back() == ' ') out.pop_back();
  return out;
}

std::vector<std::string> several(std::string_view cell) {
  std::vector<std::string> out;
  for (std::size_t at = 0; at <= cell.size();) {
    const std::size_t end = std::min(cell.find_first_of(",;|\n", at), cell.size());
    if (std::string one = squeezed(cell.substr(at, end - at)); !one.empty()) out.push_back(std::move(one));
    at = end + 1;
  }
  return out;
}

std::string lower(std::string text) {
  for (char& c : text) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
  return text;
}

// "number", "numbers", "number2", "Number 2": the rest of the word says nothing.
bool number_column(std::string_view heading) {
  if (!heading.starts_with("number")) return false;
  heading.remove_prefix(6);
  if (heading.starts_with('s')) heading.remove_prefix(1);
  if (heading.starts_with(' ')) heading.remove_prefix(1);
  return heading.size() <= 2 && heading.find_first_not_of("0123456789") == std::string_view::npos;
}

std::string pointer_of(std::size_t line, std::string_view column) {
  return "/" + std::to_string(line) + (column.empty() ? "" : "/" + pointer_token(column));
}

// Rows below a heading, their cells by column; what is missing at a row's end is empty.
class Sheet {
 public:
  enum class Column { name, number, tags, group, member, none };
  using ColumnOf = Column (*)(const std::string& heading);

  Sheet(std::string_view text, ColumnOf column_of, FieldErrors& errors)
      : errors_(errors), csv_(read_csv(text)) {
    for (const CsvFault& fault : csv_.faults) say(fault.line, "", fault.what);
    if (csv_.rows.empty()) {
      if (csv_.faults.empty()) errors.add("", "the file is empty");
      return;
    }
    for (const std::string& cell : csv_.rows.front().cells) {
      headings_.push_back(lower(squeezed(cell)));
      columns_.push_back(headings_.back().empty() ? Column::none : column_of(headings_.back()));
      if (columns_.back() == Column::none && !headings_.back().empty())
        say(csv_.rows.front().line, "", "the heading \"" + shortened(cell, 32) + "\" is unknown");
    }
  }

  bool has(Column column) const {
    return std::find(columns_.begin(), columns_.end(), column) != columns_.end();
  }
  void need(Column column, const char* heading) {
    if (!csv_.rows.empty() && !has(column))
      say(csv_.rows.front().line, "", std::string("the heading \"") + heading + "\" is missing");
  }
  void say(std::size_t line, std::string_view column, const std::string& what) {
    errors_.add(pointer_of(line, column), "line " + std::to_string(line) + ": " + what);
  }

  // each(line, cell(Column) of that row); only where the heading is good.
  template <class Each>
  void rows(Each each) {
    if (csv_.rows.empty() || !errors_.empty()) return;
    for (std::size_t i = 1; i < csv_.rows.size(); ++i) {
      const CsvRow& row = csv_.rows[i];
      bool more = false;
      for (std::size_t at = 0; at < row.cells.size(); ++at)
        more = more ||
               (!squeezed(row.cells[at]).empty() && (at >= columns_.size() || columns_[at] == Column::none));
      more ? say(row.line, "", "a cell without a heading above it") : each(row);
    }
  }
  template <class Each>
  void cells(const CsvRow& row, Column column, Each each) const {
    for (std::size_t at = 0; at < columns_.size() && at < row.cells.size(); ++at)
      if (columns_[at] == column) each(row.cells[at], headings_[at]);
  }
  std::string cell(const CsvRow& row, Column column) const {
    std::string found;
    cells(row, column, [&](const std::string& text, const std::string&) { found = squeezed(text); });
    return found;
  }

 private:
  FieldErrors& errors_;
  Csv csv_;
  std::vector<std::string> headings_;
  std::vector<Column> columns_;
};

Sheet::Column contact_column(const std::string& heading) {
  if (heading == "name") return Sheet::Column::name;
  if (heading == "tag" || heading == "tags") return Sheet::Column::tags;
  return number_column(heading) ? Sheet::Column::number : Sheet::Column::none;
}

Sheet::Column group_column(const std::string& heading) {
  if (heading == "group") return Sheet::Column::group;
  return heading == "member" || heading == "members" ? Sheet::Column::member : Sheet::Column::none;
}

std::string joined(const std::vector<std::string>& list) {
  std::string out;
  for (const std::string& one : list) out += (out.empty() ? "" : std::string(kSeveral)) + one;
  return out;
}

}  // namespace

std::string name_fault(std::string_view name) {
  if (name == "." || name == "..") return "is no name";
  if (name.starts_with("group:")) return "begins with group:";
  std::string fault = label_fault(name, kLongestName);
  if (fault.empty() && name.find_first_not_of("+0123456789 .-()[]/") == std::string_view::npos)
    fault = "is spelled like a number";
  return fault;
}

ContactRecord read_contact(const json::value& body, const std::string& name, const Rules& rules,
                           FieldErrors& errors) {
  ContactRecord out;
  out.name = name;
  const json::object* object = object_of(body, errors);
  if (object == nullptr) return out;
  Fields fields(*object, "", errors);
  const Into into{out, rules, errors};
  if (const auto given = fields.text("name", kLongestName)) out.name = *given;
  if (const std::string fault = name_fault(out.name); !fault.empty()) fields.refuse("name", fault);
  const bool one = fields.given("number"), many = fields.given("numbers");
  if (one && many) fields.refuse("number", "number and numbers exclude each other");
  if (!one && !many) fields.required("numbers");
  if (const auto number = fields.text("number", 64)) into.number(*number, "/number");
  fields.each_text("numbers", kMostListed,
                   [&](const std::string& text, const std::string& at) { into.number(text, at); });
  fields.each_text("tags", kMostListed,
                   [&](const std::string& text, const std::string& at) { into.tag(text, at); });
  if (errors.empty() && out.numbers.empty()) fields.refuse("numbers", "has none");
  into.bounds("/numbers", "/tags");
  fields.close();
  return out;
}

std::vector<ContactRecord> read_contacts_csv(std::string_view text, const Rules& rules, FieldErrors& errors) {
  using Column = Sheet::Column;
  Sheet sheet(text, contact_column, errors);
  sheet.need(Column::name, "name");
  sheet.need(Column::number, "number");
  std::vector<ContactRecord> out;
  std::map<std::string, std::size_t> line_of;
  sheet.rows([&](const CsvRow& row) {
    ContactRecord contact;
    FieldErrors faults;
    const Into into{contact, rules, faults};
    contact.name = sheet.cell(row, Column::name);
    if (const std::string fault = name_fault(contact.name); !fault.empty())
      faults.add("name", "the name " + fault);
    const auto [first, fresh] = line_of.try_emplace(contact.name, row.line);
    if (!fresh && !contact.name.empty())
      faults.add("name", "the name \"" + shortened(contact.name, 32) + "\" stands in line " +
                             std::to_string(first->second));
    sheet.cells(row, Column::number, [&](const std::string& cell, const std::string& heading) {
      for (const std::string& one : several(cell)) into.number(one, heading);
    });
    sheet.cells(row, Column::tags, [&](const std::string& cell, const std::string& heading) {
      for (const std::string& one : several(cell)) into.tag(one, heading);
    });
    if (faults.empty() && contact.numbers.empty()) faults.add("number", "no number");
    into.bounds("number", "tags");
    for (const FieldError& fault : faults.list())
      errors.add(pointer_of(row.line, fault.pointer),
                 "line " + std::to_string(row.line) + ": " + fault.detail);
    out.push_back(std::move(contact));
  });
  if (errors.empty() && out.empty()) errors.add("", "nobody is in the file");
  return out;
}

std::vector<GroupRecord> read_groups_csv(std::string_view text, const Rules& rules, FieldErrors& errors) {
  using Column = Sheet::Column;
  Sheet sheet(text, group_column, errors);
  sheet.need(Column::group, "group");
  sheet.need(Column::member, "member");
  struct Gathered {
    std::vector<std::string> members;
    std::set<std::string> seen;
  };
  std::map<std::string, Gathered> groups;
  sheet.rows([&](const CsvRow& row) {
    const std::string name = sheet.cell(row, Column::group);
    if (!plain_name(name)) sheet.say(row.line, "", "a group's name is 1 to 64 letters, digits, - and _");
    Gathered& group = groups[name];
    const std::string cell = sheet.cell(row, Column::member);  // names may hold commas: one member a line
    auto member = cell.empty() ? std::nullopt : member_of(cell, rules);
    if (!member && !cell.empty())
      sheet.say(row.line, "", "\"" + shortened(cell, 32) + "\" is neither a number nor a contact");
    if (member && group.seen.insert(*member).second) group.members.push_back(std::move(*member));
    if (group.members.size() > kMostGroupMembers) sheet.say(row.line, "", "more than 10000 members");
  });
  if (errors.empty() && groups.empty()) errors.add("", "no group is in the file");
  std::vector<GroupRecord> out;
  for (auto& [name, group] : groups) out.push_back({name, std::move(group.members)});
  return out;
}

std::string contacts_csv(const std::vector<ContactRecord>& contacts) {
  std::string out = csv_line({"name", "numbers", "tags"});
  for (const ContactRecord& contact : contacts)
    out += csv_line({contact.name, joined(contact.numbers), joined(contact.tags)});
  return out;
}

std::string groups_csv(const std::vector<GroupRecord>& groups) {
  std::string out = csv_line({"group", "member"});
  for (const GroupRecord& group : groups) {
    if (group.members.empty()) out += csv_line({group.name, ""});
    for (const std::string& member : group.members) out += csv_line({group.name, member});
  }
  return out;
}

}  // namespace klaxon::doors
