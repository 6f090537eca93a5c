#include <ostream>

#include "config/settings.h"
#include "daemon/cli/answers.h"
#include "daemon/cli/commands.h"
#include "daemon/cli/message_form.h"
#include "daemon/cli/waiting.h"

namespace klaxon::cli {
namespace {

struct SendOptions {
  std::vector<std::string> words;  // numbers, and the text unless --text gives it
  MessageForm form;
  std::string wait;  // empty: not at all
};

// {"items": […]} of one message or of a list.
json::value as_list(const json::value& answer) {
  if (answer.is_object() && answer.get_object().contains("items")) return answer;
  return json::object{{"items", json::array{answer}}};
}

std::string rendered(const json::value& answer) {
  return table_of(as_list(answer), {{"ID", "id"},
                                    {"TO", "to"},
                                    {"STATE", "state"},
                                    {"SEGMENTS", "segments"},
                                    {"SIM", "sim_label"},
                                    {"ERROR", "error"}});
}

bool all_ended_well(const json::value& answer) {
  const json::value list = as_list(answer);
  for (const auto& item : *items_of(list.get_object(), "items")) {
    if (!item.is_object() || !well_ended(item.get_object())) return false;
  }
  return true;
}

void note_memory_only(Terminal& terminal, const json::value& answer) {
  const auto* durable = answer.is_object() ? answer.get_object().if_contains("durable") : nullptr;
  if (durable != nullptr && durable->is_bool() && !durable->get_bool())
    terminal.err << "klaxon: accepted from memory, the daemon's disk is away\n";
}

int send(Session& session, const SendOptions& options) {
  json::object body = body_of(options.form, session.terminal);
  if (options.words.size() == 1) {
    body["to"] = options.words.front();
  } else {
    body["to"] = list_of(options.words);
  }
  auto outcome = session.api.post("/v1/messages", body, key_of(options.form));
  if (!outcome) return complain(session.terminal, outcome.error());
  note_memory_only(session.terminal, outcome->body);
  if (options.wait.empty()) return show(session.terminal, outcome, rendered);
  auto ended = wait_for_end(session, outcome->body, *config::parse_duration(options.wait));
  if (!ended) return complain(session.terminal, ended.error());
  const bool well = all_ended_well(*ended);
  show(session.terminal, Reply{200, *ended, json::serialize(*ended)}, rendered);
  if (!well) session.terminal.err << "klaxon: not all was delivered within " << options.wait << "\n";
  return well ? kDone : kRefused;
}

}  // namespace

void add_send(Command app, Chosen& chosen) {
  auto options = std::make_shared<SendOptions>();
  auto command = app.subcommand("send", "Send a text to one or more numbers");
  command.words("words", "TO... TEXT", options->words, "No TEXT with --text; - reads it from standard input");
  add_form_options(command, options->form);
  command.flag("--wait", "60s", options->wait, "Wait until it is delivered or has failed, as in --wait 90s");
  command.on_use([options, &chosen] {
    if (!options->form.text_given) {
      if (options->words.size() < 2) misuse("send: needs TO and TEXT");
      options->form.text = options->words.back();
      options->words.pop_back();
    }
    if (options->words.empty()) misuse("send: needs TO");
    if (!options->wait.empty() && !config::parse_duration(options->wait))
      misuse("--wait: \"" + options->wait + "\" is no duration such as 90s");
    chosen.remote = [options](Session& session) { return send(session, *options); };
  });
}

}  // namespace klaxon::cli
