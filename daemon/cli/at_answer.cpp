#include "daemon/cli/at_answer.h"

#include <algorithm>
#include <array>
#include <utility>

namespace klaxon::cli {
namespace {

using Wrong = at::Unexpected<std::string>;

struct CharsetName {
  std::string_view name;
  at::Charset charset;
};
constexpr std::array<CharsetName, 4> kCharsets{{{"GSM", at::Charset::gsm},
                                                {"IRA", at::Charset::ira},
                                                {"UCS2", at::Charset::ucs2},
                                                {"HEX", at::Charset::hex}}};

// null counts as left out.
const json::value* field(const json::object& input, std::string_view name) {
  const json::value* value = input.if_contains(name);
  return value && !value->is_null() ? value : nullptr;
}

std::string read_text(const json::object& input, std::string_view name, std::string* text) {
  const json::value* value = field(input, name);
  if (!value) return {};
  if (!value->is_string()) return std::string(name) + ": must be a string";
  *text = value->as_string();
  return {};
}

std::string read_flag(const json::object& input, std::string_view name, std::optional<bool>* flag) {
  const json::value* value = field(input, name);
  if (!value) return {};
  if (!value->is_bool()) return std::string(name) + ": must be true or false";
  *flag = value->as_bool();
  return {};
}

std::string read_lines(const json::object& input, std::vector<std::string>* lines) {
  const json::value* value = field(input, "lines");
  const json::array* list = value ? value->if_array() : nullptr;
  if (!list) return "lines: must be a list of strings";
  for (const json::value& line : *list) {
    if (!line.is_string()) return "lines: must be a list of strings";
    lines->emplace_back(line.as_string());
  }
  return {};
}

std::string read_charset(const json::object& input, std::optional<at::Charset>* charset) {
  std::string name;
  if (auto wrong = read_text(input, "charset", &name); !wrong.empty()) return wrong;
  if (name.empty()) return {};
  const auto* row =
      std::find_if(kCharsets.begin(), kCharsets.end(), [&](const auto& c) { return c.name == name; });
  if (row == kCharsets.end()) return "charset: must be GSM, IRA, UCS2 or HEX";
  *charset = row->charset;
  return {};
}

// 27.007 5.2: an extended syntax command is named by one of these and what follows up to its parameters.
bool is_extended(std::string_view command) {
  return command.size() > 3 && std::string_view("+^#%$*!&_").find(command[2]) != std::string_view::npos;
}

// "+CMGR: …": some URC that is in no table.
bool has_prefix(std::string_view line) {
  return std::string_view("+^#%$*!_@").find(line.front()) != std::string_view::npos &&
         line.find(':') != std::string_view::npos;
}

class Collector {
 public:
  explicit Collector(AtAnswer* answer) : answer_(answer) {}

  void take(const at::ChannelEvents& events) {
    for (const at::ChannelEvent& event : events) {
      if (const auto* line = std::get_if<at::Information>(&event)) answer_->info.push_back(line->line);
      if (const auto* stray = std::get_if<at::Stray>(&event)) take(*stray);
      if (const auto* urc = std::get_if<at::Urc>(&event)) others_.push_back({urc->line, urc->data});
      if (const auto* end = std::get_if<at::Completed>(&event)) take(*end);
    }
  }
  void finish() { std::move(others_.begin(), others_.end(), std::back_inserter(answer_->lines)); }

 private:
  void take(const at::Stray& stray) {
    if (stray.result) return;
    others_.push_back({stray.line, {}});
    if (!ended_) answer_->info.push_back(stray.line);
  }
  void take(const at::Completed& end) {
    ended_ = true;
    answer_->lines = end.lines;
    if (end.outcome == at::Outcome::answered) answer_->result = end.result;
  }

  AtAnswer* answer_;
  std::vector<at::AnswerLine> others_;
  bool ended_ = false;
};

}  // namespace

at::Expected<AtInput, std::string> at_input(const json::object& input) {
  AtInput out;
  std::optional<bool> solicited;
  for (std::string wrong :
       {read_text(input, "what", &out.what), read_text(input, "command", &out.command),
        read_lines(input, &out.lines), read_charset(input, &out.charset),
        read_flag(input, "solicited", &solicited), read_flag(input, "packed", &out.packed)})
    if (!wrong.empty()) return Wrong{std::move(wrong)};
  if (out.what.empty()) return Wrong{std::string("what: must name an answer")};
  while (!out.command.empty() && (out.command.back() == '\r' || out.command.back() == '\n'))
    out.command.pop_back();
  const bool ended = std::any_of(out.lines.begin(), out.lines.end(),
                                 [](const std::string& line) { return at::parse_final(line).has_value(); });
  out.solicited = solicited.value_or(ended || !out.command.empty());
  return out;
}

std::string prefix_of(std::string_view command) {
  if (!is_extended(command)) return {};
  const auto end = std::min(command.find_first_of("=?;"), command.size());
  return std::string(command.substr(2, end - 2)) + ':';
}

AtAnswer at_answer(const AtInput& input, std::string_view prefix, bool data_lines) {
  AtAnswer answer;
  Collector collector(&answer);
  at::Channel channel;
  constexpr at::Instant kNow{std::chrono::hours{1}};  // it all came at once
  channel.start({.line = input.command, .prefix = std::string(prefix), .data_lines = data_lines}, kNow);
  channel.take_output(kNow);
  for (const std::string& line : input.lines) collector.take(channel.feed(line + "\r\n", kNow));
  at::ChannelEvents last;
  if (const auto due = channel.deadline()) last = channel.tick(*due);
  channel.close(last);
  collector.take(last);
  collector.finish();
  const bool answered = std::any_of(answer.info.begin(), answer.info.end(), [&](const auto& line) {
    return !prefix.empty() && line.starts_with(prefix);
  });
  if (answered)
    std::erase_if(answer.info,
                  [&](const auto& line) { return has_prefix(line) && !line.starts_with(prefix); });
  return answer;
}

}  // namespace klaxon::cli
