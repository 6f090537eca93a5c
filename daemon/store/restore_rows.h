// What a new life needs to know of the one before. Bounded: no count(*), no walk through all messages.
#pragma once

#include <cstdint>

#include "daemon/store/sqlite_handle.h"

namespace klaxon::store {

// The first transaction of a life: the rows of lists that were never whole go. Whether the life before ended
// well. A failure stays in the connection.
bool begin_life(Connection&);

// now_ms: of the system's clock, which may be wrong. "The last 7 days" end at the newest row or now,
// whichever is earlier: a box that wakes in 1970 or in 2099 still knows what it was doing. A failure stays in
// the connection; the result is then worthless.
Restored read_restored(Connection&, std::int64_t now_ms);

}  // namespace klaxon::store
