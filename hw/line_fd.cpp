#include "hw/line_fd.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/ioctl.h>
#include <termios.h>

#include <cerrno>
#include <cstring>

namespace hw {

LineError line_error(int error, const std::string& path) {
  LineError e{LineError::Kind::broken, path + ": " + std::strerror(error)};
  switch (error) {
    // ENODEV, ENXIO: a node that stands for nothing, as right after an unplug.
    case ENOENT:
    case ENODEV:
    case ENXIO:
    case ENOTDIR:
      e.kind = LineError::Kind::absent;
      break;
    case EBUSY:
    case EWOULDBLOCK:
      e.kind = LineError::Kind::busy;
      e.text = path + ": busy: another program has it";
      break;
    case EACCES:
    case EPERM:
      e.kind = LineError::Kind::denied;
      break;
    default:
      break;
  }
  return e;
}

std::optional<LineError> lock_line(int fd, const std::string& path) {
  if (::flock(fd, LOCK_EX | LOCK_NB) != 0) return line_error(errno, path);
  return std::nullopt;
}

void exclude_others(int fd) {
  ::ioctl(fd, TIOCEXCL);
}

std::optional<LineError> make_raw(int fd, const std::string& path) {
  termios t{};
  if (::tcgetattr(fd, &t) != 0) return line_error(errno, path);
  ::cfmakeraw(&t);
  t.c_cflag |= CLOCAL | CREAD;
  t.c_cflag &= ~static_cast<tcflag_t>(HUPCL | CSTOPB | PARENB);
  t.c_cc[VMIN] = 1;
  t.c_cc[VTIME] = 0;
  // TCSANOW: TCSAFLUSH would throw away what the last owner left to be read.
  if (::tcsetattr(fd, TCSANOW, &t) != 0) return line_error(errno, path);
  ::fcntl(fd, F_SETFD, FD_CLOEXEC);
  ::fcntl(fd, F_SETFL, ::fcntl(fd, F_GETFL) | O_NONBLOCK);
  return std::nullopt;
}

void release_line(int fd) {
  ::tcflush(fd, TCOFLUSH);
  ::ioctl(fd, TIOCNXCL);
  ::flock(fd, LOCK_UN);
}

}  // namespace hw
