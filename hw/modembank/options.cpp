#include "hw/modembank/options.h"

#include <CLI/CLI.hpp>
#include <array>
#include <filesystem>
#include <fstream>
#include <string_view>
#include <vector>

namespace modembank {
namespace {

constexpr std::size_t kRecording = 1024 * 1024;

constexpr const char* kAbout =
    "Simulated modem bank: PTYs at DIR/modem0, DIR/modem1, ... that answer as GSM/LTE modems with SIMs on "
    "one virtual "
    "network. Prints `ready` when the ports exist; SIGTERM ends it.";

constexpr const char* kFooter = R"(Latencies: 2s | 500ms | 2s..4s (uniform) | lognormal:2s:0.3 (median, sigma)

Control socket: one command a line, one answer a line (ok ... | error ...). MODEM is modem0 or 0.
  inject MODEM FROM TEXT...      a text for its SIM; long ones in parts (\n is a new line); answers the parts
  inject-pdu MODEM HEX           the same with SC address and TPDU as they are
  unplug MODEM                   the port goes away; the SIM's texts wait in the network
  plug MODEM [sim=MODEM|ICCID|none]   a new port, the modem boots; with its own SIM or another
  fault MODEM silence SECONDS    hears and says nothing, then goes on where it was
  fault MODEM garbage SECONDS    random bytes for answers, nothing is done
  fault MODEM lost-answer [N]    the next N submits go out, their +CMGS never comes
  fault MODEM drop-submit [N]    the next N submits neither go out nor are answered
  fault MODEM cms CODE [N]       the next N submits end in +CMS ERROR: CODE
  fault MODEM reboot [SECONDS]   off for so long (3), then RDY, settings lost
  fault MODEM prompt             stands in an open > prompt, as a dead owner left it
  fault MODEM slow FACTOR        all latencies times FACTOR
  fault MODEM unregister SECONDS no network for so long
  fault MODEM clear              well again
  ussd MODEM ANSWER|silent|default      what the network says to a code: 0,"Balance: 3.00",15
  report NUMBER st=HEX|silent|default   what status reports for NUMBER say
  refuse NUMBER CODE|never       submits to NUMBER end in that +CMS ERROR
  network reports late|twice|lost|early [N [SECONDS]]
  network texts twice [N [SECONDS]]
  status                         one JSON object: every modem
  air                            one JSON object: what was sent, received, read, deleted
  wait COUNT N SECONDS           answers when that count of `air` is N or more, or error
  quit                           ends the program)";

bool set_latency(Latency* to, const std::string& text) {
  const auto latency = Latency::parse(text);
  if (latency) *to = *latency;
  return latency.has_value();
}

// "30" or "30,50": SM and ME.
bool set_slots(BankSettings* bank, const std::string& text) {
  std::vector<int> slots;
  for (const std::string& part : CLI::detail::split(text, ',')) {
    int n = 0;
    if (!CLI::detail::lexical_cast(part, n) || n < 1 || n > 255) return false;
    slots.push_back(n);
  }
  if (slots.empty() || slots.size() > 2) return false;
  bank->sm_slots = slots.front();
  bank->me_slots = slots.back();
  return true;
}

bool set_pins(BankSettings* bank, const std::vector<std::string>& pins) {
  for (const std::string& text : pins) {
    const auto colon = text.find(':');
    int k = 0;
    if (colon == text.npos || !CLI::detail::lexical_cast(text.substr(0, colon), k) || k < 0) return false;
    const std::string pin = text.substr(colon + 1);
    if (pin.size() < 4 || pin.size() > 8 || pin.find_first_not_of("0123456789") != pin.npos) return false;
    bank->pins[k] = pin;
  }
  return true;
}

std::string read_whole(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::string content(kRecording, '\0');
  file.read(content.data(), static_cast<std::streamsize>(content.size()));
  content.resize(static_cast<std::size_t>(file.gcount()));
  return content;
}

// "0:FILE"; what is wrong with it, or nothing.
std::string set_played(BankSettings* bank, const std::vector<std::string>& recordings) {
  for (const std::string& text : recordings) {
    const auto colon = text.find(':');
    int k = 0;
    if (colon == text.npos || !CLI::detail::lexical_cast(text.substr(0, colon), k) || k < 0 || k >= bank->modems)
      return "--play wants K:FILE, K the number of a modem: " + text;
    auto recording = Playback::of(read_whole(text.substr(colon + 1)));
    if (!recording) return "--play: " + text.substr(colon + 1) + ": " + recording.error();
    bank->played.insert_or_assign(k, std::move(*recording));
  }
  return {};
}

struct Latencies {
  std::string submit = "2s", command = "10ms", report = "1s", delivery = "100ms";
};

std::string apply(const Latencies& l, const std::string& slots, const std::vector<std::string>& pins,
                  const std::vector<std::string>& recordings, BankSettings* bank) {
  if (!set_latency(&bank->submit, l.submit)) return "--submit-latency: " + l.submit;
  if (!set_latency(&bank->command, l.command)) return "--command-latency: " + l.command;
  if (!set_latency(&bank->air.report_delay, l.report)) return "--report-delay: " + l.report;
  if (!set_latency(&bank->air.delivery, l.delivery)) return "--delivery-latency: " + l.delivery;
  if (!set_slots(bank, slots)) return "--slots wants one or two numbers from 1 to 255: " + slots;
  if (!set_pins(bank, pins)) return "--pin wants K:PIN, a PIN of 4 to 8 digits";
  return set_played(bank, recordings);
}

}  // namespace

std::optional<Options> parse_options(int argc, char** argv, int* exit_code) {
  Options options;
  Latencies latencies;
  std::string slots = "30,50", family = "mixed";
  std::vector<std::string> pins, recordings;
  CLI::App app{kAbout, "klaxon-modembank"};
  app.footer(kFooter);
  app.set_version_flag("--version", "klaxon-modembank " KLAXON_VERSION);
  app.add_option("--modems", options.bank.modems, "how many")->required()->check(CLI::Range(1, kMostModems));
  app.add_option("--dir", options.dir, "where the ports are made; created if it is not there")
      ->required()
      ->check([](const std::string& dir) {
        std::error_code failed;
        std::filesystem::create_directories(dir, failed);
        return failed ? dir + ": " + failed.message() : std::string{};
      });
  app.add_option("--submit-latency", latencies.submit, "from Ctrl-Z to +CMGS; half of it is before the air")
      ->capture_default_str();
  app.add_option("--command-latency", latencies.command, "from a command line to its answer")
      ->capture_default_str();
  app.add_option("--report-delay", latencies.report, "from the air to the status report")
      ->capture_default_str();
  app.add_option("--delivery-latency", latencies.delivery, "paging, for each text to a SIM")
      ->capture_default_str();
  app.add_option("--air", options.air_file,
                 "append to FILE: a JSON line for each SUBMIT that reached the air");
  app.add_option("--trace", options.trace_file,
                 "append to FILE: JSON lines of all that happened: submits, reports, texts to SIMs, what was read");
  app.add_option("--control", options.control_socket, "UNIX socket to be told things by (below)");
  app.add_option("--slots", slots, "places for texts in SM[,ME]; one number is both")->capture_default_str();
  app.add_option("--pin", pins, "K:PIN - the SIM of modem K asks for it; may be repeated");
  app.add_option("--play", recordings,
                 "K:FILE - modem K is the one of a recording (.chat), and fails as that one did; may be repeated");
  app.add_option("--family", family, "generic, ec2x, or mixed: even modems generic, odd ones ec2x")
      ->capture_default_str()
      ->check(CLI::IsMember({"mixed", "generic", "ec2x"}));
  app.add_option("--seed", options.bank.seed, "of everything random")->capture_default_str();
  try {
    app.parse(argc, argv);
    const std::string wrong = apply(latencies, slots, pins, recordings, &options.bank);
    if (!wrong.empty()) throw CLI::ValidationError(wrong);
  } catch (const CLI::ParseError& e) {
    *exit_code = app.exit(e) == 0 ? 0 : 2;
    return std::nullopt;
  }
  if (family == "generic") options.bank.family = Family::generic;
  if (family == "ec2x") options.bank.family = Family::ec2x;
  return options;
}

}  // namespace modembank
