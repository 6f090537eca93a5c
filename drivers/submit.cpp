// A claim's way: gated, committed, on the wire, judged (27.005 3.5.1; for the verdicts see submission.cpp).
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
  if (!submission || submission->claim.token != token || submission->phase == Submission::Phase::on_wire)
    return false;
  submission.reset();
  return true;
}

void Modem::Impl::give_back(const std::string& why) {
  if (!submission || submission->phase == Submission::Phase::on_wire) return;
  events.emplace_back(SubmitDone{
      .token = submission->claim.token, .verdict = Verdict::not_sent, .tp_mr = -1, .error = {}, .why = why});
  submission.reset();
}

bool Modem::Impl::inbound_may_go_first(Instant now) const {
  const int factor = intake.nearly_full() ? kFullFactor : 1;
  return submission->inbound_turns < kInboundTurns * factor &&
         now - submission->waits_since <= kInboundFor * factor;
}

void Modem::Impl::start_submit(Instant now) {
  submission->phase = Submission::Phase::on_wire;
  intake.submitted();
  start({.line = "AT+CMGS=" + std::to_string(submission->claim.tpdu_octets),
         .prefix = "+CMGS:",
         .timeout = timers.submit_timeout,
         .payload = submission->claim.pdu_hex,
         .prompt_timeout = timers.prompt},
        Job::submit, now);
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
  const Submission ended = *std::exchange(submission, std::nullopt);
  const SubmitDone done = judge(ended, end, family->cms, timers.submit_timeout);
  if (done.verdict == Verdict::accepted && ended.pdu_at)
    submit_times.add(std::chrono::duration_cast<Millis>(now - *ended.pdu_at));
  events.emplace_back(done);
  if (end.outcome == at::Outcome::timed_out || end.outcome == at::Outcome::no_prompt)
    return fall(done.why.empty() ? "no OK after +CMGS" : done.why, Occasion::silent, now);
  if (end.outcome != at::Outcome::answered || done.verdict == Verdict::accepted) return;
  // A bare OK, or an error that lies with the modem: it is looked after before it gets more.
  const auto reaction = at::classify_submit_error(end.result, family->cms);
  if (end.result.ok() || reaction == at::ErrorClass::modem || reaction == at::ErrorClass::in_doubt)
    again = true;
}

}  // namespace drivers
