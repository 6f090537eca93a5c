#include <ostream>

#include "daemon/cli/answers.h"
#include "daemon/cli/commands.h"
#include "daemon/cli/directory.h"
#include "daemon/cli/directory_json.h"
#include "daemon/cli/plan.h"
#include "daemon/cli/text_table.h"
#include "daemon/cli/url.h"

namespace klaxon::cli {
namespace {

struct ApplyOptions {
  std::string file;
  bool prune = false, dry_run = false;
};

template <class Take>
std::optional<Failure> each_item(Api& api, const std::string& target, Take take) {
  const auto reply = api.list(target, 0);
  if (!reply) return reply.error();
  for (const auto& item : *items_of(reply->body.get_object(), "items")) {
    if (item.is_object()) take(item.get_object());
  }
  return std::nullopt;
}

at::Expected<Directory, Failure> present_directory(Api& api) {
  Directory present;
  if (auto failure = each_item(api, "/v1/contacts", [&](const json::object& fields) {
        present.contacts.push_back(contact_from(fields));
      }))
    return at::Unexpected{*failure};
  if (auto failure = each_item(api, "/v1/groups", [&](const json::object& fields) {
        present.groups.push_back(group_from(fields));
      }))
    return at::Unexpected{*failure};
  if (auto failure = each_item(api, "/v1/keywords", [&](const json::object& fields) {
        present.keywords.push_back(keyword_from(fields));
      }))
    return at::Unexpected{*failure};
  return present;
}

// The daemon folds every alphabet's letters, we only ASCII's: "störung" is asked for by name, so that it is
// not taken for another word than the "STÖRUNG" that is there.
std::optional<Failure> adopt_words(Api& api, Directory* wanted) {
  for (auto& keyword : wanted->keywords) {
    const bool ascii =
        keyword.word.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_") ==
        std::string::npos;
    if (ascii) continue;
    const auto reply = api.get("/v1/keywords/" + percent_encoded(keyword.word));
    if (!reply && reply.error().status != 404) return reply.error();
    if (reply && reply->body.is_object()) keyword.word = keyword_from(reply->body.get_object()).word;
  }
  return std::nullopt;
}

Outcome carry_out(Api& api, const Change& change) {
  constexpr const char* kFolders[] = {"/v1/contacts/", "/v1/groups/", "/v1/keywords/"};
  const auto target = kFolders[static_cast<std::size_t>(change.what)] + percent_encoded(change.name);
  if (change.act == Change::Act::remove) return api.erase(target);
  return api.put(target, change.contact != nullptr ? body_of(*change.contact)
                         : change.group != nullptr ? body_of(*change.group)
                                                   : body_of(*change.keyword));
}

// "FILE:LINE: " of what the daemon refused.
std::string place_of(const ApplyOptions& options, const Change& change) {
  const std::uint32_t line = change.contact != nullptr   ? change.contact->line
                             : change.group != nullptr   ? change.group->line
                             : change.keyword != nullptr ? change.keyword->line
                                                         : 0;
  return line == 0 ? options.file + ": " : options.file + ":" + std::to_string(line) + ": ";
}

// Says each step once it is done, so that a refusal midway leaves no doubt about what was.
int carry_out_all(Session& session, const ApplyOptions& options, const std::vector<Change>& changes) {
  Terminal& terminal = session.terminal;
  for (const auto& change : changes) {
    const auto outcome = options.dry_run ? Outcome(Reply{}) : carry_out(session.api, change);
    if (!outcome) {
      Failure failure = outcome.error();
      failure.text = place_of(options, change) + printable(change.text()) + ": " + failure.text;
      return complain(terminal, failure);
    }
    if (!terminal.json) terminal.out << printable(change.text()) << std::endl;
  }
  return kDone;
}

void print_summary(Terminal& terminal, bool dry_run, const std::vector<Change>& changes) {
  if (!terminal.json) {
    if (changes.empty()) terminal.out << "nothing to change\n";
    return;
  }
  json::array lines;
  for (const auto& change : changes) lines.emplace_back(change.text());
  terminal.out << json::serialize(json::object{{"dry_run", dry_run}, {"changes", std::move(lines)}}) << "\n";
}

int apply(Session& session, const ApplyOptions& options) {
  auto wanted = load_directory(options.file);
  if (!wanted) {
    for (const auto& finding : wanted.error()) session.terminal.err << printable(finding.text()) << "\n";
    return kRefused;
  }
  if (const auto failure = adopt_words(session.api, &*wanted)) return complain(session.terminal, *failure);
  const auto present = present_directory(session.api);
  if (!present) return complain(session.terminal, present.error());
  const auto changes = plan(*wanted, *present, options.prune);
  if (const int code = carry_out_all(session, options, changes); code != kDone) return code;
  if (!options.dry_run) {
    // The files of the secrets may have changed though their names did not.
    const auto reloaded = session.api.post("/v1/keywords/reload", {});
    if (!reloaded) {
      Failure failure = reloaded.error();
      failure.text = "all is applied, but the secrets were not read again: " + failure.text;
      return complain(session.terminal, failure);
    }
  }
  print_summary(session.terminal, options.dry_run, changes);
  return kDone;
}

int export_all(Session& session) {
  const auto present = present_directory(session.api);
  if (!present) return complain(session.terminal, present.error());
  if (!session.terminal.json) {
    session.terminal.out << write_directory(*present);
    return kDone;
  }
  json::object all{{"contacts", json::array{}}, {"groups", json::array{}}, {"keywords", json::array{}}};
  for (const auto& contact : present->contacts) {
    auto body = body_of(contact);
    body["name"] = contact.name;
    all["contacts"].get_array().push_back(std::move(body));
  }
  for (const auto& group : present->groups) {
    auto body = body_of(group);
    body["name"] = group.name;
    all["groups"].get_array().push_back(std::move(body));
  }
  for (const auto& keyword : present->keywords) {
    auto body = body_of(keyword);
    body["word"] = keyword.word;
    all["keywords"].get_array().push_back(std::move(body));
  }
  session.terminal.out << json::serialize(all) << "\n";
  return kDone;
}

}  // namespace

void add_directory(Command app, Chosen& chosen) {
  auto options = std::make_shared<ApplyOptions>();
  auto apply_command = app.subcommand("apply", "Make contacts, groups and keywords match a file");
  apply_command.positional("FILE", options->file);
  apply_command.flag("--prune", options->prune, "Also remove what the file lacks");
  apply_command.flag("--dry-run", options->dry_run, "Only show what would change");
  apply_command.on_use([options, &chosen] {
    chosen.remote = [options](Session& session) { return apply(session, *options); };
  });
  auto export_command =
      app.subcommand("export", "Write contacts, groups and keywords in the form that apply reads");
  export_command.on_use([&chosen] { chosen.remote = export_all; });
}

}  // namespace klaxon::cli
