#include "tests/at/chat.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <utility>

#include "at/channel.h"
#include "at/ussd.h"

namespace {

std::string unescape(const std::string& text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '\\') {
      out += text[i];
      continue;
    }
    const char kind = text.at(++i);
    if (kind == 'r')
      out += '\r';
    else if (kind == 'n')
      out += '\n';
    else if (kind == 'x')
      out += static_cast<char>(std::stoi(text.substr(i + 1, 2), nullptr, 16)), i += 2;
    else
      out += kind;
  }
  return out;
}

// "AT+CMGR=1" owns "+CMGR:"; AT+CGMM and AT own whatever comes.
at::Command command_of(const std::string& line) {
  at::Command command{.line = line};
  const auto end = line.find_first_of("=?");
  if (line.starts_with("AT+") && line.find('+', 3) == std::string::npos &&
      (end != std::string::npos || line == "AT+CSQ"))
    command.prefix = line.substr(2, end == std::string::npos ? end : end - 2) + ':';
  command.data_lines = command.prefix == "+CMGR:" || command.prefix == "+CMGL:";
  command.timeout = command.prefix == "+CMGS:" ? at::Millis{60'000} : at::Millis{10'000};
  return command;
}

class Player {
 public:
  explicit Player(const Chat& chat) : chat_(chat) {}

  std::vector<std::string> play(const Cut& cut) {
    std::size_t burst = 0;
    for (std::size_t i = 0; i < chat_.moves.size(); ++i) {
      const auto& move = chat_.moves[i];
      if (move.mark == '>') write(i);
      if (move.mark == '<') read(move.text, cut.each_byte, burst == cut.burst ? cut.at : 0);
      if (move.mark == '<') ++burst;
      if (move.mark == '@') wait(at::Millis{std::stoi(move.text)});
    }
    wait(at::Millis{3'000});
    at::ChannelEvents last;
    channel_.close(last);
    log(last);
    return std::move(lines_);
  }

 private:
  // Only commands are ours to start; PDU, ESC and probes are written by the channel itself, and must be what
  // was recorded.
  void write(std::size_t i) {
    std::string text = chat_.moves[i].text;
    if (text.starts_with("AT") && text.ends_with('\r')) {
      text.pop_back();
      if (channel_.lost()) {
        channel_.probe(now_);
      } else {
        if (!channel_.idle()) wait(at::Millis{3'000});
        at::Command command = command_of(text);
        if (command.prefix == "+CMGS:") command.payload = payload_after(i);
        channel_.start(std::move(command), now_);
      }
    }
    take_output();
    const bool same = sent_.starts_with(chat_.moves[i].text);
    if (!same) lines_.push_back("wrote something else: " + sent_);
    sent_.erase(0, same ? chat_.moves[i].text.size() : sent_.size());
  }

  std::string payload_after(std::size_t i) const {
    for (std::size_t k = i + 1; k < chat_.moves.size(); ++k)
      if (chat_.moves[k].mark == '>' && chat_.moves[k].text.ends_with('\x1A'))
        return chat_.moves[k].text.substr(0, chat_.moves[k].text.size() - 1);
    return "00";
  }

  // One cut makes two pieces; none where it is 0.
  void read(const std::string& bytes, bool each_byte, std::size_t cut) {
    for (std::size_t from = 0; from < bytes.size();) {
      const std::size_t size = each_byte ? 1 : from < cut ? cut : bytes.size() - from;
      log(channel_.feed(std::string_view(bytes).substr(from, size), now_));
      from += size;
    }
    if (channel_.lost() || !channel_.idle()) take_output();
  }

  // What the channel asks to find back was asked of no recorded modem.
  void take_output() {
    sent_ += channel_.take_output(now_);
    static constexpr const char* kFence = "AT+CMEE?\r";
    const auto fence = sent_.find(kFence);
    if (fence == std::string::npos) return;
    sent_.erase(fence, std::string(kFence).size());
    log(channel_.feed("\r\n+CMEE: 1\r\n\r\nOK\r\n", now_));
  }

  void wait(at::Millis time) {
    const auto end = now_ + time;
    while (true) {
      const auto next = channel_.deadline();
      if (!next || *next > end) break;
      now_ = std::max(now_, *next);
      log(channel_.tick(now_));
      take_output();
    }
    now_ = end;
  }

  void log(const at::ChannelEvents& events) {
    for (const auto& event : events) {
      if (const auto* urc = std::get_if<at::Urc>(&event))
        lines_.push_back("urc " + shown(urc->line) + pdu(urc->data));
      if (const auto* stray = std::get_if<at::Stray>(&event)) lines_.push_back("stray " + stray->line);
      if (std::holds_alternative<at::PromptSeen>(event)) lines_.emplace_back("prompt");
      if (const auto* end = std::get_if<at::Completed>(&event)) log(*end);
    }
  }

  void log(const at::Completed& end) {
    static constexpr const char* kNames[] = {"answered", "timed out", "no prompt", "aborted", "closed"};
    for (const auto& line : end.lines) lines_.push_back("line " + shown(line.line) + pdu(line.data));
    std::string text = kNames[static_cast<std::size_t>(end.outcome)];
    if (end.outcome == at::Outcome::answered) text += " " + end.result.name() + " " + end.result.text;
    lines_.push_back(std::move(text));
  }

  // A +CUSD goes over several lines.
  static std::string shown(const std::string& text) {
    std::string out;
    for (char c : text) out += c == '\n' ? std::string("\\n") : std::string(1, c);
    return out;
  }

  static std::string pdu(const std::string& data) { return data.empty() ? data : " | " + data; }

  const Chat& chat_;
  at::Channel channel_;
  at::Instant now_{std::chrono::hours{1}};
  std::string sent_;
  std::vector<std::string> lines_;
};

// Starts the commands of a chat and reads its bursts, whatever is in them.
class Counter {
 public:
  Tally count(const Chat& chat) {
    for (const auto& move : chat.moves) {
      if (move.mark == '>' && move.text.starts_with("AT") && move.text.ends_with('\r')) start(move.text);
      if (move.mark == '<') read(move.text);
    }
    start("AT+CSQ\r");
    read("\r\n+CSQ: 21,99\r\n\r\nOK\r\n");
    tally_.usable = channel_.idle() && last_ == "+CSQ: 21,99";
    return tally_;
  }

 private:
  // Longer than every timeout, in steps from one deadline to the next.
  void settle() {
    for (int steps = 0; steps < 100 && !channel_.idle() && !channel_.lost(); ++steps) {
      const auto next = channel_.deadline();
      if (!next) break;
      now_ = std::max(now_, *next);
      take(channel_.tick(now_));
      channel_.take_output(now_);
    }
    while (const auto held = channel_.deadline()) take(channel_.tick(now_ = std::max(now_, *held)));
  }

  // A bare AT and the fence after it, answered.
  void find_back() {
    for (int tries = 0; tries < 3 && channel_.lost(); ++tries) {
      channel_.probe(now_);
      channel_.take_output(now_);
      take(channel_.feed("\r\nOK\r\n", now_));
      const bool cmee = channel_.take_output(now_).starts_with("AT+CMEE?");
      read(cmee ? "\r\n+CMEE: 1\r\n\r\nOK\r\n" : "\r\n+CMGF: 0\r\n\r\nOK\r\n");
    }
  }

  void start(std::string text) {
    settle();
    find_back();
    if (!channel_.idle()) return;
    text.pop_back();
    at::Command command = command_of(text);
    if (command.prefix == "+CMGS:") command.payload = "0011000B91";
    channel_.start(std::move(command), now_);
    ++tally_.started;
    channel_.take_output(now_);
  }

  void read(const std::string& bytes) {
    take(channel_.feed(bytes, now_));
    channel_.take_output(now_);
  }

  void take(const at::ChannelEvents& events) {
    for (const auto& event : events) {
      const auto* end = std::get_if<at::Completed>(&event);
      if (!end) continue;
      ++tally_.completed;
      last_ = end->lines.empty() ? std::string{} : end->lines.back().line;
    }
  }

  at::Channel channel_;
  at::Instant now_{std::chrono::hours{1}};
  Tally tally_;
  std::string last_;
};

// Which line the bytes read so far have left open.
class Lines {
 public:
  void push(char c) {
    if (c == '\r' || c == '\n') return end();
    const bool padding = c == ' ' || c == '\0' || c == '\t';
    if (!line_.empty() || !padding) line_ += c;
  }
  // next: the byte behind the border; none at the end of what was read without a pause.
  Border::Kind kind(std::optional<char> next) const {
    const bool prompt = line_ == ">" || line_ == "> ";
    const bool ends = !next || *next == '\r' || *next == '\n';
    if (!ussd_.empty() || at::ussd_open(line_) || (!line_.empty() && !prompt && !ends))
      return Border::Kind::inside_line;
    return data_due_ || header(line_) ? Border::Kind::before_data : Border::Kind::between_lines;
  }

 private:
  static bool header(const std::string& line) {
    return line.starts_with("+CMT:") || line.starts_with("+CDS:") || line.starts_with("+CBM:");
  }
  void end() {
    if (line_.empty()) return;
    const std::string line = std::exchange(line_, {});
    data_due_ = header(line);
    std::string text = ussd_.empty() ? line : ussd_ + '\n' + line;
    ussd_ = at::ussd_open(text) ? std::move(text) : std::string{};
  }

  std::string line_, ussd_;
  bool data_due_ = false;
};

}  // namespace

std::vector<Chat> read_chats() {
  std::vector<Chat> chats;
  for (const auto& entry : std::filesystem::directory_iterator(KLAXON_SOURCE_DIR "/tests/corpus/chat")) {
    if (entry.path().extension() != ".chat") continue;
    Chat chat{.name = entry.path().stem().string(), .moves = {}, .expected = {}};
    std::ifstream in(entry.path());
    for (std::string line; std::getline(in, line);) {
      if (line.size() < 2 || line[0] == '#') continue;
      const std::string text = line.substr(2);
      if (line[0] == '=')
        chat.expected.push_back(text);
      else
        chat.moves.push_back({line[0], unescape(text)});
    }
    chats.push_back(std::move(chat));
  }
  std::sort(chats.begin(), chats.end(), [](const Chat& a, const Chat& b) { return a.name < b.name; });
  return chats;
}

std::vector<std::string> transcript(const Chat& chat, const Cut& cut) {
  return Player(chat).play(cut);
}

std::vector<Border> borders(const Chat& chat) {
  std::vector<Border> out;
  Lines lines;
  std::size_t burst = 0;
  for (std::size_t i = 0; i < chat.moves.size(); ++i) {
    const auto& move = chat.moves[i];
    if (move.mark != '<') continue;
    const bool goes_on = i + 1 < chat.moves.size() && chat.moves[i + 1].mark == '<';
    for (std::size_t at = 0; at <= move.text.size(); ++at) {
      std::optional<char> next;
      if (at < move.text.size())
        next = move.text[at];
      else if (goes_on)
        next = chat.moves[i + 1].text.front();
      out.push_back({burst, at, lines.kind(next)});
      if (at < move.text.size()) lines.push(move.text[at]);
    }
    ++burst;
  }
  return out;
}

Chat with_inserted(Chat chat, const Border& border, const std::string& bytes) {
  std::size_t burst = 0;
  for (auto& move : chat.moves)
    if (move.mark == '<' && burst++ == border.burst) move.text.insert(border.at, bytes);
  return chat;
}

Tally tally(const Chat& chat) {
  return Counter().count(chat);
}
