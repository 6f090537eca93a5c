// Watching messages until their end.
#pragma once

#include "daemon/cli/session.h"

namespace klaxon::cli {

// Nothing more will happen to it by itself: final, or submitted with no report asked for.
bool at_its_end(const json::object& message);
bool well_ended(const json::object& message);  // delivered, or submitted with no report asked for

// Asks for each message of `answer` (one, or {"items": […]}) until all are at their end or `limit` is over;
// puts the latest state of each in its place. Failure: the API refused; a daemon that is away is waited for.
at::Expected<json::value, Failure> wait_for_end(Session&, json::value answer, Millis limit);

}  // namespace klaxon::cli
