// Octets as an AT port's input. The first says how the rest is cut; the cut must not matter, nor may garbage
// pile up.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <iostream>
#include <string>

#include "at/channel.h"
#include "at/lexer.h"

namespace {

std::string tokens(const std::uint8_t* bytes, std::size_t size) {
  at::Lexer lexer;
  std::string out;
  std::size_t since_line = 0;
  for (std::size_t i = 0; i < size; ++i) {
    if (i % 64 == 0) lexer.expect_prompt(true);
    const auto token = lexer.push(static_cast<char>(bytes[i]));
    ++since_line;
    if (!token) continue;
    if (token->text.size() > at::Lexer::kLineCap || token->text.size() > since_line) {
      std::cerr << "a line longer than what was read\n";
      std::abort();
    }
    since_line = 0;
    out += (token->kind == at::Token::Kind::prompt ? ">" : token->text) + '\n';
  }
  return out;
}

std::string lines(const at::ChannelEvents& events) {
  std::string out;
  for (const auto& event : events) {
    if (const auto* urc = std::get_if<at::Urc>(&event)) out += urc->line + '/' + urc->data + '\n';
    if (const auto* stray = std::get_if<at::Stray>(&event)) out += stray->line + '\n';
  }
  return out;
}

}  // namespace

int fuzz_lexer(const std::uint8_t* bytes, std::size_t size) {
  if (size == 0) return 0;
  const std::size_t piece = bytes[0] + std::size_t{1};
  const std::string_view text(reinterpret_cast<const char*>(bytes + 1), size - 1);
  tokens(bytes + 1, size - 1);
  const at::Instant now{std::chrono::hours{1}};
  at::Channel whole, cut;
  const std::string expected = lines(whole.feed(text, now));
  std::string got;
  for (std::size_t at = 0; at < text.size(); at += piece) got += lines(cut.feed(text.substr(at, piece), now));
  if (got == expected) return 0;
  std::cerr << "cut every " << piece << " it reads otherwise\n";
  std::abort();
}
