#include "at/lexer.h"

#include <utility>

namespace at {

namespace {

// What modems put around a line: NULs after power-on, blanks, the echo of our ESC.
bool is_padding(char c) {
  return c == '\0' || c == ' ' || c == '\t' || c == '\x1B';
}

}  // namespace

std::optional<Token> Lexer::end_line() {
  skipping_ = false;
  while (!line_.empty() && is_padding(line_.back())) line_.pop_back();
  if (line_.empty()) return std::nullopt;
  return Token{Token::Kind::line, std::exchange(line_, {})};
}

std::optional<Token> Lexer::push(char c) {
  if (c == '\r' || c == '\n') return end_line();
  if (skipping_) return std::nullopt;
  if (line_.empty()) {
    if (is_padding(c)) return std::nullopt;
    if (c == '>' && expect_prompt_) {
      expect_prompt_ = false;
      return Token{Token::Kind::prompt, {}};
    }
  }
  if (line_.size() == kLineCap) {
    line_.clear();
    skipping_ = true;
    ++dropped_;
    return std::nullopt;
  }
  line_.push_back(c);
  return std::nullopt;
}

void Lexer::reset() {
  *this = Lexer{};
}

}  // namespace at
