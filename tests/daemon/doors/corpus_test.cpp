// The fuzz target's corpus, replayed: what once was found stays found.
#include <CppUTest/TestHarness.h>

#include "tests/fuzz/replay.h"

int fuzz_http_body(const std::uint8_t* bytes, std::size_t size);

int fuzz_csv(const std::uint8_t* bytes, std::size_t size);

TEST_GROUP(Corpus){};

TEST(Corpus, HttpBodies) {
  CHECK(replay_corpus("http_body", fuzz_http_body) > 10);
}

TEST(Corpus, Spreadsheets) {
  CHECK(replay_corpus("csv", fuzz_csv) > 5);
}
