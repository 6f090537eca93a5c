#include "config/version.h"

namespace config {

std::string_view version() {
  return KLAXON_VERSION;
}

}  // namespace config
