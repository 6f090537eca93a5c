#include "daemon/cli/program.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <fstream>
#include <ostream>

#include "config/settings.h"
#include "config/version.h"
#include "daemon/cli/commands.h"

namespace klaxon::cli {
namespace {

struct GlobalOptions {
  std::string url, token, token_file;
};

// "--wait 90s" is "--wait=90s": a flag would leave the duration to stand among the numbers.
std::vector<std::string> with_durations_joined(std::vector<std::string> arguments) {
  std::vector<std::string> joined;
  for (auto& argument : arguments) {
    const bool after_wait = !joined.empty() && joined.back() == "--wait";
    if (after_wait && config::parse_duration(argument)) {
      joined.back() += "=" + argument;
    } else {
      joined.push_back(std::move(argument));
    }
  }
  return joined;
}

std::string first_of(std::initializer_list<std::string> choices) {
  const auto* found =
      std::find_if(choices.begin(), choices.end(), [](const auto& text) { return !text.empty(); });
  return found == choices.end() ? std::string{} : *found;
}

// False: told why on stderr.
bool find_token(const GlobalOptions& options, World& world, std::string* token) {
  *token = options.token;
  if (token->empty() && !options.token_file.empty()) {
    std::ifstream file(options.token_file);
    if (!(file >> *token)) {
      world.terminal.err << "klaxon: " << options.token_file << ": no token can be read there\n";
      return false;
    }
  }
  if (token->empty() && options.token_file.empty()) *token = world.environment("KLAXON_TOKEN");
  const bool clean = std::all_of(token->begin(), token->end(), [](char c) { return c > 0x20 && c < 0x7F; });
  if (!clean) world.terminal.err << "klaxon: the token holds a character that no token has\n";
  return clean;
}

int act(const Chosen& chosen, const GlobalOptions& options, World& world) {
  if (chosen.local) return chosen.local(world.terminal);
  const std::string address =
      first_of({options.url, world.environment("KLAXON_URL"), "http://127.0.0.1:8025"});
  const auto url = parse_base_url(address);
  if (!url) {
    world.terminal.err << "klaxon: --url: \"" << address
                       << "\" is no address such as http://127.0.0.1:8025\n";
    return kUsage;
  }
  std::string token;
  if (!find_token(options, world, &token)) return kUsage;
  Api api(world.connect(*url), token);
  Session session{world.terminal, api, world.clock};
  return chosen.remote(session);
}

// "[TO... TEXT]" instead of "[words(10001x)]".
class Usage : public CLI::Formatter {
 public:
  std::string make_option_usage(const CLI::Option* option) const override {
    const std::string& shown = option->get_option_text();
    return shown.empty() ? CLI::Formatter::make_option_usage(option) : shown;
  }
};

void add_globals(CLI::App& app, GlobalOptions& options, bool& json) {
  app.formatter(std::make_shared<Usage>());
  app.fallthrough();  // the options below also behind a subcommand
  app.require_subcommand(1);
  app.set_version_flag("--version", "klaxon " + std::string(config::version()));
  app.add_option("--url", options.url, "Where klaxond is (else KLAXON_URL, else http://127.0.0.1:8025)");
  app.add_option("--token", options.token, "The token itself (else --token-file, else KLAXON_TOKEN)");
  app.add_option("--token-file", options.token_file, "A file with the token");
  app.add_flag("--json", json, "Print the API's own JSON");
}

}  // namespace

int run(std::vector<std::string> arguments, World& world) {
  CLI::App app{"Text messages through a bank of modems: the client of klaxond", "klaxon"};
  GlobalOptions options;
  Chosen chosen;
  add_globals(app, options, world.terminal.json);
  add_send(app, chosen);
  add_preview(app, chosen);
  add_messages(app, chosen);
  add_bank(app, chosen);
  add_broadcast(app, chosen);
  add_keyword(app, chosen);
  add_token(app, chosen);
  add_directory(app, chosen);
  add_pdu(app, chosen);
  add_doctor(app, chosen);
  auto ordered = with_durations_joined(std::move(arguments));
  std::reverse(ordered.begin(), ordered.end());  // as CLI11 wants them
  try {
    app.parse(std::move(ordered));
  } catch (const CLI::ParseError& error) {
    return app.exit(error, world.terminal.out, world.terminal.err) == 0 ? kDone : kUsage;
  }
  return act(chosen, options, world);
}

}  // namespace klaxon::cli
