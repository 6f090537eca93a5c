// The whole appliance in virtual time: a simulated bank of modems, rows in memory for a disk, and a clock that steps from
// one deadline to the next. It can be killed between any two steps; the modems and the rows live on.
//
// A modem is what answers, a place is the port where it is found: modem k is at place k until they are exchanged.
#pragma once

#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "daemon/app/appliance.h"
#include "hw/modembank/bank.h"
#include "tests/support/memory_store.h"
#include "tests/support/sqlite_disk.h"

namespace rig {

using namespace std::chrono_literals;

struct Options {
  int modems = 2;
  modembank::Family family = modembank::Family::mixed;
  std::uint64_t seed = 1;
  at::Millis commit{5};  // how long a commit takes
  bool on_sqlite = false;  // rows are also written to a real database; what is read and restored comes from there
  bool marks = false;      // what ports were given outlives a kill, as in a tmpfs
  at::Millis read{2};    // from a question to the reader until its answer is heard; the rows are looked at in between
  std::function<void(config::Settings&)> settings = {};
  std::function<void(modembank::BankSettings&)> bank = {};
};

struct Form {  // of a message, as a door would hand it in
  Lane lane = Lane::normal;
  Id owner = 1;
  bool report = true;
  std::int64_t valid_for_ms = 0, send_at_ms = 0;
  std::string sim = {};
  DoubtPolicy in_doubt = DoubtPolicy::lane;
  bool sensitive = false;
  std::string ref = {};
  std::optional<IdempotencyRecord> key = {};
};

class Rig {
 public:
  explicit Rig(Options options = {});
  ~Rig();

  // --- time
  at::Instant now() const { return now_; }
  std::int64_t unix_ms();       // as the daemon's machine believes
  void step_clock(at::Millis by) { clock_off_ += by; clock_stepped_ = dirty_ = true; }
  bool clock_stepped() const { return clock_stepped_; }  // ever
  void right_clock() { if (clock_off_.count() != 0) step_clock(-clock_off_); }
  at::Millis clock_off() const { return clock_off_; }
  void pass(at::Millis);
  bool until(const std::function<bool()>& is_so, at::Millis most = 60s);
  bool step(at::Instant limit);  // to the next moment at which something happens; false: there was none before limit
  void ready(int modems = -1);   // until so many (all) are in the rotation

  // --- people
  Ticket send(std::string to, std::string text, const Form& form = {});
  Ticket send_list(std::vector<std::string> to, std::string text, const Form& form = {});
  Id accepted(Ticket);           // passes time until its 202; 0: it was refused
  int status(Ticket) const;      // 0: no answer yet; 202, or that of the refusal
  const Answer* answer(Ticket) const;
  void group(std::string name, std::vector<std::string> members);
  void keyword(KeywordRecord);
  Ticket broadcast(std::string group, std::string text, const Form& form = {});
  Appliance& ask();              // for any other request
  std::map<std::string, std::string> secrets;

  // --- the field
  void text_in(int modem, std::string_view from, std::string_view text);
  void unplug(int modem);
  void plug(int modem);
  void plug(int modem, const std::string& iccid);  // with that SIM, which no other plugged modem has
  // Each comes back at the other's port; their power stays as it is.
  void exchange_places(int modem, int other);
  std::size_t place_of(int modem) const;           // the slot where it is found
  std::string network(std::string_view words);     // "reports twice 3"
  std::string fault(std::string_view words);  // "modem0 silence 20"
  std::string iccid(int modem) { return bank.modem(modem).sim()->iccid; }
  std::string number(int modem) { return bank.modem(modem).sim()->number; }
  int stored() const;                         // texts in all storages

  // --- the disk
  void fail_commits(int count) { failing_commits_ = count; }
  void hang_disk(at::Millis d) { hung_until_ = now_ + d; }
  void refuse_commits(store::Failure::Kind why, at::Millis d) { refused_until_ = now_ + d; refusal_ = why; }
  void mend_disk();              // whatever it has
  // For longer than policy.disk_deadline a change waits in vain: then contract's exception for lane alert holds.
  bool disk_away() const { return stalled_since_ && now_ - *stalled_since_ > settings.policy.disk_deadline; }
  at::Instant away_until() const { return disk_away() ? now_ : away_until_; }
  bool disk_was_away() const { return ended_at_ - away_until_ <= 1s; }  // when the last end came
  std::string disk_difference() { return disk_ ? disk_->difference(rows) : std::string(); }
  void fail_reads(bool failing) { failing_reads_ = failing; }
  bool commit_under_way() const { return commit_.has_value(); }
  bool being_written(Id message) const;  // its row, by the commit that runs

  // --- the end
  void crash(std::optional<bool> commit_made_it = {});  // unsaid: a coin decides what became of a running commit
  void crash_in(int points) { crash_in_ = points; }     // at that place between two steps
  void lose_marks() { marks_lost_next_ = true; }        // the next end is that of the whole machine; its modems live on
  bool marks_kept() const { return options_.marks && !marks_lost_; }  // over the last end
  void coin(std::uint64_t seed) { rng_.seed(seed); }    // of what the end leaves to chance
  int crashes() const { return crashes_; }

  // --- what can be seen
  const Appliance& app() const { return *appliance_; }
  const MessageRecord& row(Id id) const;
  std::vector<const modembank::Record*> on_air(std::string_view to = {}) const;
  std::vector<std::string> texts_to(std::string_view number) const;
  bool noted(std::string_view words) const;
  std::string tail_of_notes(std::size_t lines) const;

  Rows rows;
  config::Settings settings;
  modembank::Bank bank;
  std::vector<modembank::Record> air;                            // all that happened there
  std::function<void(const modembank::Record&)> on_record = {};  // the moment it happened
  std::deque<std::string> notes;
  std::map<Ticket, Answer> answers;                              // of this life
  std::function<void(const Answer&)> on_answer = {};
  std::function<void(const store::Batch&)> on_commit = {};       // it is on disk
  std::function<void(std::size_t slot, const Slot::Claim&)> on_claim = {};  // a segment was given to a modem
  std::function<void()> on_crash = {};                           // before the next life begins
  std::uint64_t most_turns_a_second = 0;

 private:
  struct Port {
    int modem = 0;  // that is found there
    bool open = false;
    std::optional<at::Instant> look_at;
    std::uint64_t claim = 0;  // the last one seen
    void close() { open = false, look_at.reset(); }
  };
  struct Commit {
    std::uint64_t number = 0;
    store::Batch batch;
    at::Instant begun{}, done{};
  };
  struct Reading {
    Appliance::ReadJob job;
    std::function<void()> then;
    at::Instant look_at{}, heard_at{};
  };
  Now clock() { return {now_, unix_ms()}; }
  void start();
  store::Restored restored();
  void write(const store::Batch&);
  std::optional<at::Instant> next();
  bool gather();  // false: crashed on the way
  bool look_for_ports();
  bool store_ends();
  bool speak();
  void hear_air();
  bool killed_here();
  void boot();
  void lose(Port&);
  void look_at_claims();
  Ticket request(SendRequest);

  Options options_;
  at::Instant now_ = at::Instant{} + 1h;
  std::mt19937_64 rng_;
  std::unique_ptr<SqliteDisk> disk_;
  std::unique_ptr<Appliance> appliance_;
  std::vector<Port> ports_;
  std::optional<Commit> commit_;
  std::deque<Reading> readings_;
  int failing_commits_ = 0;
  bool failing_reads_ = false;
  at::Instant hung_until_{}, refused_until_{};
  store::Failure::Kind refusal_ = store::Failure::Kind::full;
  std::optional<at::Instant> stalled_since_;
  at::Instant away_until_{}, ended_at_{};
  at::Millis clock_off_{0};
  bool clock_stepped_ = false;
  bool dirty_ = true;
  int crash_in_ = 0, crashes_ = 0;
  bool marks_lost_ = false, marks_lost_next_ = false;
  std::unique_ptr<PortMarkPage> marks_;
  at::Instant turned_at_{}, second_{};
  std::uint64_t turns_ = 0;
};

}  // namespace rig
