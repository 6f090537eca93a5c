// A random life of the appliance: sends, texts that come in, faults of modems and disk, ends at any moment. Afterwards what was
// promised is held against what went on the air. The seed is all that is random.
#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "tests/support/appliance_rig.h"

namespace simulation {

struct Mix {  // what may happen
  std::chrono::hours hours{1};
  bool crashes = true, disk = true, modems = true;
};

struct Tally {  // of a life
  std::size_t messages = 0, on_air = 0, stored_first = 0, inbound = 0;
  int crashes = 0, faults = 0, doubts = 0;
};

class Life {
 public:
  Life(std::uint64_t seed, Mix mix);
  // What is wrong, one sentence each; empty: all promises were kept.
  std::vector<std::string> live();
  const rig::Rig& seen() const { return rig_; }
  Tally tally() const;

 private:
  struct Wanted {  // asked for, by ticket of this life
    std::vector<std::string> to;
    std::string tag;
  };
  struct Came {
    std::string from, tag;
    int count = 1;
  };
  using Key = std::string;  // recipient, tag and part of a segment

  void one_thing();
  void send_something();
  void hear_something();
  void break_something();
  void change_mind();
  void calm();
  void settle_down();
  bool at_rest() const;

  void on_record(const modembank::Record&);
  void judge_slot(const modembank::Record&);
  void on_answer(const klaxon::Answer&);
  void judge_messages();
  void judge_inbound();
  void judge_rest();
  bool disk_was_away() const;
  std::string rows_of(const std::string& to, const std::string& mark) const;
  void wrong(std::string what);
  std::string tag(char kind);
  std::string text_of(const std::string& tag, bool several);
  std::uint64_t pick(std::uint64_t n) { return rng_() % n; }
  std::string modem() { return "modem" + std::to_string(pick(kModems)); }

  static constexpr std::uint64_t kModems = 4;
  Mix mix_;
  std::mt19937_64 rng_;
  rig::Rig rig_;
  std::vector<std::string> wrong_;
  int faults_ = 0;
  std::uint64_t next_tag_ = 1, next_number_ = 1;
  std::map<klaxon::Ticket, Wanted> asked_;
  std::map<klaxon::Id, std::pair<std::string, std::string>> promised_;  // recipient and tag
  std::set<std::string> alerts_, from_memory_;  // tags
  std::set<klaxon::Id> called_sent_;  // by a person, whatever is true
  std::map<Key, int> times_;
  std::map<std::string, std::vector<std::pair<std::string, int>>> order_;  // by recipient and tag: SIM, part
  std::vector<Came> came_, asked_by_text_;
};

}  // namespace simulation
