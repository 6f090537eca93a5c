#include <algorithm>
#include <charconv>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <utility>

#include "daemon/cli/doctor.h"

namespace klaxon::cli {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kLargest = 1 << 20, kMostDescriptors = 65'536;

std::vector<std::string> split(const std::string& line, char at) {
  std::vector<std::string> parts;
  std::istringstream in(line);
  for (std::string part; std::getline(in, part, at);) parts.push_back(part);
  return parts;
}

std::optional<std::uint32_t> number(const std::string& digits) {
  std::uint32_t value = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
  if (error != std::errc{} || end != digits.data() + digits.size()) return std::nullopt;
  return value;
}

// The fields of the line of /etc/passwd or /etc/group whose field `by` is `value`.
std::vector<std::string> entry(const std::string& text, std::size_t by, const std::string& value) {
  for (const std::string& line : split(text, '\n')) {
    auto fields = split(line, ':');
    if (fields.size() > std::max<std::size_t>(by, 2) && fields[by] == value) return fields;
  }
  return {};
}

Process read_process(const Machine& machine, int id) {
  Process process;
  process.id = id;
  const std::string folder = "/proc/" + std::to_string(id);
  process.name = machine.text(folder + "/comm");
  for (const std::string& line : split(machine.text(folder + "/status"), '\n')) {
    std::istringstream in(line);
    std::string key;
    in >> key;
    if (key == "Uid:") in >> process.user;
    if (key == "Gid:" || key == "Groups:")
      for (std::uint32_t group; in >> group;) process.groups.push_back(group);
  }
  std::error_code ignored;
  for (fs::directory_iterator at(machine.at(folder + "/fd"), ignored), end;
       at != end && process.open.size() < kMostDescriptors; at.increment(ignored)) {
    const std::string target = fs::read_symlink(at->path(), ignored);
    if (target.starts_with("/dev/")) process.open.push_back(target);
  }
  return process;
}

}  // namespace

Machine::Machine(std::string root, Senses senses) : root_(std::move(root)), senses_(std::move(senses)) {
  while (!root_.empty() && root_.back() == '/') root_.pop_back();
  for (const std::string& name : names("/proc"))
    if (const auto id = number(name)) processes_.push_back(read_process(*this, static_cast<int>(*id)));
}

bool Machine::exists(const std::string& path) const {
  std::error_code ignored;
  return fs::exists(fs::symlink_status(at(path), ignored));
}

std::string Machine::text(const std::string& path) const {
  std::ifstream file(at(path), std::ios::binary);
  if (!file) return {};
  std::string content(kLargest, '\0');
  file.read(content.data(), static_cast<std::streamsize>(content.size()));
  content.resize(static_cast<std::size_t>(std::max<std::streamsize>(0, file.gcount())));
  while (!content.empty() && content.back() == '\n') content.pop_back();
  return content;
}

std::vector<std::string> Machine::names(const std::string& folder) const {
  std::vector<std::string> found;
  std::error_code ignored;
  for (fs::directory_iterator at(this->at(folder), ignored), end; at != end; at.increment(ignored))
    found.push_back(at->path().filename());
  std::sort(found.begin(), found.end());
  return found;
}

const Process* Machine::running(const std::string& name) const {
  const auto at =
      std::find_if(processes_.begin(), processes_.end(), [&](const Process& p) { return p.name == name; });
  return at == processes_.end() ? nullptr : &*at;
}

std::optional<std::uint32_t> Machine::group_id(const std::string& name) const {
  const auto fields = entry(text("/etc/group"), 0, name);
  return fields.empty() ? std::nullopt : number(fields[2]);
}

std::optional<std::uint32_t> Machine::user_id(const std::string& name) const {
  const auto fields = entry(text("/etc/passwd"), 0, name);
  return fields.empty() ? std::nullopt : number(fields[2]);
}

std::string Machine::group_name(std::uint32_t id) const {
  const auto fields = entry(text("/etc/group"), 2, std::to_string(id));
  return fields.empty() ? std::to_string(id) : fields[0];
}

bool Machine::in_group(const std::string& user, const std::string& group) const {
  const auto fields = entry(text("/etc/group"), 0, group);
  if (fields.size() < 4) return false;
  const auto members = split(fields[3], ',');
  return std::find(members.begin(), members.end(), user) != members.end();
}

Diagnoses examine(const Machine& machine, const std::string& config_file) {
  Diagnoses found;
  if (!machine.senses().root)
    found.push_back(
        {Verdict::note, "doctor", "not run as root: other users' processes and files cannot be seen", ""});
  std::optional<config::Settings> settings;
  if (!machine.exists(config_file)) {
    found.push_back(
        {Verdict::problem, "configuration", config_file + " is not there", "name it with --config FILE"});
  } else if (auto loaded = config::load(machine.at(config_file))) {
    settings = std::move(*loaded);
    found.push_back({Verdict::fine, "configuration", config_file, ""});
  } else {
    for (const config::Finding& finding : loaded.error())
      found.push_back({Verdict::problem, "configuration", finding.text(),
                       "mend that line; klaxond does not start with it"});
  }
  examine_ports(machine, settings ? &*settings : nullptr, &found);
  examine_rivals(machine, &found);
  examine_groups(machine, &found);
  examine_modules(machine, &found);
  examine_clock(machine, &found);
  const config::Settings by_default;
  examine_disk(machine, settings ? *settings : by_default, &found);
  examine_rights(machine, config_file, settings ? *settings : by_default, &found);
  return found;
}

}  // namespace klaxon::cli
