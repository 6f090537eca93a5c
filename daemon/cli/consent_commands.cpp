#include "daemon/cli/answers.h"
#include "daemon/cli/commands.h"
#include "daemon/cli/text_table.h"
#include "daemon/cli/url.h"

namespace klaxon::cli {
namespace {

std::string path_of(const std::string& number) {
  return "/v1/opt-outs/" + percent_encoded(number);
}

void add_list(Command parent, Chosen& chosen) {
  auto command = parent.subcommand("list", "List them, in the order in which they opted out");
  command.on_use([&chosen] {
    chosen.remote = [](Session& session) {
      return show(session.terminal, session.api.list("/v1/opt-outs", 0), [](const json::value& list) {
        return table_of(list, {{"NUMBER", "number"}, {"SINCE", "since"}, {"BY", "by"}});
      });
    };
  });
}

void add_addition(Command parent, Chosen& chosen) {
  auto number = std::make_shared<std::string>();
  auto command = parent.subcommand("add", "Write to a number no more; it is not told");
  command.positional("NUMBER", *number);
  command.on_use([number, &chosen] {
    chosen.remote = [number](Session& session) {
      return show(session.terminal, session.api.put(path_of(*number), {}),
                  [&](const json::value&) { return *number + " has opted out\n"; });
    };
  });
}

void add_removal(Command parent, Chosen& chosen) {
  auto number = std::make_shared<std::string>();
  auto command = parent.subcommand("remove", "Let a number be written to again, when it has asked for that");
  command.positional("NUMBER", *number);
  command.on_use([number, &chosen] {
    chosen.remote = [number](Session& session) {
      return show(session.terminal, session.api.erase(path_of(*number)),
                  [&](const json::value&) { return *number + " may be written to again\n"; });
    };
  });
}

}  // namespace

void add_consent(Command app, Chosen& chosen) {
  auto command = app.subcommand("opt-outs", "Numbers that have asked not to be written to");
  command.needs_subcommand();
  add_list(command, chosen);
  add_addition(command, chosen);
  add_removal(command, chosen);
}

}  // namespace klaxon::cli
