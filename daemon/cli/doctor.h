// What is wrong with the machine that Klaxon runs on: read from files below one root folder, so that a test
// can show it any machine. The few things that no file tells come in as Senses.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "config/settings.h"

namespace klaxon::cli {

struct DiskRoom {
  std::uint64_t free_octets = 0, free_inodes = 0, all_inodes = 0;
};

struct Senses {
  std::optional<bool> clock_synchronised;  // by the kernel's own count; none: not known
  std::function<std::optional<DiskRoom>(const std::string& path)> room;  // of the file system that holds it
  bool root = true;                                                      // else much cannot be seen
};

enum class Verdict { fine, note, problem };

struct Diagnosis {
  Verdict verdict = Verdict::fine;
  std::string subject;  // "port /dev/ttyUSB0"
  std::string what;     // "held by ModemManager (process 712)"
  std::string remedy;   // what to do, of a problem
};
using Diagnoses = std::vector<Diagnosis>;

// A process as /proc shows it.
struct Process {
  int id = 0;
  std::string name;
  std::vector<std::string> open;  // what its descriptors lead to
  std::vector<std::uint32_t> groups;
  std::uint32_t user = 0;
};

class Machine {
 public:
  Machine(std::string root, Senses senses);

  std::string at(const std::string& path) const { return root_ + path; }
  bool exists(const std::string& path) const;
  std::string text(const std::string& path) const;  // without its last line end; empty: not there
  std::vector<std::string> names(const std::string& folder) const;  // sorted
  const std::vector<Process>& processes() const { return processes_; }
  const Process* running(const std::string& name) const;
  const Senses& senses() const { return senses_; }
  std::optional<std::uint32_t> group_id(const std::string& name) const;  // /etc/group
  std::optional<std::uint32_t> user_id(const std::string& name) const;   // /etc/passwd
  std::string group_name(std::uint32_t id) const;
  bool in_group(const std::string& user, const std::string& group) const;

 private:
  std::string root_;
  Senses senses_;
  std::vector<Process> processes_;
};

// Each adds what it found; in the order in which a person would look.
void examine_ports(const Machine&, const config::Settings*, Diagnoses*);
void examine_rivals(const Machine&, Diagnoses*);  // ModemManager, brltty
void examine_groups(const Machine&, Diagnoses*);
void examine_modules(const Machine&, Diagnoses*);
void examine_clock(const Machine&, Diagnoses*);
void examine_disk(const Machine&, const config::Settings&, Diagnoses*);
void examine_rights(const Machine&, const std::string& config_file, const config::Settings&, Diagnoses*);

// All of it. config_file: below the machine's root.
Diagnoses examine(const Machine&, const std::string& config_file);

}  // namespace klaxon::cli
