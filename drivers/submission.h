// The one submit a modem has: from the claim to its verdict (27.005 3.5.1).
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>

#include "at/channel.h"
#include "drivers/modem.h"
#include "drivers/timers.h"

namespace drivers {

// How long this modem's submits took, for the soft limit.
class SubmitTimes {
 public:
  void add(at::Millis);
  at::Millis p99() const;  // 0 without any

 private:
  std::array<at::Millis, 128> ring_{};
  std::size_t count_ = 0;
};

struct Submission {
  enum class Phase : std::uint8_t { gated, committed, on_wire, stored };  // stored: AT+CMSS is to follow
  bool untouched() const { return phase == Phase::gated || phase == Phase::committed; }
  Claim claim;
  Phase phase = Phase::gated;
  at::Instant waits_since{};                // committed, or the end of the submit before
  std::optional<at::Instant> pdu_at{};      // its bytes were handed out
  std::optional<at::Instant> overdue_at{};  // soft limit
  std::optional<at::Instant> probe_at{};    // the next bare AT beside it
  std::optional<at::Instant> content_at{};  // +CMGS came, OK did not: good enough from then on
  std::optional<int> index{};               // of the slot that it was stored in
  int inbound_turns = 0;                    // texts that went first
  bool overdue = false;
};

// The soft limit (timers.h).
at::Millis overdue_after(const Timers&, const SubmitTimes&);

// What the end of AT+CMGS or AT+CMSS means for the claim.
SubmitDone judge(const Submission&, const at::Completed&, at::CmsNumbering, at::Millis submit_timeout);

// AT+CMGW or AT+CMSS was refused because the modem does not know it, or not the slot: nothing was sent, and
// none is stored first.
bool cannot_store(const at::FinalResult&);

}  // namespace drivers
