// What all watchers of a life look at, and how its texts are known again: each text, and each segment of it, shows a tag.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "tests/support/appliance_rig.h"

namespace simulation {

using namespace klaxon;

constexpr int kModems = 4;

class Verdicts {
 public:
  void wrong(std::string what) {
    if (all_.size() < kMost) all_.push_back(std::move(what));
  }
  const std::vector<std::string>& all() const { return all_; }

 private:
  static constexpr std::size_t kMost = 12;
  std::vector<std::string> all_;
};

// An upper case letter and seven digits; empty: it shows none.
std::string tag_in(std::string_view text);
// A sensitive text goes while its row stays; its tag is the row's ref as well.
std::string tag_of(const MessageRecord&);

// Milliseconds of the life, as its notes have them.
std::int64_t life_ms(const rig::Rig&);

// "m17 S0000123 to +4479…": and what its row says at this moment.
std::string shown(const MessageRecord&);

}  // namespace simulation
