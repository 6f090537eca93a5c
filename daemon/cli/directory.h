// Contacts, groups and keywords as text: what `klaxon apply` reads and `klaxon export` writes.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "config/settings.h"

namespace klaxon::cli {

struct Contact {
  std::string name;
  std::vector<std::string> numbers;  // in order of trying
  std::vector<std::string> tags;
  std::uint32_t line = 0;  // in the file; 0: from the daemon
};
struct Group {
  std::string name;
  std::vector<std::string> members;  // numbers, and contacts by name
  std::uint32_t line = 0;            // in the file; 0: from the daemon
};
struct Keyword {
  std::string word;
  std::optional<std::vector<std::string>> from;  // "group:NAME" and numbers; none: left out
  std::string secret;                            // "pin:file:NAME" or empty; never a secret itself
  std::string action;                            // reply, broadcast
  std::string group, text;
  std::string lane = "normal";
  bool report = true;
  std::optional<config::Millis> cooldown;  // none: left out
  std::uint32_t line = 0;

  config::Millis effective_cooldown() const;  // left out: 60 s for broadcast, none for reply
};
struct Directory {
  std::vector<Contact> contacts;
  std::vector<Group> groups;
  std::vector<Keyword> keywords;
};

// Every fault at once, with its line. Whether a contact or group exists that the file doesn't hold is the
// daemon's to say.
at::Expected<Directory, std::vector<config::Finding>> parse_directory(const std::string& toml,
                                                                      const std::string& name);
at::Expected<Directory, std::vector<config::Finding>> load_directory(const std::string& file);

// The same form again: parse_directory() of it gives the same.
std::string write_directory(const Directory&);

// ASCII letters in upper case; for comparing words. Other letters are folded by the daemon alone.
std::string folded(const std::string& word);

}  // namespace klaxon::cli
