// Bytes of an AT port to lines and prompts (V.250 5.7.1). One byte at a time, so how a read was cut cannot
// matter.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

namespace at {

struct Token {
  enum class Kind : std::uint8_t { line, prompt };
  Kind kind = Kind::line;
  std::string text;  // of a line: without ends, NULs, ESC and blanks around it; never empty
};

// CR and LF both end a line, in any mixture; lines without text vanish. So a line that ends in CR alone is
// handed out at once, and the LF that may follow later is not a second line.
class Lexer {
 public:
  static constexpr std::size_t kLineCap = 1200;  // octets; the longest PDU is 352 hex digits

  // A `>` at the start of a line is a prompt only while one is expected: once per call.
  void expect_prompt(bool on) { expect_prompt_ = on; }
  std::optional<Token> push(char c);
  void reset();
  // Lines that were dropped for being longer than kLineCap, since the last reset().
  std::size_t dropped() const { return dropped_; }

 private:
  std::optional<Token> end_line();

  std::string line_;
  bool expect_prompt_ = false;
  bool skipping_ = false;  // an overlong line is thrown away up to its end
  std::size_t dropped_ = 0;
};

}  // namespace at
