// Whatever is called delivered was reported: this very segment, before its row said so.
#pragma once

#include <set>
#include <string>

#include "tests/simulation/scene.h"

namespace simulation {

class ReportWatch {
 public:
  ReportWatch(const rig::Rig& rig, Verdicts& verdicts) : rig_(rig), verdicts_(verdicts) {}

  void record(const modembank::Record&);
  void committed(const store::Batch&);  // after the rows took it

 private:
  const rig::Rig& rig_;
  Verdicts& verdicts_;
  std::set<std::string> reported_;  // SIM, TP-MR and recipient
};

}  // namespace simulation
