// The small interface to a serial port: an fd for the event loop, and what termios alone can't say.
// Real ports (under /sys/class/tty) go through libserialport, PTYs through plain termios, since libserialport refuses them.
// A line over TCP takes time to come about: dial.h.
#pragma once

#include <memory>
#include <string>

#include "at/expected.h"

namespace hw {

struct LineError {
  enum class Kind { absent, busy, denied, broken } kind;  // absent: no such device now; busy: locked by someone else
  std::string text;                                       // for a log line, with the path
};

class Line {
 public:
  virtual ~Line() = default;  // closes; never blocks on undrained output
  // Raw, non-blocking, VMIN=1, close-on-exec, locked (flock and TIOCEXCL). Owned by the Line: an event loop dup()s it.
  virtual int fd() const = 0;
  virtual void drop_dtr() = 0;  // errors are ignored: PTYs and gadgets have no modem lines
  virtual std::string kind() const = 0;  // "libserialport", "termios" or "tcp"
};

// The node that a name stands for, by however many symlinks; empty, with errno, if for none.
std::string node_behind(const std::string& path);

// path may be a symlink (/dev/serial/by-path/…, DIR/modem0). Nothing is written or flushed: what is buffered may be evidence.
at::Expected<std::unique_ptr<Line>, LineError> open_line(const std::string& path, int baud);

}  // namespace hw
