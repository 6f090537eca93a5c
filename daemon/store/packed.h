// The compact forms kept in blob columns: little of them is ever looked at
// from SQL. Each begins with a version byte; a reader of version n must go on
// reading all versions before it, as blobs are not rewritten by an upgrade.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "daemon/store/records.h"

namespace klaxon::store {

std::string pack_parts(const std::vector<PartRecord>&);
std::string pack_strings(const std::vector<std::string>&);
std::string pack_numbers(const std::vector<std::int64_t>&);
std::string pack_message(const MessageRecord&);

// False: not what pack wrote; *out is then empty.
bool unpack_parts(std::string_view bytes, std::vector<PartRecord>* out);
bool unpack_strings(std::string_view bytes, std::vector<std::string>* out);
bool unpack_numbers(std::string_view bytes, std::vector<std::int64_t>* out);
bool unpack_message(std::string_view bytes, MessageRecord* out);

}  // namespace klaxon::store
