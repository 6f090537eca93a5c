#include <CppUTest/TestHarness.h>

#include <string>
#include <vector>

#include "at/lexer.h"

namespace {

// Lines as they are, prompts as "<prompt>".
std::string tokens(at::Lexer& lexer, std::string_view bytes) {
  std::string out;
  for (char c : bytes)
    if (const auto token = lexer.push(c))
      out += (token->kind == at::Token::Kind::prompt ? "<prompt>" : token->text) + "|";
  return out;
}

std::string tokens(std::string_view bytes) {
  at::Lexer lexer;
  return tokens(lexer, bytes);
}

}  // namespace

TEST_GROUP(Lexer){};

TEST(Lexer, EveryKindOfLineEnd) {
  STRCMP_EQUAL("a|b|c|d|e|", tokens("\r\na\r\n\r\nb\r\r\nc\nd\re\r\n").c_str());
  STRCMP_EQUAL("", tokens("\r\n\r\n\n\r").c_str());
}

TEST(Lexer, CrAloneEndsALineAndTheLateLfIsNone) {
  at::Lexer lexer;
  STRCMP_EQUAL("+CMT: ,23|", tokens(lexer, "+CMT: ,23\r").c_str());
  STRCMP_EQUAL("", tokens(lexer, "\n").c_str());
  STRCMP_EQUAL("0791|", tokens(lexer, "0791\r").c_str());
}

TEST(Lexer, NulsBlanksAndEscAroundALineVanish) {
  STRCMP_EQUAL("OK|A  B|", tokens(std::string("\0\0\r\n\x1BOK\0\r\n  A  B \r\n", 18)).c_str());
}

TEST(Lexer, APromptOnlyWhileExpectedAndOnlyOnce) {
  at::Lexer lexer;
  STRCMP_EQUAL("> hello|", tokens(lexer, "> hello\r\n").c_str());
  lexer.expect_prompt(true);
  STRCMP_EQUAL("+CMTI: \"SM\",4|<prompt>|", tokens(lexer, "\r\n+CMTI: \"SM\",4\r\n> ").c_str());
  STRCMP_EQUAL(">|", tokens(lexer, "\r\n>\r\n").c_str());
}

TEST(Lexer, APromptInsideALineIsNone) {
  at::Lexer lexer;
  lexer.expect_prompt(true);
  STRCMP_EQUAL("a> b|<prompt>|", tokens(lexer, "a> b\r\n>").c_str());
}

TEST(Lexer, AnOverlongLineIsDroppedAndTheNextIsRead) {
  at::Lexer lexer;
  STRCMP_EQUAL("", tokens(lexer, std::string(3'000'000, 'x')).c_str());
  LONGS_EQUAL(1, static_cast<long>(lexer.dropped()));
  STRCMP_EQUAL("OK|", tokens(lexer, "\r\nOK\r\n").c_str());
  const std::string longest(at::Lexer::kLineCap, 'y');
  STRCMP_EQUAL((longest + "|").c_str(), tokens(lexer, longest + "\r").c_str());
}
