// A disk that is slow to be sure, or hangs, for a program that is started with LD_PRELOAD: fsync and
// fdatasync take longer by the microseconds that the file named in KLAXON_SLOW_DISK holds (a 32-bit integer),
// and below 0 until it holds something else. Reads and writes go on, as they do while the page cache has
// room.
#include <dlfcn.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <atomic>
#include <cstdint>
#include <cstdlib>
#include <ctime>

namespace {

using Sync = int (*)(int);

constexpr std::int32_t kLook = 1'000;  // microseconds between two looks whether it still hangs

std::atomic<std::int32_t>* told() {
  static auto* const value = [] {
    const char* path = std::getenv("KLAXON_SLOW_DISK");
    const int file = path == nullptr ? -1 : open(path, O_RDWR | O_CLOEXEC);
    void* at = file < 0 ? MAP_FAILED : mmap(nullptr, sizeof(std::int32_t), PROT_READ, MAP_SHARED, file, 0);
    return at == MAP_FAILED ? nullptr : static_cast<std::atomic<std::int32_t>*>(at);
  }();
  return value;
}

void last(std::int32_t micros) {
  timespec left{micros / 1'000'000, (micros % 1'000'000) * 1'000L};
  while (nanosleep(&left, &left) != 0) {
  }
}

int slowly(const char* name, int file) {
  if (const auto* micros = told()) {
    if (*micros > 0) last(*micros);
    while (*micros < 0) last(kLook);
  }
  return reinterpret_cast<Sync>(dlsym(RTLD_NEXT, name))(file);
}

}  // namespace

extern "C" int fsync(int file) {
  return slowly("fsync", file);
}
extern "C" int fdatasync(int file) {
  return slowly("fdatasync", file);
}
