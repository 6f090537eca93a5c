// Whatever is called delivered was reported: of this very segment, before its row said so.
#pragma once

#include <map>
#include <set>
#include <string>
#include <utility>

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
  std::map<std::pair<std::string, int>, std::string>
      sent_;  // by ICCID and TP-MR, the newest: recipient, tag and part
  std::set<std::string> reported_;
};

}  // namespace simulation
