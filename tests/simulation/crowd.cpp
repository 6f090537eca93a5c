#include "tests/simulation/crowd.h"

#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <map>
#include <stdexcept>

#include "tests/simulation/shrink.h"

namespace simulation {

namespace {

constexpr std::uint64_t kAtOnce = 25;  // lives of one process
constexpr std::uint64_t kProgress = 500;

struct Report {         // of a process, through a pipe
  std::uint64_t seed = 0;  // that is being lived, or broke a promise
  bool broken = false, done = false;
  Tally sum;
};

void write_all(int fd, const void* data, std::size_t size) {
  const char* at = static_cast<const char*>(data);
  while (size > 0) {
    const ssize_t n = ::write(fd, at, size);
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) ::_exit(1);
    at += n;
    size -= static_cast<std::size_t>(n);
  }
}

bool read_all(int fd, void* data, std::size_t size) {
  char* at = static_cast<char*>(data);
  while (size > 0) {
    const ssize_t n = ::read(fd, at, size);
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) return false;
    at += n;
    size -= static_cast<std::size_t>(n);
  }
  return true;
}

// A report before each life, so that it is known which one ended the process; and one at the end.
[[noreturn]] void live_some(int fd, std::uint64_t first, std::uint64_t last, const Mix& mix) {
  Report report;
  for (std::uint64_t seed = first; seed <= last; ++seed) {
    report.seed = seed;
    write_all(fd, &report, sizeof report);
    Life life(seed, mix);
    report.broken = !outcome_of(life).empty();
    if (report.broken) break;
    report.sum.add(life.tally());
  }
  report.done = true;
  write_all(fd, &report, sizeof report);
  ::_exit(0);
}

struct Worker {
  int fd = -1;
};

}  // namespace

Crowd live_many(std::uint64_t seed, std::uint64_t seeds, const Mix& mix, int jobs, bool progress) {
  Crowd crowd;
  std::map<pid_t, Worker> workers;
  const std::uint64_t end = seed + seeds;
  std::uint64_t next = seed, told = 0;
  while (!workers.empty() || (next < end && crowd.broken == 0)) {
    while (next < end && crowd.broken == 0 && workers.size() < static_cast<std::size_t>(jobs)) {
      int ends[2];
      if (::pipe(ends) != 0) throw std::runtime_error(std::string("pipe: ") + std::strerror(errno));
      const std::uint64_t last = std::min(end, next + kAtOnce) - 1;
      const pid_t pid = ::fork();
      if (pid < 0) throw std::runtime_error(std::string("fork: ") + std::strerror(errno));
      if (pid == 0) {
        ::close(ends[0]);
        live_some(ends[1], next, last, mix);
      }
      ::close(ends[1]);
      workers[pid] = {ends[0]};
      next = last + 1;
    }
    const pid_t pid = ::wait(nullptr);
    const auto at = workers.find(pid);
    if (at == workers.end()) continue;
    Report report;
    while (read_all(at->second.fd, &report, sizeof report)) {
    }
    ::close(at->second.fd);
    workers.erase(at);
    crowd.sum.add(report.sum);
    if (!report.done || report.broken)
      if (crowd.broken == 0 || report.seed < crowd.broken) crowd.broken = report.seed;
    if (progress && crowd.sum.lives / kProgress > told) {
      told = crowd.sum.lives / kProgress;
      std::fprintf(stderr, "%zu lives\n", crowd.sum.lives);
    }
  }
  return crowd;
}

}  // namespace simulation
