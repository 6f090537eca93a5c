#include "daemon/cli/pdu_ops.h"

#include <algorithm>
#include <istream>
#include <ostream>

#include "daemon/cli/at_parse.h"
#include "daemon/cli/pdu_op_table.h"

namespace klaxon::cli {
namespace {

using Fields = at::Expected<json::object, std::string>;
using Op = json::object (*)(OpInput&);

struct NamedOp {
  std::string_view name;
  Op op;
};
constexpr NamedOp kOps[] = {{"decode", op_decode},
                            {"encode_submit", op_encode_submit},
                            {"segment", op_segment},
                            {"gsm7_encode", op_gsm7_encode},
                            {"gsm7_decode", op_gsm7_decode},
                            {"gsm7_pack", op_gsm7_pack},
                            {"gsm7_unpack", op_gsm7_unpack},
                            {"ussd_pack", op_ussd_pack},
                            {"ucs2_encode", op_ucs2_encode},
                            {"ucs2_decode", op_ucs2_decode},
                            {"address_encode", op_address_encode},
                            {"address_decode", op_address_decode},
                            {"timestamp_encode", op_timestamp_encode},
                            {"timestamp_decode", op_timestamp_decode},
                            {"vp_encode", op_vp_encode},
                            {"vp_decode", op_vp_decode},
                            {"udh_decode", op_udh_decode}};

// --- lines

constexpr std::size_t kLongestLine = 1 << 20;

std::string refusal(const json::value& id, const std::string& why) {
  return json::serialize(json::object{{"id", id}, {"ok", false}, {"error", why}});
}

// Of a line that can't be read: its id where that is a plain string near the front, so that whoever asked
// finds the answer.
json::value id_in(std::string_view line) {
  constexpr std::size_t kNear = 256;
  line = line.substr(0, kNear);
  const auto key = line.find("\"id\"");
  if (key == std::string_view::npos) return nullptr;
  const auto from = line.find_first_not_of(" :", key + 4);
  if (from == std::string_view::npos || line[from] != '"') return nullptr;
  const auto plain = [](char c) { return c >= 0x20 && c < 0x7F && c != '"' && c != '\\'; };
  const auto end = std::find_if_not(line.begin() + static_cast<std::ptrdiff_t>(from) + 1, line.end(), plain);
  if (end == line.end() || *end != '"') return nullptr;
  return json::string(line.substr(from + 1, static_cast<std::size_t>(end - line.begin()) - from - 1));
}

// False: the input has ended. A line above the bound comes out cut and with *too_long.
bool next_line(std::istream& in, std::string* line, bool* too_long) {
  line->clear();
  *too_long = false;
  std::streambuf& from = *in.rdbuf();
  for (int c = from.sbumpc(); c != std::char_traits<char>::eof(); c = from.sbumpc()) {
    if (c == '\n') return true;
    if (line->size() == kLongestLine) *too_long = true;
    if (!*too_long) line->push_back(static_cast<char>(c));
  }
  return !line->empty();
}

}  // namespace

Fields answer_op(std::string_view op, const json::object& object) {
  if (op == "at_parse") return at_parse(object);
  for (const NamedOp& named : kOps) {
    if (named.name != op) continue;
    OpInput input(object);
    json::object fields = named.op(input);
    if (!input.error().empty()) return at::Unexpected<std::string>{input.error()};
    return fields;
  }
  return at::Unexpected<std::string>{"unsupported op"};
}

std::string answer_line(std::string_view line) {
  json::parse_options options;
  options.max_depth = 32;
  boost::system::error_code failed;
  const json::value request = json::parse({line.data(), line.size()}, failed, {}, options);
  if (failed) return refusal(id_in(line), "not JSON in UTF-8: " + failed.message());
  const json::object* object = request.if_object();
  if (object == nullptr) return refusal(nullptr, "the request is no object");
  const json::value* id = object->if_contains("id");
  const json::value shown = id != nullptr ? *id : json::value(nullptr);
  const json::value* op = object->if_contains("op");
  if (op == nullptr || !op->is_string()) return refusal(shown, "op is no string");
  const json::value* input = object->if_contains("input");
  if (input == nullptr || !input->is_object()) return refusal(shown, "input is no object");
  const auto fields = answer_op(op->get_string(), input->get_object());
  if (!fields) return refusal(shown, fields.error());
  return json::serialize(json::object{{"id", shown}, {"ok", true}, {"fields", *fields}});
}

void answer_lines(std::istream& in, std::ostream& out) {
  std::string line;
  for (bool too_long = false; next_line(in, &line, &too_long);) {
    if (!too_long && line.find_first_not_of(" \t\r") == std::string::npos) continue;
    out << (too_long ? refusal(id_in(line), "a line above 1 MiB") : answer_line(line)) << '\n' << std::flush;
    if (!out) return;  // nobody reads any more
  }
}

}  // namespace klaxon::cli
