// A claim's way: gated, committed, on the wire, judged (27.005 3.5; for the verdicts see submission.cpp).
#include "drivers/modem_impl.h"

namespace drivers {

namespace {

constexpr at::Millis kContentAfter{2'000};  // +CMGS without its OK
constexpr int kInboundTurns = 10;
constexpr at::Millis kInboundFor{150};
constexpr int kFullFactor = 5;  // storage nearly full: what can't be stored isn't received

}  // namespace

void Modem::Impl::claim(Claim claimed, Instant now) {
  seen = std::max(seen, now);
  submission = Submission{.claim = std::move(claimed), .waits_since = now};
  if (errand) errand->step_forward();
}

void Modem::Impl::committed(std::uint64_t token, Instant now) {
  if (!submission || submission->claim.token != token || submission->phase != Submission::Phase::gated)
    return;
  submission->phase = Submission::Phase::committed;
  submission->waits_since = now;
  submission->inbound_turns = 0;
}

bool Modem::Impl::revoke(std::uint64_t token) {
  if (!submission || submission->claim.token != token || !submission->untouched()) return false;
  submission.reset();
  return true;
}

void Modem::Impl::give_back(const std::string& why) {
  if (!submission || submission->phase == Submission::Phase::on_wire) return;
  SubmitDone done{
      .token = submission->claim.token, .verdict = Verdict::not_sent, .tp_mr = -1, .error = {}, .why = why};
  slot_left(*submission, &done, seen);
  events.emplace_back(std::move(done));
  submission.reset();
}

Storing Modem::Impl::storing() const {
  const bool later = store_again && seen < *store_again;
  return !wants_store || store_unfit || later ? Storing::off : intake.storing();
}

bool Modem::Impl::inbound_may_go_first(Instant now) const {
  const int factor = intake.nearly_full() ? kFullFactor : 1;
  return submission->inbound_turns < kInboundTurns * factor &&
         now - submission->waits_since <= kInboundFor * factor;
}

// In a moment it may be written: what would begin now, a second look at a text among them, would be in its way each time.
bool Modem::Impl::alert_awaits_its_commit(Instant now) const {
  return submission && submission->claim.alert && submission->phase == Submission::Phase::gated &&
         now - submission->waits_since < kAlertCommit && !intake.nearly_full();
}

void Modem::Impl::start_link(std::string line, Instant now) {
  link_line = line;
  start({.line = std::move(line), .prefix = "+CMMS:", .timeout = timers.settings}, Job::link, now);
}

void Modem::Impl::start_submit(Instant now) {
  if (auto line = link.before(submission->claim, now)) return start_link(std::move(*line), now);
  submission->phase = Submission::Phase::on_wire;
  intake.submitted();
  const bool store = submission->claim.store_first;
  start({.line = (store ? "AT+CMGW=" : "AT+CMGS=") + std::to_string(submission->claim.tpdu_octets),
         .prefix = store ? "+CMGW:" : "+CMGS:",
         .timeout = store ? std::min(timers.store, timers.submit_timeout) : timers.submit_timeout,
         .payload = submission->claim.pdu_hex,
         .prompt_timeout = timers.prompt},
        Job::submit, now);
}

// 27.005 3.5.3. Whatever went wrong with it, nothing was sent. What was stored too slowly is not sent either:
// whoever waited took it for a doubt.
void Modem::Impl::stored(const at::Completed& end, Instant now) {
  std::optional<int> index;
  for (const at::AnswerLine& line : end.lines)
    if (const auto place = at::parse_cmgw(line.line)) index = place;
  const bool answered = end.outcome == at::Outcome::answered;
  const bool there = answered && end.result.ok() && index;
  if (there) {
    submission->index = index;
    intake.stored_anew(*index);
    submission->content_at.reset();
    store_told = false;
    if (!submission->overdue) {
      submission->phase = Submission::Phase::stored;
      return;
    }
  }
  const Submission ended = *std::exchange(submission, std::nullopt);
  SubmitDone done{.token = ended.claim.token,
                  .verdict = Verdict::not_sent,
                  .tp_mr = -1,
                  .error = {},
                  .why = "not stored"};
  slot_left(ended, &done, now);
  events.emplace_back(std::move(done));
  if (end.outcome == at::Outcome::timed_out || end.outcome == at::Outcome::no_prompt)
    return fall("no answer to AT+CMGW", Occasion::silent, now);
  if (answered && !end.result.ok()) return not_stored("AT+CMGW", end.result, now);
  again = again || (answered && !there);
}

void Modem::Impl::not_stored(std::string_view command, const at::FinalResult& result, Instant now) {
  if (cannot_store(result))
    store_unfit = true;
  else
    store_again = now + timers.store_again;
  if (!std::exchange(store_told, true))
    trouble("a submit can't be stored first, so it goes directly: " + std::string(command) +
            " is answered by " + result.text);
}

// 27.005 3.5.2. The limits hold for both commands together.
void Modem::Impl::start_sending(Instant now) {
  constexpr Millis kLeast{1'000};
  submission->phase = Submission::Phase::on_wire;
  const auto spent = std::chrono::duration_cast<Millis>(now - submission->pdu_at.value_or(now));
  start({.line = "AT+CMSS=" + std::to_string(*submission->index),
         .prefix = "+CMSS:",
         .timeout = std::max(kLeast, timers.submit_timeout - spent)},
        Job::submit, now);
}

// What is in doubt is left to the list of what the SIM holds.
void Modem::Impl::slot_left(const Submission& ended, SubmitDone* done, Instant now) {
  if (!ended.index || storages.own.empty() || done->verdict == Verdict::in_doubt) return;
  const bool open = done->verdict == Verdict::refused &&
                    at::classify_submit_error(done->error, family->cms) == at::ErrorClass::in_doubt;
  if (open) return;
  done->stored = StoredAt{storages.own, *ended.index};
  intake.hold_own(*done->stored, ended.claim.pdu_hex, done->verdict == Verdict::accepted, now);
}

void Modem::Impl::submit_handed_out(Instant now) {
  if (job != Job::submit || submission->pdu_at || !channel.payload_written()) return;
  submission->pdu_at = now;
  const Millis soft = overdue_after(timers, submit_times);
  if (soft < timers.submit_timeout) submission->overdue_at = now + soft;
}

void Modem::Impl::submit_line(Instant now) {
  if (!submission->content_at) submission->content_at = now + kContentAfter;
}

void Modem::Impl::tick_submit(Instant now) {
  if (!submission || job != Job::submit) return;
  if (submission->content_at && now >= *submission->content_at) {
    at::ChannelEvents last;
    channel.abort(now, last);
    on_channel(std::move(last), now);
    return fall("no OK after +CMGS", Occasion::silent, now);
  }
  if (submission->overdue_at && now >= *submission->overdue_at) {
    submission->overdue_at.reset();
    submission->overdue = true;
    events.emplace_back(SubmitOverdue{submission->claim.token});
    if (!family->probe_aborts) submission->probe_at = now;
  }
  if (submission->probe_at && now >= *submission->probe_at) {
    submission->probe_at = now + timers.probe_gap;
    channel.probe(now);
  }
}

void Modem::Impl::submit_done(const at::Completed& end, Instant now) {
  if (submission->claim.store_first && !submission->index) return stored(end, now);
  const Submission ended = *std::exchange(submission, std::nullopt);
  SubmitDone done = judge(ended, end, family->cms, timers.submit_timeout);
  if (ended.index && done.verdict == Verdict::refused && cannot_store(done.error)) {
    done.verdict = Verdict::not_sent;
    done.why = "AT+CMSS is answered by " + done.error.text;
    not_stored("AT+CMSS", done.error, now);
  }
  slot_left(ended, &done, now);
  if (link.submitted(done.verdict == Verdict::accepted, now))
    trouble("a link that was kept open broke: for a while each submit sets up its own");
  if (done.verdict == Verdict::accepted) accepted_at = now;
  if (done.verdict == Verdict::accepted && ended.pdu_at)
    submit_times.add(std::chrono::duration_cast<Millis>(now - *ended.pdu_at));
  events.emplace_back(done);
  if (end.outcome == at::Outcome::timed_out || end.outcome == at::Outcome::no_prompt)
    return fall(done.why.empty() ? "no OK after +CMGS" : done.why, Occasion::silent, now);
  if (end.outcome != at::Outcome::answered || done.verdict == Verdict::accepted) return;
  // A bare OK, or an error that lies with the modem: it is looked after before it gets more.
  const auto reaction = at::classify_submit_error(end.result, family->cms);
  if (end.result.ok() || done.verdict == Verdict::in_doubt || reaction == at::ErrorClass::modem ||
      reaction == at::ErrorClass::in_doubt)
    again = true;
}

void Modem::store_first(bool wanted) {
  impl_->wants_store = wanted;
}

Storing Modem::storing() const {
  return impl_->storing();
}

void Modem::keep_link(bool wanted) {
  impl_->link.want(wanted);
}

}  // namespace drivers
