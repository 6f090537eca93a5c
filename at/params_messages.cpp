#include <utility>

#include "at/params.h"
#include "at/params_text.h"

namespace at {

namespace {

struct HeaderLine {
  std::string_view fields;
  std::string pdu;
};

// The PDU may stand on the header's line, after a blank. Ten octets is the least a stored TPDU has.
HeaderLine split_header(std::string_view text) {
  const auto blank = text.rfind(' ');
  if (blank != std::string_view::npos) {
    const std::string_view tail = text.substr(blank + 1);
    if (tail.size() >= 20 && all_hex(tail)) return {trim(text.substr(0, blank)), std::string(tail)};
  }
  return {text, {}};
}

}  // namespace

std::optional<StoredNotice> parse_cmti(std::string_view line) {
  auto text = after_prefix(line, "+CMTI:");
  if (!text) text = after_prefix(line, "+CDSI:");
  if (!text) return std::nullopt;
  const auto p = raw_params_of(*text);
  const auto index = decimal(param_at(p, 1).text);
  if (p[0].text.empty() || !index) return std::nullopt;
  return StoredNotice{p[0].text, *index};
}

// 27.005 3.5.1, 3.5.2
std::optional<int> parse_cmgs(std::string_view line) {
  auto text = after_prefix(line, "+CMGS:");
  if (!text) text = after_prefix(line, "+CMSS:");
  if (!text) return std::nullopt;
  const auto tp_mr = decimal(raw_params_of(*text)[0].text);
  if (!tp_mr) return std::nullopt;
  return *tp_mr % 256;
}

// 27.005 3.5.3
std::optional<int> parse_cmgw(std::string_view line) {
  const auto text = after_prefix(line, "+CMGW:");
  return text ? decimal(raw_params_of(*text)[0].text) : std::nullopt;
}

// 27.005 3.4.3: <stat>,[<alpha>],<length>; makes leave fields out or put the index in front. <length> is
// always last.
std::optional<CmgrHeader> parse_cmgr(std::string_view line) {
  const auto text = after_prefix(line, "+CMGR:");
  if (!text) return std::nullopt;
  HeaderLine header = split_header(*text);
  const auto p = params_of(header.fields);
  const bool index_first = p.size() == 4 && decimal(p[1].text);
  return CmgrHeader{decimal(p[index_first ? 1 : 0].text), last_number(header.fields).value_or(0),
                    std::move(header.pdu)};
}

// 27.005 3.4.2: <index>,<stat>,[<alpha>],<length>.
std::optional<CmglHeader> parse_cmgl(std::string_view line) {
  const auto text = after_prefix(line, "+CMGL:");
  if (!text) return std::nullopt;
  HeaderLine header = split_header(*text);
  const auto p = params_of(header.fields);
  const auto index = decimal(p[0].text);
  if (!index) return std::nullopt;
  return CmglHeader{*index, decimal(param_at(p, 1).text), last_number(header.fields).value_or(0),
                    std::move(header.pdu)};
}

// 27.005 3.4.3, text mode: <stat>,<oa or da>,…; a status report has <fo>,<mr> before its <ra>.
std::optional<TextHeader> parse_cmgr_text(std::string_view line, Charset charset) {
  const auto text = after_prefix(line, "+CMGR:");
  if (!text) return std::nullopt;
  const auto p = params_of(*text);
  if (p[0].text.empty() || decimal(p[0].text)) return std::nullopt;
  const Param& second = param_at(p, 1);
  const bool report =
      !second.quoted && second.text.size() <= 3 && decimal(second.text) && decimal(param_at(p, 2).text);
  return TextHeader{p[0].text, number_in(charset, param_at(p, report ? 3 : 1).text, std::nullopt)};
}

}  // namespace at
