// A line on PTYs: what decides who has it, and what is left when its modem goes.
#include <fcntl.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdlib>
#include <filesystem>
#include <string>

#include "hw/line.h"
// CppUTest's macros come last: they would reach into the standard library.
#include <CppUTest/TestHarness.h>

namespace {

struct Pty {
  Pty() : master(::posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC)) {
    ::grantpt(master);
    ::unlockpt(master);
    std::array<char, 64> text{};
    ::ptsname_r(master, text.data(), text.size());
    name = text.data();
  }
  ~Pty() { unplug(); }
  void unplug() {
    if (master >= 0) ::close(master);
    master = -1;
  }
  int master;
  std::string name;
};

std::string read_some(int fd) {
  std::array<char, 64> bytes{};
  const ssize_t n = ::read(fd, bytes.data(), bytes.size());
  return n > 0 ? std::string(bytes.data(), static_cast<std::size_t>(n)) : "";
}

bool busy(const std::string& path) {
  const auto line = hw::open_line(path, 115200);
  return !line && line.error().kind == hw::LineError::Kind::busy;
}

}  // namespace

TEST_GROUP(Line){};

TEST(Line, a_pty_goes_through_termios_and_carries_bytes_as_they_are) {
  Pty pty;
  auto line = hw::open_line(pty.name, 115200);
  CHECK(line.has_value());
  STRCMP_EQUAL("termios", (*line)->kind().c_str());
  LONGS_EQUAL(4, ::write((*line)->fd(), "AT\r\x1a", 4));
  STRCMP_EQUAL("AT\r\x1a", read_some(pty.master).c_str());
  LONGS_EQUAL(6, ::write(pty.master, "\r\nOK\r\n", 6));
  STRCMP_EQUAL("\r\nOK\r\n", read_some((*line)->fd()).c_str());
  (*line)->drop_dtr();
}

TEST(Line, nothing_to_read_is_not_the_end) {
  Pty pty;
  auto line = hw::open_line(pty.name, 115200);
  CHECK(line.has_value());
  char c = 0;
  LONGS_EQUAL(-1, ::read((*line)->fd(), &c, 1));
  LONGS_EQUAL(EAGAIN, errno);
  termios t{};
  ::tcgetattr((*line)->fd(), &t);
  LONGS_EQUAL(1, t.c_cc[VMIN]);
  CHECK_EQUAL(0u, t.c_cflag & HUPCL);
  CHECK((::fcntl((*line)->fd(), F_GETFD) & FD_CLOEXEC) != 0);
}

TEST(Line, a_second_owner_is_told_busy_until_the_first_closes) {
  Pty pty;
  auto line = hw::open_line(pty.name, 115200);
  CHECK(line.has_value());
  CHECK(busy(pty.name));
  STRCMP_CONTAINS(pty.name.c_str(), hw::open_line(pty.name, 115200).error().text.c_str());
  line->reset();
  CHECK_FALSE(busy(pty.name));
}

TEST(Line, the_refused_one_leaves_the_owner_exclusive_and_its_modes_alone) {
  Pty pty;
  auto line = hw::open_line(pty.name, 115200);
  CHECK(line.has_value());
  CHECK(busy(pty.name));
  int exclusive = 0;
  LONGS_EQUAL(0, ::ioctl((*line)->fd(), TIOCGEXCL, &exclusive));
  CHECK(exclusive != 0);
}

TEST(Line, the_lock_ends_with_the_line_even_if_a_copy_of_the_fd_lives) {
  Pty pty;
  auto line = hw::open_line(pty.name, 115200);
  CHECK(line.has_value());
  const int copy = ::dup((*line)->fd());
  line->reset();
  CHECK_FALSE(busy(pty.name));
  ::close(copy);
}

TEST(Line, what_is_not_there_is_absent) {
  const auto line = hw::open_line("/dev/serial/by-path/no-such-modem", 115200);
  CHECK_FALSE(line.has_value());
  CHECK(line.error().kind == hw::LineError::Kind::absent);
  STRCMP_CONTAINS("no-such-modem", line.error().text.c_str());
}

TEST(Line, what_is_no_tty_is_broken) {
  const auto line = hw::open_line("/dev/null", 115200);
  CHECK_FALSE(line.has_value());
  CHECK(line.error().kind == hw::LineError::Kind::broken);
}

TEST(Line, a_symlink_is_followed_and_a_dangling_one_is_absent) {
  Pty pty;
  const std::string symlink =
      std::filesystem::temp_directory_path() / ("klaxon-line-" + std::to_string(::getpid()));
  std::filesystem::remove(symlink);
  std::filesystem::create_symlink(pty.name, symlink);
  CHECK(hw::open_line(symlink, 115200).has_value());
  std::filesystem::remove(symlink);
  std::filesystem::create_symlink("/dev/pts/no-such", symlink);
  const auto line = hw::open_line(symlink, 115200);
  std::filesystem::remove(symlink);
  CHECK_FALSE(line.has_value());
  CHECK(line.error().kind == hw::LineError::Kind::absent);
}

TEST(Line, an_unplug_is_end_of_file_on_reading_and_EIO_on_writing) {
  Pty pty;
  auto line = hw::open_line(pty.name, 115200);
  CHECK(line.has_value());
  pty.unplug();
  char c = 0;
  LONGS_EQUAL(0, ::read((*line)->fd(), &c, 1));
  LONGS_EQUAL(-1, ::write((*line)->fd(), "A", 1));
  LONGS_EQUAL(EIO, errno);
}

TEST(Line, opening_flushes_nothing) {
  Pty pty;
  const int keeper = ::open(pty.name.c_str(), O_RDWR | O_NOCTTY);
  termios t{};
  ::tcgetattr(keeper, &t);
  ::cfmakeraw(&t);
  ::tcsetattr(keeper, TCSANOW, &t);
  LONGS_EQUAL(10, ::write(pty.master, "+CMGS: 7\r\n", 10));
  auto line = hw::open_line(pty.name, 115200);
  CHECK(line.has_value());
  STRCMP_EQUAL("+CMGS: 7\r\n", read_some((*line)->fd()).c_str());
  ::close(keeper);
}

TEST(Line, closing_does_not_wait_for_output_that_nobody_reads) {
  Pty pty;
  auto line = hw::open_line(pty.name, 115200);
  CHECK(line.has_value());
  const std::string much(4096, 'x');
  while (::write((*line)->fd(), much.data(), much.size()) > 0) {
  }
  LONGS_EQUAL(EAGAIN, errno);
  line->reset();  // a close that waits would run into the suite's deadline
}
