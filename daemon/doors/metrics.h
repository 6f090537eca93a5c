// /metrics: the Prometheus text format, version 0.0.4.
#pragma once

#include <string>

#include "daemon/app/face.h"

namespace klaxon::doors {

struct DoorCounters {              // monotonic since start
  std::uint64_t answered[6] = {};  // by the status's first digit
  std::uint64_t unauthorised = 0;  // 401s
};

std::string metrics_text(const Face&, const DoorCounters&);

}  // namespace klaxon::doors
