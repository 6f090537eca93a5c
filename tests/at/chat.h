// A recorded exchange (tests/corpus/chat/*.chat), to be played through a Channel:
//   # a sentence
//   > what we wrote     < what was read     @ milliseconds that passed     = what the channel must have made
//   of it
// Escapes: \r \n \xHH \\. Each `<` line is one burst. The `=` lines are those of transcript(), in order.
#pragma once

#include <string>
#include <vector>

struct Chat {
  struct Move {
    char mark = '>';
    std::string text;  // unescaped; of `=` as written
  };
  std::string name;
  std::vector<Move> moves;
  std::vector<std::string> expected;
};

std::vector<Chat> read_chats();
// How the bursts are cut before they are fed.
struct Cut {
  bool each_byte = false;
  std::size_t burst = static_cast<std::size_t>(-1);  // this one is cut …
  std::size_t at = 0;                                // … here
};
// Plays it; one line per event.
std::vector<std::string> transcript(const Chat&, const Cut&);
