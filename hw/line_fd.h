// What both kinds of Line do with a tty's fd. Inside of hw/ only.
#pragma once

#include <optional>
#include <string>

#include "hw/line.h"

namespace hw {

LineError line_error(int error, const std::string& path);  // from errno
// flock. Two who opened at the same time both pass TIOCEXCL, and root passes it always: so it is flock that
// decides.
std::optional<LineError> lock_line(int fd, const std::string& path);
void exclude_others(int fd);  // TIOCEXCL: for those who know no flock
// Raw, 8N1, VMIN=1 (an event loop takes the 0 that VMIN=0 reads as end of file), no HUPCL; close-on-exec,
// non-blocking.
std::optional<LineError> make_raw(int fd, const std::string& path);
// Drops what was not sent, since close() waits for it: up to 30 s on a hung USB port. The lock ends, also if
// a child holds a copy.
void release_line(int fd);

// name: canonical, as realpath() gives it.
at::Expected<std::unique_ptr<Line>, LineError> open_termios(const std::string& name, int baud);
at::Expected<std::unique_ptr<Line>, LineError> open_serialport(const std::string& name, int baud);

}  // namespace hw
