// Recorded exchanges with real modems, whole and cut at every byte.
#include <CppUTest/TestHarness.h>

#include <cstdlib>
#include <iostream>

#include "tests/at/chat.h"

namespace {

std::string joined(const std::vector<std::string>& lines) {
  std::string out;
  for (const auto& line : lines) out += "= " + line + '\n';
  return out;
}

}  // namespace

TEST_GROUP(Chat){};

TEST(Chat, EachIsUnderstood) {
  const auto chats = read_chats();
  CHECK_TRUE(chats.size() >= 41);
  for (const Chat& chat : chats) {
    const auto got = transcript(chat, {});
    if (std::getenv("CHAT_PRINT") != nullptr) {  // for a new recording: read, judge, then paste
      std::cout << "## " << chat.name << '\n' << joined(got);
      continue;
    }
    STRCMP_EQUAL_TEXT(joined(chat.expected).c_str(), joined(got).c_str(), chat.name.c_str());
  }
}

TEST(Chat, EachIsTheSameByteByByte) {
  for (const Chat& chat : read_chats())
    STRCMP_EQUAL_TEXT(joined(chat.expected).c_str(), joined(transcript(chat, {.each_byte = true})).c_str(),
                      chat.name.c_str());
}

TEST(Chat, EachIsTheSameWhereverItIsCut) {
  for (const Chat& chat : read_chats()) {
    const std::string expected = joined(chat.expected);
    std::size_t burst = 0;
    for (const auto& move : chat.moves) {
      if (move.mark != '<') continue;
      for (std::size_t at = 1; at < move.text.size(); ++at)
        STRCMP_EQUAL_TEXT(expected.c_str(), joined(transcript(chat, {.burst = burst, .at = at})).c_str(),
                          chat.name.c_str());
      ++burst;
    }
  }
}
