#include "hw/modembank/playback.h"

#include <algorithm>
#include <utility>

#include "at/result.h"

namespace modembank {

namespace {

using Kind = at::Move::Kind;

constexpr std::size_t kLongestLine = 4'096;
constexpr std::size_t kMostDue = 10'000;
constexpr std::string_view kEsc = "\x1B";
constexpr std::string_view kEntered = "\x1A";
constexpr std::string_view kSend = "AT+CMGS=";  // whatever its length

std::string question(std::string_view text) {
  if (text.ends_with('\x1A')) return std::string(kEntered);
  if (text.ends_with('\r')) text.remove_suffix(1);
  return std::string(text.starts_with(kSend) ? kSend : text);
}

bool ends_answer(std::string_view burst) {
  if (burst.ends_with("> ") || burst.ends_with('>')) return true;
  while (!burst.empty()) {
    const std::size_t end = std::min(burst.find_first_of("\r\n"), burst.size());
    if (at::parse_final(burst.substr(0, end))) return true;
    burst.remove_prefix(std::min(end + 1, burst.size()));
  }
  return false;
}

// AT, ATE0, ATV1: taken by every modem.
bool is_v250(std::string_view line) {
  if (!line.starts_with("AT")) return false;
  return line.find_first_not_of("EQVX&FZ0123456789", 2) == std::string_view::npos;
}

}  // namespace

at::Expected<Playback, std::string> Playback::of(std::string_view chat) {
  const auto moves = at::read_transcript(chat);
  if (!moves) return at::Unexpected{moves.error()};
  const bool any = std::any_of(moves->begin(), moves->end(),
                               [](const at::Move& move) { return move.kind == Kind::written; });
  if (!any) return at::Unexpected{std::string("nothing was asked in it")};
  return Playback(*moves);
}

Playback::Playback(const std::vector<at::Move>& moves) : steps_(1) {
  at::Mask mask;
  at::Millis since{0};
  bool answered = true;
  for (const at::Move& move : moves) {
    since += move.after;
    if (move.kind == Kind::written) {
      const std::string asked = question(move.text);
      steps_.push_back({asked == kEntered ? asked : mask.written(asked), {}, {}});
      since = at::Millis{0};
      answered = false;
      continue;
    }
    Step& step = steps_.back();
    (answered ? step.unasked : step.answer).push_back({since, move.kind, move.text});
    answered = answered || (move.kind == Kind::read ? ends_answer(move.text) : true);
  }
  // What came to a line without a final result came by itself.
  for (Step& step : steps_) {
    const bool ended = std::any_of(step.answer.begin(), step.answer.end(), [](const Happening& h) {
      return h.kind == Kind::read && ends_answer(h.text);
    });
    if (ended) continue;
    step.unasked.insert(step.unasked.begin(), step.answer.begin(), step.answer.end());
    step.answer.clear();
  }
}

void Playback::feed(std::string_view bytes, at::Instant now) {
  tick(now);
  if (!plugged_) return;
  if (!std::exchange(began_, true)) give(steps_.front().unasked, now);
  for (const char c : bytes) {
    if (c == '\n') continue;
    if (c == '\x1B') {
      in_.clear();
      line(std::string(kEsc), now);
    } else if (c == '\x1A') {
      in_.clear();
      line(std::string(kEntered), now);
    } else if (c == '\r') {
      line(question(mask_.written(std::exchange(in_, {}))), now);
    } else if (in_.size() < kLongestLine) {
      in_ += c;
    }
  }
}

// From where the playing stands; not past what may be the failure.
std::optional<std::size_t> Playback::ahead(const std::string& asked) const {
  for (std::size_t i = stands_at_ + 1; i < steps_.size(); ++i) {
    const Step& step = steps_[i];
    if (step.asked == asked) return i;
    if (step.asked == kEntered || (step.silent() && step.asked != kEsc)) return std::nullopt;
  }
  return std::nullopt;
}

void Playback::line(std::string asked, at::Instant now) {
  if (asked.empty()) return;
  if (const auto found = ahead(asked)) {
    stands_at_ = last_[asked] = *found;
    give(steps_[*found].answer, now);
    return give(steps_[*found].unasked, now);
  }
  const Step& here = steps_[stands_at_];
  if (asked == kEsc || (stands_at_ > 0 && here.silent() && here.asked != kEsc))
    return;  // what fell silent stays silent
  if (const auto last = last_.find(asked); last != last_.end()) return give(steps_[last->second].answer, now);
  const auto other = std::find_if(steps_.begin(), steps_.end(),
                                  [&](const Step& step) { return step.asked == asked && !step.silent(); });
  if (other != steps_.end()) return give(other->answer, now);
  give({{at::Millis{5}, Kind::read, is_v250(asked) ? "\r\nOK\r\n" : "\r\nERROR\r\n"}}, now);
}

void Playback::give(const std::vector<Happening>& happenings, at::Instant now) {
  for (const Happening& what : happenings) {
    if (due_.size() >= kMostDue) return;
    const at::Instant at = now + what.after;
    const auto later = std::upper_bound(due_.begin(), due_.end(), at,
                                        [](at::Instant t, const Due& due) { return t < due.at; });
    due_.insert(later, Due{at, what});
  }
}

void Playback::happen(const Happening& what) {
  if (what.kind == Kind::read) {
    if (plugged_) out_ += what.text;
  } else if (what.text == at::kPortLost) {
    plugged_ = false;
    in_.clear();
    out_.clear();
  } else if (what.text == at::kPortOpened) {
    plugged_ = true;
  }
}

void Playback::tick(at::Instant now) {
  while (!due_.empty() && due_.front().at <= now) {
    const Due due = std::move(due_.front());
    due_.pop_front();
    happen(due.what);
  }
}

std::string Playback::take_output(at::Instant now) {
  tick(now);
  return std::exchange(out_, {});
}

std::optional<at::Instant> Playback::deadline() const {
  if (due_.empty()) return std::nullopt;
  return due_.front().at;
}

}  // namespace modembank
