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

// A place between two bytes of what was read.
struct Border {
  enum class Kind {
    between_lines,  // or at an end of one: before, within and after its CR and LF, and around a prompt
    before_data,    // of a URC: between a +CMT, +CDS, +CBM and its PDU
    inside_line     // or between the lines of one +CUSD
  };
  std::size_t burst = 0, at = 0;  // `at` bytes of that burst stand before it
  Kind kind = Kind::between_lines;
};
std::vector<Border> borders(const Chat&);
Chat with_inserted(Chat, const Border&, const std::string& bytes);

// What became of the commands of a chat that was tampered with. Time passes until each has ended.
struct Tally {
  int started = 0, completed = 0;
  bool usable = false;  // the next command was answered as if nothing had been
};
Tally tally(const Chat&);
