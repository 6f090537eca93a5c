// How many messages went to a number in this hour and on this day, where the policy limits that. By the clock of `timezone`.
#pragma once

#include <cstdint>
#include <optional>
#include <unordered_map>

namespace klaxon {

class Caps {
 public:
  struct Limits {
    std::int64_t hourly = 0, daily = 0;  // 0: none
    bool any() const { return hourly > 0 || daily > 0; }
  };

  // recipient: recipient_key; minute: since 1970. In any order: of the past only what counts yet is taken.
  void count(std::int64_t recipient, std::int64_t minute);
  void take_back(std::int64_t recipient);  // the newest one was not sent after all
  // When it may be written to again, in minutes since 1970; none: now.
  std::optional<std::int64_t> free_at(std::int64_t recipient, std::int64_t minute, const Limits&) const;

 private:
  struct Sent {
    std::int64_t hour = 0, in_hour = 0, day = 0, in_day = 0;
  };
  static constexpr std::size_t kMost = 500'000;  // then those of other days go
  std::unordered_map<std::int64_t, Sent> sent_;
};

}  // namespace klaxon
