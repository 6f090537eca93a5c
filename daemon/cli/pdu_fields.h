// A PDU's fields under the names that 23.040 gives them.
#pragma once

#include <boost/json.hpp>

#include "at/tpdu.h"

namespace klaxon::cli {

namespace json = boost::json;

// In the order of the octets; a field that this kind of PDU has not, or that could not be read, is absent.
json::object fields_of(const at::Pdu&);
// "octet 12: TP-OA: a filler among the digits", allowed ones too.
json::array defects_of(const at::Pdu&);

json::object address_fields(const at::Address&);
// udh, concat and ports, each where there is one.
void put_udh(const at::UserData&, json::object* fields);

}  // namespace klaxon::cli
