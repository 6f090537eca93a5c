// What this build calls itself: the first line of config/VERSION, at build time.
#pragma once

#include <string_view>

namespace config {

std::string_view version();  // "0.1.0"

}  // namespace config
