#include "daemon/cli/at_parse.h"

#include <array>
#include <cstdlib>
#include <utility>

#include "at/params.h"
#include "at/ussd.h"
#include "daemon/cli/at_answer.h"

namespace klaxon::cli {
namespace {

using Parsed = at::Expected<json::object, std::string>;
using Wrong = at::Unexpected<std::string>;

template <class T>
json::value or_null(const std::optional<T>& value) {
  return value ? json::value(*value) : json::value(nullptr);
}

json::array list_of(const std::vector<std::string>& names) {
  return json::array(names.begin(), names.end());
}

json::array list_of(const std::vector<int>& values) {
  return json::array(values.begin(), values.end());
}

std::string two_digits(int value) {
  return (value < 10 ? "0" : "") + std::to_string(value);
}

std::string shortened(std::string_view line) {
  constexpr std::size_t kMost = 80;
  std::string out(line.substr(0, kMost));
  while (line.size() > kMost && !out.empty() && (out.back() & 0x80))
    out.pop_back();  // no half of a character
  return line.size() > kMost ? out + "..." : out;
}

class Question {
 public:
  Question(const AtInput& input, std::string_view prefix, bool data_lines)
      : input_(input), prefix_(prefix), answer_(at_answer(input, prefix, data_lines)) {}

  const AtInput& input() const { return input_; }
  const AtAnswer& answer() const { return answer_; }
  at::Charset charset() const { return input_.charset.value_or(at::Charset::ira); }
  bool refused() const { return answer_.result && !answer_.result->ok(); }

  // What parse() makes of the first line that it can read.
  template <class Parse>
  auto first(Parse parse) const -> decltype(parse(std::string_view{})) {
    for (const at::AnswerLine& line : answer_.lines)
      if (auto value = parse(line.line)) return value;
    return std::nullopt;
  }

  // Why there is nothing.
  Wrong nothing() const {
    for (const at::AnswerLine& line : answer_.lines)
      if (!prefix_.empty() && line.line.starts_with(prefix_))
        return Wrong{"can't be read: " + shortened(line.line)};
    if (refused()) return Wrong{"refused: " + shortened(answer_.result->text)};
    return Wrong{prefix_.empty() ? "no such line in the answer"
                                 : "no " + std::string(prefix_) + " in the answer"};
  }

 private:
  const AtInput& input_;
  std::string_view prefix_;
  AtAnswer answer_;
};

template <class Value, class Fields>
Parsed fields_or_nothing(const Question& q, const std::optional<Value>& value, Fields fields) {
  if (!value) return q.nothing();
  return Parsed(fields(*value));
}

// --- network ---

json::object creg_fields(std::string_view prefix, const at::Registration& r) {
  return {{"prefix", prefix},      {"n", or_null(r.n)},   {"stat", r.stat},
          {"lac", or_null(r.lac)}, {"ci", or_null(r.ci)}, {"act", or_null(r.act)}};
}

// A URC of the same prefix may stand before the answer: the line with n is the answer.
Parsed creg(const Question& q) {
  std::optional<json::object> found;
  for (std::string_view prefix : {"+CREG", "+CGREG", "+CEREG", "+C5GREG"}) {
    const std::string owned = prefix_of(q.input().command);
    if (owned.ends_with("REG:") && owned != std::string(prefix) + ':') continue;
    for (const at::AnswerLine& line : q.answer().lines) {
      const auto r = at::parse_registration(line.line, prefix, q.input().solicited);
      if (!r) continue;
      if (!q.input().solicited || r->n) return creg_fields(prefix, *r);
      if (!found) found = creg_fields(prefix, *r);
    }
  }
  if (!found) return q.nothing();
  return *found;
}

Parsed csq(const Question& q) {
  return fields_or_nothing(q, q.first(at::parse_csq), [](const at::SignalQuality& s) {
    return json::object{{"rssi", s.rssi}, {"ber", or_null(s.ber)}};
  });
}

Parsed cesq(const Question& q) {
  return fields_or_nothing(q, q.first(at::parse_cesq), [](const at::ExtendedSignal& s) {
    return json::object{{"rxlev", or_null(s.rxlev)}, {"ber", or_null(s.ber)},   {"rscp", or_null(s.rscp)},
                        {"ecn0", or_null(s.ecn0)},   {"rsrq", or_null(s.rsrq)}, {"rsrp", or_null(s.rsrp)}};
  });
}

Parsed cops(const Question& q) {
  const auto parse = [&](std::string_view line) { return at::parse_cops(line, q.charset()); };
  return fields_or_nothing(q, q.first(parse), [](const at::Operator& o) {
    return json::object{{"mode", o.mode},
                        {"format", or_null(o.format)},
                        {"oper", o.oper.empty() ? json::value(nullptr) : json::value(o.oper)},
                        {"act", or_null(o.act)}};
  });
}

// The list may go over several lines, and be longer than any line that a modem is believed.
std::string joined_list(const std::vector<std::string>& lines) {
  std::string out;
  for (const std::string& line : lines) {
    const auto start = line.find_first_not_of(" \t\r\n");
    if (start == std::string::npos) continue;
    const bool more = !out.empty() && std::string_view("(,\"").find(line[start]) != std::string_view::npos;
    if (more || (out.empty() && line.compare(start, 6, "+COPS:") == 0)) out += line.substr(start) + '\n';
  }
  return out;
}

Parsed cops_test(const Question& q) {
  const auto list = at::parse_cops_test(joined_list(q.input().lines), q.charset());
  return fields_or_nothing(q, list, [](const std::vector<at::ListedOperator>& operators) {
    json::array out;
    for (const at::ListedOperator& o : operators)
      out.push_back({{"stat", or_null(o.stat)},
                     {"long", o.long_name},
                     {"short", o.short_name},
                     {"numeric", o.numeric},
                     {"act", or_null(o.act)}});
    return json::object{{"operators", std::move(out)}};
  });
}

Parsed cfun(const Question& q) {
  return fields_or_nothing(q, q.first(at::parse_cfun), [](int fun) { return json::object{{"fun", fun}}; });
}

// ISO 8601, with the offset where the modem gave one.
std::string iso_time(const at::ClockTime& t) {
  std::string out = std::to_string(t.year) + '-' + two_digits(t.month) + '-' + two_digits(t.day) + 'T' +
                    two_digits(t.hour) + ':' + two_digits(t.minute) + ':' + two_digits(t.second);
  if (!t.zone) return out;
  const int minutes = std::abs(*t.zone) * 15;
  return out + (*t.zone < 0 ? '-' : '+') + two_digits(minutes / 60) + ':' + two_digits(minutes % 60);
}

Parsed cclk(const Question& q) {
  return fields_or_nothing(q, q.first(at::parse_cclk), [](const at::ClockTime& t) {
    return json::object{{"time", iso_time(t)}};
  });
}

// --- messages and storages ---

std::string pdu_of(const at::AnswerLine& line, const std::string& same_line) {
  return same_line.empty() ? line.data : same_line;
}

// An entry that can't be read does not hide the others.
Parsed cmgl(const Question& q) {
  json::array messages, defects;
  for (const at::AnswerLine& line : q.answer().lines) {
    const auto header = at::parse_cmgl(line.line);
    if (header)
      messages.push_back({{"index", header->index},
                          {"stat", or_null(header->stat)},
                          {"pdu", pdu_of(line, header->same_line_pdu)}});
    else if (line.line.starts_with("+CMGL:"))
      defects.emplace_back("can't be read: " + shortened(line.line));
  }
  if (messages.empty() && (q.refused() || !defects.empty())) return q.nothing();
  json::object fields{{"messages", std::move(messages)}};
  if (!defects.empty()) fields["defects"] = std::move(defects);
  return fields;
}

Parsed cmgr(const Question& q) {
  for (const at::AnswerLine& line : q.answer().lines)
    if (const auto header = at::parse_cmgr(line.line))
      return json::object{{"stat", or_null(header->stat)},
                          {"length", header->length},
                          {"pdu", pdu_of(line, header->same_line_pdu)}};
  return q.nothing();
}

Parsed cmgr_text(const Question& q) {
  const auto parse = [&](std::string_view line) { return at::parse_cmgr_text(line, q.charset()); };
  return fields_or_nothing(q, q.first(parse), [](const at::TextHeader& header) {
    return json::object{{"stat", header.stat}, {"number", header.number}};
  });
}

Parsed cpms_test(const Question& q) {
  return fields_or_nothing(q, q.first(at::parse_cpms_test), [](const at::StorageNames& names) {
    return json::object{
        {"mem1", list_of(names.mem1)}, {"mem2", list_of(names.mem2)}, {"mem3", list_of(names.mem3)}};
  });
}

// Less than three storages are answered by old modems.
Parsed cpms(const Question& q) {
  for (const at::AnswerLine& line : q.answer().lines) {
    const auto uses = at::parse_cpms(line.line);
    if (uses.empty()) continue;
    json::object fields{{"mem1", nullptr}, {"mem2", nullptr}, {"mem3", nullptr}};
    for (std::size_t i = 0; i < uses.size(); ++i)
      fields["mem" + std::to_string(i + 1)] = {
          {"name", uses[i].mem.empty() ? json::value(nullptr) : json::value(uses[i].mem)},
          {"used", uses[i].used},
          {"total", uses[i].total}};
    return fields;
  }
  return q.nothing();
}

Parsed cscs_test(const Question& q) {
  return fields_or_nothing(q, q.first(at::parse_cscs_test), [](const std::vector<std::string>& names) {
    return json::object{{"charsets", list_of(names)}};
  });
}

Parsed cnmi_test(const Question& q) {
  return fields_or_nothing(q, q.first(at::parse_cnmi_test), [](const at::IndicationValues& v) {
    return json::object{{"mode", list_of(v.mode)},
                        {"mt", list_of(v.mt)},
                        {"bm", list_of(v.bm)},
                        {"ds", list_of(v.ds)},
                        {"bfr", list_of(v.bfr)}};
  });
}

// --- identities ---

Parsed cpin(const Question& q) {
  return fields_or_nothing(q, q.first(at::parse_cpin), [](const std::string& status) {
    return json::object{{"status", status}};
  });
}

Parsed csca(const Question& q) {
  const auto parse = [&](std::string_view line) { return at::parse_csca(line, q.charset()); };
  return fields_or_nothing(q, q.first(parse), [](const at::ServiceCentre& centre) {
    return json::object{{"number", centre.number}, {"toa", or_null(centre.type)}};
  });
}

// A SIM without a number answers OK alone.
Parsed cnum(const Question& q) {
  json::array numbers;
  for (const at::AnswerLine& line : q.answer().lines)
    if (const auto own = at::parse_cnum(line.line, q.charset()))
      numbers.push_back({{"number", own->number}, {"type", or_null(own->type)}});
  const bool none = numbers.empty() && (!q.answer().result || q.refused() || !q.answer().lines.empty());
  if (none) return q.nothing();
  return json::object{{"numbers", std::move(numbers)}};
}

Parsed iccid(const Question& q) {
  return fields_or_nothing(q, q.first(at::parse_iccid), [](const std::string& id) {
    return json::object{{"iccid", id}};
  });
}

Parsed cgmm(const Question& q) {
  for (const std::string& line : q.answer().info)
    if (const std::string model = at::identification(line); !model.empty())
      return json::object{{"model", model}};
  return q.nothing();
}

// --- USSD ---

// From the +CUSD on, until its quotes close. A final result inside open quotes ends a string whose quote was
// lost.
std::string joined_ussd(const std::vector<std::string>& lines, bool to_result) {
  std::string out;
  for (const std::string& line : lines) {
    if (to_result && !out.empty() && at::parse_final(line)) break;
    if (!out.empty())
      out += '\n' + line;
    else if (const auto start = line.find("+CUSD:");
             start != std::string::npos && start <= line.find_first_not_of(" \t\r\n"))
      out = line.substr(start);
    if (out.empty()) continue;
    if (out.size() > at::Channel::kMaxUssd || !at::ussd_open(out)) break;
  }
  return out;
}

Parsed cusd(const Question& q) {
  std::string text = joined_ussd(q.input().lines, false);
  if (at::ussd_open(text)) text = joined_ussd(q.input().lines, true);
  const auto line = at::parse_cusd(text);
  if (!line) return q.nothing();
  json::object fields{{"status", line->status}, {"dcs", or_null(line->dcs)}, {"text", nullptr}};
  if (line->string)
    fields["text"] =
        at::decode_ussd(*line->string,
                        {.dcs = line->dcs, .charset = q.input().charset, .packed = q.input().packed})
            .text;
  return fields;
}

// --- any ---

// V.250 6.2.6: the digits that stand for the words after ATV0.
std::string in_words(const at::FinalResult& result) {
  if (result.text == "0") return "OK";
  return result.text == "4" ? "ERROR" : result.text;
}

// NO CARRIER and its like end calls alone (V.250 6.3.1): to any other command they are URCs.
json::value final_word(const Question& q) {
  if (q.answer().result) return json::value(in_words(*q.answer().result));
  const std::string& command = q.input().command;
  if (!command.starts_with("ATD") && !command.starts_with("ATA") && !command.starts_with("ATO"))
    return nullptr;
  for (const at::AnswerLine& line : q.answer().lines)
    for (std::string_view word : {"NO CARRIER", "BUSY", "NO ANSWER", "NO DIALTONE", "CONNECT"})
      if (line.line.starts_with(word)) return json::value(line.line);
  return nullptr;
}

bool ends_a_call(std::string_view line) {
  for (std::string_view word : {"NO CARRIER", "BUSY", "NO ANSWER", "NO DIALTONE", "CONNECT"})
    if (line.starts_with(word)) return true;
  return false;
}

// Of lines to no known command none can be told for a URC: all in front of the result are its information.
Parsed generic_without_command(const std::vector<std::string>& lines) {
  json::object fields{{"final", nullptr}, {"info", json::array{}}};
  for (std::size_t i = 0; i < lines.size(); ++i) {
    const auto from = lines[i].find_first_not_of(" \t\r\n");
    if (from == std::string::npos) continue;
    const std::string line = lines[i].substr(from, lines[i].find_last_not_of(" \t\r\n") - from + 1);
    if (at::parse_final(line) || (i + 1 == lines.size() && ends_a_call(line))) {
      fields["final"] = line;
      break;
    }
    fields["info"].as_array().emplace_back(line);
  }
  return fields;
}

Parsed generic(const Question& q) {
  if (q.input().command.empty()) return generic_without_command(q.input().lines);
  return json::object{{"final", final_word(q)}, {"info", list_of(q.answer().info)}};
}

struct What {
  std::string_view name, prefix;
  Parsed (*fields)(const Question&);
  bool data_lines = false;
};

constexpr std::array<What, 20> kWhats{{{"creg", "+CREG:", creg},
                                       {"csq", "+CSQ:", csq},
                                       {"cesq", "+CESQ:", cesq},
                                       {"cops", "+COPS:", cops},
                                       {"cops_test", "+COPS:", cops_test},
                                       {"cmgl", "+CMGL:", cmgl, true},
                                       {"cmgr", "+CMGR:", cmgr, true},
                                       {"cmgr_text", "+CMGR:", cmgr_text, true},
                                       {"cpms_test", "+CPMS:", cpms_test},
                                       {"cpms", "+CPMS:", cpms},
                                       {"csca", "+CSCA:", csca},
                                       {"cusd", "+CUSD:", cusd},
                                       {"cnum", "+CNUM:", cnum},
                                       {"cscs_test", "+CSCS:", cscs_test},
                                       {"cnmi_test", "+CNMI:", cnmi_test},
                                       {"cfun", "+CFUN:", cfun},
                                       {"cpin", "+CPIN:", cpin},
                                       {"cclk", "+CCLK:", cclk},
                                       {"iccid", "", iccid},
                                       {"cgmm", "", cgmm}}};

}  // namespace

at::Expected<json::object, std::string> at_parse(const json::object& fields) {
  const auto input = at_input(fields);
  if (!input) return Wrong{input.error()};
  if (input->what == "generic") return generic(Question(*input, prefix_of(input->command), false));
  const std::string own = prefix_of(input->command);
  for (const What& what : kWhats) {
    if (what.name != input->what) continue;
    const bool other_domain = what.fields == creg && own.ends_with("REG:");
    return what.fields(Question(*input, other_domain ? std::string_view(own) : what.prefix, what.data_lines));
  }
  return Wrong{"unsupported what: " + shortened(input->what)};
}

}  // namespace klaxon::cli
