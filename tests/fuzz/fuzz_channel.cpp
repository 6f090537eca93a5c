// Octets as a conversation: commands are started, time passes, anything is read. Each command ends exactly
// once, a deadline lies in the future, and the channel can always be brought back.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <iostream>
#include <string>
#include <utility>

#include "at/channel.h"

namespace {

using namespace std::chrono_literals;

void require(bool holds, const char* what) {
  if (holds) return;
  std::cerr << what << '\n';
  std::abort();
}

class Conversation {
 public:
  void step(std::uint8_t what, std::string_view text) {
    switch (what % 8) {
      case 0:
        start(what);
        break;
      case 1:
        channel_.probe(now_);
        break;
      case 2:
        channel_.abort(now_, pending_);
        break;
      case 3:
        channel_.lose();
        break;
      case 4:
        wait(at::Millis{what * 40});
        break;
      default:
        take(channel_.feed(text, now_));
        break;
    }
    take(std::exchange(pending_, {}));
    out_ = channel_.take_output(now_).size();
    require(out_ < 4096, "wrote without bound");
  }

  void end() {
    channel_.close(pending_);
    take(std::exchange(pending_, {}));
    require(started_ == ended_, "a command did not end exactly once");
    require(channel_.idle(), "closed and not idle");
  }

 private:
  void start(std::uint8_t what) {
    if (!channel_.idle()) return;
    at::Command command{.line = "AT+CMGR=1", .prefix = "+CMGR:", .data_lines = true};
    if (what & 8) command = {.line = "AT+CGMM"};
    if (what & 16)
      command = {
          .line = "AT+CMGS=6", .prefix = "+CMGS:", .timeout = 60s, .payload = "0001000B91447700000001"};
    channel_.start(command, now_);
    ++started_;
  }

  void wait(at::Millis time) {
    now_ += time;
    take(channel_.tick(now_));
    if (const auto next = channel_.deadline()) require(*next > now_, "a deadline in the past");
  }

  void take(const at::ChannelEvents& events) {
    for (const auto& event : events) {
      const auto* end = std::get_if<at::Completed>(&event);
      if (end == nullptr) continue;
      ++ended_;
      require(ended_ <= started_, "an end without a command");
      require(end->lines.size() <= at::Channel::kMaxLines, "an answer without bound");
    }
  }

  at::Channel channel_;
  at::Instant now_{std::chrono::hours{1}};
  at::ChannelEvents pending_;
  std::size_t out_ = 0;
  int started_ = 0, ended_ = 0;
};

}  // namespace

// Steps: one octet what, one octet how many of the next octets are read.
int fuzz_channel(const std::uint8_t* bytes, std::size_t size) {
  Conversation talk;
  for (std::size_t i = 0; i + 1 < size;) {
    const std::uint8_t what = bytes[i];
    const std::size_t length = what % 8 > 4 ? std::min<std::size_t>(bytes[i + 1], size - i - 2) : 0;
    talk.step(what, std::string_view(reinterpret_cast<const char*>(bytes + i + 2), length));
    i += 2 + length;
  }
  talk.end();
  return 0;
}
