// What a batch changed, packed: one blob for all of it. A message's entry holds what a change may change; the
// rest is in its row.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "daemon/store/records.h"

namespace klaxon::store {

class ChangeList {
 public:
  void message(const MessageRecord&);
  void queued(Id first, Id last);  // a list became whole: an event for each
  void inbox(Id);
  void modem(const ModemStateRecord&);

  std::size_t events() const { return events_; }
  const std::string& bytes() const { return bytes_; }
  void clear();

 private:
  std::string& begin();

  std::string bytes_;
  std::size_t events_ = 0;
};

struct Change {
  enum class Kind : std::uint8_t { message = 0, queued = 1, inbox = 2, modem = 3 };
  Kind kind = Kind::message;
  Id first = 0, last = 0;  // the rows it speaks of; one but for `queued`
  MessageRecord message;   // of kind message: id and what changes
  ModemStateRecord modem;
  std::size_t events() const { return static_cast<std::size_t>(last - first) + 1; }
};

// False: not what ChangeList wrote; *out is then empty.
bool unpack_changes(std::string_view bytes, std::vector<Change>* out);
// What an update of a row writes, from one record to another.
void overlay(MessageRecord* row, MessageRecord change);

}  // namespace klaxon::store
