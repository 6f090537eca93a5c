// The datagram socket on which a service manager hears how the service is: the protocol of sd_notify(3),
// which promises to keep it. Our own twenty lines instead of libsystemd's, since those wait when the manager
// does not read, and the loop waits for nobody.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "at/time.h"

namespace klaxon::ops {

class NotifySocket {
 public:
  // An absolute path, or "@name" for an abstract one. Anything else: nobody listens, and send() does nothing.
  explicit NotifySocket(const std::string& address);
  ~NotifySocket();
  NotifySocket(const NotifySocket&) = delete;
  NotifySocket& operator=(const NotifySocket&) = delete;

  bool open() const { return fd_ >= 0; }
  // Assignments, one a line: "READY=1\nSTATUS=…". Never waits; false when it got lost.
  bool send(std::string_view assignments) const;

 private:
  int fd_ = -1;
};

// NOTIFY_SOCKET, or empty. It is removed from the environment: what we might start has no business there.
std::string take_notify_address();
// WATCHDOG_USEC, if it is meant for this process: how long the manager waits for a sign of life before it
// kills.
std::optional<at::Millis> take_watchdog();

}  // namespace klaxon::ops
