// Plain POSIX: for PTYs, which libserialport refuses.
#include <fcntl.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

#include <cerrno>

#include "hw/line_fd.h"

namespace hw {
namespace {

class TermiosLine : public Line {
 public:
  explicit TermiosLine(int fd) : fd_(fd) {}
  ~TermiosLine() override {
    release_line(fd_);
    ::close(fd_);
  }
  TermiosLine(const TermiosLine&) = delete;
  TermiosLine& operator=(const TermiosLine&) = delete;

  int fd() const override { return fd_; }
  void drop_dtr() override {
    const int dtr = TIOCM_DTR;
    ::ioctl(fd_, TIOCMBIC, &dtr);
  }
  std::string kind() const override { return "termios"; }

 private:
  int fd_;
};

}  // namespace

// A PTY has no rate; whatever it says, it is left alone.
at::Expected<std::unique_ptr<Line>, LineError> open_termios(const std::string& name, int) {
  const int fd = ::open(name.c_str(), O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);
  if (fd < 0) return at::Unexpected{line_error(errno, name)};
  auto problem = lock_line(fd, name);
  if (problem) {
    ::close(fd);  // and not release_line(): what is there to be sent is another's
    return at::Unexpected{*problem};
  }
  exclude_others(fd);
  auto line = std::make_unique<TermiosLine>(fd);
  problem = make_raw(fd, name);
  if (problem) return at::Unexpected{*problem};
  return std::unique_ptr<Line>(std::move(line));
}

}  // namespace hw
