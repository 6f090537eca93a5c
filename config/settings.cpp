#include "config/settings.h"

#include <sys/stat.h>

#include <cerrno>
#include <cstring>
#include <fstream>
#include <map>
#include <sstream>

#include "config/bounds.h"
#include "config/sections.h"
#include "config/toml_table.h"

namespace config {

namespace {

// Where a value that must be unique stood first.
class Once {
 public:
  void note(TomlTable& table, const std::string& key, const std::string& value, const std::string& what) {
    if (value.empty()) return;
    const auto [first, fresh] = seen_.try_emplace(value, table.line());
    if (!fresh) table.fault(key, "\"" + value + "\" " + what + " of line " + std::to_string(first->second));
  }
  bool has(const std::string& value) const { return seen_.contains(value); }

 private:
  std::map<std::string, std::uint32_t> seen_;
};

void read_operators(TomlTable& top, Settings* settings) {
  const auto numbers = top.texts("operator", kMostOperators);
  if (!numbers) return;
  for (const auto& text : *numbers) {
    const auto number = normalise_number(text.value, settings->policy.default_country);
    if (number) {
      settings->operators.push_back(*number);
    } else {
      top.fault(*text.node,
                "operator: \"" + text.value + "\" is no telephone number; write +, country code, number");
    }
  }
}

void read_bank(TomlTable& top, bool world_readable, Settings* settings) {
  Once ports, ids, iccids, imsis, modems, labels;
  top.tables("modem", kMostModems, [&](TomlTable& table) {
    FixedModem modem;
    read_modem(table, &modem);
    const bool same_port = ports.has(modem.port);
    ports.note(table, "port", modem.port, "is the port of the [[modem]]");
    if (!same_port) ids.note(table, "port", modem.id(), "names this modem, and the one");
    settings->modems.push_back(std::move(modem));
  });
  top.tables("sim", kMostSims, [&](TomlTable& table) {
    Sim sim;
    read_sim(table, settings->policy.default_country, world_readable, &sim);
    iccids.note(table, "iccid", sim.iccid, "is the SIM");
    imsis.note(table, "imsi", sim.imsi, "is the SIM");
    modems.note(table, "modem", sim.modem, "is the modem of the [[sim]]");
    labels.note(table, "label", sim.label, "is the label of the [[sim]]");
    // Where something may be plugged in is not known yet, only what the name of such a place looks like.
    const bool place = settings->discovery.enabled && is_usb_place(sim.modem);
    if (!sim.modem.empty() && !ids.has(sim.modem) && !place)
      table.fault("modem",
                  "\"" + sim.modem + "\" is no modem of this file (its id is the last part of its port)");
    settings->sims.push_back(std::move(sim));
  });
}

void read_all(TomlTable& top, bool world_readable, Settings* settings) {
  // Before all else: numbers need default_country.
  top.table("policy", [&](TomlTable& table) { read_policy(table, &settings->policy); });
  top.read("data_dir", &settings->data_dir);
  if (settings->data_dir.empty()) top.fault("data_dir", "is empty");
  read_operators(top, settings);
  top.read("timezone", &settings->timezone);
  if (const auto reason = check_timezone(settings->timezone); !reason.empty()) top.fault("timezone", reason);
  top.table("http", [&](TomlTable& table) { read_http(table, &settings->http); });
  top.table("discovery", [&](TomlTable& table) { read_discovery(table, &settings->discovery); });
  top.table("sim_defaults", [&](TomlTable& table) { read_sim_keys(table, &settings->sim_defaults); });
  read_bank(top, world_readable, settings);
  top.finish();
}

}  // namespace

std::string FixedModem::id() const {
  return port.substr(port.rfind('/') + 1);
}

std::string Finding::text() const {
  if (line == 0) return file + ": " + reason;
  return file + ":" + std::to_string(line) + ":" + std::to_string(column) + ": " + reason;
}

at::Expected<Settings, std::vector<Finding>> parse(const std::string& toml, const std::string& name,
                                                   bool world_readable) {
  Report report(name);
  Settings settings;
  if (const auto table = parse_toml(toml, name, report)) {
    TomlTable top(*table, "", report);
    read_all(top, world_readable, &settings);
  }
  if (!report.empty()) return at::Unexpected{report.take()};
  return settings;
}

at::Expected<Settings, std::vector<Finding>> load(const std::string& file) {
  constexpr off_t kLargest = 16 << 20;
  const auto unreadable = [&](const std::string& why) {
    return at::Unexpected{std::vector<Finding>{{file, 0, 0, why}}};
  };
  struct stat found {};
  if (stat(file.c_str(), &found) != 0) return unreadable(std::strerror(errno));
  if (S_ISDIR(found.st_mode)) return unreadable("is a directory");
  if (found.st_size > kLargest) return unreadable("is larger than 16 MiB");
  std::ifstream in(file, std::ios::binary);
  std::ostringstream text;
  if (!in || !(text << in.rdbuf() || found.st_size == 0)) return unreadable(std::strerror(errno));
  return parse(text.str(), file, (found.st_mode & S_IROTH) != 0);
}

}  // namespace config
