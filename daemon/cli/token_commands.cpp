#include <ostream>

#include "daemon/cli/answers.h"
#include "daemon/cli/commands.h"
#include "daemon/cli/text_table.h"
#include "daemon/cli/url.h"

namespace klaxon::cli {
namespace {

void add_create(CLI::App& parent, Chosen& chosen) {
  struct Options {
    std::string name;
    std::vector<std::string> scopes;
  };
  auto options = std::make_shared<Options>();
  auto* command = parent.add_subcommand("create", "Make a token; it is shown this once");
  command->add_option("--name", options->name, "Whose it is")->required();
  command->add_option("--scope", options->scopes, "send, read, inbox, alert or admin; again for more")
      ->required()
      ->allow_extra_args(false)
      ->delimiter(',');
  command->callback([options, &chosen] {
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

void add_list(CLI::App& parent, Chosen& chosen) {
  auto* command = parent.add_subcommand("list", "List the tokens, without their secret part");
  command->callback([&chosen] {
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

void add_revoke(CLI::App& parent, Chosen& chosen) {
  auto id = std::make_shared<std::string>();
  auto* command = parent.add_subcommand("revoke", "Make a token worthless");
  command->add_option("ID", *id)->required();
  command->callback([id, &chosen] {
    chosen.remote = [id](Session& session) {
      return show(session.terminal, session.api.erase("/v1/tokens/" + percent_encoded(*id)),
                  [&](const json::value&) { return *id + " revoked\n"; });
    };
  });
}

void add_audit(CLI::App& app, Chosen& chosen) {
  auto limit = std::make_shared<std::size_t>(0);
  auto* command = app.add_subcommand("audit", "Who did what, oldest first");
  command->add_option("--limit", *limit, "At most so many")->check(CLI::PositiveNumber);
  command->callback([limit, &chosen] {
    chosen.remote = [limit](Session& session) {
      return show(session.terminal, session.api.list("/v1/audit", *limit), [](const json::value& list) {
        return table_of(list, {{"AT", "at"}, {"ACTOR", "actor"}, {"ACTION", "action"}, {"DETAIL", "detail"}});
      });
    };
  });
}

}  // namespace

void add_token(CLI::App& app, Chosen& chosen) {
  auto* token = app.add_subcommand("token", "Who may use the API");
  token->require_subcommand(1);
  add_create(*token, chosen);
  add_list(*token, chosen);
  add_revoke(*token, chosen);
  add_audit(app, chosen);
}

}  // namespace klaxon::cli
