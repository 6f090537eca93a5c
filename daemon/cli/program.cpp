#include "daemon/cli/program.h"

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
  Trust trust;
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
  Trust trust = options.trust;
  if (trust.ca_file.empty()) trust.ca_file = world.environment("KLAXON_CA");
  Api api(world.connect(*url, trust), token);
  Session session{world.terminal, api, world.clock};
  return chosen.remote(session);
}

void add_globals(Command program, GlobalOptions& options, bool& json) {
  program.option("--url", options.url, "Where klaxond is (else KLAXON_URL, else http://127.0.0.1:8025)");
  program.option("--token", options.token, "The token itself (else --token-file, else KLAXON_TOKEN)");
  program.option("--token-file", options.token_file, "A file with the token");
  program.option("--ca", options.trust.ca_file,
                 "A PEM file with the certificate to trust over https (else KLAXON_CA, else the system's)");
  program.flag("--insecure", options.trust.insecure, "Over https, trust whoever answers");
  program.flag("--json", json, "Print the API's own JSON");
}

}  // namespace

int run(std::vector<std::string> arguments, World& world) {
  CommandLine line("Text messages through a bank of modems: the client of klaxond", "klaxon",
                   "klaxon " + std::string(config::version()));
  GlobalOptions options;
  Chosen chosen;
  add_globals(line.program(), options, world.terminal.json);
  add_send(line.program(), chosen);
  add_preview(line.program(), chosen);
  add_messages(line.program(), chosen);
  add_follow(line.program(), chosen);
  add_bank(line.program(), chosen);
  add_broadcast(line.program(), chosen);
  add_contacts(line.program(), chosen);
  add_keyword(line.program(), chosen);
  add_consent(line.program(), chosen);
  add_token(line.program(), chosen);
  add_directory(line.program(), chosen);
  add_care(line.program(), chosen);
  add_pdu(line.program(), chosen);
  add_doctor(line.program(), chosen);
  const auto exit_code =
      line.parse(with_durations_joined(std::move(arguments)), world.terminal.out, world.terminal.err);
  return exit_code ? *exit_code : act(chosen, options, world);
}

}  // namespace klaxon::cli
