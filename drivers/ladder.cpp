// What is tried with a modem that does not answer, in order of harm: ESC and AT, the port closed and opened
// again (DTR low), the family's reset. Over and over, until it is well; after quarantine_after seldom and in
// silence.
#include <algorithm>
#include <chrono>

#include "drivers/modem_impl.h"

namespace drivers {

namespace {

using namespace std::chrono_literals;

constexpr int kForEver = -1;
// A modem that hung for some seconds carries out what piled up in its buffer: a reset among it would cost it
// a start.
constexpr at::Millis kResetAfter = 30s;
// A start takes 10 to 60 s; a reset in the middle of it begins it anew.
constexpr at::Millis kResetGap = 60s;
constexpr at::Millis kQuarantineResetGap = 300s;
constexpr at::Millis kAfterReset = 15s;
// Asked at once, it would answer before it goes down.
constexpr at::Millis kResetHead = 3s;
// What keeps falling although AT is answered needs more than AT.
constexpr int kManyFalls = 3;
constexpr int kBootCalls = 20;
constexpr at::Millis kBootGap = 500ms;

}  // namespace

void Modem::Impl::fall(std::string why, Occasion what, Instant now) {
  if (!port_open || stopping) return;
  if (!ladder.climbing) {
    ladder.climbing = true;
    ladder.since = ladder.silent_since = now;
    ladder.falls = 0;
  }
  ++ladder.falls;
  intake.distrust();
  if (!std::exchange(ladder.told_silence, true)) trouble(why + ": ESC and AT");
  occasion(what, std::move(why), now);
  if (state != State::recovering) return;
  ladder.reopen_at = now + timers.reopen_after;
  channel.lose();
  channel.write_unasked("\x1B");
  call(kForEver, timers.probe_gap, now);
}

bool Modem::Impl::reset_due(Instant now) const {
  if (!channel.lost() || family->resets.empty()) return false;
  const bool quarantine = state == State::quarantined;
  const Millis gap = quarantine ? kQuarantineResetGap : kResetGap;
  if (ladder.reset_at && now - *ladder.reset_at < gap) return false;
  return now - ladder.silent_since >= kResetAfter ||
         (ladder.falls >= kManyFalls && now - ladder.since >= kResetAfter);
}

void Modem::Impl::tick_ladder(Instant now) {
  if (state != State::recovering && state != State::quarantined) return;
  if (reset_due(now)) return reset_modem(now);
  if (state == State::quarantined || !channel.lost()) return;
  if (now >= ladder.since + timers.quarantine_after) {
    trouble("given up for now; AT every " + std::to_string(timers.quarantine_gap.count() / 1000) +
            " s goes on");
    occasion(Occasion::given_up, "fruitless for too long", now);
    return call(kForEver, timers.quarantine_gap, now);
  }
  if (now >= ladder.reopen_at) reopen(now);
}

void Modem::Impl::reopen(Instant now) {
  if (!std::exchange(ladder.told_reopen, true)) trouble("still silent: the port is closed and opened again");
  close_wanted = true;
  drop_port(now);
  ask_open_at = now + timers.reopen_pause;
  occasion(Occasion::reopening, "port closed and opened again", now);
}

void Modem::Impl::reset_modem(Instant now) {
  const std::string& line = family->resets[ladder.resets++ % family->resets.size()];
  if (!std::exchange(ladder.told_reset, true)) trouble("still silent: " + line);
  ladder.reset_at = now;
  ladder.reopen_at = now + std::max(timers.reopen_after, kAfterReset);
  channel.write_unasked(line + '\r');
}

void Modem::Impl::restart(Instant now) {
  seen = std::max(seen, now);
  restart_asked = true;
  give_back(std::string(kResetAsked));
}

// Once nothing is in flight. Where the modem fell or went away meanwhile, that does for a new start.
void Modem::Impl::tick_restart(Instant now) {
  if (!restart_asked) return;
  if (!working() || stopping || !port_open) restart_asked = false;
  if (!restart_asked || submission || !channel.idle()) return;
  restart_asked = false;
  ladder = {.reset_at = now, .resets = ladder.resets, .told_silence = true, .told_reset = true};
  ladder.climbing = true;
  ladder.since = ladder.silent_since = now;
  intake.distrust();
  occasion(Occasion::silent, std::string(kResetAsked), now);
  channel.lose();
  if (family->resets.empty()) return reopen(now);
  reset_modem(now);
  attention = {.on = true, .left = kForEver, .gap = timers.probe_gap, .next = now + kResetHead};
}

void Modem::Impl::climbed_down() {
  ladder = {.reset_at = ladder.reset_at};
}

// A boot URC: all settings are gone, and what ran has no answer any more.
void Modem::Impl::rebooted(const std::string& line, Instant now) {
  if (takeover.phase != Takeover::Phase::none || !port_open) return;
  if (state == State::probing || state == State::recovering || state == State::quarantined) {
    attention.next = std::min(attention.next, now + kBootGap);
    return;
  }
  if (state != State::initialising) trouble("the modem restarted: " + line);
  runner.stop();
  again = false;
  pin_asked = false;
  intake.distrust();
  at::ChannelEvents last;
  channel.abort(now, last);
  on_channel(std::move(last), now);
  job = Job::none;
  occasion(Occasion::rebooted, "the modem restarted: " + line, now);
  if (state == State::initialising) call(kBootCalls, kBootGap, now);
}

}  // namespace drivers
