#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "daemon/app/port_marks.h"

namespace klaxon {

std::unique_ptr<PortMarkFile> PortMarkFile::open(const std::string& path, std::string* why) {
  const auto failed = [&] {
    *why = path + ": " + std::strerror(errno);
    return nullptr;
  };
  const int file = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, S_IRUSR | S_IWUSR);
  if (file < 0) return failed();
  // All of it is there before it is mapped: on a full tmpfs a store would end the daemon.
  const int full = ::posix_fallocate(file, 0, sizeof(PortMarkPage));
  void* page = full == 0 ? ::mmap(nullptr, sizeof(PortMarkPage), PROT_READ | PROT_WRITE, MAP_SHARED, file, 0) : MAP_FAILED;
  const int error = full != 0 ? full : errno;
  ::close(file);
  errno = error;
  if (page == MAP_FAILED) return failed();
  return std::unique_ptr<PortMarkFile>(new PortMarkFile(static_cast<PortMarkPage*>(page)));
}

PortMarkFile::~PortMarkFile() { ::munmap(page_, sizeof(PortMarkPage)); }

}  // namespace klaxon
