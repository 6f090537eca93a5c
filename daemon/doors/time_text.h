// Times and durations as the API writes them. Unix milliseconds inside.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace klaxon::doors {

// RFC 3339 in UTC with milliseconds: "2026-11-22T09:30:00.000Z".
std::string rfc3339(std::int64_t unix_ms);
// Any offset, any number of fraction digits (cut to milliseconds). A leap second counts as the one after it.
std::optional<std::int64_t> parse_rfc3339(std::string_view);

std::string utc_day(std::int64_t unix_ms);    // "2026-11-22"
std::string http_date(std::int64_t unix_ms);  // RFC 9110 5.6.7: "Sun, 22 Nov 2026 09:30:00 GMT"
// The largest unit that says it exactly, days from two on: "24h", "3d", "90s", "250ms".
std::string duration_text(std::int64_t ms);

}  // namespace klaxon::doors
