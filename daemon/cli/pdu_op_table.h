// The ops of pdu_ops.h, one function each: the fields, or something refused in the input.
#pragma once

#include <boost/json.hpp>
#include <string>

#include "daemon/cli/op_input.h"

namespace klaxon::cli {

json::object op_decode(OpInput&);
json::object op_encode_submit(OpInput&);
json::object op_segment(OpInput&);
json::object op_gsm7_encode(OpInput&);
json::object op_gsm7_decode(OpInput&);
json::object op_gsm7_pack(OpInput&);
json::object op_gsm7_unpack(OpInput&);
json::object op_ussd_pack(OpInput&);
json::object op_ucs2_encode(OpInput&);
json::object op_ucs2_decode(OpInput&);
json::object op_address_encode(OpInput&);
json::object op_address_decode(OpInput&);
json::object op_timestamp_encode(OpInput&);
json::object op_timestamp_decode(OpInput&);
json::object op_vp_encode(OpInput&);
json::object op_vp_decode(OpInput&);
json::object op_udh_decode(OpInput&);

constexpr std::int64_t kManySeconds = std::int64_t{1} << 40;  // above 63 weeks a TP-VP says 63 weeks

}  // namespace klaxon::cli
