#include "tests/simulation/row_index.h"

#include <algorithm>
#include <utility>

namespace simulation {

bool repeats_by_itself(const MessageRecord& m) {
  return m.in_doubt == DoubtPolicy::lane ? m.lane == Lane::alert : m.in_doubt == DoubtPolicy::repeat;
}

void RowIndex::committed(const store::Batch& batch) {
  for (const store::Op& op : batch) {
    if (const auto* insert = std::get_if<store::InsertMessage>(&op)) {
      by_text_[insert->message.to + " " + tag_of(insert->message)].insert(insert->message.id);
      look_at(insert->message.id);
    } else if (const auto* update = std::get_if<store::UpdateMessage>(&op)) {
      // Each change as it was made: one batch may hold several of one row.
      Seen& seen = seen_[update->message.id];
      const MessageRecord& m = update->message;
      const bool anew = seen.reference != m.concat_reference && m.in_doubt_ms != 0;
      seen.parts.resize(m.parts.size(), MessageState::queued);
      for (std::size_t part = 0; part < m.parts.size(); ++part) {
        const bool doubted = m.parts[part].state == MessageState::unknown && seen.parts[part] != MessageState::unknown;
        if (doubted || anew) ++doubts_[{m.id, part}];
        seen.parts[part] = m.parts[part].state;
      }
      seen.reference = m.concat_reference;
      look_at(m.id);
    } else if (const auto* list = std::get_if<store::CloseList>(&op)) {
      for (Id id = list->first_id; id <= list->last_id; ++id) look_at(id);
    } else if (const auto* part = std::get_if<store::InsertInboundPart>(&op)) {
      pdus_.insert(part->part.pdu);
      if (part->part.secret_verdict != 0) masked_.insert(part->part.iccid);
    }
  }
}

void RowIndex::look_at(Id id) {
  const auto at = rig_.rows.messages.find(id);
  if (at == rig_.rows.messages.end()) return;
  const MessageRecord& m = at->second;
  Seen& seen = seen_[id];
  if (seen.parts.empty()) seen = {std::vector(m.parts.size(), MessageState::queued), m.concat_reference};
  if (m.state == MessageState::queued && m.attempts == 0 && m.due_ms == 0) untouched_.try_emplace(id, rig_.now());
  else untouched_.erase(id);
  if (m.state == MessageState::unknown && repeats_by_itself(m)) to_repeat_.try_emplace(id, rig_.now());
  else to_repeat_.erase(id);
  const bool begun = std::any_of(m.parts.begin(), m.parts.end(), [](const PartRecord& part) { return part.state == MessageState::submitting; });
  if (begun && !m.final()) submitting_.insert(id);
  else submitting_.erase(id);
}

std::vector<const MessageRecord*> RowIndex::with(const std::string& to, const std::string& tag) const {
  std::vector<const MessageRecord*> out;
  const auto ids = by_text_.find(to + " " + tag);
  if (ids == by_text_.end()) return out;
  for (const Id id : ids->second)
    if (const auto row = rig_.rows.messages.find(id); row != rig_.rows.messages.end()) out.push_back(&row->second);
  return out;
}

int RowIndex::doubts(Id id, std::size_t part) const {
  const auto at = doubts_.find({id, part});
  return at == doubts_.end() ? 0 : at->second;
}

}  // namespace simulation
