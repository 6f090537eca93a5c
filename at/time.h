// Time in the pure rooms: it only ever comes in as an argument. Nothing below daemon/app/clock reads a clock.
#pragma once

#include <chrono>
#include <cstdint>

namespace at {

using Instant = std::chrono::steady_clock::time_point;  // monotonic; for deadlines
using Millis = std::chrono::milliseconds;

}  // namespace at
