// Time, disk, and who may read what.
#include <sys/stat.h>

#include <algorithm>
#include <cstdio>

#include "daemon/cli/doctor.h"

namespace klaxon::cli {
namespace {

constexpr const char* kUser = "klaxon";
constexpr std::uint64_t kLeastRoom = 64 << 20;  // octets: the write-ahead log and the ballast, twice
constexpr std::uint64_t kMebi = 1 << 20;

std::optional<struct stat> look_at(const Machine& machine, const std::string& path) {
  struct stat seen {};
  if (::stat(machine.at(path).c_str(), &seen) != 0) return std::nullopt;
  return seen;
}

std::string octal(unsigned mode) {
  char digits[8];
  std::snprintf(digits, sizeof digits, "%04o", mode & 07777u);
  return digits;
}

// Whom the daemon runs as: its process, else the user of the installation. None: not known.
std::optional<std::uint32_t> daemon_user(const Machine& machine) {
  if (const Process* daemon = machine.running("klaxond")) return daemon->user;
  return machine.user_id(kUser);
}

bool daemon_reads(const Machine& machine, const struct stat& file, unsigned right) {
  const auto user = daemon_user(machine);
  if (!user || *user == 0 || file.st_uid == *user) return true;
  const auto group = machine.group_id(kUser);
  const Process* daemon = machine.running("klaxond");
  const bool member = (group && *group == file.st_gid) ||
                      (daemon != nullptr && std::find(daemon->groups.begin(), daemon->groups.end(),
                                                      file.st_gid) != daemon->groups.end());
  if (member && (file.st_mode & (right << 3)) != 0) return true;
  return (file.st_mode & right) != 0;
}

// A file with a secret in it.
void examine_secret(const Machine& machine, const std::string& path, Diagnoses* found) {
  const auto seen = look_at(machine, path);
  const std::string subject = "secret " + path;
  if (!seen) {
    found->push_back({Verdict::problem, subject, "is not there", "write it, or mend the configuration"});
  } else if ((seen->st_mode & 0007) != 0) {
    found->push_back({Verdict::problem, subject, "can be read by everybody (" + octal(seen->st_mode) + ")",
                      "chown root:klaxon " + path + " && chmod 0640 " + path});
  } else if (!daemon_reads(machine, *seen, 4)) {
    found->push_back({Verdict::problem, subject, "klaxond cannot read it (" + octal(seen->st_mode) + ")",
                      "chown root:klaxon " + path + " && chmod 0640 " + path});
  }
}

}  // namespace

void examine_clock(const Machine& machine, Diagnoses* found) {
  const bool by_file = machine.exists("/run/systemd/timesync/synchronized");
  if (by_file || machine.senses().clock_synchronised.value_or(false)) {
    found->push_back({Verdict::fine, "clock", "synchronised", ""});
    return;
  }
  if (!machine.senses().clock_synchronised) {
    found->push_back({Verdict::note, "clock", "whether it is synchronised cannot be seen", ""});
    return;
  }
  found->push_back(
      {Verdict::problem, "clock",
       "not synchronised: limits by day, times of messages and reports depend on it",
       "apt-get install systemd-timesyncd && timedatectl set-ntp true, or a GPS or radio clock"});
}

void examine_disk(const Machine& machine, const config::Settings& settings, Diagnoses* found) {
  const std::string& folder = settings.data_dir;
  // Of a folder that is not made yet, the one that it will be in.
  std::string there = folder;
  while (there.size() > 1 && !machine.exists(there))
    there = there.substr(0, std::max<std::size_t>(1, there.rfind('/')));
  const auto room = machine.senses().room ? machine.senses().room(machine.at(there)) : std::nullopt;
  if (!room)
    return found->push_back({Verdict::note, "disk", "the room for " + folder + " cannot be seen", ""});
  const std::string left = std::to_string(room->free_octets / kMebi) + " MiB free for " + folder;
  if (room->free_octets < kLeastRoom)
    found->push_back({Verdict::problem, "disk", left, "make room: below 64 MiB only alerts may go out"});
  else if (room->all_inodes > 0 && room->free_inodes < 64)
    found->push_back(
        {Verdict::problem, "disk", "no inodes are left for " + folder, "delete files on that file system"});
  else
    found->push_back({Verdict::fine, "disk", left, ""});
}

void examine_rights(const Machine& machine, const std::string& config_file, const config::Settings& settings,
                    Diagnoses* found) {
  const std::size_t before = found->size();
  if (const auto file = look_at(machine, config_file); file && !daemon_reads(machine, *file, 4))
    found->push_back({Verdict::problem, "rights", "klaxond cannot read " + config_file,
                      "chgrp klaxon " + config_file + " && chmod g+r " + config_file});
  const auto data = look_at(machine, settings.data_dir);
  const auto user = daemon_user(machine);
  const std::string mend =
      "chown -R klaxon:klaxon " + settings.data_dir + " && chmod 0750 " + settings.data_dir;
  if (!data) {
    if (machine.running("klaxond") == nullptr)
      found->push_back({Verdict::note, "rights", settings.data_dir + " is made when klaxond starts", ""});
  } else if ((data->st_mode & 0007) != 0) {
    found->push_back(
        {Verdict::problem, "rights",
         settings.data_dir + " is open to everybody (" + octal(data->st_mode) + "): it holds every text",
         mend});
  } else if (user && *user != 0 && data->st_uid != *user && !daemon_reads(machine, *data, 2)) {
    found->push_back(
        {Verdict::problem, "rights", settings.data_dir + " does not belong to klaxond's user", mend});
  }
  const std::string& secrets = settings.policy.secrets_dir;
  if (const auto folder = look_at(machine, secrets); folder && (folder->st_mode & 0002) != 0)
    found->push_back({Verdict::problem, "rights", secrets + " can be written by everybody",
                      "chown root:klaxon " + secrets + " && chmod 0750 " + secrets});
  for (const std::string& name : machine.names(secrets)) examine_secret(machine, secrets + "/" + name, found);
  for (const config::Sim& sim : settings.sims)
    if (!sim.pin_file.empty()) examine_secret(machine, sim.pin_file, found);
  if (found->size() == before)
    found->push_back({Verdict::fine, "rights", "data and secrets are klaxond's alone", ""});
}

}  // namespace klaxon::cli
