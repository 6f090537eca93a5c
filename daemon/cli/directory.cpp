#include "daemon/cli/directory.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <map>
#include <set>
#include <sstream>
#include <string_view>

#include "config/toml_table.h"
#include "config/units.h"

namespace klaxon::cli {
namespace {

using config::TomlTable;

// The daemon's own bounds.
constexpr std::size_t kMostContacts = 10'000, kMostNumbers = 10, kMostTags = 20;
constexpr std::size_t kMostGroups = 1'000, kMostKeywords = 1'000, kMostMembers = 10'000, kMostFrom = 1'000;

// Made of what numbers are made of: no contact is called so.
bool spelled_like_number(const std::string& text) {
  return text.find_first_not_of("+0123456789 .-()[]/") == std::string::npos;
}

// What the daemon takes a number from: it knows the country, so national digits pass here.
bool may_be_number(const std::string& text) {
  const auto digits = std::count_if(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
  return digits >= 3 && spelled_like_number(text) && text.find('/') == std::string::npos;
}

// A list of strings without repetition, each passed by `check` (empty: no reason against it). None: absent.
template <class Check>
std::optional<std::vector<std::string>> read_list(TomlTable& table, const char* key, std::size_t most,
                                                  Check check) {
  const auto items = table.texts(key, most);
  if (!items) return std::nullopt;
  std::vector<std::string> values;
  std::set<std::string> seen;
  for (const auto& item : *items) {
    std::string reason = check(item.value);
    if (reason.empty() && !seen.insert(item.value).second) reason = "stands here twice";
    if (!reason.empty()) table.fault(*item.node, std::string(key) + ": \"" + item.value + "\" " + reason);
    values.push_back(item.value);
  }
  return values;
}

void require(TomlTable& table, const char* key, const std::string& value) {
  if (!table.has(key)) {
    table.fault(key, "is missing");
  } else if (value.empty()) {
    table.fault(key, "is empty");
  }
}

bool plain_name(const std::string& name) {
  constexpr std::size_t kLongest = 64;
  return name.size() <= kLongest && std::all_of(name.begin(), name.end(), [](char c) {
           return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
                  c == '_';
         });
}

Contact read_contact(TomlTable& table) {
  Contact contact;
  contact.line = table.line();
  table.read("name", &contact.name);
  require(table, "name", contact.name);
  if (!contact.name.empty() && spelled_like_number(contact.name))
    table.fault("name", "is spelled like a number");
  const auto check = [](const std::string& number) {
    return std::string(may_be_number(number) ? "" : "is no number");
  };
  if (table.has("number") && table.has("numbers"))
    table.fault("number", "number and numbers exclude each other");
  if (!table.has("number") && !table.has("numbers")) table.fault("numbers", "is missing");
  std::string number;
  table.read("number", &number);
  if (table.has("number") && !may_be_number(number)) table.fault("number", "\"" + number + "\" is no number");
  if (!number.empty()) contact.numbers.push_back(number);
  const auto numbers = read_list(table, "numbers", kMostNumbers, check);
  if (numbers && numbers->empty()) table.fault("numbers", "has none");
  if (numbers) contact.numbers = *numbers;
  const auto tags = read_list(table, "tags", kMostTags, [](const std::string& tag) {
    return std::string(tag.empty() ? "is empty" : "");
  });
  contact.tags = tags.value_or(std::vector<std::string>{});
  return contact;
}

Group read_group(TomlTable& table) {
  Group group;
  group.line = table.line();
  table.read("name", &group.name);
  require(table, "name", group.name);
  if (!plain_name(group.name)) table.fault("name", "must be 1 to 64 letters, digits, - and _");
  if (!table.has("members")) table.fault("members", "is missing");
  const auto members = read_list(table, "members", kMostMembers, [](const std::string& member) {
    return std::string(
        may_be_number(member) || !spelled_like_number(member) ? "" : "is neither a number nor a name");
  });
  group.members = members.value_or(std::vector<std::string>{});
  return group;
}

std::string check_secret(const std::string& secret) {
  constexpr std::string_view kScheme = "pin:file:";
  if (secret.starts_with("totp:")) return "totp is not offered in this version";
  if (!secret.starts_with(kScheme) || secret.size() == kScheme.size()) return "must be \"pin:file:NAME\"";
  if (secret.find('/') != std::string::npos || secret[kScheme.size()] == '.')
    return "names a file in policy.secrets_dir, never a path";
  return {};
}

void check_action(TomlTable& table, const Keyword& keyword) {
  constexpr std::string_view kLater[] = {"alert", "flow", "subscribe", "unsubscribe", "webhook", "admin"};
  require(table, "action", keyword.action);
  if (std::find(std::begin(kLater), std::end(kLater), keyword.action) != std::end(kLater)) {
    table.fault("action", "\"" + keyword.action + "\" is not offered in this version");
  } else if (!keyword.action.empty() && keyword.action != "reply" && keyword.action != "broadcast") {
    table.fault("action", "\"" + keyword.action + "\" is neither reply nor broadcast");
  }
  if (keyword.action == "broadcast" && keyword.group.empty())
    table.fault("group", "is missing for action broadcast");
  if (keyword.action == "broadcast" && !table.has("from"))
    table.fault("from", "is missing: who may broadcast");
  if (keyword.action == "reply" && table.has("group"))
    table.fault("group", "has no meaning for action reply");
}

std::string check_sender(const std::string& who) {
  const bool group = who.starts_with("group:") && who.size() > 6;
  return group || may_be_number(who) ? "" : "is neither a number nor \"group:NAME\"";
}

Keyword read_keyword(TomlTable& table) {
  Keyword keyword;
  keyword.line = table.line();
  table.read("word", &keyword.word);
  require(table, "word", keyword.word);
  if (keyword.word.find_first_of(" \t\r\n") != std::string::npos) table.fault("word", "holds a blank");
  keyword.from = read_list(table, "from", kMostFrom, check_sender);
  if (keyword.from && keyword.from->empty()) table.fault("from", "names nobody");
  table.read("secret", &keyword.secret);
  if (table.has("secret")) {
    if (const auto reason = check_secret(keyword.secret); !reason.empty()) table.fault("secret", reason);
  }
  table.read("action", &keyword.action);
  table.read("group", &keyword.group);
  check_action(table, keyword);
  table.read("text", &keyword.text);
  require(table, "text", keyword.text);
  table.read("lane", &keyword.lane);
  constexpr std::string_view kLanes[] = {"alert", "urgent", "normal", "bulk"};
  if (std::find(std::begin(kLanes), std::end(kLanes), keyword.lane) == std::end(kLanes))
    table.fault("lane", "\"" + keyword.lane + "\" is none of alert, urgent, normal, bulk");
  table.read("report", &keyword.report);
  config::Millis cooldown{-1};
  table.read("cooldown", &cooldown, config::Millis{0}, std::chrono::hours{24 * 365});
  if (cooldown.count() >= 0) keyword.cooldown = cooldown;
  return keyword;
}

void note_once(TomlTable& table, const char* key, const std::string& value,
               std::map<std::string, std::uint32_t>& seen) {
  if (value.empty()) return;
  const auto [first, fresh] = seen.try_emplace(value, table.line());
  if (!fresh)
    table.fault(key, "\"" + value + "\" stands at line " + std::to_string(first->second) + " already");
}

Directory read_all(TomlTable& top) {
  Directory directory;
  std::map<std::string, std::uint32_t> contacts, groups, words;
  top.tables("contact", kMostContacts, [&](TomlTable& table) {
    directory.contacts.push_back(read_contact(table));
    note_once(table, "name", directory.contacts.back().name, contacts);
  });
  top.tables("group", kMostGroups, [&](TomlTable& table) {
    directory.groups.push_back(read_group(table));
    note_once(table, "name", directory.groups.back().name, groups);
  });
  top.tables("keyword", kMostKeywords, [&](TomlTable& table) {
    directory.keywords.push_back(read_keyword(table));
    note_once(table, "word", folded(directory.keywords.back().word), words);
  });
  top.finish();
  return directory;
}

std::string quoted(const std::string& text) {
  constexpr std::string_view kHex = "0123456789ABCDEF";
  std::string out = "\"";
  for (const char c : text) {
    const auto octet = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      out += '\\';
      out += c;
    } else if (c == '\n') {
      out += "\\n";
    } else if (octet < 0x20 || octet == 0x7F) {
      out += "\\u00";
      out += kHex[octet >> 4];
      out += kHex[octet & 0xF];
    } else {
      out += c;
    }
  }
  return out + "\"";
}

std::string list_of(const std::vector<std::string>& values) {
  std::string out = "[";
  for (const auto& value : values) out += (out.size() > 1 ? ", " : "") + quoted(value);
  return out + "]";
}

void write_contact(std::ostream& out, const Contact& contact) {
  out << "[[contact]]\nname = " << quoted(contact.name) << "\n";
  if (contact.numbers.size() == 1)
    out << "number = " << quoted(contact.numbers.front()) << "\n";
  else
    out << "numbers = " << list_of(contact.numbers) << "\n";
  if (!contact.tags.empty()) out << "tags = " << list_of(contact.tags) << "\n";
  out << "\n";
}

void write_keyword(std::ostream& out, const Keyword& keyword) {
  out << "[[keyword]]\nword = " << quoted(keyword.word) << "\n";
  if (keyword.from) out << "from = " << list_of(*keyword.from) << "\n";
  if (!keyword.secret.empty()) out << "secret = " << quoted(keyword.secret) << "\n";
  out << "action = " << quoted(keyword.action) << "\n";
  if (!keyword.group.empty()) out << "group = " << quoted(keyword.group) << "\n";
  if (!keyword.text.empty()) out << "text = " << quoted(keyword.text) << "\n";
  out << "lane = " << quoted(keyword.lane) << "\nreport = " << (keyword.report ? "true" : "false") << "\n";
  out << "cooldown = " << quoted(config::format_duration(keyword.effective_cooldown())) << "\n\n";
}

}  // namespace

config::Millis Keyword::effective_cooldown() const {
  return cooldown.value_or(config::Millis(action == "broadcast" ? 60'000 : 0));
}

std::string folded(const std::string& word) {
  std::string upper = word;
  for (char& c : upper) c = c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
  return upper;
}

at::Expected<Directory, std::vector<config::Finding>> parse_directory(const std::string& toml,
                                                                      const std::string& name) {
  config::Report report(name);
  Directory directory;
  if (const auto table = config::parse_toml(toml, name, report)) {
    TomlTable top(*table, "", report);
    directory = read_all(top);
  }
  if (!report.empty()) return at::Unexpected{report.take()};
  return directory;
}

at::Expected<Directory, std::vector<config::Finding>> load_directory(const std::string& file) {
  const auto unreadable = [&](const char* why) {
    return at::Unexpected{std::vector<config::Finding>{{file, 0, 0, why}}};
  };
  std::error_code ignored;
  if (std::filesystem::is_directory(file, ignored)) return unreadable("is a directory");
  std::ifstream in(file, std::ios::binary);
  if (!in) return unreadable(std::strerror(errno));
  std::ostringstream text;
  // An unreadable file must not pass for an empty one: with --prune that would remove everything.
  const bool empty = in.peek() == std::ifstream::traits_type::eof();
  if (in.bad() || (!empty && !(text << in.rdbuf()))) return unreadable("can't be read");
  return parse_directory(text.str(), file);
}

std::string write_directory(const Directory& directory) {
  std::ostringstream out;
  for (const auto& contact : directory.contacts) write_contact(out, contact);
  for (const auto& group : directory.groups)
    out << "[[group]]\nname = " << quoted(group.name) << "\nmembers = " << list_of(group.members) << "\n\n";
  for (const auto& keyword : directory.keywords) write_keyword(out, keyword);
  return out.str();
}

}  // namespace klaxon::cli
