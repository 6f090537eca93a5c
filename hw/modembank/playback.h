// A modem out of a recording (at/transcript.h): it answers what it is asked as the recorded one did, at its
// pace, and goes silent or away where that one did. Sans-I/O, with the verbs of SimulatedModem.
//
// A recording is no script: whoever asks now may ask in another order. So each line is looked for from where
// the playing stands: its next place counts, but nothing that may be the failure is passed over (a text that
// was sent, a line that was never answered). What stands nowhere ahead is answered as it was last. PDUs are
// all alike, and numbers are compared masked (at/mask.h).
#pragma once

#include <cstddef>
#include <deque>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "at/expected.h"
#include "at/mask.h"
#include "at/time.h"
#include "at/transcript.h"

namespace modembank {

class Playback {
 public:
  // The error says which line of the recording is wrong.
  static at::Expected<Playback, std::string> of(std::string_view chat);

  void feed(std::string_view bytes, at::Instant now);
  void tick(at::Instant now);
  std::string take_output(at::Instant now);
  std::optional<at::Instant> deadline() const;
  bool plugged() const { return plugged_; }  // the recorded one's port was lost, and has not come back yet

 private:
  struct Happening {
    at::Millis after{0};  // since the line was asked
    at::Move::Kind kind = at::Move::Kind::read;
    std::string text;
  };
  struct Step {
    std::string asked;               // masked, without CR; kEntered for what was entered after a prompt
    std::vector<Happening> answer;   // to its final result or prompt
    std::vector<Happening> unasked;  // what came after it by itself
    bool silent() const { return answer.empty(); }
  };
  struct Due {
    at::Instant at{};
    Happening what;
  };

  explicit Playback(const std::vector<at::Move>&);
  void line(std::string asked, at::Instant now);
  std::optional<std::size_t> ahead(const std::string& asked) const;
  void give(const std::vector<Happening>&, at::Instant now);
  void happen(const Happening&);

  std::vector<Step> steps_;  // the first has no question: what came before any
  std::size_t stands_at_ = 0;
  bool began_ = false, plugged_ = true;
  std::map<std::string, std::size_t> last_;  // where a line was found last
  std::deque<Due> due_;                      // by time
  at::Mask mask_;
  std::string in_, out_;
};

}  // namespace modembank
