// What has to be true when all has come to rest.
#include <algorithm>

#include "tests/simulation/life.h"

namespace simulation {

namespace {

bool is_open(MessageState state) {
  return state == MessageState::queued || state == MessageState::submitting || state == MessageState::accepting;
}

}  // namespace

void Life::judge_messages() {
  for (const auto& [id, m] : rig_.rows.messages) {
    if (is_open(m.state)) wrong("stuck: " + shown(m));
    if (m.lost_text() == m.needs_text() && m.sensitive) wrong("a sensitive text is lost, or was not forgotten: " + shown(m));
    if (tag_of(m).empty()) continue;
    judge_parts(m);
    judge_order(m);
  }
}

// What is called sent went out, and what went out is called so, is in doubt, or had leave to be sent again.
void Life::judge_parts(const MessageRecord& m) {
  for (std::size_t part = 0; part < m.parts.size(); ++part) {
    const PartRecord& row = m.parts[part];
    const int times = air_.times(m, part);
    const bool sent = row.state == MessageState::submitted || row.state == MessageState::delivered || row.tp_st >= 0x40;
    const std::string which = "part " + std::to_string(part + 1) + " of " + shown(m);
    const int doubts = index_.doubts(m.id, part);
    if (times > 1 + doubts && !air_.ever_from_memory(tag_of(m)) && !air_.misled(m.id) && !left_behind_.contains(tag_of(m)))
      wrong(std::to_string(times) + " times on the air with " + std::to_string(doubts) + " doubts: " + which);
    if (sent && times == 0 && !doors_.called_sent(m.id) && !air_.misled(m.id)) wrong("called sent, never on the air: " + which);
    const bool repeated = repeats_by_itself(m) || doors_.asked_again(m.id) > 0;
    // A report has called the message failed, and a kill came before the answer to its next part.
    const bool cut_off = row.state == MessageState::submitting && m.final();
    const bool open = row.state == MessageState::unknown || cut_off || (repeated && doubts > 0) || air_.ever_from_memory(tag_of(m));
    if (!sent && times > 0 && !open && !left_behind_.contains(tag_of(m))) wrong("on the air, but called otherwise: " + which);
  }
}

void Life::judge_order(const MessageRecord& m) {
  const auto& order = air_.order(m);
  if (m.parts.size() < 2 || m.in_doubt_ms != 0 || air_.ever_from_memory(tag_of(m))) return;
  for (std::size_t i = 1; i < order.size(); ++i)
    if (order[i].first != order[0].first || order[i].second != order[i - 1].second + 1)
      return wrong("its parts are out of order or on two SIMs: " + shown(m));
}

// Whoever could not be reached by one number was tried by the next, once, and nobody else was.
void Life::judge_followers() {
  for (const Called& called : called_)
    for (const auto& chain : called.chains)
      for (std::size_t i = 1; i < chain.size(); ++i) {
        const auto before = index_.with(chain[i - 1], called.tag), here = index_.with(chain[i], called.tag);
        const bool lost = before.size() == 1 && before.front()->lost();
        // Its first part was reported as lost while the next was at a modem, and that one is in doubt.
        const bool cut_off = before.size() == 1 && before.front()->state == MessageState::unknown &&
                             std::any_of(before.front()->parts.begin(), before.front()->parts.end(), [](const PartRecord& part) {
                               return part.state == MessageState::failed || part.state == MessageState::expired;
                             });
        if (here.size() != (lost ? 1u : 0u) && !(cut_off && here.size() == 1))
          wrong(called.tag + ": " + std::to_string(here.size()) + " messages to the next number " + chain[i] + " after " +
                (before.empty() ? "none" : shown(*before.front())));
        followed_ += here.size();
      }
}

void Life::judge_inbound() {
  std::map<std::string, int> seen;
  for (const auto& [id, item] : rig_.rows.inbox) {
    if (item.complete) ++seen[tag_in(item.text)];
    if (item.text.find("7391") != item.text.npos || item.text.find("7392") != item.text.npos) wrong("a secret is in the inbox: i" + std::to_string(id));
  }
  for (const Came& text : came_)
    if (seen[text.tag] != text.times && !left_behind_.contains(text.tag))
      wrong("inbound " + text.tag + ": " + std::to_string(seen[text.tag]) + " times in the inbox, and it came " + std::to_string(text.times) + " times");
}

void Life::judge_keywords() {
  std::map<std::string, int> broadcasts, messages;
  for (const auto& [id, row] : rig_.rows.broadcasts) {
    ++broadcasts[tag_in(row.form.text)];
    if (row.answer_due) wrong("broadcast b" + std::to_string(id) + ": its sender never got the counts");
  }
  for (const auto& [id, m] : rig_.rows.messages) ++messages[tag_of(m)];
  for (const std::string& tag : asked_by_text_)
    if ((broadcasts[tag] != 1 || messages[tag] != kStaff) && !left_behind_.contains(tag))
      wrong("keyword " + tag + ": " + std::to_string(broadcasts[tag]) + " broadcasts, " + std::to_string(messages[tag]) + " messages");
  for (const std::string& tag : not_allowed_)
    if (broadcasts[tag] != 0 || messages[tag] != 0) wrong("keyword " + tag + " was obeyed, and nobody may use it so");
}

// Every doubt that nobody settled is shown by what `klaxon queue --in-doubt` asks.
void Life::judge_doubts() {
  std::set<Id> shown_there;
  store::Page page{0, 1'000, 0};
  rig_.ask().read(store::Reading::lengthy, [&](store::Reader& rows) -> std::function<void()> {
    store::MessageFilter filter;
    filter.state = MessageState::unknown;
    for (auto found = rows.messages(filter, page); !found.empty(); found = rows.messages(filter, page)) {
      for (const MessageRecord& m : found) shown_there.insert(m.id);
      page.after = found.back().id;
    }
    return {};
  });
  rig_.pass(std::chrono::seconds(1));
  for (const auto& [id, m] : rig_.rows.messages) {
    const bool open = std::any_of(m.parts.begin(), m.parts.end(), [](const PartRecord& part) { return part.state == MessageState::unknown; });
    if (open != shown_there.contains(id)) wrong(open ? "in doubt, and not shown: " + shown(m) : "shown as in doubt, and is not: " + shown(m));
    in_doubt_ += open ? 1u : 0u;
  }
}

// What is counted is in each commit what its rows make.
void Life::look_at_counts() {
  if (rig_.rows.counts == rig_.rows.counted()) return;
  std::string what = "counts differ from the rows:";
  const StateCounts counted = rig_.rows.counted();
  for (std::size_t i = 0; i < counted.size(); ++i)
    if (i < rig_.rows.counts.size() && rig_.rows.counts[i] != counted[i])
      what += " lane " + std::to_string(i / kMessageStates) + " state " + std::to_string(i % kMessageStates) + ": " +
              std::to_string(rig_.rows.counts[i]) + " for " + std::to_string(counted[i]);
  wrong(what);
}

void Life::judge_rest() {
  if (const std::string other = rig_.disk_difference(); !other.empty()) wrong("the database: " + other);
  if (rig_.stored() != 0) wrong(std::to_string(rig_.stored()) + " texts are still on SIMs or in modems");
  for (const std::string& fault : rig_.rows.faults) wrong("rows: " + fault);
  look_at_counts();
  for (const ModemView& view : rig_.app().modems())
    if (view.state != "ready") wrong(view.id + " is " + view.state + ": " + view.why);
}

Tally Life::tally() const {
  Tally tally;
  tally.lives = 1;
  tally.messages = rig_.rows.messages.size();
  tally.sent = air_.sent();
  for (const modembank::Record& record : rig_.air) {
    tally.on_air += record.event == "submit" ? 1u : 0u;
    tally.stored_first += record.event == "cmss" ? 1u : 0u;
  }
  tally.inbound = rig_.rows.inbox.size();
  tally.crashes = static_cast<std::size_t>(rig_.crashes());
  tally.faults = static_cast<std::size_t>(faults_);
  tally.from_memory = air_.from_memory();
  tally.followed = followed_;
  tally.in_doubt_at_end = in_doubt_;
  for (const auto& [id, m] : rig_.rows.messages) tally.doubts += m.in_doubt_ms != 0 ? 1u : 0u;
  tally.fewest_messages = tally.messages;
  tally.fewest_sent = tally.sent;
  tally.fewest_crashes = tally.crashes;
  return tally;
}

void Tally::add(const Tally& one) {
  for (std::size_t Tally::*sum : {&Tally::lives, &Tally::messages, &Tally::sent, &Tally::on_air, &Tally::stored_first, &Tally::inbound,
                                  &Tally::from_memory, &Tally::followed, &Tally::crashes, &Tally::faults, &Tally::doubts, &Tally::in_doubt_at_end})
    this->*sum += one.*sum;
  for (std::size_t Tally::*least : {&Tally::fewest_messages, &Tally::fewest_sent, &Tally::fewest_crashes})
    this->*least = std::min(this->*least, one.*least);
}

}  // namespace simulation
