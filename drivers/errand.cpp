// An errand's turn: between two submits, one at a time.
#include "drivers/modem_impl.h"

namespace drivers {

void Modem::Impl::run(Errand wanted, Instant now) {
  seen = std::max(seen, now);
  errand.emplace(std::move(wanted), timers, now);
}

// A command goes to any modem that answers AT, also in the middle of its setting up; a dialogue needs a
// network.
bool Modem::Impl::errand_may_write() const {
  if (submission || (pin && state == State::awaiting_pin)) return false;
  return errand->begun() || errand->errand().kind == Errand::Kind::command || working();
}

// True: it was of the answer.
bool Modem::Impl::errand_urc(const at::Urc& urc, Instant now) {
  if (job == Job::errand && errand->owns(urc.line)) {
    errand->line(urc.line);
    return true;
  }
  if (urc.kind != at::UrcKind::ussd) return false;
  if (const auto said = at::parse_cusd(urc.line)) errand->heard(*said, now);
  return false;
}

// After a command nothing is known of the settings any more. One that was not answered has the ladder for
// that.
void Modem::Impl::errand_completed(const at::Completed& end, Instant now) {
  if (!errand) return;
  errand->completed(end, *family, now);
  if (errand->errand().kind != Errand::Kind::command || end.outcome != at::Outcome::answered) return;
  intake.distrust();
  occasion(Occasion::rebooted, std::string(kCommandGiven), now);
}

void Modem::Impl::end_errand(const std::string& why, Instant now) {
  if (!errand) return;
  errand->end(why, now);
  tick_errand(now);
}

void Modem::Impl::tick_errand(Instant now) {
  if (!errand) return;
  errand->tick(now);
  if (!errand->done()) return;
  ErrandDone done = errand->outcome();
  if (done.how == ErrandDone::How::not_begun)
    done.why = "the modem is " + std::string(state_name(state)) + ": " + done.why;
  events.emplace_back(std::move(done));
  errand.reset();
}

bool Modem::Impl::give_way(Instant now) {
  if (!errand) return false;
  if (!errand->begun()) {
    errand->step_back();
    return true;
  }
  errand->give_up(now);
  return false;
}

}  // namespace drivers
