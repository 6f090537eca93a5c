// A PDU's fields under the names that 23.040 gives them.
#pragma once

#include <boost/json.hpp>

#include "at/tpdu.h"

namespace klaxon::cli {

namespace json = boost::json;

// In the order of the octets; a field that this kind of PDU has not is absent.
json::object fields_of(const at::Pdu&);

}  // namespace klaxon::cli
