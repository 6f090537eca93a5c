#include "daemon/ops/journal.h"

#include <spdlog/async.h>
#include <spdlog/sinks/base_sink.h>
#include <spdlog/sinks/stdout_sinks.h>
#define SD_JOURNAL_SUPPRESS_LOCATION  // of this file, in every line
#include <sys/stat.h>
#include <systemd/sd-journal.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <mutex>

namespace klaxon::ops {
namespace {

constexpr const char* kName = "klaxond";
constexpr std::size_t kLinesInMemory = 8192;
// Between a line and its fields on their way through the logger's queue, which carries text alone.
constexpr char kBetween = '\x1E';

// syslog(3)
char priority_of(spdlog::level::level_enum level) {
  switch (level) {
    case spdlog::level::trace:
    case spdlog::level::debug:
      return '7';
    case spdlog::level::warn:
      return '4';
    case spdlog::level::err:
      return '3';
    case spdlog::level::critical:
      return '2';
    default:
      return '6';
  }
}

// The journal refuses a whole entry for one name that it does not like.
bool is_field(std::string_view text) {
  const auto end = text.find('=');
  if (end == 0 || end == std::string_view::npos || text.front() == '_') return false;
  return std::all_of(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(end),
                     [](char c) { return (c >= 'A' && c <= 'Z') || c == '_'; });
}

class JournalSink final : public spdlog::sinks::base_sink<std::mutex> {
 public:
  explicit JournalSink(SendEntry send) : send_(std::move(send)) {}

 private:
  void sink_it_(const spdlog::details::log_msg& said) override {
    std::string_view rest(said.payload.data(), said.payload.size());
    std::vector<std::string> fields;
    fields.push_back("MESSAGE=" + std::string(cut(&rest)));
    fields.push_back(std::string("PRIORITY=") + priority_of(said.level));
    fields.push_back(std::string("SYSLOG_IDENTIFIER=") + kName);
    while (!rest.empty())
      if (const std::string_view field = cut(&rest); is_field(field)) fields.emplace_back(field);
    std::vector<iovec> entry;
    for (std::string& field : fields) entry.push_back({field.data(), field.size()});
    send_(entry.data(), static_cast<int>(entry.size()));  // whom should a failure be told to?
  }
  void flush_() override {}

  static std::string_view cut(std::string_view* rest) {
    const auto end = std::min(rest->find(kBetween), rest->size());
    const std::string_view first = rest->substr(0, end);
    rest->remove_prefix(std::min(end + 1, rest->size()));
    return first;
  }

  SendEntry send_;
};

std::shared_ptr<spdlog::logger> journal_logger() {
  spdlog::init_thread_pool(kLinesInMemory, 1);
  return std::make_shared<spdlog::async_logger>(kName, journal_sink(sd_journal_sendv), spdlog::thread_pool(),
                                                spdlog::async_overflow_policy::overrun_oldest);
}

std::shared_ptr<spdlog::logger> stderr_logger() {
  auto logger = std::make_shared<spdlog::logger>(kName, std::make_shared<spdlog::sinks::stderr_sink_st>());
  logger->set_pattern("%Y-%m-%dT%H:%M:%S.%e %l %v");
  logger->flush_on(spdlog::level::info);
  return logger;
}

bool speaks_to_journal(const spdlog::logger& logger) {
  const auto& sinks = logger.sinks();
  return std::any_of(sinks.begin(), sinks.end(), [](const auto& sink) {
    return dynamic_cast<const JournalSink*>(sink.get()) != nullptr;
  });
}

}  // namespace

bool stderr_is(const std::string& stream) {
  struct stat status {};
  if (::fstat(STDERR_FILENO, &status) != 0) return false;
  return stream == std::to_string(status.st_dev) + ":" + std::to_string(status.st_ino);
}

spdlog::sink_ptr journal_sink(SendEntry send) {
  return std::make_shared<JournalSink>(std::move(send));
}

std::shared_ptr<spdlog::logger> make_logger() {
  const char* stream = std::getenv("JOURNAL_STREAM");
  return stream != nullptr && stderr_is(stream) ? journal_logger() : stderr_logger();
}

void log(spdlog::logger& logger, spdlog::level::level_enum level, std::string text, const Fields& fields) {
  std::replace(text.begin(), text.end(), kBetween, ' ');
  if (speaks_to_journal(logger)) {
    for (const auto& [name, value] : fields) {
      if (value.empty()) continue;
      text.append(1, kBetween).append(name).append(1, '=');
      std::replace_copy(value.begin(), value.end(), std::back_inserter(text), kBetween, ' ');
    }
  }
  logger.log(level, spdlog::string_view_t(text.data(), text.size()));
}

}  // namespace klaxon::ops
