#include "daemon/bank/port_probe.h"

#include <algorithm>
#include <utility>

namespace klaxon {
namespace {

using at::Millis;

constexpr Millis kLeftover{100}, kEscape{300}, kCallGap{500};
constexpr int kCalls = 3;
constexpr std::size_t kMostHeard = 4096;  // who talks more without being asked is no modem at rest

// The whole lines of a text, each without its line ends.
template <class Take>
void each_line(std::string_view text, Take take) {
  for (std::size_t end; (end = text.find_first_of("\r\n")) != std::string_view::npos;
       text.remove_prefix(end + 1))
    if (end > 0) take(text.substr(0, end));
}

}  // namespace

PortProbe::PortProbe(Millis budget, at::Instant now)
    : due_(now + kLeftover), end_(now + budget), calls_left_(kCalls) {}

void PortProbe::feed(std::string_view bytes, at::Instant) {
  std::string& heard = phase_ == Phase::leftover ? before_escape_
                       : phase_ == Phase::escape ? after_escape_
                                                 : called_;
  heard.append(bytes.substr(0, kMostHeard - std::min(heard.size(), kMostHeard)));
  look();
}

// A final result code is a whole line, so an echo of what is unknown to us or NMEA with an OK in it is none.
void PortProbe::look() {
  if (answer_) return;
  const std::string_view all = called_;
  bool final_result = false;
  each_line(all, [&](std::string_view line) { final_result = final_result || line == "OK" || line == "0"; });
  if (phase_ == Phase::calling && final_result) answer_ = Discovery::Answer::at;
  // NMEA comes by itself, and QCDM's frames begin and end with 7E: neither is to be written to again.
  const std::string_view unasked = before_escape_;
  if (unasked.find("$GP") != unasked.npos || unasked.find("$GN") != unasked.npos ||
      all.find('\x7e') != all.npos)
    answer_ = Discovery::Answer::silent;
}

void PortProbe::tick(at::Instant now) {
  if (answer_ || now < due_) return;
  if (now >= end_) {
    answer_ = Discovery::Answer::silent;
    return;
  }
  if (phase_ == Phase::leftover) {
    phase_ = Phase::escape;
    out_ += '\x1B';
    due_ = now + kEscape;
    return;
  }
  phase_ = Phase::calling;
  if (calls_left_ == 0) {
    due_ = end_;
    return;
  }
  --calls_left_;
  out_ += "AT\r";
  due_ = std::min(now + kCallGap, end_);
}

std::string PortProbe::take_output() {
  return std::exchange(out_, {});
}

// An OK to our AT must not look as one to ESC. A +CMGS or +CMSS among the answers is evidence all the same.
Heard PortProbe::heard() const {
  Heard heard{before_escape_, after_escape_};
  each_line(called_, [&](std::string_view line) {
    if (line.starts_with("+CMGS:") || line.starts_with("+CMSS:"))
      heard.after_escape += "\r\n" + std::string(line) + "\r\n";
  });
  return heard;
}

}  // namespace klaxon
