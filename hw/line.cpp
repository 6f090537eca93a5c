#include "hw/line.h"

#include <cerrno>
#include <cstdlib>
#include <filesystem>

#include "hw/line_fd.h"

namespace hw {
namespace {

// A name under /sys/class/tty with a device behind it; a PTY has no entry there.
bool real_port(const std::string& name) {
  const std::string base = std::filesystem::path(name).filename();
  std::error_code ignored;
  return std::filesystem::exists("/sys/class/tty/" + base + "/device", ignored);
}

}  // namespace

// by-path and by-id names are symlinks, and libserialport knows only what stands directly in /dev.
at::Expected<std::unique_ptr<Line>, LineError> open_line(const std::string& path, int baud) {
  char* resolved = ::realpath(path.c_str(), nullptr);
  if (resolved == nullptr) return at::Unexpected{line_error(errno, path)};
  const std::string name = resolved;
  std::free(resolved);
  auto line = real_port(name) ? open_serialport(name, baud) : open_termios(name, baud);
  if (!line && name != path)
    return at::Unexpected{LineError{line.error().kind, path + " -> " + line.error().text}};
  return line;
}

}  // namespace hw
