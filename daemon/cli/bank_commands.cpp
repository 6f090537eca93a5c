#include <algorithm>
#include <charconv>
#include <sstream>

#include "config/quota.h"
#include "daemon/cli/answers.h"
#include "daemon/cli/commands.h"
#include "daemon/cli/text_table.h"
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

// A modem's turn, the answer's, and the end of a dialogue by USSD.
constexpr std::chrono::seconds kModemPatience{120};

struct Question {
  const char* name;   // of the subcommand, and the path's end
  const char* about;
  const char* what;   // of the positional
  const char* field;  // of the body
  std::string (*shown)(const json::object&);
};

// Line by line, as the daemon gives it.
std::string lines_shown(const json::object& answer) {
  std::string out;
  if (const auto* lines = items_of(answer, "lines"))
    for (const auto& line : *lines) out += (line.is_string() ? printable(std::string(line.as_string())) : "") + "\n";
  return out + printable(text_of(answer, "final")) + "\n";
}

std::string code_answer_shown(const json::object& answer) {
  std::istringstream text(text_of(answer, "text"));
  std::string out;
  for (std::string line; std::getline(text, line);) out += printable(line) + "\n";
  const std::string status = text_of(answer, "status");
  if (status == "further_action") out += "(a menu; it was closed. Dial the choice at once: *100*1#)\n";
  if (status == "ended") out += "(ended by the network)\n";
  return out;
}

void add_question(Command parent, Chosen& chosen, const Question& question) {
  struct Options {
    std::string id, said, timeout;
  };
  auto options = std::make_shared<Options>();
  auto command = parent.subcommand(question.name, question.about);
  command.positional("ID", options->id);
  command.positional(question.what, options->said);
  command.option("--timeout", options->timeout, "How long to wait for the answer: 1s to 60s");
  command.on_use([options, question, &chosen] {
    json::object body{{question.field, options->said}};
    if (!options->timeout.empty()) body["timeout"] = options->timeout;
    chosen.remote = [options, question, body](Session& session) {
      const std::string target = "/v1/modems/" + percent_encoded(options->id) + "/" + question.name;
      const auto outcome = session.api.ask(target, body, kModemPatience);
      const int code = show(session.terminal, outcome, [&](const json::value& answer) {
        return answer.is_object() ? question.shown(answer.get_object()) : std::string();
      });
      if (!outcome || !outcome->body.is_object()) return code;
      const std::string final = text_of(outcome->body.get_object(), "final");
      return final.empty() || final == "OK" ? code : kRefused;
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
  add_question(modems, chosen,
               {"at", "Have a command said to a modem between two submits", "COMMAND", "command", lines_shown});
  add_question(modems, chosen,
               {"ussd", "Dial a code by USSD (a balance, say) and print the answer", "CODE", "code", code_answer_shown});
  auto sims = add_list(app, chosen, "sims", "List the SIMs, their limits and counters", kSimColumns);
  sims.may_have_subcommand();
  add_sim_set(sims, chosen);
}

}  // namespace klaxon::cli
