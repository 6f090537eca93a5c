#include "daemon/ops/journal.h"

#include <spdlog/async.h>
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/sinks/systemd_sink.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>

namespace klaxon::ops {
namespace {

constexpr const char* kName = "klaxond";
constexpr std::size_t kLinesInMemory = 8192;

std::shared_ptr<spdlog::logger> journal_logger() {
  spdlog::init_thread_pool(kLinesInMemory, 1);
  return std::make_shared<spdlog::async_logger>(
      kName, std::make_shared<spdlog::sinks::systemd_sink_mt>(kName), spdlog::thread_pool(),
      spdlog::async_overflow_policy::overrun_oldest);
}

std::shared_ptr<spdlog::logger> stderr_logger() {
  auto logger = std::make_shared<spdlog::logger>(kName, std::make_shared<spdlog::sinks::stderr_sink_st>());
  logger->set_pattern("%Y-%m-%dT%H:%M:%S.%e %l %v");
  logger->flush_on(spdlog::level::info);
  return logger;
}

}  // namespace

bool stderr_is(const std::string& stream) {
  struct stat status {};
  if (::fstat(STDERR_FILENO, &status) != 0) return false;
  return stream == std::to_string(status.st_dev) + ":" + std::to_string(status.st_ino);
}

std::shared_ptr<spdlog::logger> make_logger() {
  const char* stream = std::getenv("JOURNAL_STREAM");
  return stream != nullptr && stderr_is(stream) ? journal_logger() : stderr_logger();
}

}  // namespace klaxon::ops
