// Serial ports and who has them; other programs that take them; groups, drivers, udev's rules.
#include <algorithm>
#include <array>
#include <filesystem>

#include "daemon/cli/doctor.h"

namespace klaxon::cli {
namespace {

namespace fs = std::filesystem;

constexpr const char* kUser = "klaxon";
constexpr const char* kGroup = "dialout";

// "2c7c:0125" of the USB device that a tty belongs to; empty: of none.
std::string usb_id(const Machine& machine, const std::string& tty) {
  std::error_code ignored;
  fs::path at = fs::canonical(machine.at("/sys/class/tty/" + tty + "/device"), ignored);
  if (ignored) return {};
  for (int up = 0; up < 6 && at.has_relative_path(); ++up, at = at.parent_path()) {
    if (!fs::exists(at / "idVendor", ignored)) continue;
    const std::string folder = at.string().substr(machine.at("").size());
    return machine.text(folder + "/idVendor") + ":" + machine.text(folder + "/idProduct");
  }
  return {};
}

std::string node_of(const Machine& machine, const std::string& port) {
  std::error_code ignored;
  const fs::path target = fs::read_symlink(machine.at(port), ignored);
  if (ignored) return port;
  return target.is_absolute() ? target.string()
                              : (fs::path(port).parent_path() / target).lexically_normal().string();
}

std::vector<const Process*> holders(const Machine& machine, const std::string& node) {
  std::vector<const Process*> found;
  for (const Process& process : machine.processes())
    if (std::find(process.open.begin(), process.open.end(), node) != process.open.end())
      found.push_back(&process);
  return found;
}

std::string remedy_against(const Process& holder) {
  if (holder.name == "ModemManager")
    return "systemctl disable --now ModemManager, or install 60-klaxon-modems.rules";
  if (holder.name == "brltty") return "apt-get remove brltty";
  if (holder.name == "agetty")
    return "systemctl mask serial-getty@ for this port, and no console= for it at boot";
  return "end it, or keep it off this port: kill " + std::to_string(holder.id);
}

void examine_port(const Machine& machine, const std::string& name, const std::string& node,
                  Diagnoses* found) {
  const std::string base = fs::path(node).filename();
  const std::string id = usb_id(machine, base);
  const std::string subject = "port " + name, of = id.empty() ? "" : " (USB " + id + ")";
  bool ours = false, foreign = false;
  for (const Process* holder : holders(machine, node)) {
    const std::string who = "held by " + holder->name + " (process " + std::to_string(holder->id) + ")";
    if (holder->name == "klaxond") {
      ours = true;
      continue;
    }
    foreign = true;
    found->push_back({Verdict::problem, subject, who + of, remedy_against(*holder)});
  }
  if (!foreign) found->push_back({Verdict::fine, subject, (ours ? "held by klaxond" : "free") + of, ""});
}

// What is on the bus, is meant to be a modem, and shows no port.
void examine_usb(const Machine& machine, Diagnoses* found) {
  struct Odd {
    const char* id;
    const char* what;
    const char* remedy;
  };
  constexpr const char* kDisk = "a modem that shows itself as a CD-ROM";
  constexpr const char* kSwitch = "apt-get install usb-modeswitch, and plug it in again";
  constexpr std::array kOdd{
      Odd{"12d1:1446", kDisk, kSwitch}, Odd{"12d1:14fe", kDisk, kSwitch}, Odd{"12d1:1f01", kDisk, kSwitch},
      Odd{"19d2:2000", kDisk, kSwitch},
      Odd{"12d1:14dc", "a modem that is a network router of its own (HiLink) and has no AT port",
          "it needs another firmware, or another modem"}};
  for (const std::string& name : machine.names("/sys/bus/usb/devices")) {
    const std::string folder = "/sys/bus/usb/devices/" + name;
    const std::string id = machine.text(folder + "/idVendor") + ":" + machine.text(folder + "/idProduct");
    for (const Odd& odd : kOdd)
      if (id == odd.id) found->push_back({Verdict::problem, "USB " + name, id + ": " + odd.what, odd.remedy});
  }
}

}  // namespace

void examine_ports(const Machine& machine, const config::Settings* settings, Diagnoses* found) {
  std::size_t seen = 0;
  for (const std::string& tty : machine.names("/sys/class/tty")) {
    const bool usb = tty.starts_with("ttyUSB") || tty.starts_with("ttyACM");
    if (!usb) continue;
    ++seen;
    examine_port(machine, "/dev/" + tty, "/dev/" + tty, found);
  }
  examine_usb(machine, found);
  for (std::size_t i = 0; settings != nullptr && i < settings->modems.size(); ++i) {
    const std::string& port = settings->modems[i].port;
    if (config::parse_tcp_line(port)) continue;
    ++seen;
    const std::string node = node_of(machine, port);
    const bool told = node.starts_with("/dev/ttyUSB") || node.starts_with("/dev/ttyACM");
    if (!machine.exists(port) || !machine.exists(node))
      found->push_back({Verdict::problem, "port " + port, "a [[modem]] names it, and it is not there",
                        "plug the modem in, or mend the configuration"});
    else if (!told)
      examine_port(machine, port, node, found);
  }
  if (seen == 0)
    found->push_back(
        {Verdict::note, "ports", "no USB serial port and no [[modem]]: there is nothing to send with", ""});
}

void examine_rivals(const Machine& machine, Diagnoses* found) {
  const char* const kFolders[] = {"/etc/udev/rules.d/", "/run/udev/rules.d/", "/usr/local/lib/udev/rules.d/",
                                  "/usr/lib/udev/rules.d/", "/lib/udev/rules.d/"};
  const bool ruled = std::any_of(std::begin(kFolders), std::end(kFolders), [&](const std::string& folder) {
    return machine.exists(folder + "60-klaxon-modems.rules");
  });
  if (ruled)
    found->push_back({Verdict::fine, "udev rule", "60-klaxon-modems.rules is installed", ""});
  else
    found->push_back({Verdict::problem, "udev rule",
                      "60-klaxon-modems.rules is missing: ModemManager may take the ports",
                      "install it into /etc/udev/rules.d, then udevadm control --reload && udevadm trigger"});
  if (const Process* manager = machine.running("ModemManager")) {
    const std::string runs = "runs (process " + std::to_string(manager->id) + ")";
    if (ruled)
      found->push_back(
          {Verdict::note, "ModemManager", runs + "; the udev rule keeps it off known modems", ""});
    else
      found->push_back({Verdict::problem, "ModemManager", runs + " and probes every new port",
                        "systemctl disable --now ModemManager"});
  }
  if (const Process* braille = machine.running("brltty"))
    found->push_back(
        {Verdict::problem, "brltty",
         "runs (process " + std::to_string(braille->id) + ") and takes CP210x, FTDI and CH340 ports",
         "apt-get remove brltty"});
}

void examine_groups(const Machine& machine, Diagnoses* found) {
  const auto dialout = machine.group_id(kGroup);
  if (!dialout) {
    found->push_back({Verdict::problem, "groups", "there is no group dialout", "groupadd --system dialout"});
    return;
  }
  if (const Process* daemon = machine.running("klaxond")) {
    const bool may = daemon->user == 0 || std::find(daemon->groups.begin(), daemon->groups.end(), *dialout) !=
                                              daemon->groups.end();
    if (may) return found->push_back({Verdict::fine, "groups", "klaxond may open serial ports", ""});
    return found->push_back(
        {Verdict::problem, "groups",
         "klaxond (process " + std::to_string(daemon->id) + ") runs without group dialout",
         "SupplementaryGroups=dialout in its unit, or usermod -aG dialout its user; then restart it"});
  }
  if (!machine.user_id(kUser)) {
    found->push_back(
        {Verdict::note, "groups", "there is no user klaxon; klaxond runs as whoever starts it", ""});
    return;
  }
  const char* const kUnits[] = {
      "/etc/systemd/system/klaxond.service", "/usr/lib/systemd/system/klaxond.service",
      "/lib/systemd/system/klaxond.service", "/usr/local/lib/systemd/system/klaxond.service"};
  const bool by_unit = std::any_of(std::begin(kUnits), std::end(kUnits), [&](const char* unit) {
    const std::string text = machine.text(unit);
    const std::size_t at = text.find("\nSupplementaryGroups=");
    return at != std::string::npos &&
           text.substr(at + 1, text.find('\n', at + 1) - at).find(kGroup) != std::string::npos;
  });
  if (by_unit || machine.in_group(kUser, kGroup))
    found->push_back({Verdict::fine, "groups", "user klaxon may open serial ports", ""});
  else
    found->push_back({Verdict::problem, "groups",
                      "user klaxon is not in group dialout, to which serial ports belong",
                      "usermod -aG dialout klaxon"});
}

// The service's sandbox names its device classes when it starts; a class whose driver comes later is refused
// then.
void examine_modules(const Machine& machine, Diagnoses* found) {
  const std::string release = machine.text("/proc/sys/kernel/osrelease");
  const std::string folder = "/lib/modules/" + release + "/";
  const std::string loadable = machine.text(folder + "modules.dep"),
                    builtin = machine.text(folder + "modules.builtin");
  struct Driver {
    const char* name;
    const char* file;
    bool at_start;  // must be there before klaxond is; the others come with their device
  };
  constexpr std::array kDrivers{Driver{"usbserial", "/usbserial.ko", true},
                                Driver{"cdc_acm", "/cdc-acm.ko", true},
                                Driver{"option", "/option.ko", false}};
  bool all = true;
  for (const Driver& driver : kDrivers) {
    const std::string name = driver.name;
    if (machine.exists("/sys/module/" + name) || builtin.find(driver.file) != std::string::npos) continue;
    const bool there = loadable.find(driver.file) != std::string::npos;
    if (there && !driver.at_start) continue;
    all = false;
    if (there)
      found->push_back(
          {Verdict::problem, "kernel",
           "module " + name + " is not loaded: a modem that is plugged in later is refused to klaxond",
           "modprobe " + name + ", and its name in a file of /etc/modules-load.d; then restart klaxond"});
    else
      found->push_back({Verdict::problem, "kernel",
                        "module " + name + " does not exist for kernel " + release,
                        "install a kernel that has it (linux-image-amd64, not the cloud one)"});
  }
  if (all) found->push_back({Verdict::fine, "kernel", "the drivers of serial modems are there", ""});
}

}  // namespace klaxon::cli
