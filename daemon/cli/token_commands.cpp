#include <ostream>

#include "daemon/cli/answers.h"
#include "daemon/cli/commands.h"
#include "daemon/cli/text_table.h"
#include "daemon/cli/url.h"

namespace klaxon::cli {
namespace {

void add_create(Command parent, Chosen& chosen) {
  struct Options {
    std::string name;
    std::vector<std::string> scopes;
  };
  auto options = std::make_shared<Options>();
  auto command = parent.subcommand("create", "Make a token; it is shown this once");
  command.option("--name", options->name, "Whose it is").required();
  command.option("--scope", options->scopes, "send, read, inbox, alert or admin; again for more")
      .required()
      .separated_by(',');
  command.on_use([options, &chosen] {
    chosen.remote = [options](Session& session) {
      const json::object body{{"name", options->name}, {"scopes", list_of(options->scopes)}};
      return show(session.terminal, session.api.post("/v1/tokens", body), [&](const json::value& answer) {
        if (!answer.is_object()) return std::string{};
        const auto& made = answer.get_object();
        // The token alone is the result: TOKEN=$(klaxon token create …).
        session.terminal.err << printable(shown(made, "id")) << ": " << printable(shown(made, "scopes"))
                             << "; it is shown this once\n";
        return text_of(made, "token") + "\n";
      });
    };
  });
}

void add_list(Command parent, Chosen& chosen) {
  auto command = parent.subcommand("list", "List the tokens, without their secret part");
  command.on_use([&chosen] {
    chosen.remote = [](Session& session) {
      return show(session.terminal, session.api.list("/v1/tokens", 0), [](const json::value& list) {
        return table_of(list, {{"ID", "id"},
                               {"NAME", "name"},
                               {"SCOPES", "scopes"},
                               {"CREATED", "created_at"},
                               {"REVOKED", "revoked_at"}});
      });
    };
  });
}

void add_revoke(Command parent, Chosen& chosen) {
  auto id = std::make_shared<std::string>();
  auto command = parent.subcommand("revoke", "Make a token worthless");
  command.positional("ID", *id);
  command.on_use([id, &chosen] {
    chosen.remote = [id](Session& session) {
      return show(session.terminal, session.api.erase("/v1/tokens/" + percent_encoded(*id)),
                  [&](const json::value&) { return *id + " revoked\n"; });
    };
  });
}

void add_audit(Command app, Chosen& chosen) {
  auto limit = std::make_shared<std::size_t>(0);
  auto command = app.subcommand("audit", "Who did what, oldest first");
  command.count("--limit", *limit, "At most so many");
  command.on_use([limit, &chosen] {
    chosen.remote = [limit](Session& session) {
      return show(session.terminal, session.api.list("/v1/audit", *limit), [](const json::value& list) {
        return table_of(list, {{"AT", "at"}, {"ACTOR", "actor"}, {"ACTION", "action"}, {"DETAIL", "detail"}});
      });
    };
  });
}

}  // namespace

void add_token(Command app, Chosen& chosen) {
  auto token = app.subcommand("token", "Who may use the API");
  token.needs_subcommand();
  add_create(token, chosen);
  add_list(token, chosen);
  add_revoke(token, chosen);
  add_audit(app, chosen);
}

}  // namespace klaxon::cli
