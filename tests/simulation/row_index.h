// What the rows say, found without looking at all of them: kept up with every commit.
#pragma once

#include <map>
#include <set>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "tests/simulation/scene.h"

namespace simulation {

class RowIndex {
 public:
  explicit RowIndex(const rig::Rig& rig) : rig_(rig) {}
  void committed(const store::Batch&);  // after the rows took it

  std::vector<const MessageRecord*> with(const std::string& to, const std::string& tag) const;
  bool holds_pdu(const std::string& hex) const { return pdus_.contains(hex); }
  bool holds_secret_of(const std::string& iccid) const { return masked_.contains(iccid); }
  // Queued, none of it begun so far, due at once; and since when that is on disk.
  const std::map<Id, at::Instant>& untouched() const { return untouched_; }
  // In doubt since then, and to be sent again unasked.
  const std::map<Id, at::Instant>& to_repeat() const { return to_repeat_; }
  // A part of it is called submitting.
  const std::set<Id>& submitting() const { return submitting_; }
  int doubts(Id id, std::size_t part) const;  // how often its row went into doubt

 private:
  void look_at(Id);

  const rig::Rig& rig_;
  std::unordered_map<std::string, std::set<Id>> by_text_;
  std::unordered_set<std::string> pdus_, masked_;
  std::map<Id, at::Instant> untouched_, to_repeat_;
  std::set<Id> submitting_;
  struct Seen {
    std::vector<MessageState> parts;
    std::uint8_t reference = 0;
  };
  std::unordered_map<Id, Seen> seen_;
  std::map<std::pair<Id, std::size_t>, int> doubts_;
};

bool repeats_by_itself(const MessageRecord&);

}  // namespace simulation
