// Opening and losing the port, and the first words on it.
#include <algorithm>

#include "at/params_text.h"
#include "drivers/modem_impl.h"

namespace drivers {

namespace {

constexpr int kTakeoverCalls = 10;
constexpr at::Millis kTakeoverGap{500};
// A shell that refuses at once must not be asked at once again.
constexpr at::Millis kAskGap{200};
constexpr std::string_view kEsc = "\x1B";

// What a data entry leaves on the line: the prompt, the echo of a PDU or of its command. No part of an
// answer.
bool left_by_data_entry(std::string_view line) {
  return line.starts_with('>') || line.starts_with("AT") || at::all_hex(line);
}

}  // namespace

void Modem::Impl::port_opened(Instant now) {
  seen = std::max(seen, now);
  open_asked = false;
  if (port_open || stopping) return;
  port_open = true;
  takeover = {.phase = Takeover::Phase::leftover, .until = now + timers.leftover};
  takeover.doubtful_ok = std::exchange(owed_at_close, false);
  occasion(Occasion::opened, "port opened", now);
}

void Modem::Impl::port_closed(std::string_view why, Instant now) {
  seen = std::max(seen, now);
  if (port_open) {
    drop_port(now);
    ask_open_at = now;
    // Whatever comes back may be another device.
    ladder = {.reset_at = ladder.reset_at,
              .resets = ladder.resets,
              .told_silence = ladder.told_silence,
              .told_reopen = ladder.told_reopen,
              .told_reset = ladder.told_reset};
  } else if (std::exchange(open_asked, false)) {
    ask_open_at = std::max(now, *last_asked + kAskGap);
  } else {
    return;  // we closed it ourselves
  }
  occasion(Occasion::closed, std::string(why), now);
}

void Modem::Impl::drop_port(Instant now) {
  port_open = false;
  open_asked = false;
  runner.stop();
  questions.clear();
  pin.reset();
  takeover = {};
  entry_seems_open = taken_over = false;
  attention = {};
  owed_at_close = channel.owes();
  at::ChannelEvents last;
  channel.close(last);
  on_channel(std::move(last), now);
  give_back("port lost");
  end_errand("port lost", now);
  intake.forget();
  direct.forget();
  link = Link(link.wanted());
  early.clear();
  store_told = store_unfit = false;
  store_again.reset();
  stage = Stage::none;
  identity_known = false;
  sim_told.reset();
  pin_asked = false;
  again = false;
}

// The leftovers are read before ESC is written: an OK after it that belongs to nothing says that a data entry
// was open (27.005 3.5.1), so what the last owner of the port had begun was not sent.
void Modem::Impl::tick_takeover(Instant now) {
  if (takeover.phase == Takeover::Phase::none || now < takeover.until) return;
  if (takeover.phase == Takeover::Phase::leftover) {
    takeover.phase = Takeover::Phase::escape;
    takeover.until = now + timers.escape;
    channel.write_unasked(kEsc);
    return;
  }
  entry_seems_open = takeover.bare_oks == 1;
  takeover = {};
  channel.take_over();
  call(kTakeoverCalls, kTakeoverGap, now);
}

void Modem::Impl::takeover_stray(const at::Stray& stray) {
  // Whoever is answered so late may be answered once more.
  if (stray.result && takeover.phase == Takeover::Phase::leftover) takeover.doubtful_ok = true;
  if (!stray.result) {
    takeover.cmgs_seen = takeover.cmgs_seen || at::parse_cmgs(stray.line).has_value();
    takeover.answer_open = takeover.answer_open || !left_by_data_entry(stray.line);
    return;
  }
  const bool bare =
      !std::exchange(takeover.answer_open, false) && !takeover.cmgs_seen && !takeover.doubtful_ok;
  if (bare && stray.result->ok() && takeover.phase == Takeover::Phase::escape) ++takeover.bare_oks;
}

void Modem::Impl::call(int times, Millis gap, Instant now) {
  attention = {.on = true, .left = times - 1, .gap = gap, .next = now + gap};
  channel.lose();
  channel.probe(now);
}

void Modem::Impl::tick_attention(Instant now) {
  if (!attention.on || now < attention.next) return;
  attention.next = now + attention.gap;
  if (!channel.lost()) return;  // an answer came and the line is falling silent
  if (attention.left == 0) return fall("AT is not answered", Occasion::silent, now);
  --attention.left;
  channel.probe(now);
}

// An OK to ESC is one only where nothing else that the last owner had asked was answered since.
void Modem::Impl::drained(bool strangers, Instant now) {
  if (std::exchange(entry_seems_open, false) && !strangers) events.emplace_back(DataEntryWasOpen{});
  if (!std::exchange(taken_over, true)) events.emplace_back(TakenOver{});
  const bool called = std::exchange(attention.on, false);
  if (called) ladder.silent_since = now;
  if (state == State::initialising && (called || stage == Stage::none)) return play(Stage::identity, now);
  if (called) occasion(Occasion::answered, "AT is answered", now);
}

}  // namespace drivers
