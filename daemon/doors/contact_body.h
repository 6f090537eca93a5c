// Contacts and groups as JSON and as a person's spreadsheet, every fault at once.
#pragma once

#include <boost/json.hpp>
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "daemon/doors/message_body.h"
#include "daemon/doors/problem.h"
#include "daemon/store/records.h"

namespace klaxon::doors {

constexpr std::size_t kMostContacts = 10'000, kMostContactNumbers = 10, kMostTags = 20;

// Why this can't be what somebody is called; empty: it can. A name is never spelled like a number, so that a
// member of a group is the one or the other.
std::string name_fault(std::string_view);

// name comes from the path. Another one in the body is a new name.
ContactRecord read_contact(const boost::json::value& body, const std::string& name, const Rules&,
                           FieldErrors& errors);

// A heading `name`, `number` (`numbers`, `number2`, …) and, if there are any, `tags`. Pointers begin with the
// line:
// "/17/number".
std::vector<ContactRecord> read_contacts_csv(std::string_view text, const Rules&, FieldErrors& errors);
// A heading `group`, `member`; one member a line.
std::vector<GroupRecord> read_groups_csv(std::string_view text, const Rules&, FieldErrors& errors);

// Each is taken by its reader as it is.
std::string contacts_csv(const std::vector<ContactRecord>&);
std::string groups_csv(const std::vector<GroupRecord>&);

}  // namespace klaxon::doors
