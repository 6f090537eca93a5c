// A script is data: what is asked of a modem in order, what else to try where makes differ, and what of it
// matters. One runner plays it over a Channel. A step that gets no final result at all ends the script: that
// is no matter of dialect.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "at/channel.h"
#include "at/time.h"

namespace at {

struct Step {
  enum class OnError : std::uint8_t { ignore, fail };

  int id = 0;                      // names what is captured; 0: nobody asks for it
  std::vector<std::string> tries;  // alternatives in order: the first that answers OK counts
  std::string prefix = {};         // of the answer's lines (Command::prefix)
  Millis timeout{3'000};
  OnError on_error = OnError::ignore;
  Millis repeat_gap{0};  // all alternatives refused: again after this …
  Millis repeat_for{0};  // … until so long after the step began; 0: never
};
using Script = std::vector<Step>;

// After each step with an id, and after each round of one that is repeated and was refused.
struct Captured {
  int id = 0;
  std::size_t alternative = 0;    // which of `tries`
  FinalResult result;             // of the last alternative, if all were refused
  std::vector<AnswerLine> lines;  // information responses, whatever the result
};
struct ScriptEnded {
  enum class How : std::uint8_t { done, refused, silent } how = How::done;
  std::string line;    // of the last command
  FinalResult result;  // of refused
};
using ScriptEvent = std::variant<Captured, ScriptEnded>;
using ScriptEvents = std::vector<ScriptEvent>;

class ScriptRunner {
 public:
  void start(Script, Instant now);
  void stop() { running_ = false; }
  bool running() const { return running_; }
  // What is being repeated is tried at once (a URC said that it may work now).
  void hurry(Instant now);

  // The end of the command that take_output() started.
  ScriptEvents feed(const Completed&, Instant now);
  ScriptEvents tick(Instant now);
  // Starts the next command when the channel is idle. True if it did.
  bool take_output(Channel&, Instant now);
  std::optional<Instant> deadline() const;

 private:
  void next_step(Instant now, ScriptEvents&);
  void refused(Captured, Instant now, ScriptEvents&);

  Script script_;
  std::size_t step_ = 0;
  std::size_t alternative_ = 0;
  bool running_ = false;
  bool waiting_ = false;  // the command runs
  Instant step_began_{};
  std::optional<Instant> again_at_;  // between two rounds of a repeated step
};

}  // namespace at
