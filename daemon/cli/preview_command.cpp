// `klaxon preview`: what a text would take, and what would make it cheaper.
#include <utility>

#include "daemon/cli/answers.h"
#include "daemon/cli/commands.h"
#include "daemon/cli/message_form.h"
#include "daemon/cli/text_table.h"

namespace klaxon::cli {
namespace {

struct PreviewOptions {
  std::string text;
  std::vector<std::string> to;
  TextForm how;
};

std::string times(const std::string& count, const std::string& what) {
  return count + " " + what + (count == "1" ? "" : "s");
}

std::string unit_word(const std::string& unit) {
  return unit == "utf16" ? "UTF-16 unit" : unit;
}

// "gsm7, locking turkish, single spanish"
std::string way_of(const json::object& fields) {
  std::string way = text_of(fields, "encoding");
  const auto* tables = object_of(fields, "national");
  for (const char* kind : {"locking", "single"}) {
    const std::string name = tables == nullptr ? "" : text_of(*tables, kind);
    if (!name.empty()) way += std::string(", ") + kind + " " + name;
  }
  return way;
}

// "’ U+2019 (3), … U+2026 (1)"; with what it becomes where that is told.
std::string characters_of(const json::array& items) {
  std::string list;
  for (const auto& item : items) {
    if (!item.is_object()) continue;
    const auto& one = item.get_object();
    list += (list.empty() ? "" : ", ") + text_of(one, "char") + " " + text_of(one, "code") + " (" +
            shown(one, "count") + ")";
    if (one.contains("with")) list += " by \"" + text_of(one, "with") + "\"";
  }
  return list;
}

// "simplify: 1 segment (gsm7), replaces ’ U+2019 (3) by "'""
std::string advice(const json::object& entry, const std::string& unit) {
  std::string line = text_of(entry, "change");
  if (entry.contains("with")) line += " " + text_of(entry, "with");
  if (entry.contains("units")) line += " by " + times(shown(entry, "units"), unit_word(unit));
  if (const auto* names = items_of(entry, "national_tables")) line += " " + shown(json::value(*names));
  if (const auto* characters = items_of(entry, "characters")) line += " " + shown(json::value(*characters));
  line += ": " + times(shown(entry, "segments"), "segment") + " (" + way_of(entry) + ")";
  if (const auto* replaced = items_of(entry, "replacements"))
    line += ", replaces " + characters_of(*replaced);
  return line;
}

std::string rendered(const json::value& answer) {
  if (!answer.is_object()) return "done\n";
  const auto& fields = answer.get_object();
  const std::string unit = text_of(fields, "unit");
  const auto* lengths = items_of(fields, "lengths");
  TextTable table({});
  table.row({"encoding", way_of(fields)});
  table.row({"segments", shown(fields, "segments")});
  table.row(
      {"length", times(shown(fields, "units"), unit_word(unit)) +
                     (lengths != nullptr && lengths->size() > 1 ? ": " + shown(json::value(*lengths)) : "")});
  table.row({"left", times(shown(fields, "units_left"), unit_word(unit))});
  if (const auto* missing = items_of(fields, "not_in_gsm7"); missing != nullptr && !missing->empty())
    table.row({"not in gsm7", characters_of(*missing)});
  if (const auto* replaced = items_of(fields, "replacements")) {
    table.row({"replaced", characters_of(*replaced)});
    table.row({"text", text_of(fields, "text")});
  }
  std::string heading = "cheaper";
  const auto* cheaper = items_of(fields, "cheaper");
  for (const auto& entry : cheaper != nullptr ? *cheaper : json::array{}) {
    if (entry.is_object()) table.row({std::exchange(heading, ""), advice(entry.get_object(), unit)});
  }
  return table.text();
}

int preview(Session& session, const PreviewOptions& options) {
  json::object body;
  body["text"] = options.text == "-" ? rest_of_input(session.terminal) : options.text;
  if (options.to.size() == 1) body["to"] = options.to.front();
  if (options.to.size() > 1) body["to"] = list_of(options.to);
  put_text_fields(body, options.how);
  return show(session.terminal, session.api.post("/v1/messages/preview", body), rendered);
}

}  // namespace

void add_preview(Command app, Chosen& chosen) {
  auto options = std::make_shared<PreviewOptions>();
  auto command = app.subcommand("preview", "Tell what a text would take, and what would make it cheaper");
  command.positional("TEXT", options->text, "- reads it from standard input");
  command.option("--to", options->to, "Whom it is for: the policy may differ by country; again for more");
  add_text_options(command, options->how);
  command.on_use([options, &chosen] {
    chosen.remote = [options](Session& session) { return preview(session, *options); };
  });
}

}  // namespace klaxon::cli
