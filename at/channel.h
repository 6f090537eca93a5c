// One AT port as commands and what they answer. One command runs at a time (V.250 5.4: a DTE waits for the
// final result), and answer N never counts for command N+1: after anything that ended without its final
// result the channel is lost until a bare AT was answered and a fence after it: a question whose answer can't
// be taken for another's. A modem works in order, so whatever was still owed has come by then.
//
// Sans-I/O: feed() takes what was read, take_output() gives what is to be written, tick() at deadline() ends
// what is late. Each started command ends in exactly one Completed; close() sees to the last one.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "at/lexer.h"
#include "at/result.h"
#include "at/time.h"
#include "at/urc.h"

namespace at {

struct Command {
  std::string line;         // without CR
  std::string prefix = {};  // "+CMGR:" owns what starts so. Empty: owns every line that is no URC (+CGMM)
  Millis timeout{3'000};    // from the moment its last byte was handed out
  std::optional<std::string> payload = std::nullopt;  // written after the prompt, with Ctrl-Z, in one piece
  Millis prompt_timeout{10'000};                      // 27.005 3.5.1
  bool data_lines = false;  // each owned line is followed by a line of data (+CMGR, +CMGL)
};

struct AnswerLine {
  std::string line;
  std::string data;  // the line of data; empty if none came
};

enum class Outcome : std::uint8_t {
  answered,   // a final result code came: `result`
  timed_out,  // none came
  no_prompt,  // the prompt did not come; ESC was written
  aborted,    // by abort()
  closed      // by close()
};

struct Completed {
  Outcome outcome = Outcome::answered;
  FinalResult result;
  std::vector<AnswerLine> lines;
  bool payload_written = false;
  bool probed = false;  // a bare AT was written beside it: a bare OK may be that one's
};
struct Information {
  std::string line;
};  // a line of the running command, the moment it came
struct PromptSeen {};
struct Urc {
  UrcKind kind = UrcKind::ignored;
  std::string line, data;
};
struct Stray {
  std::string line;
  std::optional<FinalResult> result;
};                  // belongs to nothing that runs; a late answer maybe
struct Drained {  // lost no more: commands can be started
  bool strangers = false;  // answers came that nothing of ours had asked for, or seemed to
};

using ChannelEvent = std::variant<Completed, Information, PromptSeen, Urc, Stray, Drained>;
using ChannelEvents = std::vector<ChannelEvent>;

class Channel {
 public:
  static constexpr std::size_t kMaxLines = 1'024;  // of one answer; what comes beyond is dropped
  static constexpr std::size_t kMaxAnswer =
      256 * 1'024;                                // octets: 255 entries of the longest PDU are 100 KiB
  static constexpr Millis kQuiet{200};            // silence after which nothing more will come
  static constexpr Millis kFenceWait{3'000};      // for the fence's answer, since the last result
  static constexpr Millis kDataLine{2'000};       // between a +CDS and its PDU
  static constexpr Millis kUssdText{2'000};       // for all lines of a +CUSD
  static constexpr std::size_t kMaxUssd = 2'048;  // octets of it; 182 characters as UCS-2 hex are 728

  // Precondition: idle(). Its bytes go out with the next take_output().
  void start(Command, Instant now);
  bool idle() const { return phase_ == Phase::idle; }
  bool running() const {
    return phase_ == Phase::queued || phase_ == Phase::prompt || phase_ == Phase::result;
  }
  bool written() const { return phase_ == Phase::prompt || phase_ == Phase::result; }  // of the running one
  bool payload_written() const { return running() && answer_.payload_written; }
  // Some result may come that is no submit's: of probes, or of what runs.
  bool owes() const { return owed_ > 0 || phase_ == Phase::lost || (running() && !command_.payload); }
  bool lost() const { return phase_ == Phase::lost; }

  // A bare AT beside the running command, or to find back when lost. Nothing in the other phases.
  void probe(Instant now);
  // ESC, or a line with its CR that is not waited for (a reset). Nothing while a command runs.
  void write_unasked(std::string_view);
  // Gives the running command up; with ESC while a prompt was awaited. What was not yet handed out is taken
  // back.
  void abort(Instant now, ChannelEvents&);
  // Commands can't be started before a probe was answered.
  void lose();
  // lose() for a port whose past is unknown: what its last owner asked, a fence maybe, may still be answered.
  void take_over();
  // Completes what runs and forgets everything: the port is gone.
  void close(ChannelEvents&);

  ChannelEvents feed(std::string_view bytes, Instant now);
  ChannelEvents tick(Instant now);
  std::string take_output(Instant now);
  std::optional<Instant> deadline() const;

 private:
  enum class Phase : std::uint8_t { idle, queued, prompt, result, lost, draining };
  struct Pending {
    Urc urc;
    Instant until;
  };
  struct OpenUssd {
    std::vector<std::string> lines;
    std::string joined;  // by LF
    Instant until;
  };

  void line(std::string text, Instant now, ChannelEvents&);
  bool ussd_line(std::string* text, Instant now, ChannelEvents&);
  void give_up_ussd(Instant now, ChannelEvents&);
  void whole_line(std::string text, Instant now, ChannelEvents&);
  void final_result(FinalResult, Instant now, ChannelEvents&);
  bool takes_data(std::string_view text) const;
  bool take_urc_data(const std::string& text, ChannelEvents&);
  void information(std::string text, ChannelEvents&);
  void urc(UrcKind, std::string text, Instant now, ChannelEvents&);
  void stray(std::string text, ChannelEvents&);
  void prompt(ChannelEvents&);
  void finish(Outcome, FinalResult, Phase next, ChannelEvents&);
  void drain(Instant now);
  void fence_passed(Instant now, ChannelEvents&);
  void drained(ChannelEvents&);
  std::string without_echo(std::string text) const;
  void remember(std::string_view written);
  bool owns(std::string_view text) const;

  Lexer lexer_;
  Phase phase_ = Phase::idle;
  Command command_;
  Completed answer_;  // of the running command, so far
  std::size_t answer_octets_ = 0;
  bool payload_due_ = false;
  std::string out_;               // ESC and probes
  std::optional<Instant> until_;  // end of waiting for prompt or result
  Instant drain_end_{};           // of waiting for the fence, or for silence when nothing is owed
  Instant drain_cap_{};
  std::size_t fence_ = 1;              // which of the two was written last
  bool fence_seen_ = false;            // its line came, its result is next
  bool taken_over_ = false;            // nobody knows what else was asked here
  bool strangers_ = false;             // since the fence was written: answers that are owed to nobody
  int doubted_fences_ = 0;             // whose answer may have been an older one's
  int owed_ = 0;                       // final results of what was written and isn't the running command
  std::optional<Pending> pending_;     // a +CMT, +CDS, +CBM whose PDU is to come
  std::optional<OpenUssd> ussd_;       // a +CUSD whose quotes are still open
  std::string disowned_;               // prefix of the last command that ended without its answer
  bool skip_final_ = false;            // the next final result belongs to that one
  std::array<std::string, 4> echoes_;  // what was written last, as it would be echoed
  std::size_t next_echo_ = 0;
};

}  // namespace at
