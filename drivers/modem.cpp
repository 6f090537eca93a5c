#include "drivers/modem.h"

#include <algorithm>
#include <utility>

#include "drivers/modem_impl.h"

namespace drivers {

namespace {

// +CMGL may take minutes, but line by line. A modem that lost it is found out by an AT beside it.
constexpr at::Millis kListPatience{10'000};
// The OK of +CPIN? comes at once or never.
constexpr at::Millis kOkPatience{500};

}  // namespace

Modem::Impl::Impl(std::string_view family_name, const Timers& t)
    : timers(t), fixed(family_named(family_name)), family(fixed ? fixed : &generic()), intake(t) {}

bool Modem::Impl::working() const {
  return state == State::ready || state == State::awaiting_registration || state == State::draining;
}

// Every change of state passes here. Leaving `ready` gives back what was not begun: another modem can have
// it.
void Modem::Impl::occasion(Occasion what, std::string why, Instant now) {
  if (what == Occasion::rebooted && state == State::initialising) return set_up(now);
  const auto to = next_state(state, what);
  if (!to) return;
  const State from = std::exchange(state, *to);
  if (from == State::ready || !working()) give_back(why);
  if (errand && errand->awaits() && !working()) end_errand(why, now);
  events.emplace_back(StateChanged{from, *to, std::move(why)});
  attention.on = false;
  runner.stop();
  questions.clear();
  pin.reset();
  sim_poll_at.reset();
  registration_at.reset();
  health_at.reset();
  sweep_at.reset();
  if (*to == State::initialising) set_up(now);
  if (*to == State::awaiting_pin || *to == State::awaiting_sim) sim_poll_at = now + timers.sim_poll;
  if (*to == State::awaiting_registration) registration_at = now + timers.registration_poll;
  if (*to == State::ready || *to == State::awaiting_registration) sweep_at = now + timers.sweep;
  if (*to != State::ready) return;
  health_at = now;
  network_asked_at.reset();  // it may have changed meanwhile
}

void Modem::Impl::on_channel(at::ChannelEvents channel_events, Instant now) {
  for (at::ChannelEvent& event : channel_events) {
    if (const auto* end = std::get_if<at::Completed>(&event)) on_completed(*end, now);
    if (const auto* urc = std::get_if<at::Urc>(&event)) on_urc(*urc, now);
    if (const auto* stray = std::get_if<at::Stray>(&event)) on_stray(*stray, now);
    if (const auto* said = std::get_if<at::Information>(&event)) {
      if (job == Job::submit) submit_line(now);
      if (job == Job::errand && errand) errand->line(said->line);
      if (nudge_at) nudge_at = now + kListPatience;
      if (family->cpin_lacks_ok && said->line.starts_with("+CPIN:")) nudge_at = now + kOkPatience;
    }
    if (std::holds_alternative<at::PromptSeen>(event) && family->prompt_gap > Millis{0})
      pdu_held_until = now + family->prompt_gap;
    if (const auto* end = std::get_if<at::Drained>(&event)) drained(end->strangers, now);
  }
}

void Modem::Impl::on_completed(const at::Completed& end, Instant now) {
  const bool silent = end.outcome == at::Outcome::timed_out;
  nudge_at.reset();
  pdu_held_until.reset();
  pause_after(job, now);
  switch (std::exchange(job, Job::none)) {
    case Job::none:
      break;
    case Job::script:
      on_script(runner.feed(end, now), now);
      break;
    case Job::submit:
      submit_done(end, now);
      return;
    case Job::intake: {
      const bool turn = intake.completed(end, now, events);
      if (turn && submission) ++submission->inbound_turns;
      break;
    }
    case Job::question:
      answered(asked, end, now);
      break;
    case Job::pin:
      pin_done(end, now);
      break;
    case Job::errand:
      errand_completed(end, now);
      break;
    case Job::receipt:
      receipt_done(end, now);
      break;
    case Job::link:
      link.answered(link_line, end);
      break;
  }
  if (silent) fall("no answer to a command", Occasion::silent, now);
}

void Modem::Impl::pause_after(Job done, Instant now) {
  Millis pause = family->command_gap;
  if (done == Job::submit && family->submit_rest > pause) {
    pause = family->submit_rest;
    rest_until = now + pause;
  }
  if (pause > Millis{0}) hold_until = now + pause;
}

void Modem::Impl::on_urc(const at::Urc& urc, Instant now) {
  if (errand && errand_urc(urc, now)) return;
  switch (urc.kind) {
    case at::UrcKind::stored_message:
    case at::UrcKind::stored_report:
      if (const auto notice = at::parse_cmti(urc.line)) intake.notice({notice->mem, notice->index}, now);
      break;
    case at::UrcKind::routed_message:
    case at::UrcKind::routed_report:
      pushed(urc, now);
      break;
    case at::UrcKind::registration:
      registration_line(urc.line, false, now);
      break;
    case at::UrcKind::boot:
      rebooted(urc.line, now);
      break;
    case at::UrcKind::sms_ready:
    case at::UrcKind::sim:
      runner.hurry(now);
      if (sim_poll_at) sim_poll_at = now;
      // Right after the setting up it is the tail of the same boot.
      if (working() && now - set_up_at > Millis{2'000}) again = true;
      break;
    case at::UrcKind::storage_full:
      trouble("storage full: " + urc.line);
      intake.sweep();
      break;
    case at::UrcKind::supply:
      trouble("supply: " + urc.line);
      break;
    case at::UrcKind::call:  // while it rings, 2G modems send nothing
      if (working() && !stopping && (questions.empty() || questions.front().line != "AT+CHUP"))
        questions.push_front({"AT+CHUP", "+CHUP:"});
      break;
    case at::UrcKind::routed_broadcast:
    case at::UrcKind::ussd:
    case at::UrcKind::signal:
    case at::UrcKind::ignored:
      break;
  }
}

void Modem::Impl::on_stray(const at::Stray& stray, Instant now) {
  if (takeover.phase != Takeover::Phase::none) takeover_stray(stray);
  if (const auto tp_mr = at::parse_cmgs(stray.line)) events.emplace_back(LateAccepted{*tp_mr});
  (void)now;
}

void Modem::Impl::tick(Instant now) {
  seen = std::max(seen, now);
  on_channel(channel.tick(now), now);
  on_script(runner.tick(now), now);
  tick_takeover(now);
  tick_attention(now);
  tick_ladder(now);
  tick_restart(now);
  tick_submit(now);
  tick_list(now);
  if ((working() || state == State::initialising) && channel.lost() && !attention.on)
    fall("what was owed did not come", Occasion::silent, now);
  tick_network(now);
  tick_errand(now);
  tick_direct(now);
  if (settings_due()) occasion(Occasion::rebooted, "settings to be made again", now);
}

bool Modem::Impl::settings_due() const {
  const bool dialogue = errand && errand->begun();
  return again && working() && !stopping && !submission && !dialogue && job == Job::none;
}

// A claim that was taken back leaves no answer behind that would bring a tick for what it had put off.
bool Modem::Impl::put_off() const {
  const auto late = [this](const std::optional<Instant>& at) { return at && *at <= seen; };
  return settings_due() || (!submission && (late(health_at) || late(sweep_at)));
}

void Modem::Impl::tick_list(Instant now) {
  if (!nudge_at || now < *nudge_at) return;
  nudge_at = now + timers.probe_gap;
  channel.probe(now);
}

void Modem::Impl::start(at::Command command, Job whose, Instant now) {
  channel.start(std::move(command), now);
  job = whose;
}

// Whose turn it is. One command at a time; what was started is handed out in the same take_output().
void Modem::Impl::start_next(Instant now) {
  if (!port_open || takeover.phase != Takeover::Phase::none || attention.on || !channel.idle()) return;
  if (hold_until && now < *hold_until) return;
  if (submission && submission->phase == Submission::Phase::stored) return start_sending(now);
  if (working() && direct.due(now))
    return start({.line = std::string(direct.next()), .prefix = "+CNMA:", .timeout = timers.settings},
                 Job::receipt, now);
  if (restart_asked) return;  // at the next tick
  if (errand && errand_may_write())
    if (auto command = errand->next(*family, now)) return start(std::move(*command), Job::errand, now);
  if (runner.running()) {
    if (runner.take_output(channel, now)) job = Job::script;
    return;
  }
  if (pin && state == State::awaiting_pin)
    return start(
        {.line = "AT+CPIN=\"" + *std::exchange(pin, std::nullopt) + '"', .timeout = timers.enter_pin},
        Job::pin, now);
  const bool to_send = submission && submission->phase == Submission::Phase::committed;
  if (to_send && submission->claim.alert) return start_submit(now);
  if (alert_awaits_its_commit(now)) return;
  if (working() && !stopping) {
    if (!to_send || inbound_may_go_first(now))
      if (auto command = intake.next(now)) {
        if (command->timeout > kListPatience && !family->probe_aborts) nudge_at = now + kListPatience;
        return start(std::move(*command), Job::intake, now);
      }
  }
  if (to_send) return start_submit(now);
  if (link.broken() && working()) return start_link("AT+CMMS=0", now);
  if (state == State::ready)
    if (auto line = link.question()) return start_link(std::move(*line), now);
  if (questions.empty()) return;
  asked = std::move(questions.front());
  questions.pop_front();
  start({.line = asked.line, .prefix = asked.prefix, .timeout = timers.settings}, Job::question, now);
}

std::optional<at::Instant> Modem::Impl::deadline() const {
  if (!events.empty()) return seen;  // claim(), stop() and their like leave some
  std::optional<Instant> next;
  const auto consider = [&](std::optional<Instant> t) {
    if (t && *t > seen && (!next || *t < *next)) next = t;
  };
  if (restart_asked && port_open && !submission && channel.idle()) return seen;
  if (!port_open) {
    if (!open_asked && !stopping) consider(ask_open_at);
    return next;
  }
  if (put_off()) return seen;
  consider(channel.deadline());
  consider(runner.deadline());
  consider(intake.deadline());
  if (takeover.phase != Takeover::Phase::none) consider(takeover.until);
  if (attention.on) consider(attention.next);
  if (state == State::recovering) {
    consider(ladder.reopen_at);
    consider(ladder.since + timers.quarantine_after);
  }
  consider(nudge_at);
  consider(hold_until);
  consider(pdu_held_until);
  consider(sim_poll_at);
  consider(registration_at);
  consider(health_at);
  consider(sweep_at);
  consider(direct.deadline());
  if (errand) consider(errand->deadline());
  if (submission) {
    consider(submission->overdue_at);
    consider(submission->probe_at);
    consider(submission->content_at);
    if (submission->claim.alert && submission->phase == Submission::Phase::gated)
      consider(submission->waits_since + kAlertCommit);
  }
  return next;
}

}  // namespace drivers
