// The codec by itself, one request a line: for support work, and for holding it against any other
// implementation.
#pragma once

#include <boost/json.hpp>
#include <iosfwd>
#include <string>
#include <string_view>

#include "at/expected.h"

namespace klaxon::cli {

namespace json = boost::json;

// What an op makes of its input; the error is a sentence that begins with "unsupported" for an op that there
// is not.
at::Expected<json::object, std::string> answer_op(std::string_view op, const json::object& input);

// {"id", "op", "input"} in, {"id", "ok", "fields" or "error"} out; any text gets an answer.
std::string answer_line(std::string_view line);

// Line by line until the input ends, each answer flushed. Blank lines are none; one above a mebibyte is
// refused unread.
void answer_lines(std::istream& in, std::ostream& out);

}  // namespace klaxon::cli
