#include "drivers/submission.h"

#include <algorithm>
#include <initializer_list>

#include "at/params.h"

namespace drivers {

namespace {

std::optional<int> tp_mr_of(const at::Completed& end) {
  for (const at::AnswerLine& line : end.lines)
    if (const auto tp_mr = at::parse_cmgs(line.line)) return tp_mr;
  return std::nullopt;
}

SubmitDone verdict(const Submission& submission, Verdict v, std::string why) {
  return SubmitDone{
      .token = submission.claim.token, .verdict = v, .tp_mr = -1, .error = {}, .why = std::move(why)};
}

std::string reason(at::Outcome outcome, at::Millis submit_timeout) {
  switch (outcome) {
    case at::Outcome::no_prompt:
      return "no prompt";
    case at::Outcome::timed_out:
      return "no answer for " + std::to_string(submit_timeout.count() / 1000) + " s";
    case at::Outcome::aborted:
      return "the modem restarted";
    case at::Outcome::closed:
      return "port lost";
    case at::Outcome::answered:
      break;
  }
  return "OK without +CMGS";
}

// AT+CMSS has no payload of its own, and is written as a whole.
bool pdu_left(const Submission& submission, const at::Completed& end) {
  return end.payload_written || submission.index;
}

SubmitDone refused(const Submission& submission, const at::Completed& end, at::CmsNumbering cms) {
  const bool doubtful = at::classify_submit_error(end.result, cms) == at::ErrorClass::in_doubt;
  // 500 and its like after the PDU leave it open whether the network has it; before the PDU they can't.
  Verdict v = Verdict::refused;
  std::string why;
  if (doubtful && !pdu_left(submission, end)) {
    v = Verdict::not_sent;
    why = "refused before the PDU: " + end.result.text;
  }
  // A bare ERROR beside our own AT may be the answer to that.
  if (end.probed && end.result.kind == at::Final::error && pdu_left(submission, end)) {
    v = Verdict::in_doubt;
    why = "ERROR beside a probe";
  }
  SubmitDone done = verdict(submission, v, std::move(why));
  done.error = end.result;
  return done;
}

}  // namespace

// 27.005 3.2.5, 27.007 9.2
bool cannot_store(const at::FinalResult& result) {
  const auto is = [&](at::Final kind, std::initializer_list<int> codes) {
    return result.kind == kind && std::find(codes.begin(), codes.end(), result.code) != codes.end();
  };
  return result.kind == at::Final::error || is(at::Final::cms_error, {302, 303, 321}) ||
         is(at::Final::cme_error, {3, 4, 21, 22});
}

void SubmitTimes::add(at::Millis took) {
  ring_[count_++ % ring_.size()] = took;
}

at::Millis SubmitTimes::p99() const {
  const std::size_t n = std::min(count_, ring_.size());
  if (n == 0) return at::Millis{0};
  auto times = ring_;
  const auto at = times.begin() + static_cast<std::ptrdiff_t>((n * 99 + 99) / 100 - 1);
  std::nth_element(times.begin(), at, times.begin() + static_cast<std::ptrdiff_t>(n));
  return *at;
}

at::Millis overdue_after(const Timers& timers, const SubmitTimes& times) {
  const at::Millis soft =
      timers.submit_overdue.value_or(std::max(timers.submit_overdue_floor, 4 * times.p99()));
  return std::min(soft, timers.submit_timeout);
}

SubmitDone judge(const Submission& submission, const at::Completed& end, at::CmsNumbering cms,
                 at::Millis submit_timeout) {
  if (const auto tp_mr = tp_mr_of(end)) {  // whatever followed: the SC has it
    SubmitDone done = verdict(submission, Verdict::accepted, {});
    done.tp_mr = *tp_mr;
    return done;
  }
  if (end.outcome == at::Outcome::answered && !end.result.ok()) return refused(submission, end, cms);
  return verdict(submission, pdu_left(submission, end) ? Verdict::in_doubt : Verdict::not_sent,
                 reason(end.outcome, submit_timeout));
}

}  // namespace drivers
