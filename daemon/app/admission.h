// A request that waits to be taken into a turn. Ids are given when it is taken, so they ascend in commit order.
#pragma once

#include "daemon/app/appliance.h"

namespace klaxon {

struct Appliance::Admission {
  Ticket ticket = 0;
  SendRequest request;                       // or
  std::optional<BroadcastRecord> broadcast;
  std::optional<IdempotencyRecord> key;
  Id first = 0;                              // of a list: its first id, once it was begun
  std::size_t taken = 0;                     // rows of a list that were appended
};

}  // namespace klaxon
