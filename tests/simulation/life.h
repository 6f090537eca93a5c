// A random life of the appliance: people and phones ask, modems, network, disk and clock fail, it ends at any moment and lives
// again. Afterwards what was promised is held against what went on the air. The seed is all that is random.
#pragma once

#include <functional>
#include <map>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "tests/simulation/air_watch.h"
#include "tests/simulation/door_watch.h"
#include "tests/simulation/limit_watch.h"
#include "tests/simulation/report_watch.h"
#include "tests/simulation/row_index.h"
#include "tests/simulation/scene.h"
#include "tests/simulation/script.h"

namespace simulation {

struct Tally {  // of a life, or of many
  std::size_t lives = 0, messages = 0, sent = 0, on_air = 0, stored_first = 0, inbound = 0, from_memory = 0, followed = 0;
  std::size_t crashes = 0, faults = 0, doubts = 0, in_doubt_at_end = 0;
  std::size_t fewest_messages = SIZE_MAX, fewest_sent = SIZE_MAX, fewest_crashes = SIZE_MAX;
  void add(const Tally&);
};

class Life {
 public:
  Life(std::uint64_t seed, Mix mix);
  // What is wrong, one sentence each; empty: all promises were kept.
  std::vector<std::string> live();
  const rig::Rig& seen() const { return rig_; }
  const std::vector<std::string>& story() const { return story_; }  // a line for each action
  const std::vector<Action>& script() const { return script_; }
  Tally tally() const;

 private:
  struct Came {    // a text
    std::string from, tag;
    int times = 1;
  };
  struct Called {  // a group: of each contact the numbers in order of trying
    std::string tag;
    std::vector<std::vector<std::string>> chains;
  };
  static constexpr int kStaff = 6;

  void begin();
  void perform(const Action&);
  void pass_until(at::Instant);
  void after(at::Millis, std::function<void()>);
  void settle_down();
  void calm();
  void lift_limits();
  void let_due_times_come();
  bool at_rest() const;
  void last_words();
  void last_end();

  // life_people.cpp
  void send_one();
  void send_list();
  void send_burst();
  void call_group();
  void change_mind();
  void keep_directory();
  void run_errand();
  void cap_sim();
  void hear();
  void hear_twice();
  void hear_keyword();
  rig::Form form(const std::string& tag);
  void send_to(const std::string& to, bool with_key);
  std::string someone();
  std::string tag(char kind);
  std::string text_of(const std::string& tag, bool several);
  void hear_on(int modem, const std::string& from, const std::string& text);

  // life_faults.cpp
  bool doubted(int modem);
  void break_modem();
  void break_network();
  void unplug_one();
  void swap_sims();
  void leave_behind(int modem);
  void exchange_places();
  void plug_all();
  void break_disk(Kind);
  void step_clock();
  void kill();

  // life_end.cpp
  void judge_messages();
  void judge_parts(const MessageRecord&);
  void judge_order(const MessageRecord&);
  void judge_inbound();
  void judge_keywords();
  void judge_followers();
  void judge_doubts();
  void judge_rest();
  void look_at_counts();

  void wrong(std::string what) { verdicts_.wrong(std::move(what)); }
  std::uint64_t pick(std::uint64_t n) { return rng_() % n; }
  void say(std::string what);

  const std::uint64_t seed_;
  const Mix mix_;
  const std::vector<Action> script_;
  rig::Rig rig_;
  Verdicts verdicts_;
  RowIndex index_{rig_};
  DoorWatch doors_{rig_, verdicts_};
  LimitWatch limits_{rig_, verdicts_};
  ReportWatch reports_{rig_, verdicts_};
  AirWatch air_{rig_, verdicts_, index_, doors_, limits_};
  std::multimap<at::Instant, std::function<void()>> agenda_;
  at::Instant born_{};
  std::vector<std::string> story_;
  int faults_ = 0, ends_seen_ = 0;
  // Of the action that is under way:
  std::mt19937_64 rng_;
  std::size_t number_ = 0, tags_ = 0, numbers_ = 0;
  int messages_ = 0;

  std::vector<Came> came_;
  std::vector<std::string> asked_by_text_, not_allowed_;  // tags of keywords that are to be obeyed, or are not
  std::vector<Called> called_;
  // Tags of texts that were in a modem's own memory when its SIM went: there they are read once more, as the next SIM's.
  std::set<std::string> left_behind_;
  std::size_t followed_ = 0, in_doubt_ = 0;
};

}  // namespace simulation
