#include "drivers/recorder.h"

#include <algorithm>
#include <cstring>
#include <optional>
#include <utility>

namespace drivers {

namespace {

using Kind = at::Move::Kind;

constexpr std::size_t kStep = 2'048;
constexpr std::size_t kBurst = 2'048;  // of lines that came at once, as one move

// How far what was written reaches: a line, a text entered, or an ESC.
std::size_t end_of_line(std::string_view bytes) {
  if (bytes.front() == '\x1B') return 1;
  const std::size_t end = bytes.find_first_of("\r\x1A\x1B");
  if (end == std::string_view::npos) return bytes.size();
  return bytes[end] == '\x1B' ? end : end + 1;
}

at::Millis whole_ms(at::Instant at) {
  return std::chrono::floor<at::Millis>(at.time_since_epoch());
}

bool is_prompt(std::string_view text) {
  return text == "> " || text == ">";
}

}  // namespace

Recorder::Kept Recorder::Rows::row_at(std::size_t offset, std::uint64_t number) const {
  Kept row;
  std::uint32_t octets = 0;
  const char* from = bytes_.data() + offset;
  std::memcpy(&row.at, from, sizeof row.at);
  std::memcpy(&octets, from + sizeof row.at, sizeof octets);
  row.kind = static_cast<Kind>(from[kHead - 1]);
  row.number = number;
  row.text = {from + kHead, octets};
  return row;
}

// Not doubled when it is full, as a string would: what is reserved by hundreds of ports is never used.
void Recorder::Rows::append(std::string_view more) {
  if (bytes_.size() + more.size() > bytes_.capacity()) {
    bytes_.erase(0, begin_);
    last_ -= std::exchange(begin_, 0);
    bytes_.reserve((bytes_.size() + more.size()) / kStep * kStep + kStep);
  }
  bytes_ += more;
}

void Recorder::Rows::add(const Kept& row) {
  if (empty()) first_ = row.number;
  char head[kHead];
  const auto octets = static_cast<std::uint32_t>(row.text.size());
  std::memcpy(head, &row.at, sizeof row.at);
  std::memcpy(head + sizeof row.at, &octets, sizeof octets);
  head[kHead - 1] = static_cast<char>(row.kind);
  append({head, kHead});
  last_ = bytes_.size() - kHead;
  append(row.text);
  octets_ += octets;
  ++count_;
  while (count_ > kMoves || (octets_ > kOctets && count_ > 1)) drop_first();
}

bool Recorder::Rows::join(std::string_view text, at::Instant at) {
  if (empty()) return false;
  const Kept before = row_at(last_, 0);
  if (before.kind != Kind::read || before.at != at || before.text.size() + text.size() > kBurst) return false;
  const auto octets = static_cast<std::uint32_t>(before.text.size() + text.size());
  append(text);
  std::memcpy(bytes_.data() + last_ + sizeof(at::Instant), &octets, sizeof octets);
  octets_ += text.size();
  return true;
}

void Recorder::Rows::drop_first() {
  const std::size_t octets = row_at(begin_, 0).text.size();
  begin_ += kHead + octets;
  octets_ -= octets;
  --count_;
  ++first_;
}

void Recorder::keep(Kind kind, std::string_view text, at::Instant now) {
  last_.add({next_++, now, kind, text});
}

void Recorder::port(std::string_view what, at::Instant now) {
  if (!piece_.empty()) give_piece(true);
  mask_.forget();
  keep(Kind::port, what, now);
}

void Recorder::opened(at::Instant now) {
  opened_ = next_;
  port(at::kPortOpened, now);
}
void Recorder::closed(at::Instant now) {
  port(at::kPortClosed, now);
}
void Recorder::lost(at::Instant now) {
  port(at::kPortLost, now);
}

void Recorder::remark(std::string_view text, at::Instant now) {
  keep(Kind::remark, text.substr(0, kLine), now);
}

void Recorder::wrote(std::string_view bytes, at::Instant now) {
  if (!piece_.empty()) give_piece(true);  // what comes of it later comes after this
  while (!bytes.empty()) {
    const std::size_t end = end_of_line(bytes);
    std::string_view line = bytes.substr(0, end);
    bytes.remove_prefix(end);
    const bool ended = line.ends_with('\r');
    if (ended) line.remove_suffix(1);
    keep(Kind::written, mask_.written(line) + (ended ? "\r" : ""), now);
  }
}

void Recorder::heard(std::string_view bytes, at::Instant now) {
  while (!bytes.empty()) {
    if (piece_.empty()) piece_at_ = now;
    const std::size_t end = bytes.find('\n');
    const std::size_t room = kLine - std::min(kLine, piece_.size());
    const std::size_t taken = std::min({end == std::string_view::npos ? bytes.size() : end + 1, room});
    piece_ += bytes.substr(0, taken);
    bytes.remove_prefix(taken);
    const bool whole = piece_.ends_with('\n');
    if (whole || piece_.size() >= kLine) give_piece(!whole);
  }
  if (is_prompt(piece_)) give_piece(false);
}

void Recorder::give_piece(bool torn) {
  std::string_view line = piece_;
  const std::size_t body = std::min(line.find_last_not_of("\r\n") + 1, line.size());
  const std::string ending(line.substr(body));
  const std::string text = mask_.read(line.substr(0, body), torn) + ending;
  piece_.clear();
  if (!last_.join(text, piece_at_)) keep(Kind::read, text, piece_at_);
}

void Recorder::became_ready() {
  start_ = {};
  last_.each([this](const Kept& row) {
    if (row.number >= opened_) start_.add(row);
  });
}

std::string Recorder::chat(const std::vector<std::string>& remarks) const {
  std::string out;
  for (const std::string& line : remarks) out += "# " + at::escape_move(line) + '\n';
  std::optional<Kept> before;
  const auto write = [&](const Kept& row) {
    if (before && before->number + 1 < row.number)
      out += "# " + std::to_string(row.number - before->number - 1) + " moves are left out here\n";
    if (before) {
      const auto ms = whole_ms(row.at) - whole_ms(before->at);
      if (ms.count() > 0) out += "@ " + std::to_string(ms.count()) + '\n';
    }
    out.append(1, static_cast<char>(row.kind)).append(" ").append(at::escape_move(row.text)).append("\n");
    before = row;
  };
  const std::uint64_t first = last_.empty() ? next_ : last_.first();
  start_.each([&](const Kept& row) {
    if (row.number < first) write(row);
  });
  last_.each(write);
  if (piece_.empty()) return out;
  at::Mask mask = mask_;
  return out + "< " + at::escape_move(mask.read(piece_, true)) + '\n';
}

}  // namespace drivers
