#include <cerrno>
#include <cstring>
#include <fstream>
#include <istream>
#include <iterator>
#include <ostream>

#include "daemon/cli/answers.h"
#include "daemon/cli/commands.h"
#include "daemon/cli/text_table.h"
#include "daemon/cli/url.h"

namespace klaxon::cli {
namespace {

void add_list(Command parent, Chosen& chosen) {
  auto tag = std::make_shared<std::string>();
  auto command = parent.subcommand("list", "List the contacts");
  command.option("--tag", *tag, "Only those with this tag");
  command.on_use([tag, &chosen] {
    chosen.remote = [tag](Session& session) {
      const std::string target = tag->empty() ? "/v1/contacts" : "/v1/contacts?tag=" + percent_encoded(*tag);
      return show(session.terminal, session.api.list(target, 0), [](const json::value& list) {
        return table_of(list, {{"NAME", "name"}, {"NUMBERS", "numbers"}, {"TAGS", "tags"}});
      });
    };
  });
}

void add_add(Command parent, Chosen& chosen) {
  struct Options {
    std::string name;
    std::vector<std::string> numbers, tags;
  };
  auto options = std::make_shared<Options>();
  auto command = parent.subcommand("add", "Add a contact, or give it these numbers and tags instead");
  command.positional("NAME", options->name);
  command.words("NUMBER", "NUMBER...", options->numbers, "In order of trying").required();
  command.option("--tag", options->tags, "Again for more");
  command.on_use([options, &chosen] {
    chosen.remote = [options](Session& session) {
      const json::object body{{"numbers", list_of(options->numbers)}, {"tags", list_of(options->tags)}};
      return show(session.terminal, session.api.put("/v1/contacts/" + percent_encoded(options->name), body),
                  [&](const json::value& contact) {
                    const auto* fields = contact.if_object();
                    return printable(options->name) + ": " +
                           (fields != nullptr ? shown(*fields, "numbers") : "") + "\n";
                  });
    };
  });
}

void add_remove(Command parent, Chosen& chosen) {
  auto name = std::make_shared<std::string>();
  auto command = parent.subcommand("remove", "Remove a contact that no group has");
  command.positional("NAME", *name);
  command.on_use([name, &chosen] {
    chosen.remote = [name](Session& session) {
      return show(session.terminal, session.api.erase("/v1/contacts/" + percent_encoded(*name)),
                  [&](const json::value&) { return printable(*name) + " removed\n"; });
    };
  });
}

// None: it can't be read, and the terminal knows.
std::optional<std::string> whole_file(Terminal& terminal, const std::string& path) {
  std::ifstream file;
  if (path != "-") file.open(path, std::ios::binary);
  std::istream& in = path == "-" ? terminal.in : file;
  std::string text{std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
  if (!in.bad() && (path == "-" || file.is_open()) && !text.empty()) return text;
  const char* why = path != "-" && !file.is_open() ? std::strerror(errno) : "can't be read, or is empty";
  complain(terminal, {kRefused, 0, printable(path) + ": " + why});
  return std::nullopt;
}

std::string counts(const json::value& answer) {
  if (!answer.is_object()) return "done\n";
  const auto& fields = answer.get_object();
  const auto* dry = fields.if_contains("dry_run");
  return shown(fields, "added") + " added, " + shown(fields, "changed") + " changed, " +
         shown(fields, "unchanged") + " unchanged" +
         (dry != nullptr && *dry == json::value(true) ? " (dry run: nothing was)" : "") + "\n";
}

}  // namespace

void add_sheet(Command parent, Chosen& chosen, const std::string& folder) {
  struct Options {
    std::string file;
    bool dry_run = false;
  };
  auto options = std::make_shared<Options>();
  auto import_command =
      parent.subcommand("import", "Take in a CSV file, whole or not at all; - reads standard input");
  import_command.positional("FILE", options->file);
  import_command.flag("--dry-run", options->dry_run, "Only check it and count what would change");
  import_command.on_use([options, folder, &chosen] {
    chosen.remote = [options, folder](Session& session) {
      auto text = whole_file(session.terminal, options->file);
      if (!text) return kRefused;
      const std::string target = folder + "/import" + (options->dry_run ? "?dry_run=true" : "");
      return show(session.terminal, session.api.post_csv(target, std::move(*text)), counts);
    };
  });
  auto written = parent.subcommand("export", "Write them as CSV, in the form that import reads");
  written.on_use([folder, &chosen] {
    chosen.remote = [folder](Session& session) {
      const auto outcome = session.api.text(folder + "?format=csv");
      if (!outcome) return complain(session.terminal, outcome.error());
      session.terminal.out << outcome->raw;
      return kDone;
    };
  });
}

void add_contacts(Command app, Chosen& chosen) {
  auto contacts = app.subcommand("contacts", "People by name, with their numbers");
  contacts.needs_subcommand();
  add_list(contacts, chosen);
  add_add(contacts, chosen);
  add_remove(contacts, chosen);
  add_sheet(contacts, chosen, "/v1/contacts");
}

}  // namespace klaxon::cli
