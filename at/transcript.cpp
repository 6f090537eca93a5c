#include "at/transcript.h"

#include <charconv>
#include <optional>
#include <utility>

#include "at/params_text.h"

namespace at {

namespace {

constexpr std::string_view kHex = "0123456789abcdef";
constexpr std::int64_t kLongestPause = 7LL * 24 * 3'600 * 1'000;  // ms

int value_of(char c) {
  return is_digit(c) ? c - '0' : (c | 0x20) - 'a' + 10;
}

// One escape from text[*at] on, which stands behind the backslash.
std::optional<char> unescaped(std::string_view text, std::size_t* at) {
  if (*at >= text.size()) return std::nullopt;
  const char kind = text[(*at)++];
  if (kind == 'r') return '\r';
  if (kind == 'n') return '\n';
  if (kind == '\\') return '\\';
  if (kind != 'x' || text.size() - *at < 2 || !is_hex(text[*at]) || !is_hex(text[*at + 1]))
    return std::nullopt;
  const int value = value_of(text[*at]) * 16 + value_of(text[*at + 1]);
  *at += 2;
  return static_cast<char>(value);
}

std::optional<std::string> unescape(std::string_view text) {
  std::string out;
  for (std::size_t at = 0; at < text.size();) {
    if (const char c = text[at++]; c != '\\') {
      out += c;
    } else if (const auto meant = unescaped(text, &at)) {
      out += *meant;
    } else {
      return std::nullopt;
    }
  }
  return out;
}

std::optional<Millis> pause(std::string_view text) {
  std::int64_t ms = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), ms);
  if (error != std::errc{} || end != text.data() + text.size() || ms < 0 || ms > kLongestPause)
    return std::nullopt;
  return Millis{ms};
}

}  // namespace

std::string escape_move(std::string_view text) {
  std::string out;
  for (const char c : text) {
    const auto octet = static_cast<unsigned char>(c);
    if (c == '\r') {
      out += "\\r";
    } else if (c == '\n') {
      out += "\\n";
    } else if (c == '\\') {
      out += "\\\\";
    } else if (octet < 0x20 || octet >= 0x7F) {
      out += {'\\', 'x', kHex[octet >> 4], kHex[octet & 0xF]};
    } else {
      out += c;
    }
  }
  return out;
}

Expected<std::vector<Move>, std::string> read_transcript(std::string_view chat) {
  std::vector<Move> moves;
  Millis passed{0};
  for (std::size_t number = 1; !chat.empty(); ++number) {
    const std::size_t end = std::min(chat.find('\n'), chat.size());
    const std::string_view line = chat.substr(0, end);
    chat.remove_prefix(std::min(end + 1, chat.size()));
    if (line.empty() || line.front() == '=' || line.front() == '#') continue;
    const auto wrong = [&](const char* why) {
      return Unexpected{"line " + std::to_string(number) + ": " + why};
    };
    const std::string_view text = line.substr(std::min<std::size_t>(2, line.size()));
    if (line.front() == '@') {
      const auto ms = pause(trim(text));
      if (!ms) return wrong("@ wants milliseconds");
      passed += *ms;
      continue;
    }
    const auto kind = static_cast<Move::Kind>(line.front());
    if (kind != Move::Kind::written && kind != Move::Kind::read && kind != Move::Kind::port)
      return wrong("a line begins with one of > < @ ! = #");
    auto meant = unescape(text);
    if (!meant) return wrong("only \\r, \\n, \\\\ and \\xHH stand for something");
    moves.push_back({kind, std::move(*meant), std::exchange(passed, Millis{0})});
  }
  return moves;
}

}  // namespace at
