// The link to the network, kept open from one submit to the next (27.005 3.5.6): which AT+CMMS is due, and when.
// Knows no port; the modem gives its commands their turn.
#pragma once

#include <optional>
#include <string>

#include "at/channel.h"
#include "drivers/modem.h"

namespace drivers {

class Link {
 public:
  // The gap after which it counts as closed: 1 to 5 s, as modems differ (27.005 3.5.6).
  static constexpr at::Millis kHeld{1'000};
  // Without, after one that broke; twice as long after each further one, until so many submits went well.
  static constexpr at::Millis kRest{60'000}, kMostRest{3'600'000};
  static constexpr int kWell = 100;

  explicit Link(bool wanted = false) : wanted_(wanted) {}
  void want(bool wanted) { wanted_ = wanted; }
  bool wanted() const { return wanted_; }
  void reset();  // the modem's settings are made anew
  // What is to be asked while nothing else is to do; "AT+CMMS=?" once in a port's life.
  std::optional<std::string> question();
  // What is to be written before a submit of this claim. An alert's first text waits for no command.
  std::optional<std::string> before(const Claim&, at::Instant now) const;
  bool broken() const { return broken_; }  // "AT+CMMS=0" is due at once
  void answered(const std::string& line, const at::Completed&);
  // True: it was kept open, and is not for a while.
  bool submitted(bool accepted, at::Instant now);

 private:
  bool wanted_;
  bool asked_ = false;
  int best_ = 0;  // what AT+CMMS is set to: 2 stays set, 1 falls to 0 when the link closes
  int set_ = 0;
  bool to_set_ = false;  // 2, at the first opportunity
  bool fresh_ = false;   // set, and no submit since
  bool broken_ = false;
  int well_ = 0;
  at::Millis rest_ = kRest;
  std::optional<at::Instant> ended_;  // the submit before, if it went well
  std::optional<at::Instant> rests_until_;
};

}  // namespace drivers
