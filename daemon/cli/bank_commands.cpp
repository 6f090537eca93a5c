#include <algorithm>
#include <charconv>

#include "config/quota.h"
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

const std::vector<Column> kSimColumns{{"ICCID", "iccid"},           {"LABEL", "label"},
                                      {"NUMBER", "number"},         {"MODEM", "modem"},
                                      {"STATE", "state"},           {"TODAY", "sent_today"},
                                      {"HOURLY", "hourly_limit"},   {"DAILY", "daily_limit"},
                                      {"MONTHLY", "monthly_limit"}, {"WEIGHT", "weight"}};

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
  auto command =
      parent.subcommand("recording", "The last lines between Klaxon and a modem, fit to be shown to others");
  command.positional("ID", options->id);
  command.flag("--last-failure", options->last_failure, "Those of the last time that it went wrong");
  command.on_use([options, &chosen] {
    chosen.remote = [options](Session& session) {
      const std::string which = options->last_failure ? "?last=failure" : "";
      return show(session.terminal,
                  session.api.text("/v1/modems/" + percent_encoded(options->id) + "/recording" + which),
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
      return show(session.terminal,
                  session.api.post("/v1/modems/" + percent_encoded(*id) + "/reset", json::object{}),
                  [&](const json::value&) { return *id + " is being reset\n"; });
    };
  });
}

// A number, or null for "configured".
template <class Number>
json::value wish_of(const char* option, const std::string& text) {
  if (text == "configured") return nullptr;
  Number number{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error == std::errc() && end == text.data() + text.size()) return number;
  misuse(std::string(option) + ": \"" + text + "\" is neither a number nor \"configured\"");
}

// "--daily-limit"
std::string option_of(config::Quota quota) {
  std::string option = "--" + std::string(config::quota_key(quota));
  std::replace(option.begin(), option.end(), '_', '-');
  return option;
}

void add_sim_set(Command parent, Chosen& chosen) {
  struct Wish {
    std::string name, weight;
    config::PerQuota<std::string> limits;
  };
  auto wish = std::make_shared<Wish>();
  auto command = parent.subcommand("set", "Set a SIM's limits and weight; \"configured\" takes one back");
  command.positional("SIM", wish->name, "its label or ICCID");
  constexpr config::PerQuota<const char*> kAbout{"Segments a minute, by the clock; 0: no limit",
                                                 "Segments an hour",
                                                 "Segments a day",
                                                 "Segments a month",
                                                 "Segments a month to other countries",
                                                 "Different numbers a month"};
  for (const config::Quota quota : config::kQuotas)
    command.option(option_of(quota), wish->limits[config::index_of(quota)], kAbout[config::index_of(quota)]);
  command.option("--weight", wish->weight, "Its share beside the others': above 0, at most 1000");
  command.on_use([wish, &chosen] {
    json::object body;
    for (const config::Quota quota : config::kQuotas)
      if (const std::string& text = wish->limits[config::index_of(quota)]; !text.empty())
        body[config::quota_key(quota)] = wish_of<std::int64_t>(option_of(quota).c_str(), text);
    if (!wish->weight.empty()) body["weight"] = wish_of<double>("--weight", wish->weight);
    if (body.empty()) misuse("nothing to set: give a limit such as --daily-limit, or --weight");
    chosen.remote = [wish, body](Session& session) {
      return show(session.terminal, session.api.patch("/v1/sims/" + percent_encoded(wish->name), body),
                  [](const json::value& sim) {
                    return table_of({{"items", json::array{sim}}}, kSimColumns);
                  });
    };
  });
}

}  // namespace

void add_bank(Command app, Chosen& chosen) {
  auto modems = add_list(app, chosen, "modems", "List the modems and how they are", kModemColumns);
  modems.may_have_subcommand();
  add_recording(modems, chosen);
  add_reset(modems, chosen);
  auto sims = add_list(app, chosen, "sims", "List the SIMs, their limits and counters", kSimColumns);
  sims.may_have_subcommand();
  add_sim_set(sims, chosen);
}

}  // namespace klaxon::cli
