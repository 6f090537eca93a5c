// What went on the air by each SIM in a minute, an hour and a day of the daemon's own clock, held against its limits.
//
// A segment counts where the clock stood when it was given to the modem, once it was on the air, whatever became of it: one in
// doubt that went out counts, one that never did does not. A clock that steps counts where it shows; when it comes back to an hour or
// a day, what went out there before counts with it (minutes are counted per visit). After a kill the daemon knows of each
// day its sum, its last hour and its last minute: hours of that day that the clock had left by then count anew. What
// left from memory while the disk was away counts for nobody: a kill may forget it.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "tests/simulation/scene.h"

namespace simulation {

class LimitWatch {
 public:
  LimitWatch(const rig::Rig& rig, Verdicts& verdicts) : rig_(rig), verdicts_(verdicts) {}

  // A segment was given to a modem; answers its number here.
  std::size_t given(const std::string& iccid, Id message, std::size_t part, Lane lane, std::int64_t unix_ms);
  void to(std::size_t number, const std::string& recipient) { given_[number].to = recipient; }
  void on_air(std::size_t number, bool from_memory);
  void ended();   // a kill
  void lifted();  // whatever comes later is not limited
  void judge();

 private:
  struct Given {
    std::string iccid;
    Id message = 0;
    std::size_t part = 0;
    Lane lane = Lane::normal;
    std::int64_t unix_ms = 0;
    std::string to = {};
    bool aired = false, from_memory = false, kill = false;  // kill: not a segment, but an end
  };
  struct Window {
    std::int64_t all = 0;
    bool told = false;
  };
  void judge_sims();
  void judge_recipients();
  void hold(const Given&, config::Quota, Window*, const std::string& name);

  const rig::Rig& rig_;
  Verdicts& verdicts_;
  std::vector<Given> given_;
  std::size_t limited_ = SIZE_MAX;
};

}  // namespace simulation
