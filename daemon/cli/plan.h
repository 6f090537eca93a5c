// What `klaxon apply` will do: the difference between a file and the daemon's directory. Pure.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "daemon/cli/directory.h"

namespace klaxon::cli {

struct Change {
  enum class Act : std::uint8_t { add, change, remove };
  enum class What : std::uint8_t { group, keyword };
  Act act = Act::add;
  What what = What::group;
  std::string name;                      // the group's name or the word
  std::vector<std::string> differences;  // of a change: "members: +2 -1", "lane: normal -> alert"
  const Group* group = nullptr;          // the wanted one, of add and change; points into `wanted`
  const Keyword* keyword = nullptr;

  std::string text() const;  // "change group all-staff (members: +2 -1)"
};

// In an order in which every step is allowed: keywords go before the groups that they name, groups come
// before the keywords that name them. `prune`: what the file lacks is removed. Both directories outlive the
// result.
std::vector<Change> plan(const Directory& wanted, const Directory& present, bool prune);

}  // namespace klaxon::cli
