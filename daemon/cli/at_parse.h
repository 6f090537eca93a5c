// Op at_parse of `klaxon pdu --jsonl`: a modem's answer, line by line, to the values in it. The parsers are
// those of at/params.h and at/ussd.h, and echo, URCs and lines of data are told apart by at::Channel: what
// the daemon reads, this reads.
#pragma once

#include <boost/json.hpp>
#include <string>

#include "at/expected.h"

namespace klaxon::cli {

namespace json = boost::json;

// input:
//   what       which answer: "creg", "csq", "cesq", "cops", "cops_test", "cmgl", "cmgr", "cmgr_text",
//              "cpms_test", "cpms", "csca", "cusd", "cnum", "cscs_test", "cnmi_test", "cfun", "cpin",
//              "cclk", "iccid", "cgmm", "generic"
//   lines      what was read, without line ends; the command's echo, URCs, empty lines and the final result
//              may be among them
//   command    as it was written, optional
//   charset    "GSM", "IRA", "UCS2" or "HEX": the +CSCS of the modem, optional
//   solicited  false: the lines came unasked, as URCs; left out: true with a command or a final result
//   packed     true: the string of +CUSD is packed 7-bit hex; false: it is not; left out: its look decides
// Fields that the answer leaves out are null. The error names the field of the input, tells what the modem
// refused, or which line can't be read; for an unknown `what` it starts with "unsupported". No exceptions.
at::Expected<json::object, std::string> at_parse(const json::object& input);

}  // namespace klaxon::cli
