// Texts that the modem hands over by +CMT instead of storing them, and that the network keeps until AT+CNMA (27.005
// 3.4.4): what was heard and not acknowledged yet, and what is to be said of it. Knows no port.
#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <string_view>

#include "at/channel.h"

namespace drivers {

class Direct {
 public:
  // A commit that takes longer is not waited for: the network is told to keep the text. The modem itself gives up after 5 to
  // 20 s (TR2M, 24.011 10).
  static constexpr at::Millis kPatience{5'000};
  // Texts are stored for so long after one that was not acknowledged; twice as long after each further one.
  static constexpr at::Millis kRest{60'000}, kMostRest{3'600'000};

  void want(bool wanted) { wanted_ = wanted; }
  bool wanted() const { return wanted_; }
  // The modem's settings are made anew: texts are stored, and what was heard comes again.
  void reset();
  void forget();  // the port is gone
  bool may_begin(at::Instant now) const;
  void offers(bool refusal) { refusal_ = refusal; }  // AT+CNMA=2
  bool can_refuse() const { return refusal_; }
  void begun() { on_ = true; }
  void unfit() { unfit_ = true; }  // of this port
  bool on() const { return on_; }

  static constexpr std::size_t kMostOpen = 32;
  // A +CMT or +CDS: the receipt under which it is acknowledged; 0: nobody does, or the modem by itself.
  std::uint64_t heard(at::Instant now);
  void committed(std::uint64_t receipt);
  bool due(at::Instant now) const;
  std::string_view next();  // precondition: due()
  enum class Result { well, ended, unclear };
  Result answered(const at::Completed&);
  // Nothing is routed any more: texts are stored for a while, once the settings were made anew.
  void ended(at::Instant now);
  std::optional<at::Instant> deadline() const;
  // Texts were stored for long enough.
  bool again(at::Instant now) const { return wanted_ && !on_ && !unfit_ && rests_until_ && now >= *rests_until_; }

 private:
  struct Open {
    std::uint64_t receipt = 0;
    at::Instant since{};
    bool committed = false;
  };
  bool wanted_ = false, unfit_ = false, on_ = false, refusal_ = false;
  bool refusing_ = false;     // the command that runs
  std::deque<Open> open_;     // by the book one at a time: the modem waits with the next
  at::Instant seen_{};
  std::uint64_t last_receipt_ = 0;
  at::Millis rest_ = kRest;
  std::optional<at::Instant> rests_until_;
};

}  // namespace drivers
