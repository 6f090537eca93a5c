#include "daemon/cli/answers.h"
#include "daemon/cli/commands.h"

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

void add_list(Command app, Chosen& chosen, const std::string& name, const std::string& about,
              const std::vector<Column>& columns) {
  auto command = app.subcommand(name, about);
  command.on_use([name, &columns, &chosen] {
    chosen.remote = [name, &columns](Session& session) {
      return show(session.terminal, session.api.list("/v1/" + name, 0),
                  [&](const json::value& list) { return table_of(list, columns); });
    };
  });
}

}  // namespace

void add_bank(Command app, Chosen& chosen) {
  add_list(app, chosen, "modems", "List the modems and how they are", kModemColumns);
  add_list(app, chosen, "sims", "List the SIMs, their limits and counters", kSimColumns);
}

}  // namespace klaxon::cli
