// Durations as people write them: a whole number and its unit. parse_duration() is in settings.h.
#pragma once

#include <string>

#include "config/settings.h"

namespace config {

// The largest unit that says it exactly: 90'000 ms is "90s", 3'600'000 ms is "1h"; zero is "0s".
std::string format_duration(Millis);

}  // namespace config
