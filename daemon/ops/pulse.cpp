#include "daemon/ops/pulse.h"

#include <algorithm>
#include <utility>

namespace klaxon::ops {
namespace {

constexpr at::Millis kStatusGap{5'000};  // how old the status may be
constexpr at::Millis kLeastGap{50};
constexpr int kBeatsPerWatch = 4;  // three may get lost or late

at::Millis gap_for(std::optional<at::Millis> watchdog) {
  if (!watchdog) return kStatusGap;
  return std::clamp(*watchdog / kBeatsPerWatch, kLeastGap, kStatusGap);
}

}  // namespace

std::string status_line(const Standing& standing) {
  std::string line = std::to_string(standing.ready) + " of " + std::to_string(standing.modems) +
                     " modems ready, " + std::to_string(standing.waiting) +
                     (standing.waiting == 1 ? " message waits" : " messages wait");
  for (const std::string& complaint : standing.complaints) line += "; " + complaint;
  return line;
}

Pulse::Pulse(std::optional<at::Millis> watchdog) : gap_(gap_for(watchdog)), watched_(watchdog.has_value()) {}

void Pulse::beat(at::Instant now, const Standing& standing) {
  if (!due(now)) return;
  std::string said;
  if (!next_) said += "READY=1\n";
  if (watched_) said += "WATCHDOG=1\n";
  next_ = now + gap_;
  std::string line = status_line(standing);
  if (line != told_ && !stopping_) {
    said += "STATUS=" + line + "\n";
    told_ = std::move(line);
  }
  if (!said.empty()) output_.push_back(std::move(said));
}

void Pulse::reloaded(at::Instant now) {
  const auto micros = std::chrono::duration_cast<std::chrono::microseconds>(now.time_since_epoch()).count();
  output_.push_back("RELOADING=1\nMONOTONIC_USEC=" + std::to_string(micros) + "\n");
  output_.push_back("READY=1\n");
}

void Pulse::stopping() {
  stopping_ = true;
  output_.push_back("STOPPING=1\nSTATUS=waiting for what is at the modems\n");
}

std::vector<std::string> Pulse::take_output() {
  return std::exchange(output_, {});
}

}  // namespace klaxon::ops
