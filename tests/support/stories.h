// What the stories of tests/daemon/app say again and again.
#pragma once

#include <algorithm>

#include "tests/support/appliance_rig.h"

namespace rig {

inline constexpr const char* kAna = "+34600111222";
inline constexpr const char* kBen = "+34600111333";

inline Options one(modembank::Family family = modembank::Family::generic) { return {.modems = 1, .family = family}; }

// What the disk says.
inline bool is(const Rig& rig, Id id, MessageState state) {
  return rig.rows.messages.contains(id) && rig.row(id).state == state;
}

// How often it happened in the field.
inline std::size_t count(const Rig& rig, const std::string& event) {
  return static_cast<std::size_t>(std::count_if(rig.air.begin(), rig.air.end(), [&](const auto& r) { return r.event == event; }));
}

}  // namespace rig
