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
// None at all are no bytes.
std::string pack_further(const FurtherNumbers&);
std::string pack_further_of_each(const std::vector<FurtherNumbers>&);

// False: not what pack wrote; *out is then empty.
bool unpack_parts(std::string_view bytes, std::vector<PartRecord>* out);
bool unpack_strings(std::string_view bytes, std::vector<std::string>* out);
bool unpack_numbers(std::string_view bytes, std::vector<std::int64_t>* out);
bool unpack_message(std::string_view bytes, MessageRecord* out);
bool unpack_further(std::string_view bytes, FurtherNumbers* out);
bool unpack_further_of_each(std::string_view bytes, std::vector<FurtherNumbers>* out);

}  // namespace klaxon::store
