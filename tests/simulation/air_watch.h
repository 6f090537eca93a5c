// What the modems do, held against what is on disk at that very moment.
#pragma once

#include <array>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "tests/simulation/door_watch.h"
#include "tests/simulation/limit_watch.h"
#include "tests/simulation/row_index.h"

namespace simulation {

class AirWatch {
 public:
  AirWatch(rig::Rig& rig, Verdicts& verdicts, const RowIndex& index, const DoorWatch& doors, LimitWatch& limits)
      : rig_(rig), verdicts_(verdicts), index_(index), doors_(doors), limits_(limits) {}

  void claimed(std::size_t slot, const Slot::Claim&);
  void record(const modembank::Record&);
  void ended();                 // the process did: modems go on
  void look();                  // at any moment: does anything wait for nothing?

  int times(const MessageRecord&, std::size_t part) const;  // on the air
  // It was at a modem, or in doubt, when the daemon was killed while the disk was away, and alerts had left from memory at the same
  // place: what its port says afterwards may be about those, of which nobody knows any more.
  bool misled(Id message) const { return misled_.contains(message); }
  bool ever_from_memory(const std::string& tag) const { return from_memory_.contains(tag); }
  // In the order of the air: SIM and part.
  const std::vector<std::pair<std::string, int>>& order(const MessageRecord&) const;
  std::size_t sent() const { return order_.size(); }  // messages of which anything was on the air
  std::size_t from_memory() const { return from_memory_.size(); }

 private:
  struct Begun {                // a submit at a modem
    Id message = 0;
    std::size_t part = 0;
    bool from_memory = false;
    std::optional<std::size_t> counted;
  };
  void begins(const modembank::Record&);
  void on_air(const modembank::Record&);
  void let_go(const modembank::Record&);
  void judge_slot(const modembank::Record&, const at::Submit&);
  void alerts_before(const modembank::Record&, const Slot&, const Slot::Claim&);
  const MessageRecord* row_of(const modembank::Record&, std::size_t part, Id told) const;
  void look_at_idle();
  bool at_a_modem(Id message) const;  // or claimed by one
  void look_at_doubts();
  void look_at_submitting();
  void wrong(std::string what) { verdicts_.wrong(std::move(what) + " at " + std::to_string(life_ms(rig_))); }

  rig::Rig& rig_;
  Verdicts& verdicts_;
  const RowIndex& index_;
  const DoorWatch& doors_;
  LimitWatch& limits_;
  std::map<std::string, Begun> begun_;                                 // by modem, the newest
  std::map<std::uint64_t, std::pair<std::size_t, at::Instant>> counted_;  // by token of this life, and when it was given
  // By recipient and tag: an id that never reached the disk is given again after an end.
  std::map<std::string, std::map<std::size_t, int>> times_;
  std::map<std::string, std::vector<std::pair<std::string, int>>> order_;
  std::set<std::string> from_memory_;                                  // tags
  std::set<std::string> memory_at_;                                    // places, since the disk went away
  std::set<Id> misled_;
  std::map<std::pair<Id, int>, at::Instant> nowhere_;                  // attempts that are called submitting, at no modem since then
  at::Instant ended_at_{};
};

}  // namespace simulation
