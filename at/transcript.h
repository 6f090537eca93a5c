// A dialogue with a modem as text, a `.chat` file: one move a line, in order.
//   # a remark
//   > AT+CSQ\r          what was written to the modem: \r \n \\ and \xHH stand for what can't be seen
//   < \r\n+CSQ: 17,99\r\n\r\nOK\r\n    what was read, a line for each burst
//   @ 12                so many milliseconds passed since the move before
//   ! opened            what became of the port: opened, closed (by us), lost
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "at/expected.h"
#include "at/time.h"

namespace at {

struct Move {
  enum class Kind : char { remark = '#', written = '>', read = '<', port = '!' };
  Kind kind = Kind::remark;
  std::string text;  // as it was, not escaped
  Millis after{0};   // since the move before
};

inline constexpr std::string_view kPortOpened = "opened", kPortClosed = "closed", kPortLost = "lost";

std::string escape_move(std::string_view text);
// Other marks (`=`, for what a test wants of it) are passed over. The error names the line.
Expected<std::vector<Move>, std::string> read_transcript(std::string_view chat);

}  // namespace at
