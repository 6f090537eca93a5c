// The directory's entries as the API shows and takes them.
#pragma once

#include <boost/json.hpp>

#include "daemon/cli/directory.h"

namespace klaxon::cli {

namespace json = boost::json;

// Of one item of GET /v1/contacts, /v1/groups, /v1/keywords; whatever is absent is left at its default.
Contact contact_from(const json::object&);
Group group_from(const json::object&);
Keyword keyword_from(const json::object&);
// Bodies of PUT /v1/contacts/{name}, /v1/groups/{name}, /v1/keywords/{word}.
json::object body_of(const Contact&);
json::object body_of(const Group&);
json::object body_of(const Keyword&);

}  // namespace klaxon::cli
