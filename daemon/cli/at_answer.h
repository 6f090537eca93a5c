// What at_parse is given, and the answer in it.
#pragma once

#include <boost/json.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "at/channel.h"
#include "at/charset.h"
#include "at/expected.h"

namespace klaxon::cli {

namespace json = boost::json;

struct AtInput {
  std::string what, command;
  std::vector<std::string> lines;
  std::optional<at::Charset> charset;
  bool solicited = true;
  std::optional<bool> packed;
};
// The error begins with the field that is wrong.
at::Expected<AtInput, std::string> at_input(const json::object&);

struct AtAnswer {
  std::vector<at::AnswerLine> lines;  // of the command, then the URCs and whatever else came; with their data
  std::vector<std::string> info;      // in order, up to the final result: all but URCs, and echo
  std::optional<at::FinalResult> result;  // none: no final result among the lines
};
// prefix: of the lines that answer the command ("+CMGR:"); empty: it owns whatever is no URC. data_lines:
// each of them has a line of data behind it.
AtAnswer at_answer(const AtInput&, std::string_view prefix, bool data_lines);
// "+CSQ:" of "AT+CSQ?"; empty for "ATI" and the like.
std::string prefix_of(std::string_view command);

}  // namespace klaxon::cli
