// Times of 23.040 as text: ISO 8601 with the offset that the octets hold.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "at/tpdu.h"

namespace klaxon::cli {

// "2026-11-22T09:30:00+01:00"; nothing where the octets make no date.
std::optional<std::string> iso_of(const at::Timestamp&);
// The other way. The offset is Z or whole quarter hours up to 79 of them; years 1970 to 2069.
std::optional<std::array<std::uint8_t, 7>> timestamp_of(std::string_view iso);

}  // namespace klaxon::cli
