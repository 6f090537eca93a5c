// What was asked at the doors and what was answered: a 2xx is there, now and after any end; while the disk is away only lane alert
// is taken, and said not to be durable; a 503 leaves nothing behind.
#pragma once

#include <functional>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "tests/simulation/row_index.h"
#include "tests/simulation/scene.h"

namespace simulation {

class DoorWatch {
 public:
  DoorWatch(rig::Rig& rig, Verdicts& verdicts) : rig_(rig), verdicts_(verdicts) {}

  struct Wanted {  // messages
    std::vector<std::string> to;
    std::string tag;
    Lane lane = Lane::normal;
    bool list = false;
    std::string key = {};                 // of a single one that is asked for again after an end, with this key
    std::function<Ticket()> again = {};
  };
  void asked(Ticket, Wanted);
  void asked_broadcast(Ticket, std::string tag, Lane);
  void asked_cancel(Ticket, Id);
  void asked_settle(Ticket, Id, bool as_sent);
  // A person's entry in the directory, "group staff", and what it is to be; empty: gone.
  void asked_entry(Ticket, const std::string& name, std::string value);
  void asked_other(Ticket, std::string what);

  void answered(const Answer&);
  void ended();       // the process did
  void begun_anew();  // and lives again
  void look();        // at any moment: is an answer owed?
  void judge();       // at the end of all

  const std::map<Id, std::pair<std::string, std::string>>& promised() const { return promised_; }
  bool called_sent(Id id) const { return called_sent_.contains(id); }   // by a person, whatever is true
  int asked_again(Id) const;                                            // by a person who settled it as not sent
  bool cancelled(Id id) const { return cancelled_.contains(id); }       // and that was answered
  bool cancel_asked(Id id) const { return cancel_asked_.contains(id); }
  bool refused(const std::string& tag) const { return refused_.contains(tag); }
  bool alert(const std::string& tag) const { return alerts_.contains(tag); }
  void note_alert(const std::string& tag) { alerts_.insert(tag); }
  std::size_t keys_used() const { return keys_used_; }

 private:
  struct Asked {
    enum class What : std::uint8_t { messages, broadcast, cancel, settle, entry, other } what = What::other;
    Wanted wanted = {};
    Id id = 0;
    bool as_sent = false;
    int attempts = 0;                    // of a message that is settled, when it was asked
    std::string name = {}, value = {};
    at::Instant at{};
    bool away = false;                   // the disk was
  };
  struct Entry {
    std::string known;                   // what was last answered, or found after an end
    std::vector<std::string> maybe;      // asked for since, not answered
  };
  void ask(Ticket, Asked);
  void accepted(const Asked&, const Accepted&);
  void changed(const Asked&);
  void refused(const Asked&, const Refused&);
  void look_at_entries(const std::string& when);
  std::string entry_now(const std::string& name) const;
  void wrong(std::string what) { verdicts_.wrong(std::move(what)); }

  rig::Rig& rig_;
  Verdicts& verdicts_;
  std::map<Ticket, Asked> asked_;
  std::vector<Wanted> to_ask_again_;
  std::map<Id, std::pair<std::string, std::string>> promised_;  // recipient and tag
  std::map<Id, std::pair<std::string, std::string>> in_memory_; // promised while the disk was away, in this life
  std::map<Id, std::string> broadcasts_, overrides_;
  std::set<Id> called_sent_, cancelled_, cancel_asked_;
  std::map<Id, int> asked_again_;
  std::set<Id> too_late_to_mark_;  // of those: in a commit that hung already
  std::set<std::string> alerts_, refused_;
  std::map<std::string, std::string> keyed_;                    // key -> tag
  std::map<std::string, Entry> entries_;
  std::size_t keys_used_ = 0;
};

// As entries are compared.
std::string value_of(const ContactRecord&);
std::string value_of(const GroupRecord&);
std::string value_of(const KeywordRecord&);

}  // namespace simulation
