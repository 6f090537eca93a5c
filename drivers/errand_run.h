// An errand on its way: which command it is in need of next, and what its answer comes to. Pure; the modem's
// turns (errand.cpp) write what next() gives.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "at/channel.h"
#include "at/charset.h"
#include "at/ussd.h"
#include "drivers/family.h"
#include "drivers/modem.h"
#include "drivers/timers.h"

namespace drivers {

class ErrandRun {
 public:
  ErrandRun(Errand, const Timers&, at::Instant now);

  // What is to be written next. None: +CUSD is awaited, or it is done.
  std::optional<at::Command> next(const Family&, at::Instant now);
  void line(std::string_view);            // of the command that runs, as it came
  bool owns(std::string_view urc) const;  // it looks like a URC and is of the answer
  void heard(const at::UssdLine&, at::Instant now);
  void completed(const at::Completed&, const Family&, at::Instant now);
  void tick(at::Instant now);
  void end(const std::string& why,
           at::Instant now);      // whatever it waits for, but for a command that is written
  void give_up(at::Instant now);  // an open dialogue; it is closed as it should be
  std::optional<at::Instant> deadline() const;

  const Errand& errand() const { return errand_; }
  bool begun() const { return phase_ != Phase::turn; }
  bool awaits() const {
    return phase_ == Phase::answer || phase_ == Phase::close;
  }  // a dialogue is open in the network
  bool done() const { return phase_ == Phase::done; }
  const ErrandDone& outcome() const { return outcome_; }

  // An alert lets it wait a little longer, once.
  void step_back() { stands_back_ = phase_ == Phase::turn; }
  void step_forward() { stands_back_ = false; }
  bool stands_back() const { return stands_back_; }

 private:
  enum class Phase : std::uint8_t {
    turn,     // waits for its own
    command,  // its line is written
    charset,  // +CSCS? is
    request,  // +CUSD=1 is
    answer,   // +CUSD is awaited
    close,    // +CUSD=2 is due or written
    done
  };
  at::Command request(const Family&, at::Instant now) const;
  std::string spelt(at::UssdForm) const;
  void requested(const at::Completed&, const Family&, at::Instant now);
  void finish(ErrandDone::How, std::string why, at::Instant now);
  void judge(at::Instant now);
  at::Millis left(at::Instant now) const;

  Errand errand_;
  Timers timers_;
  Phase phase_ = Phase::turn;
  at::Instant began_{}, until_{};
  bool asked_ = false;  // the command of this phase is written
  bool stands_back_ = false;
  std::vector<std::string> names_;  // of the commands on the line, "+CREG"
  std::size_t form_ = 0;            // of Family::ussd
  std::optional<at::Charset> charset_;
  std::optional<at::UssdLine> heard_;
  ErrandDone outcome_;
};

}  // namespace drivers
