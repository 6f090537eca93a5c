#include "at/script.h"

#include <utility>

namespace at {

void ScriptRunner::start(Script script, Instant now) {
  script_ = std::move(script);
  step_ = 0;
  alternative_ = 0;
  running_ = true;
  waiting_ = false;
  step_began_ = now;
  again_at_.reset();
}

void ScriptRunner::hurry(Instant now) {
  if (again_at_) again_at_ = now;
}

bool ScriptRunner::take_output(Channel& channel, Instant now) {
  if (!running_ || waiting_ || again_at_ || step_ >= script_.size() || !channel.idle()) return false;
  const Step& step = script_[step_];
  channel.start({.line = step.tries[alternative_], .prefix = step.prefix, .timeout = step.timeout}, now);
  waiting_ = true;
  return true;
}

ScriptEvents ScriptRunner::tick(Instant now) {
  ScriptEvents events;
  if (!running_) return events;
  if (step_ >= script_.size()) {  // an empty script
    running_ = false;
    events.emplace_back(ScriptEnded{});
  }
  if (again_at_ && now >= *again_at_) again_at_.reset();
  return events;
}

std::optional<Instant> ScriptRunner::deadline() const {
  return running_ ? again_at_ : std::nullopt;
}

ScriptEvents ScriptRunner::feed(const Completed& end, Instant now) {
  ScriptEvents events;
  if (!running_ || !waiting_) return events;
  waiting_ = false;
  const Step& step = script_[step_];
  if (end.outcome != Outcome::answered) {
    running_ = false;
    events.emplace_back(ScriptEnded{ScriptEnded::How::silent, step.tries[alternative_], {}});
    return events;
  }
  Captured captured{step.id, alternative_, end.result, end.lines};
  if (!end.result.ok()) {
    refused(std::move(captured), now, events);
  } else {
    if (step.id != 0) events.emplace_back(std::move(captured));
    next_step(now, events);
  }
  return events;
}

void ScriptRunner::refused(Captured captured, Instant now, ScriptEvents& events) {
  const Step& step = script_[step_];
  if (alternative_ + 1 < step.tries.size()) {
    ++alternative_;
    return;
  }
  ScriptEnded failure{ScriptEnded::How::refused, step.tries[alternative_], captured.result};
  alternative_ = 0;
  if (step.id != 0) events.emplace_back(std::move(captured));
  if (step.repeat_for.count() > 0 && now + step.repeat_gap < step_began_ + step.repeat_for) {
    again_at_ = now + step.repeat_gap;
    return;
  }
  if (step.on_error == Step::OnError::ignore) return next_step(now, events);
  running_ = false;
  events.emplace_back(std::move(failure));
}

void ScriptRunner::next_step(Instant now, ScriptEvents& events) {
  ++step_;
  alternative_ = 0;
  step_began_ = now;
  if (step_ < script_.size()) return;
  running_ = false;
  events.emplace_back(ScriptEnded{});
}

}  // namespace at
