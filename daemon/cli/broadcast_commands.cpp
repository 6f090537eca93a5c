#include "daemon/cli/answers.h"
#include "daemon/cli/commands.h"
#include "daemon/cli/message_form.h"
#include "daemon/cli/url.h"

namespace klaxon::cli {
namespace {

struct BroadcastOptions {
  std::vector<std::string>
      words;  // GROUP TEXT; without GROUP when --to or --group is given, without TEXT with --text
  std::string group;
  std::vector<std::string> to;
  MessageForm form;
};

std::string as_lines(const json::value& answer) {
  return answer.is_object() ? lines_of(answer.get_object()) : "done\n";
}

// Sorts the words into group and text, by what the options left open.
void take_words(BroadcastOptions& options) {
  auto& words = options.words;
  const bool wants_group = options.group.empty() && options.to.empty();
  const std::size_t wanted = (wants_group ? 1 : 0) + (options.form.text_given ? 0 : 1);
  if (words.size() != wanted) misuse("broadcast: needs GROUP (or --to NUMBER) and TEXT (or --text)");
  if (!options.group.empty() && !options.to.empty()) misuse("broadcast: --group or --to, not both");
  if (!options.form.text_given) options.form.text = words.back();
  if (wants_group) options.group = words.front();
}

int broadcast(Session& session, const BroadcastOptions& options) {
  json::object body = body_of(options.form, session.terminal);
  if (options.to.empty()) {
    body["group"] = options.group;
  } else {
    body["to"] = list_of(options.to);
  }
  return show(session.terminal, session.api.post("/v1/broadcasts", body, key_of(options.form)), as_lines);
}

void add_show(Command parent, Chosen& chosen) {
  auto id = std::make_shared<std::string>();
  auto command = parent.subcommand("show", "Show one broadcast and its counts");
  command.positional("ID", *id);
  command.on_use([id, &chosen] {
    chosen.remote = [id](Session& session) {
      return show(session.terminal, session.api.get("/v1/broadcasts/" + percent_encoded(*id)), as_lines);
    };
  });
}

void add_list(Command parent, Chosen& chosen) {
  auto command = parent.subcommand("list", "List the broadcasts, oldest first");
  command.on_use([&chosen] {
    chosen.remote = [](Session& session) {
      return show(session.terminal, session.api.list("/v1/broadcasts", 0), [](const json::value& list) {
        return table_of(list, {{"ID", "id"},
                               {"CREATED", "created_at"},
                               {"GROUP", "group"},
                               {"TOTAL", "total"},
                               {"COUNTS", "counts"}});
      });
    };
  });
}

}  // namespace

void add_broadcast(Command app, Chosen& chosen) {
  auto options = std::make_shared<BroadcastOptions>();
  auto command = app.subcommand("broadcast", "Send a text to a group, or to many numbers");
  command.words("words", "GROUP TEXT", options->words, "No GROUP with --group or --to, no TEXT with --text");
  command.option("--group", options->group, "The group, also one called show or list");
  command.option("--to", options->to, "A number instead of a group; again for more");
  add_form_options(command, options->form);
  add_show(command, chosen);
  add_list(command, chosen);
  command.on_use([options, command, &chosen] {
    if (command.has_subcommand()) return;
    take_words(*options);
    chosen.remote = [options](Session& session) { return broadcast(session, *options); };
  });
}

}  // namespace klaxon::cli
