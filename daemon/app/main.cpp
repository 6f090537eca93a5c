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
#include "daemon/doors/tls.h"
#include "daemon/ops/journal.h"
#include "daemon/store/restore_copy.h"

namespace {

constexpr int kWrongSettings = 2;

int usage(const char* why) {
  std::fprintf(stderr,
               "%s\nusage: klaxond --config FILE [--check-config | --new-token | --restore COPY [--send-queued]]\n"
               "       klaxond --version\n", why);
  return kWrongSettings;
}

int wrong(const std::vector<config::Finding>& findings) {
  for (const config::Finding& finding : findings) std::fprintf(stderr, "%s\n", finding.text().c_str());
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

// A copy in the place of the database; what was there is kept.
int restore(const config::Settings& settings, const std::string& copy, bool send_queued) {
  const auto owed = send_queued ? klaxon::store::Owed::send : klaxon::store::Owed::hold;
  const auto done = klaxon::store::restore_copy(copy, settings.data_dir, klaxon::read_clock().unix_ms, owed);
  if (!done) {
    std::fprintf(stderr, "%s\nnothing was restored; %s is as it was\n", done.error().text.c_str(), settings.data_dir.c_str());
    return 1;
  }
  std::printf("restored %lld messages from %s\n", static_cast<long long>(done->messages), copy.c_str());
  std::printf("what was there before is in %s\n", done->kept_in.c_str());
  if (done->in_doubt > 0)
    std::printf("%lld messages that were queued may have been sent since: they are held in doubt, `klaxon settle` says what became of them\n",
                static_cast<long long>(done->in_doubt));
  if (done->without_text > 0)
    std::printf("%lld messages with a sensitive text were queued: their texts are in no copy, so they have failed (text_gone)\n",
                static_cast<long long>(done->without_text));
  if (done->unsent_recipients > 0)
    std::printf("%lld recipients of broadcasts that were under way had no message yet and get none\n",
                static_cast<long long>(done->unsent_recipients));
  return 0;
}

// What was logged is written, whichever way main() is left.
struct LogEnd {
  ~LogEnd() { spdlog::shutdown(); }
};

}  // namespace

int main(int argc, char** argv) {
  std::string file, copy;
  bool check = false, new_token = false, send_queued = false;
  const std::vector<std::string> words(argv + 1, argv + argc);
  for (std::size_t i = 0; i < words.size(); ++i) {
    if (words[i] == "--version") {
      std::printf("klaxond %s\n", std::string(config::version()).c_str());
      return 0;
    }
    if (words[i] == "--check-config") check = true;
    else if (words[i] == "--new-token") new_token = true;
    else if (words[i] == "--send-queued") send_queued = true;
    else if (words[i] == "--restore" && i + 1 < words.size()) copy = words[++i];
    else if (words[i] == "--config" && i + 1 < words.size()) file = words[++i];
    else if (words[i] == "--help") return usage("klaxond drives a bank of modems"), 0;
    else return usage(("unknown option " + words[i]).c_str());
  }
  if (file.empty()) return usage("--config FILE is needed");
  if (send_queued && copy.empty()) return usage("--send-queued belongs to --restore");

  auto loaded = config::load(file);
  if (!loaded) return wrong(loaded.error());
  const bool serves = copy.empty() && !new_token;
  if (const auto findings = klaxon::doors::tls_findings(loaded->http, file); serves && !findings.empty()) return wrong(findings);
  if (check) {
    std::printf("%s: fine\n", file.c_str());
    return 0;
  }
  config::Settings settings = std::move(*loaded);
  klaxon::set_timezone(settings.timezone);
  std::signal(SIGPIPE, SIG_IGN);
  const LogEnd log_end;
  spdlog::set_default_logger(klaxon::ops::make_logger());

  if (!copy.empty()) return restore(settings, copy, send_queued);
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
