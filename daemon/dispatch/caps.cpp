#include "daemon/dispatch/caps.h"

namespace klaxon {

namespace {

constexpr std::int64_t kHour = 60, kDay = 24 * kHour;

void add(std::int64_t span, std::int64_t* current, std::int64_t* count) {
  if (span > *current) *count = 0;
  if (span < *current) return;
  *current = span;
  ++*count;
}

}  // namespace

void Caps::count(std::int64_t recipient, std::int64_t minute) {
  if (sent_.size() >= kMost) std::erase_if(sent_, [&](const auto& entry) { return entry.second.day < minute / kDay; });
  Sent& sent = sent_[recipient];
  add(minute / kHour, &sent.hour, &sent.in_hour);
  add(minute / kDay, &sent.day, &sent.in_day);
}

void Caps::take_back(std::int64_t recipient) {
  const auto at = sent_.find(recipient);
  if (at == sent_.end()) return;
  for (std::int64_t* count : {&at->second.in_hour, &at->second.in_day})
    if (*count > 0) --*count;
}

std::optional<std::int64_t> Caps::free_at(std::int64_t recipient, std::int64_t minute, const Limits& limits) const {
  const auto at = sent_.find(recipient);
  if (at == sent_.end()) return std::nullopt;
  const Sent& sent = at->second;
  if (limits.daily > 0 && sent.day == minute / kDay && sent.in_day >= limits.daily) return (sent.day + 1) * kDay;
  if (limits.hourly > 0 && sent.hour == minute / kHour && sent.in_hour >= limits.hourly) return (sent.hour + 1) * kHour;
  return std::nullopt;
}

}  // namespace klaxon
