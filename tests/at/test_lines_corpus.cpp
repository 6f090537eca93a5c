// The corpora of fuzz_lexer, fuzz_channel, fuzz_params and fuzz_ussd, replayed.
#include <CppUTest/TestHarness.h>

#include "tests/fuzz/replay.h"

int fuzz_lexer(const std::uint8_t* bytes, std::size_t size);
int fuzz_channel(const std::uint8_t* bytes, std::size_t size);
int fuzz_params(const std::uint8_t* bytes, std::size_t size);
int fuzz_ussd(const std::uint8_t* bytes, std::size_t size);

TEST_GROUP(LinesCorpus){};

TEST(LinesCorpus, Lexer) {
  CHECK_TRUE(replay_corpus("lexer", fuzz_lexer) > 10);
}
TEST(LinesCorpus, Channel) {
  CHECK_TRUE(replay_corpus("channel", fuzz_channel) > 10);
}
TEST(LinesCorpus, Params) {
  CHECK_TRUE(replay_corpus("params", fuzz_params) > 10);
}
TEST(LinesCorpus, Ussd) {
  CHECK_TRUE(replay_corpus("ussd", fuzz_ussd) > 10);
}
