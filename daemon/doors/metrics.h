// /metrics: the Prometheus text format, version 0.0.4.
#pragma once

#include <string>

#include "daemon/app/face.h"

namespace klaxon::doors {

struct DoorCounters {              // monotonic since start
  std::uint64_t answered[6] = {};  // by the status's first digit
  std::uint64_t unauthorised = 0;  // 401s
  std::uint64_t handshakes_failed = 0;
  std::int64_t certificate_ends = 0;  // Unix seconds; 0: no TLS
};

std::string metrics_text(const Face&, const DoorCounters&);

}  // namespace klaxon::doors
