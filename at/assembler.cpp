#include "at/assembler.h"

#include <algorithm>

#include "at/gsm7.h"
#include "at/ucs2.h"

namespace at {
namespace {

bool is_text(const Part& part) {
  return part.alphabet == Alphabet::gsm7 || part.alphabet == Alphabet::ucs2;
}

bool same_coding(const Part& a, const Part& b) {
  return a.alphabet == b.alphabet && a.tables == b.tables;
}

bool same_run(const Part& before, const Part& after) {
  return same_coding(before, after) && before.sequence + 1 == after.sequence;
}

bool same_body(const Part& a, const Part& b) {
  return same_coding(a, b) && a.units == b.units;
}

// A part whose sequence its total does not allow belongs to no set.
bool fits(const PartKey& key, const Part& part) {
  return part.sequence > 0 && part.sequence <= key.total;
}

}  // namespace

// What is missing between two parts ends a run too: half a pair before the gap has nothing to do with what
// follows it.
std::string join_text(const std::vector<Part>& in_sequence_order) {
  std::string text;
  UserData run;
  for (std::size_t i = 0; i < in_sequence_order.size(); ++i) {
    const Part& part = in_sequence_order[i];
    if (!is_text(part)) continue;
    run.alphabet = part.alphabet;
    run.tables = part.tables;
    run.units.insert(run.units.end(), part.units.begin(), part.units.end());
    const bool last = i + 1 == in_sequence_order.size();
    if (!last && same_run(part, in_sequence_order[i + 1])) continue;
    text += run.text();
    run.units.clear();
  }
  return text;
}

Assembler::Assembler(Times times, std::size_t max_open) : times_(times), max_open_(max_open) {
  times_.forget_ms = std::max(times_.forget_ms, times_.release_ms);
}

Joined Assembler::join(const PartKey& key, const Set& set) {
  Joined joined;
  joined.key = key;
  joined.released_before = set.released;
  joined.octets = true;
  std::vector<Part> parts;
  for (const auto& [sequence, part] : set.parts) {
    parts.push_back(part);
    joined.part_ids.push_back(part.id);
    if (is_text(part)) {
      joined.octets = false;
    } else {
      joined.data.insert(joined.data.end(), part.units.begin(), part.units.end());
    }
  }
  for (int sequence = 1; sequence <= key.total; ++sequence) {
    if (set.parts.count(static_cast<std::uint8_t>(sequence)) == 0) joined.missing.push_back(sequence);
  }
  joined.text = join_text(parts);
  return joined;
}

void Assembler::insert(Sets::iterator at, Part part, bool released) {
  Set& set = at->second;
  queue_of(set).erase({set.newest_ms, &at->first});
  set.newest_ms = set.parts.empty() ? part.received_ms : std::max(set.newest_ms, part.received_ms);
  set.released |= released;
  set.waits = !released || (set.waits && !set.parts.empty());
  const std::uint8_t sequence = part.sequence;
  set.parts.insert_or_assign(sequence, std::move(part));
  queue_of(set).insert({set.newest_ms, &at->first});
}

void Assembler::erase(Sets::iterator at) {
  queue_of(at->second).erase({at->second.newest_ms, &at->first});
  sets_.erase(at);
}

Joined Assembler::release(Sets::iterator at) {
  Joined joined = join(at->first, at->second);
  queue_of(at->second).erase({at->second.newest_ms, &at->first});
  at->second.released = true;
  at->second.waits = false;
  queue_of(at->second).insert({at->second.newest_ms, &at->first});
  return joined;
}

void Assembler::evict(std::vector<Joined>* out) {
  const bool from_waiting =
      given_out_.empty() || (!waiting_.empty() && Older{}(*waiting_.begin(), *given_out_.begin()));
  const auto oldest = sets_.find(*(from_waiting ? waiting_ : given_out_).begin()->second);
  if (oldest->second.waits) out->push_back(release(oldest));
  erase(oldest);
}

std::vector<Joined> Assembler::add(const PartKey& key, Part part, std::optional<std::uint64_t>* repeat_of) {
  std::vector<Joined> out;
  if (!fits(key, part)) {
    Set alone;
    alone.parts.emplace(part.sequence, part);
    return {join(key, alone)};
  }
  auto at = sets_.try_emplace(key).first;
  if (const auto known = at->second.parts.find(part.sequence); known != at->second.parts.end()) {
    if (same_body(known->second, part)) {
      if (repeat_of != nullptr) *repeat_of = known->second.id;
      return out;
    }
    if (at->second.waits) out.push_back(release(at));
    erase(at);
    at = sets_.try_emplace(key).first;
  }
  insert(at, std::move(part), false);
  if (at->second.parts.size() == key.total) {
    out.push_back(join(key, at->second));
    erase(at);
  }
  while (sets_.size() > max_open_) evict(&out);
  return out;
}

void Assembler::restore(const PartKey& key, Part part, bool released) {
  if (!fits(key, part)) return;
  auto at = sets_.try_emplace(key).first;
  if (const auto known = at->second.parts.find(part.sequence); known != at->second.parts.end()) {
    if (same_body(known->second, part)) return;
    erase(at);
    at = sets_.try_emplace(key).first;
  }
  insert(at, std::move(part), released);
}

std::vector<Joined> Assembler::expire(std::int64_t now_ms) {
  std::vector<Joined> out;
  while (!waiting_.empty() && waiting_.begin()->first + times_.release_ms <= now_ms) {
    out.push_back(release(sets_.find(*waiting_.begin()->second)));
  }
  while (!given_out_.empty() && given_out_.begin()->first + times_.forget_ms <= now_ms) {
    erase(sets_.find(*given_out_.begin()->second));
  }
  return out;
}

std::optional<std::int64_t> Assembler::next_expiry_ms() const {
  std::optional<std::int64_t> next;
  if (!waiting_.empty()) next = waiting_.begin()->first + times_.release_ms;
  if (!given_out_.empty()) {
    const std::int64_t forget = given_out_.begin()->first + times_.forget_ms;
    next = next ? std::min(*next, forget) : forget;
  }
  return next;
}

}  // namespace at
