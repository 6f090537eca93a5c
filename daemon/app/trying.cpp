// A contact's next number, when the message to one has ended without having arrived.
#include <algorithm>
#include <utility>

#include "daemon/app/admission.h"

namespace klaxon {

namespace {

// As it was asked for, and nothing of what became of it. What is left of its time is the time of all who
// follow.
MessageRecord asked_again(const MessageRecord& gone, std::int64_t now_ms) {
  MessageRecord form = gone;
  form.instead_of = gone.id;
  form.send_at_ms = form.created_ms = form.due_ms = 0;
  if (gone.valid_for_ms != 0) form.valid_for_ms = valid_until(gone) - now_ms;
  form.durable_late = form.unconfirmed = form.plain = false;
  form.state = MessageState::queued;
  form.parts.assign(gone.parts.size(), PartRecord{});
  form.attempts = 0;
  form.submitted_ms = form.delivered_ms = form.in_doubt_ms = 0;
  for (std::string* said : {&form.error_code, &form.error_text, &form.why, &form.avoid_iccid}) said->clear();
  form.further.clear();
  return form;
}

}  // namespace

// Where it has arrived, or was called off, nobody is looked for any more.
void Appliance::drop_further(MessageRecord& record) const {
  if (record.further.empty()) return;
  const MessageState now = worst_state(record.parts);
  const bool no_report = now == MessageState::submitted && (!record.report || record.plain);
  if (now == MessageState::delivered || now == MessageState::cancelled || no_report) record.further.clear();
}

// In the turn in which they ended, so that one commit has both: a crash neither loses the next number nor
// tries it twice.
void Appliance::follow_lost() {
  for (const Id id : std::exchange(lost_, {})) {
    Held* held = messages_.find(id);
    if (!held || !held->record.lost()) continue;
    FurtherNumbers further = std::exchange(held->record.further, {});
    if (further.empty()) continue;
    messages_.save(*held);
    follow(held->record, std::move(further));
  }
}

void Appliance::follow(const MessageRecord& gone, FurtherNumbers further) {
  if (now_.unix_ms >= valid_until(gone)) return;         // nor would the next number get it in time
  if (gone.text.empty() && gone.octets.empty()) return;  // it was not kept
  const MessageRecord form = asked_again(gone, now_.unix_ms);
  std::size_t followers = 0;
  for (std::vector<std::string>& numbers : further) {
    const auto next = std::find_if(numbers.begin(), numbers.end(), [&](const std::string& number) {
      return followed_.add(gone.broadcast, number);
    });
    if (next == numbers.end()) continue;
    send_instead(form, *next, {std::next(next), numbers.end()});
    ++followers;
  }
  const auto active = broadcasts_.find(gone.broadcast);
  if (followers == 0 || active == broadcasts_.end()) return;
  broadcast_moved(gone.broadcast, gone.state, MessageState::queued);  // who follows is counted in its place
  active->second.persons += followers - 1;
}

void Appliance::send_instead(const MessageRecord& form, const std::string& to,
                             std::vector<std::string> left) {
  MessageRecord message = make_message(form, to, next_message_++);
  const std::string id = "m" + std::to_string(message.id), name = "message " + id;
  note({.text = name + " goes to the next number instead of m" + std::to_string(form.instead_of), .message = id});
  note_exempt({to}, message.lane, message.owner, name);
  if (forbidden_to(message)) {
    mark_opted_out(message);
    if (const auto at = broadcasts_.find(message.broadcast); at != broadcasts_.end()) ++at->second.opted_out;
  } else {
    if (!left.empty()) message.further.push_back(std::move(left));
    messages_.count_segments(static_cast<std::int64_t>(message.parts.size()));
  }
  put_message(std::move(message));
}

}  // namespace klaxon
