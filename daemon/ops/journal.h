// Where log lines go.
#pragma once

#include <spdlog/logger.h>

#include <memory>
#include <string>

namespace klaxon::ops {

// Whether standard error leads to the journal: `stream` is JOURNAL_STREAM, "device:inode" of the socket that
// the service manager gave us (systemd.exec(5)). A child of a service, or one with `2>file`, has the variable
// and another descriptor.
bool stderr_is(const std::string& stream);

// Under systemd: to the journal, each line with its priority and no time of its own, from a thread, since a
// journal whose disk hangs would stop whoever logs; then the oldest lines are lost. Elsewhere: standard
// error, with the time.
std::shared_ptr<spdlog::logger> make_logger();

}  // namespace klaxon::ops
