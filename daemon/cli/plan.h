// What `klaxon apply` will do: the difference between a file and the daemon's directory. Pure.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "daemon/cli/directory.h"

namespace klaxon::cli {

struct Change {
  enum class Act : std::uint8_t { add, change, remove };
  enum class What : std::uint8_t { contact, group, keyword };
  Act act = Act::add;
  What what = What::group;
  std::string name;                      // the contact's or group's name, or the word
  std::vector<std::string> differences;  // of a change: "members: +2 -1", "lane: normal -> alert"
  const Contact* contact = nullptr;      // the wanted one, of add and change; points into `wanted`
  const Group* group = nullptr;
  const Keyword* keyword = nullptr;

  std::string text() const;  // "change group all-staff (members: +2 -1)"
};

// In an order in which every step is allowed: what names another comes after it and goes before it, as
// keywords do with groups, and groups with contacts. `prune`: what the file lacks is removed. Both
// directories outlive the result.
std::vector<Change> plan(const Directory& wanted, const Directory& present, bool prune);

}  // namespace klaxon::cli
