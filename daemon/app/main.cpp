// klaxond: reads its settings, starts the shell, ends when it is told to.
#include <spdlog/spdlog.h>

#include <csignal>
#include <cstdio>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "config/settings.h"
#include "config/version.h"
#include "daemon/app/clock.h"
#include "daemon/app/shell.h"
#include "daemon/ops/journal.h"

namespace {

constexpr int kWrongSettings = 2;

int usage(const char* why) {
  std::fprintf(stderr,
               "%s\nusage: klaxond --config FILE [--check-config | --new-token]\n       klaxond --version\n", why);
  return kWrongSettings;
}

// A PIN file that cannot be read leaves the SIM locked and is told in the log; it never stops the daemon.
void read_pins(config::Settings* settings) {
  for (config::Sim& sim : settings->sims) {
    if (sim.pin_file.empty()) continue;
    std::ifstream file(sim.pin_file);
    file >> sim.pin;
    if (sim.pin.empty()) spdlog::error("pin_file {} cannot be read: its SIM stays locked", sim.pin_file);
  }
}

// What was logged is written, whichever way main() is left.
struct LogEnd {
  ~LogEnd() { spdlog::shutdown(); }
};

}  // namespace

int main(int argc, char** argv) {
  std::string file;
  bool check = false, new_token = false;
  const std::vector<std::string> words(argv + 1, argv + argc);
  for (std::size_t i = 0; i < words.size(); ++i) {
    if (words[i] == "--version") {
      std::printf("klaxond %s\n", std::string(config::version()).c_str());
      return 0;
    }
    if (words[i] == "--check-config") check = true;
    else if (words[i] == "--new-token") new_token = true;
    else if (words[i] == "--config" && i + 1 < words.size()) file = words[++i];
    else if (words[i] == "--help") return usage("klaxond drives a bank of modems"), 0;
    else return usage(("unknown option " + words[i]).c_str());
  }
  if (file.empty()) return usage("--config FILE is needed");

  auto loaded = config::load(file);
  if (!loaded) {
    for (const config::Finding& finding : loaded.error()) std::fprintf(stderr, "%s\n", finding.text().c_str());
    return kWrongSettings;
  }
  if (check) {
    std::printf("%s: fine\n", file.c_str());
    return 0;
  }
  config::Settings settings = std::move(*loaded);
  klaxon::set_timezone(settings.timezone);
  std::signal(SIGPIPE, SIG_IGN);
  const LogEnd log_end;
  spdlog::set_default_logger(klaxon::ops::make_logger());

  if (new_token) {
    const auto [token, why] = klaxon::make_admin_token(settings, "new-token");
    if (token.empty()) {
      std::fprintf(stderr, "%s\n", why.c_str());
      return 1;
    }
    std::printf("%s\n", token.c_str());
    return 0;
  }
  read_pins(&settings);
  klaxon::Shell shell(settings);
  if (const std::string why = shell.start(); !why.empty()) {
    spdlog::error("{}", why);
    return 1;
  }
  spdlog::info("klaxond {} with {} modems", config::version(), settings.modems.size());
  shell.run();
  spdlog::info("ended");
  return 0;
}
