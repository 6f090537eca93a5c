#include "daemon/cli/answers.h"
#include "daemon/cli/commands.h"
#include "daemon/cli/text_table.h"
#include "daemon/cli/url.h"

namespace klaxon::cli {
namespace {

std::string as_lines(const json::value& answer) {
  return answer.is_object() ? lines_of(answer.get_object()) : "done\n";
}

struct KeywordOptions {
  std::string word, secret, action, group, text, lane, cooldown;
  std::vector<std::string> from;
  bool no_report = false;
};

json::object body_of(const KeywordOptions& options) {
  json::object body{{"action", options.action}};
  const auto put = [&body](const char* key, const std::string& value) {
    if (!value.empty()) body[key] = value;
  };
  if (!options.from.empty()) body["from"] = list_of(options.from);
  put("secret", options.secret);
  put("group", options.group);
  put("text", options.text);
  put("lane", options.lane);
  put("cooldown", options.cooldown);
  if (options.no_report) body["report"] = false;
  return body;
}

void add_keyword_set(Command parent, Chosen& chosen) {
  auto options = std::make_shared<KeywordOptions>();
  auto command = parent.subcommand("set", "Make or replace a keyword");
  command.positional("WORD", options->word);
  command.option("--action", options->action, "reply or broadcast").required();
  command.option("--from", options->from, "Who may: a number or group:NAME; again for more");
  command.option("--secret", options->secret, "pin:file:NAME, a file in policy.secrets_dir");
  command.option("--group", options->group, "Who gets the broadcast");
  command.option("--text", options->text, "What is sent; {{args}} is the rest of the text that came in");
  command.option("--lane", options->lane, "alert, urgent, normal or bulk");
  command.option("--cooldown", options->cooldown, "As in 60s: how long the word rests after its use");
  command.flag("--no-report", options->no_report, "Ask for no delivery reports");
  command.on_use([options, &chosen] {
    chosen.remote = [options](Session& session) {
      const auto target = "/v1/keywords/" + percent_encoded(options->word);
      return show(session.terminal, session.api.put(target, body_of(*options)), as_lines);
    };
  });
}

// `NAME delete WHAT` and its like: one argument, one call, one line.
void add_deletion(Command parent, Chosen& chosen, const std::string& argument, const std::string& folder) {
  auto name = std::make_shared<std::string>();
  auto command = parent.subcommand("delete", "Remove it");
  command.positional(argument, *name);
  command.on_use([name, folder, &chosen] {
    chosen.remote = [name, folder](Session& session) {
      return show(session.terminal, session.api.erase(folder + percent_encoded(*name)),
                  [&](const json::value&) { return *name + " deleted\n"; });
    };
  });
}

void add_unlock(Command parent, Chosen& chosen) {
  auto number = std::make_shared<std::string>();
  auto command = parent.subcommand("unlock", "Let a number try again that gave wrong secrets");
  command.positional("NUMBER", *number);
  command.on_use([number, &chosen] {
    chosen.remote = [number](Session& session) {
      return show(session.terminal, session.api.post("/v1/keywords/unlock", {{"number", *number}}),
                  [&](const json::value&) { return *number + " unlocked\n"; });
    };
  });
}

void add_keyword_list(Command parent, Chosen& chosen) {
  auto command = parent.subcommand("list", "List the keywords");
  command.on_use([&chosen] {
    chosen.remote = [](Session& session) {
      return show(session.terminal, session.api.list("/v1/keywords", 0), [](const json::value& list) {
        return table_of(list, {{"WORD", "word"},
                               {"ACTION", "action"},
                               {"FROM", "from"},
                               {"GROUP", "group"},
                               {"LANE", "lane"},
                               {"SECRET", "secret"},
                               {"COOLDOWN", "cooldown"},
                               {"TEXT", "text"}});
      });
    };
  });
}

std::string groups_table(const json::value& list) {
  const auto* items = list.is_object() ? items_of(list.get_object(), "items") : nullptr;
  if (items == nullptr || items->empty()) return "none\n";
  TextTable table({"NAME", "MEMBERS"});
  for (const auto& item : *items) {
    if (!item.is_object()) continue;
    const auto* members = items_of(item.get_object(), "members");
    table.row({text_of(item.get_object(), "name"), std::to_string(members != nullptr ? members->size() : 0)});
  }
  return table.text();
}

std::string member_lines(const json::value& group) {
  const auto* members = group.is_object() ? items_of(group.get_object(), "members") : nullptr;
  std::string text;
  for (const auto& member : members != nullptr ? *members : json::array{})
    text += printable(shown(member)) + "\n";
  return text;
}

void add_group_list(Command parent, Chosen& chosen) {
  auto command = parent.subcommand("list", "List the groups and how many members they have");
  command.on_use([&chosen] {
    chosen.remote = [](Session& session) {
      return show(session.terminal, session.api.list("/v1/groups", 0), groups_table);
    };
  });
}

void add_group_show(Command parent, Chosen& chosen) {
  auto name = std::make_shared<std::string>();
  auto command = parent.subcommand("show", "Show a group's members, a line each");
  command.positional("NAME", *name);
  command.on_use([name, &chosen] {
    chosen.remote = [name](Session& session) {
      return show(session.terminal, session.api.get("/v1/groups/" + percent_encoded(*name)), member_lines);
    };
  });
}

void add_group_set(Command parent, Chosen& chosen) {
  struct Options {
    std::string name;
    std::vector<std::string> members;
  };
  auto options = std::make_shared<Options>();
  auto command = parent.subcommand(
      "set", "Make a group of these numbers and contacts, or give it these members instead");
  command.positional("NAME", options->name);
  command.words("MEMBER", "MEMBER...", options->members).required();
  command.on_use([options, &chosen] {
    chosen.remote = [options](Session& session) {
      const json::object body{{"members", list_of(options->members)}};
      return show(session.terminal, session.api.put("/v1/groups/" + percent_encoded(options->name), body),
                  [&](const json::value&) {
                    return options->name + ": " + std::to_string(options->members.size()) + " members\n";
                  });
    };
  });
}

}  // namespace

void add_keyword(Command app, Chosen& chosen) {
  auto keyword = app.subcommand("keyword", "Words that do something when a text begins with them");
  keyword.needs_subcommand();
  add_keyword_list(keyword, chosen);
  add_keyword_set(keyword, chosen);
  add_deletion(keyword, chosen, "WORD", "/v1/keywords/");
  add_unlock(keyword, chosen);
  auto group = app.subcommand("group", "Numbers and contacts under one name");
  group.needs_subcommand();
  add_group_list(group, chosen);
  add_group_show(group, chosen);
  add_group_set(group, chosen);
  add_deletion(group, chosen, "NAME", "/v1/groups/");
  add_sheet(group, chosen, "/v1/groups");
}

}  // namespace klaxon::cli
