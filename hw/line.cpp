#include "hw/line.h"

#include <cerrno>
#include <filesystem>
#include <system_error>

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

// Folders first, then the last name link by link: a test that plays /dev answers for
// each step of it, and could not for realpath(), which sees through it. On failure empty, with errno.
std::string node_behind(const std::string& path) {
  constexpr int kMostLinks = 16;
  std::filesystem::path at = path;
  for (int link = 0; link < kMostLinks; ++link) {
    std::error_code error;
    const std::filesystem::path folder =
        std::filesystem::canonical(at.has_parent_path() ? at.parent_path() : ".", error);
    if (error) {
      errno = error.value();
      return {};
    }
    at = folder / at.filename();
    const std::filesystem::path target = std::filesystem::read_symlink(at, error);
    if (error == std::errc::invalid_argument) return at;  // no link
    if (error) {
      errno = error.value();
      return {};
    }
    at = folder / target;  // an absolute target stands by itself
  }
  errno = ELOOP;
  return {};
}

// by-path and by-id names are symlinks, and libserialport knows only what stands directly in /dev.
at::Expected<std::unique_ptr<Line>, LineError> open_line(const std::string& path, int baud) {
  const std::string name = node_behind(path);
  if (name.empty()) return at::Unexpected{line_error(errno, path)};
  auto line = real_port(name) ? open_serialport(name, baud) : open_termios(name, baud);
  if (!line && name != path)
    return at::Unexpected{LineError{line.error().kind, path + " -> " + line.error().text}};
  return line;
}

}  // namespace hw
