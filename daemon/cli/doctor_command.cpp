#include <sys/statvfs.h>
#include <sys/timex.h>
#include <unistd.h>

#include <algorithm>
#include <boost/json.hpp>
#include <memory>
#include <ostream>

#include "daemon/cli/commands.h"
#include "daemon/cli/doctor.h"
#include "daemon/cli/text_table.h"

namespace klaxon::cli {
namespace {

Senses senses_of_this_machine() {
  Senses senses;
  timex state{};
  const int answer = ::adjtimex(&state);
  if (answer >= 0) senses.clock_synchronised = answer != TIME_ERROR && (state.status & STA_UNSYNC) == 0;
  senses.room = [](const std::string& path) -> std::optional<DiskRoom> {
    struct statvfs room {};
    if (::statvfs(path.c_str(), &room) != 0) return std::nullopt;
    return DiskRoom{room.f_bavail * room.f_frsize, room.f_favail, room.f_files};
  };
  senses.root = ::geteuid() == 0;
  return senses;
}

std::string_view word(Verdict verdict) {
  switch (verdict) {
    case Verdict::fine:
      return "fine";
    case Verdict::note:
      return "note";
    case Verdict::problem:
      return "problem";
  }
  return "?";
}

void print_json(std::ostream& out, const Diagnoses& found, bool well) {
  boost::json::array items;
  for (const Diagnosis& one : found)
    items.push_back(boost::json::object{
        {"verdict", word(one.verdict)},
        {"subject", one.subject},
        {"what", one.what},
        {"remedy", one.remedy.empty() ? boost::json::value(nullptr) : boost::json::value(one.remedy)}});
  out << boost::json::serialize(boost::json::object{{"well", well}, {"items", std::move(items)}}) << "\n";
}

int doctor(Terminal& terminal, const std::string& root, const std::string& config_file) {
  const Diagnoses found = examine(Machine(root, senses_of_this_machine()), config_file);
  const auto problems = std::count_if(found.begin(), found.end(),
                                      [](const Diagnosis& d) { return d.verdict == Verdict::problem; });
  if (terminal.json) {
    print_json(terminal.out, found, problems == 0);
    return problems == 0 ? 0 : 1;
  }
  for (const Diagnosis& one : found) {
    std::string line(word(one.verdict));
    line.resize(9, ' ');
    line += one.subject + ": " + one.what + (one.remedy.empty() ? "" : ". To do: " + one.remedy);
    terminal.out << printable(line) << "\n";
  }
  terminal.out << (problems == 0 ? "nothing is wrong"
                                 : std::to_string(problems) + (problems == 1 ? " problem" : " problems"))
               << "\n";
  return problems == 0 ? 0 : 1;
}

}  // namespace

void add_doctor(Command program, Chosen& chosen) {
  struct Options {
    std::string root = "/", config = "/etc/klaxon/klaxon.toml";
  };
  auto options = std::make_shared<Options>();
  auto command =
      program.subcommand("doctor", "Look at this machine, as root: what is wrong with it, and what to do");
  command.option("--config", options->config, "klaxond's configuration");
  command.option("--root", options->root, "Look at the machine whose files lie here");
  command.on_use([options, &chosen] {
    chosen.local = [options](Terminal& terminal) { return doctor(terminal, options->root, options->config); };
  });
}

}  // namespace klaxon::cli
