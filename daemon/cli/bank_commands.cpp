#include "daemon/cli/answers.h"
#include "daemon/cli/commands.h"
#include "daemon/cli/url.h"

namespace klaxon::cli {
namespace {

const std::vector<Column> kModemColumns{{"ID", "id"},
                                        {"STATE", "state"},
                                        {"FAMILY", "family"},
                                        {"MODEL", "model"},
                                        {"SIM", "sim_label"},
                                        {"ICCID", "iccid"},
                                        {"OPERATOR", "operator"},
                                        {"TECHNOLOGY", "technology"},
                                        {"DBM", "signal_dbm"},
                                        {"SINCE", "since"},
                                        {"WHY", "why"}};

const std::vector<Column> kSimColumns{
    {"ICCID", "iccid"}, {"LABEL", "label"},      {"NUMBER", "number"},           {"MODEM", "modem"},
    {"STATE", "state"}, {"TODAY", "sent_today"}, {"DAILY LIMIT", "daily_limit"}, {"WEIGHT", "weight"}};

Command add_list(Command app, Chosen& chosen, const std::string& name, const std::string& about,
                 const std::vector<Column>& columns) {
  auto command = app.subcommand(name, about);
  command.on_use([name, command, &columns, &chosen] {
    if (command.has_subcommand()) return;
    chosen.remote = [name, &columns](Session& session) {
      return show(session.terminal, session.api.list("/v1/" + name, 0),
                  [&](const json::value& list) { return table_of(list, columns); });
    };
  });
  return command;
}

// Line by line as the daemon wrote it: what came from a modem is escaped there.
void add_recording(Command parent, Chosen& chosen) {
  struct Options {
    std::string id;
    bool last_failure = false;
  };
  auto options = std::make_shared<Options>();
  auto command = parent.subcommand("recording", "The last lines between Klaxon and a modem, fit to be shown to others");
  command.positional("ID", options->id);
  command.flag("--last-failure", options->last_failure, "Those of the last time that it went wrong");
  command.on_use([options, &chosen] {
    chosen.remote = [options](Session& session) {
      const std::string which = options->last_failure ? "?last=failure" : "";
      return show(session.terminal, session.api.text("/v1/modems/" + percent_encoded(options->id) + "/recording" + which),
                  [](const json::value& chat) { return std::string(chat.as_string()); });
    };
  });
}

void add_reset(Command parent, Chosen& chosen) {
  auto id = std::make_shared<std::string>();
  auto command = parent.subcommand("reset", "Start a modem anew once its submit in flight has ended");
  command.positional("ID", *id);
  command.on_use([id, &chosen] {
    chosen.remote = [id](Session& session) {
      return show(session.terminal, session.api.post("/v1/modems/" + percent_encoded(*id) + "/reset", json::object{}),
                  [&](const json::value&) { return *id + " is being reset\n"; });
    };
  });
}

}  // namespace

void add_bank(Command app, Chosen& chosen) {
  auto modems = add_list(app, chosen, "modems", "List the modems and how they are", kModemColumns);
  modems.may_have_subcommand();
  add_recording(modems, chosen);
  add_reset(modems, chosen);
  add_list(app, chosen, "sims", "List the SIMs, their limits and counters", kSimColumns);
}

}  // namespace klaxon::cli
