#include "at/channel.h"

#include <algorithm>
#include <utility>

#include "at/params_text.h"
#include "at/ussd.h"

namespace at {

namespace {

constexpr char kEsc = '\x1B';
constexpr char kCtrlZ = '\x1A';
// Every modem has them, and they come unasked from none (27.007 9.1, 27.005 3.2.3). By turns, so that the
// late answer of a fence that was given up is not taken for that of the next.
struct Fence {
  std::string_view line, prefix;
};
constexpr Fence kFences[] = {{"AT+CMEE?", "+CMEE:"}, {"AT+CMGF?", "+CMGF:"}};
// For a port that never falls silent.
constexpr Millis kDrainCap{30'000};
// For one that answers everything twice.
constexpr int kMostDoubtedFences = 6;

// An unknown URC, not the hex digits of a PDU.
bool looks_like_urc(std::string_view text) {
  return std::string_view("+^*#%$!_@").find(text.front()) != std::string_view::npos;
}

}  // namespace

void Channel::start(Command command, Instant) {
  command_ = std::move(command);
  answer_ = Completed{};
  answer_octets_ = 0;
  payload_due_ = false;
  phase_ = Phase::queued;
}

std::string Channel::take_output(Instant now) {
  std::string bytes = std::exchange(out_, {});
  if (phase_ == Phase::queued) {
    bytes += command_.line + '\r';
    remember(command_.line);
    phase_ = command_.payload ? Phase::prompt : Phase::result;
    lexer_.expect_prompt(command_.payload.has_value());
    until_ = now + (command_.payload ? command_.prompt_timeout : command_.timeout);
  } else if (payload_due_) {
    payload_due_ = false;
    bytes += *command_.payload + kCtrlZ;
    remember(*command_.payload);
    answer_.payload_written = true;
    phase_ = Phase::result;
    until_ = now + command_.timeout;
  }
  return bytes;
}

void Channel::probe(Instant) {
  if (phase_ != Phase::result && phase_ != Phase::lost) return;
  if (phase_ == Phase::result) answer_.probed = true;
  out_ += "AT\r";
  remember("AT");
  ++owed_;
}

void Channel::write_unasked(std::string_view text) {
  if (running()) return;
  out_ += text;
  if (!text.ends_with('\r')) return;
  remember(text.substr(0, text.size() - 1));
  ++owed_;
}

void Channel::lose() {
  if (running()) return;
  lexer_.expect_prompt(false);
  phase_ = Phase::lost;
}

void Channel::take_over() {
  lose();
  taken_over_ = true;
}

void Channel::abort(Instant, ChannelEvents& events) {
  if (!running()) return;
  if (phase_ == Phase::queued) return finish(Outcome::aborted, {}, Phase::idle, events);
  if (phase_ == Phase::prompt) out_ += kEsc;
  finish(Outcome::aborted, {}, Phase::lost, events);
}

void Channel::close(ChannelEvents& events) {
  if (pending_) events.emplace_back(std::move(pending_->urc));
  if (ussd_) events.emplace_back(Urc{UrcKind::ussd, std::move(ussd_->joined), {}});
  if (running()) finish(Outcome::closed, {}, Phase::idle, events);
  *this = Channel{};
}

ChannelEvents Channel::feed(std::string_view bytes, Instant now) {
  ChannelEvents events;
  for (char c : bytes) {
    auto token = lexer_.push(c);
    if (!token) continue;
    if (token->kind == Token::Kind::prompt)
      prompt(events);
    else
      line(std::move(token->text), now, events);
  }
  return events;
}

ChannelEvents Channel::tick(Instant now) {
  ChannelEvents events;
  if (ussd_ && now >= ussd_->until) give_up_ussd(now, events);
  if (pending_ && now >= pending_->until) events.emplace_back(std::exchange(pending_, std::nullopt)->urc);
  if (until_ && now >= *until_) {
    const bool no_prompt = phase_ == Phase::prompt;
    if (no_prompt) out_ += kEsc;
    finish(no_prompt ? Outcome::no_prompt : Outcome::timed_out, {}, Phase::lost, events);
  }
  if (phase_ == Phase::draining && now >= drain_end_) {
    if (owed_ == 0 || now >= drain_cap_)
      drained(events);
    else
      phase_ = Phase::lost;
  }
  return events;
}

std::optional<Instant> Channel::deadline() const {
  std::optional<Instant> next = until_;
  const auto earlier = [&](Instant t) {
    if (!next || t < *next) next = t;
  };
  if (pending_) earlier(pending_->until);
  if (ussd_) earlier(ussd_->until);
  if (phase_ == Phase::draining) earlier(drain_end_);
  return next;
}

void Channel::prompt(ChannelEvents& events) {
  if (phase_ != Phase::prompt || payload_due_) return;
  payload_due_ = true;
  until_.reset();  // the next step is our own
  events.emplace_back(PromptSeen{});
}

void Channel::line(std::string raw, Instant now, ChannelEvents& events) {
  // A PDU that was stored may be read again: what the list shows is no echo of it.
  std::string text = takes_data(raw) ? std::move(raw) : without_echo(std::move(raw));
  if (!text.empty() && !ussd_line(&text, now, events)) whole_line(std::move(text), now, events);
}

// 27.007 7.15: the string of +CUSD may hold line ends, and lines of it that look like anything at all. True:
// the line was taken. When the quotes have closed, *text is all of it.
bool Channel::ussd_line(std::string* text, Instant now, ChannelEvents& events) {
  const bool anew = ussd_open(*text);
  if (ussd_ && (anew || text->starts_with("+CUSD:"))) give_up_ussd(now, events);
  if (!ussd_ && !anew) return false;
  if (!ussd_) {
    ussd_ = OpenUssd{{*text}, *text, now + kUssdText};
    return true;
  }
  ussd_->lines.push_back(*text);
  ussd_->joined += '\n' + *text;
  if (ussd_open(ussd_->joined)) {
    if (ussd_->joined.size() > kMaxUssd) give_up_ussd(now, events);
    return true;
  }
  *text = std::move(ussd_->joined);
  ussd_.reset();
  return false;
}

// The closing quote was lost, so what came since are lines of their own.
void Channel::give_up_ussd(Instant now, ChannelEvents& events) {
  const OpenUssd held = std::move(*ussd_);
  ussd_.reset();
  for (const std::string& line : held.lines) whole_line(line, now, events);
}

void Channel::whole_line(std::string text, Instant now, ChannelEvents& events) {
  const auto result = parse_final(text);
  if (!result && pending_ && take_urc_data(text, events)) return;
  if (!result && takes_data(text)) {
    answer_.lines.back().data = std::move(text);
    return;
  }
  if (result) return final_result(*result, now, events);
  const auto kind = urc_kind(text);
  // Nothing can answer a submit before its prompt: a +CMGS now is a late one.
  const bool answerable = phase_ == Phase::result;
  if (answerable && !command_.prefix.empty() && owns(text)) return information(std::move(text), events);
  if (kind) return urc(*kind, std::move(text), now, events);
  if (answerable && command_.prefix.empty()) return information(std::move(text), events);
  stray(std::move(text), events);
}

bool Channel::owns(std::string_view text) const {
  return text.starts_with(command_.prefix);
}

// 27.005 3.4.2, 3.4.3: the line after +CMGL: and +CMGR:. A PDU is never a result code, a header or a URC.
bool Channel::takes_data(std::string_view text) const {
  if (!written() || !command_.data_lines || answer_.lines.empty()) return false;
  return answer_.lines.back().data.empty() && !owns(text) && !looks_like_urc(text) && !urc_kind(text);
}

bool Channel::take_urc_data(const std::string& text, ChannelEvents& events) {
  if (text.size() % 2 != 0 || !all_hex(text)) return false;
  Urc whole = std::move(pending_->urc);
  pending_.reset();
  whole.data = text;
  events.emplace_back(std::move(whole));
  return true;
}

void Channel::information(std::string text, ChannelEvents& events) {
  if (answer_.lines.size() >= kMaxLines || answer_octets_ > kMaxAnswer) return;
  answer_octets_ += text.size() + (command_.data_lines ? 360 : 0);
  answer_.lines.push_back({text, {}});
  events.emplace_back(Information{std::move(text)});
}

void Channel::urc(UrcKind kind, std::string text, Instant now, ChannelEvents& events) {
  if (!has_data_line(kind)) {
    events.emplace_back(Urc{kind, std::move(text), {}});
    return;
  }
  if (pending_) events.emplace_back(std::move(pending_->urc));
  pending_ = Pending{Urc{kind, std::move(text), {}}, now + kDataLine};
}

void Channel::stray(std::string text, ChannelEvents& events) {
  // The answer of a command that was given up: its final result is on the way, too.
  if (written() && !disowned_.empty() && text.starts_with(disowned_)) skip_final_ = true;
  if (phase_ == Phase::draining && text.starts_with(kFences[fence_].prefix)) {
    fence_seen_ = true;
    return;
  }
  events.emplace_back(Stray{std::move(text), std::nullopt});
}

void Channel::final_result(FinalResult result, Instant now, ChannelEvents& events) {
  const bool skipped = std::exchange(skip_final_, false);
  // An OK is no answer to a command that has yet to show its prompt: whoever it belongs to, the prompt may
  // still come.
  const bool before_prompt = phase_ == Phase::prompt && result.ok();
  if (written() && !skipped && !before_prompt) {
    const bool unanswered = command_.payload && answer_.lines.empty() && result.ok();
    disowned_ = unanswered ? command_.prefix : std::string{};
    // A bare OK beside probes was one of theirs: its own is owed as well.
    finish(Outcome::answered, std::move(result), Phase::idle, events);
    if (owed_ > 0) drain(now);
    return;
  }
  if (phase_ == Phase::draining && fence_seen_) return fence_passed(now, events);
  // A bare OK is none to the fence, whose own is the last that is owed. An error may be.
  const bool strange = phase_ == Phase::draining && owed_ <= 1 && result.ok();
  strangers_ = strangers_ || strange;
  if (owed_ > 0 && !strange) --owed_;
  if (phase_ == Phase::draining) {
    drain_end_ = std::min(now + (owed_ > 0 ? kFenceWait : kQuiet), drain_cap_);
  }
  if (phase_ == Phase::lost) drain(now);
  std::string text = result.text;
  events.emplace_back(Stray{std::move(text), std::move(result)});
}

void Channel::drain(Instant now) {
  phase_ = Phase::draining;
  fence_ = 1 - fence_;
  fence_seen_ = strangers_ = false;
  const std::string_view line = kFences[fence_].line;
  out_ += std::string(line) + '\r';
  remember(line);
  ++owed_;
  drain_end_ = now + kFenceWait;
  drain_cap_ = now + kDrainCap;
}

// Whoever had the port before may have written a fence, too. It was ours where its answer was the first that
// came after it.
void Channel::fence_passed(Instant now, ChannelEvents& events) {
  const bool sure = !strangers_ && !(taken_over_ && owed_ > 1);
  if (sure || doubted_fences_ == kMostDoubtedFences) return drained(events);
  ++doubted_fences_;
  owed_ = 0;
  drain(now);
}

void Channel::drained(ChannelEvents& events) {
  phase_ = Phase::idle;
  owed_ = 0;
  skip_final_ = taken_over_ = false;
  events.emplace_back(Drained{std::exchange(doubted_fences_, 0) > 0 || std::exchange(strangers_, false)});
}

void Channel::finish(Outcome outcome, FinalResult result, Phase next, ChannelEvents& events) {
  until_.reset();
  payload_due_ = false;
  lexer_.expect_prompt(false);
  if (next == Phase::lost) {
    disowned_ = command_.prefix;
    ++owed_;
  }
  phase_ = next;
  answer_.outcome = outcome;
  answer_.result = std::move(result);
  events.emplace_back(std::exchange(answer_, Completed{}));
}

// With echo on (V.250 6.2.4) each line we wrote comes back; the PDU with its Ctrl-Z, and sometimes with the
// answer glued behind.
std::string Channel::without_echo(std::string text) const {
  std::string_view rest = text;
  if (rest.starts_with("> ")) rest.remove_prefix(2);
  for (const std::string& echo : echoes_) {
    if (echo.empty()) continue;
    if (rest == echo) return {};
    if (echo.size() < 20 || !rest.starts_with(echo)) continue;
    rest.remove_prefix(echo.size());
    if (rest.starts_with(kCtrlZ)) rest.remove_prefix(1);
    return std::string(trim(rest));
  }
  return text;
}

void Channel::remember(std::string_view written) {
  if (echoes_[(next_echo_ + echoes_.size() - 1) % echoes_.size()] == written) return;
  echoes_[next_echo_] = written;
  next_echo_ = (next_echo_ + 1) % echoes_.size();
}

}  // namespace at
