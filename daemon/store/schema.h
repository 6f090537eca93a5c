// The tables, and the way from every released schema to today's.
#pragma once

#include <optional>
#include <span>

#include "daemon/store/sqlite_handle.h"

namespace klaxon::store {

// One step of the chain: brings a database of version `to - 1` to `to`, in one transaction of its own.
struct SchemaStep {
  int to;
  const char* sql;
};

// In order, without a gap, from 1.
std::span<const SchemaStep> schema_steps();

// Applies what is missing. Refuses a file that something else made, and one of a newer version, untouched.
std::optional<Failure> upgrade(Connection&, std::span<const SchemaStep> = schema_steps());

}  // namespace klaxon::store
