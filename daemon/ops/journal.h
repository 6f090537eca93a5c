// Where log lines go.
#pragma once

#include <spdlog/logger.h>
#include <sys/uio.h>

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace klaxon::ops {

// Whether standard error leads to the journal: `stream` is JOURNAL_STREAM, "device:inode" of the socket that
// the service manager gave us (systemd.exec(5)). A child of a service, or one with `2>file`, has the variable
// and another descriptor.
bool stderr_is(const std::string& stream);

// Under systemd: to the journal, each line with its priority and no time of its own, from a thread, since a
// journal whose disk hangs would stop whoever logs; then the oldest lines are lost. Elsewhere: standard
// error, with the time.
std::shared_ptr<spdlog::logger> make_logger();

// Whom or what a line speaks of, as fields of the journal (systemd.journal-fields(7)): {"KLAXON_MODEM",
// "modem3"}. An empty value is left out. Names are of capitals and underscores.
using Fields = std::vector<std::pair<std::string_view, std::string>>;

// A line with its fields; where no journal listens, the line alone.
void log(spdlog::logger&, spdlog::level::level_enum, std::string text, const Fields&);

// What takes an entry: sd_journal_sendv(3).
using SendEntry = std::function<int(const iovec*, int)>;
spdlog::sink_ptr journal_sink(SendEntry);

}  // namespace klaxon::ops
