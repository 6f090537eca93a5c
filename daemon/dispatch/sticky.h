// Which SIM spoke with a number last, either way: what that person answers comes back to it. A cache of bounded size: whoever was
// not spoken with for the longest is forgotten first, by halves.
#pragma once

#include <cstdint>
#include <deque>
#include <string>
#include <string_view>
#include <unordered_map>

namespace klaxon {

class Sticky {
 public:
  explicit Sticky(std::size_t numbers = 65'536) : half_(numbers / 2) {}
  void spoke(std::string_view number, std::string_view iccid);
  // For what is read of the past: whoever spoke since is not overruled.
  void spoke_before(std::string_view number, std::string_view iccid);
  void did_not_speak(std::string_view number);  // what would have been the first word was taken back
  std::string_view sim_of(std::string_view number) const;  // empty: none is remembered; valid for its lifetime
  std::size_t size() const { return recent_.size() + older_.size(); }

 private:
  std::uint16_t index_of(std::string_view iccid);

  std::size_t half_;
  std::deque<std::string> iccids_;      // never moved: sim_of() shows them
  std::unordered_map<std::uint64_t, std::uint16_t> recent_, older_;  // by a hash of the number
};

}  // namespace klaxon
