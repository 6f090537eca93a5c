#include "at/params.h"
#include "at/params_text.h"

namespace at {

namespace {

constexpr int kMaxRssi = 199;

// Skips to the next bracket; false at the two commas after which the lists of modes and formats stand
// (27.007 7.3).
bool to_tuple(std::string_view text, std::size_t* at) {
  int commas = 0;
  for (; *at < text.size() && text[*at] != '('; ++*at) {
    if (text[*at] == ',' && ++commas == 2) return false;
  }
  return *at < text.size();
}

std::vector<Param> tuple_at(std::string_view text, std::size_t* at) {
  std::vector<Param> out;
  do {
    ++*at;  // the bracket, or the comma between
    out.push_back(next_param(text, at));
  } while (*at < text.size() && text[*at] != ')');
  ++*at;
  return out;
}

// "310260"),2),( : the AcT stands behind a bracket that closed too soon.
std::optional<Param> strayed_act(std::string_view text, std::size_t* at) {
  if (*at + 1 >= text.size() || text[*at] != ',' || text[*at + 1] == '"' || text[*at + 1] == '(')
    return std::nullopt;
  std::size_t end = *at + 1;
  Param act = next_param(text, &end);
  if (act.quoted || !decimal(act.text) || end >= text.size() || text[end] != ')') return std::nullopt;
  *at = end + 1;
  return act;
}

bool names_operator(const std::vector<Param>& tuple) {
  if (tuple.size() < 4) return false;
  const bool numeric = all_digits(tuple[3].text) && tuple[3].text.size() >= 5;
  return numeric || tuple[1].quoted || tuple[2].quoted || tuple[3].quoted;
}

}  // namespace

// 27.007 8.5.
std::optional<SignalQuality> parse_csq(std::string_view line) {
  const auto text = after_prefix(line, "+CSQ:");
  if (!text) return std::nullopt;
  const auto p = raw_params_of(*text);
  const auto rssi = decimal(p[0].text);
  if (!rssi || *rssi > kMaxRssi) return std::nullopt;
  return SignalQuality{*rssi, decimal(param_at(p, 1).text)};
}

// 27.007 8.69.
std::optional<ExtendedSignal> parse_cesq(std::string_view line) {
  const auto text = after_prefix(line, "+CESQ:");
  if (!text) return std::nullopt;
  const auto p = raw_params_of(*text);
  if (p.size() < 6 || !decimal(p[0].text)) return std::nullopt;
  const auto field = [&](std::size_t i) { return decimal(p[i].text); };
  return ExtendedSignal{field(0), field(1), field(2), field(3), field(4), field(5)};
}

// 27.007 7.3: mode[,format,oper[,AcT]].
std::optional<Operator> parse_cops(std::string_view line, Charset charset) {
  const auto text = after_prefix(line, "+COPS:");
  if (!text) return std::nullopt;
  const auto p = params_of(*text);
  const auto mode = decimal(p[0].text);
  if (!mode) return std::nullopt;
  return Operator{*mode, decimal(param_at(p, 1).text), text_in(charset, param_at(p, 2).text),
                  decimal(param_at(p, 3).text)};
}

std::optional<std::vector<ListedOperator>> parse_cops_test(std::string_view answer, Charset charset) {
  const auto text = after_prefix(answer, "+COPS:");
  if (!text) return std::nullopt;
  std::vector<ListedOperator> out;
  for (std::size_t at = 0; to_tuple(*text, &at);) {
    auto p = tuple_at(*text, &at);
    if (p.size() == 4)
      if (auto act = strayed_act(*text, &at)) p.push_back(std::move(*act));
    if (!names_operator(p)) continue;
    out.push_back({decimal(p[0].text), text_in(charset, p[1].text), text_in(charset, p[2].text),
                   text_in(charset, p[3].text), decimal(param_at(p, 4).text)});
  }
  return out;
}

std::optional<int> parse_cfun(std::string_view line) {
  const auto text = after_prefix(line, "+CFUN:");
  if (!text) return std::nullopt;
  return decimal(raw_params_of(*text)[0].text);
}

std::string technology(int act) {
  switch (act) {
    case 0:
    case 1:
    case 3:
    case 8:
      return "GSM";
    case 2:
    case 4:
    case 5:
    case 6:
      return "UMTS";
    case 7:
    case 9:
    case 10:
    case 13:
      return "LTE";
    case 11:
    case 12:
      return "NR";
    default:
      return {};
  }
}

}  // namespace at
