#include "tests/simulation/life.h"

#include <algorithm>
#include <cstdlib>
#include <iterator>

#include "at/segment.h"

namespace simulation {

using namespace klaxon;
using namespace std::chrono_literals;

namespace {

constexpr std::string_view kBoss = "+447700900990";
constexpr int kStaff = 6;

// Every segment of a text shows its tag, an upper case letter and six digits.
std::string tag_in(std::string_view text) {
  for (std::size_t i = 0; i + 7 <= text.size(); ++i) {
    if (text[i] < 'A' || text[i] > 'Z') continue;
    const auto digits = text.substr(i + 1, 6);
    if (digits.find_first_not_of("0123456789") == std::string_view::npos) return std::string(text.substr(i, 7));
  }
  return {};
}

// A sensitive text goes while its row stays; its tag is the row's ref as well.
std::string tag_of(const MessageRecord& message) { return message.sensitive ? message.ref : tag_in(message.text); }

std::string staff(int k) { return "+44770090098" + std::to_string(k); }

// None, some, all of its SIMs store first.
void let_some_store(std::uint64_t seed, int modems, config::Settings& settings) {
  for (int k = 0; k < modems; ++k) {
    const auto share = seed % 3;
    if (share == 0 || (share == 1 && k % 2 == 0)) continue;
    config::Sim sim;
    sim.modem = "modem" + std::to_string(k);
    sim.submit = config::Submit::store_first;
    settings.sims.push_back(sim);
  }
}

rig::Options options(std::uint64_t seed) {
  rig::Options o;
  o.modems = 4;
  o.seed = seed;
  o.on_sqlite = true;
  o.commit = at::Millis(1 + static_cast<int>(seed % 40));
  o.read = at::Millis(1 + static_cast<int>(seed % 17));
  o.settings = [seed, modems = o.modems](config::Settings& settings) { let_some_store(seed / 2, modems, settings); };
  o.bank = [](modembank::BankSettings& bank) {
    bank.submit = *modembank::Latency::parse("500ms..3s");
    bank.air.report_delay = *modembank::Latency::parse("300ms..4s");
    bank.sm_slots = 8;
    bank.me_slots = 8;
  };
  return o;
}

}  // namespace

Life::Life(std::uint64_t seed, Mix mix) : mix_(mix), rng_(seed * 7919), rig_(options(seed)) {
  rig_.on_record = [this](const modembank::Record& record) { on_record(record); };
  rig_.on_answer = [this](const Answer& answer) { on_answer(answer); };
}

void Life::wrong(std::string what) {
  if (wrong_.size() < 12) wrong_.push_back(std::move(what));
}

std::string Life::tag(char kind) {
  std::string digits = std::to_string(next_tag_++);
  return kind + std::string(6 - digits.size(), '0') + digits;
}

std::string Life::text_of(const std::string& tag, bool several) {
  if (!several) return tag + " short";
  static constexpr std::size_t kTimes[] = {25, 30, 42, 50, 60};  // its last part is long enough to show the tag
  std::string text;
  for (std::size_t i = kTimes[pick(std::size(kTimes))]; i > 0; --i) text += tag + " ";
  return text;
}

std::vector<std::string> Life::live() {
  rig_.secrets["outage.pin"] = "7391";
  rig_.ready();
  std::vector<std::string> members;
  for (int k = 0; k < kStaff; ++k) members.push_back(staff(k));
  rig_.group("staff", members);
  KeywordRecord outage;
  outage.word = "OUTAGE";
  outage.from = {std::string(kBoss)};
  outage.from_given = true;
  outage.secret = "pin:file:outage.pin";
  outage.action = "broadcast";
  outage.group = "staff";
  outage.text = "{{args}}";
  outage.lane = Lane::alert;
  rig_.keyword(outage);
  // A life is busy or idle throughout, and both come in bursts.
  static constexpr std::uint64_t kPauses[] = {30'000, 120'000, 240'000, 400'000, 600'000};
  const std::uint64_t longest = kPauses[pick(std::size(kPauses))];
  const at::Instant end = rig_.now() + mix_.hours;
  while (rig_.now() < end) {
    one_thing();
    const std::uint64_t kind = pick(10);
    rig_.pass(kind < 4 ? 0ms : kind < 7 ? at::Millis(pick(300)) : at::Millis(pick(longest)));
  }
  settle_down();
  judge_messages();
  judge_inbound();
  judge_rest();
  return wrong_;
}

void Life::one_thing() {
  const std::uint64_t what = pick(100);
  if (what < 45) return send_something();
  if (what < 62) return hear_something();
  if (what < 67) return change_mind();
  if (what < 85 && mix_.modems) return break_something();
  if (what < 90 && mix_.disk) {
    ++faults_;
    if (pick(3) == 0) return rig_.hang_disk(at::Millis(pick(1'500)));
    return rig_.fail_commits(1 + static_cast<int>(pick(4)));
  }
  if (what < 97 && mix_.crashes) rig_.crash_in(1 + static_cast<int>(pick(60)));
}

void Life::send_something() {
  rig::Form form;
  form.lane = static_cast<Lane>(pick(4));
  form.owner = 1 + pick(2);
  form.report = pick(4) != 0;
  if (pick(6) == 0) form.in_doubt = pick(2) == 0 ? DoubtPolicy::repeat : DoubtPolicy::hold;
  if (pick(8) == 0) form.send_at_ms = rig_.unix_ms() + 1'000 + static_cast<std::int64_t>(pick(20'000));
  if (pick(12) == 0) form.sim = rig_.iccid(static_cast<int>(pick(kModems)));
  const auto fresh = [&] {
    std::string digits = std::to_string(next_number_++);
    return "+4479" + std::string(8 - digits.size(), '0') + digits;
  };
  const bool list = pick(5) == 0, several = pick(4) == 0;
  Wanted wanted{{}, tag(list ? 'L' : 'S')};
  for (std::size_t n = list ? 2 + pick(12) : 1; n > 0; --n) wanted.to.push_back(fresh());
  form.sensitive = next_tag_ % 5 == 0;
  if (form.sensitive) form.ref = wanted.tag;
  if (form.lane == Lane::alert) alerts_.insert(wanted.tag);
  const std::string text = text_of(wanted.tag, several);
  const Ticket ticket = list ? rig_.send_list(wanted.to, text, form) : rig_.send(wanted.to.front(), text, form);
  asked_[ticket] = std::move(wanted);
}

void Life::hear_something() {
  const int modem = static_cast<int>(pick(kModems));
  if (pick(5) == 0) {
    const std::string mark = tag('K');
    asked_by_text_.push_back({std::string(kBoss), mark});
    alerts_.insert(mark);
    return rig_.text_in(modem, kBoss, (pick(2) == 0 ? "outage! 7391 " : "OUTAGE! 7391 ") + mark + " mail is down");
  }
  const std::string mark = tag('T'), from = "+3460011" + std::to_string(1000 + pick(9000));
  const bool several = pick(4) == 0;
  came_.push_back({from, mark});
  rig_.text_in(modem, from, text_of(mark, several));
}

void Life::break_something() {
  ++faults_;
  switch (pick(10)) {
    case 0: rig_.fault(modem() + " silence " + std::to_string(1 + pick(25))); break;
    case 1: rig_.fault(modem() + " garbage " + std::to_string(1 + pick(8))); break;
    case 2: rig_.fault(modem() + " lost-answer 1"); break;
    case 3: rig_.fault(modem() + " drop-submit 1"); break;
    case 4: {
      static constexpr const char* kCodes[] = {"42", "38", "500", "21", "1", "332", "515"};
      rig_.fault(modem() + " cms " + kCodes[pick(std::size(kCodes))] + " 1");
      break;
    }
    case 5: rig_.fault(modem() + " reboot " + std::to_string(1 + pick(5))); break;
    case 6: rig_.fault(modem() + " prompt"); break;
    case 7: rig_.fault(modem() + " unregister " + std::to_string(1 + pick(10))); break;
    case 8: rig_.unplug(static_cast<int>(pick(kModems))); break;
    case 9:
      for (int k = 0; k < static_cast<int>(kModems); ++k) rig_.plug(k);
      break;
  }
}

// Somebody cancels, or settles a doubt as sent.
void Life::change_mind() {
  if (promised_.empty()) return;
  const auto at = std::next(promised_.begin(), static_cast<std::ptrdiff_t>(pick(promised_.size())));
  const auto row = rig_.rows.messages.find(at->first);
  if (row == rig_.rows.messages.end()) return;
  if (row->second.state != MessageState::unknown) {
    rig_.ask().cancel(at->first);
    return;
  }
  const bool as_sent = pick(2) == 0;
  if (as_sent) called_sent_.insert(at->first);
  rig_.ask().settle(at->first, as_sent);
}

void Life::calm() {
  rig_.fail_commits(0);
  rig_.hang_disk(0ms);
  rig_.crash_in(0);
  for (int k = 0; k < static_cast<int>(kModems); ++k) {
    rig_.plug(k);
    rig_.fault("modem" + std::to_string(k) + " clear");
  }
}

bool Life::at_rest() const {
  for (const auto& [id, m] : rig_.rows.messages)
    if (m.state == MessageState::queued || m.state == MessageState::submitting || m.state == MessageState::accepting) return false;
  return rig_.stored() == 0;
}

void Life::settle_down() {
  calm();
  rig_.pass(15min);  // an open set is given out, the doubts of alerts are repeated, suspended SIMs are back
  rig_.until([this] { return at_rest(); }, 3h);
  rig_.pass(30s);
}

void Life::on_answer(const Answer& answer) {
  const auto at = asked_.find(answer.ticket);
  if (at == asked_.end()) return;
  // Accepted from memory while the disk is away: the answer says that it is no promise yet.
  if (const auto* accepted = std::get_if<Accepted>(&answer.result); accepted && accepted->durable)
    for (std::size_t i = 0; i < accepted->count && i < at->second.to.size(); ++i) {
      if (!rig_.rows.messages.contains(accepted->first + i)) wrong("202 before its row: m" + std::to_string(accepted->first + i));
      promised_[accepted->first + i] = {at->second.to[i], at->second.tag};
    }
  asked_.erase(at);
}

// Live: no submit whose attempt is not on disk, no delete of what is not.
void Life::on_record(const modembank::Record& record) {
  if (record.event == "delete") {
    const bool written = std::any_of(rig_.rows.parts.begin(), rig_.rows.parts.end(), [&](const auto& row) {
      return row.second.pdu == record.pdu || (row.second.secret_verdict != 0 && row.second.iccid == record.iccid);
    });
    const auto pdu = at::decode_pdu(record.pdu, at::Direction::from_sc);
    const bool text = pdu && std::holds_alternative<at::Deliver>(pdu->tpdu);
    if (pdu && !text) judge_slot(record);
    if (text && !written) wrong("deleted from a SIM before its row was there: inbound " + std::to_string(record.inbound));
  }
  if (record.event != "submit") return;
  const std::string mark = tag_in(record.submit->text);
  const std::string to = record.submit->da;
  const int part = record.submit->segment ? record.submit->segment->seq : 1;
  order_[to + " " + mark].emplace_back(record.iccid, part);
  ++times_[to + " " + mark + " " + std::to_string(part)];
  if (mark.empty()) return;
  const bool begun = std::any_of(rig_.rows.messages.begin(), rig_.rows.messages.end(), [&](const auto& row) {
    const MessageRecord& m = row.second;
    if (m.to != to || tag_of(m) != mark) return false;
    const auto index = static_cast<std::size_t>(part - 1);
    if (index >= m.parts.size()) return false;
    // A modem may come to its end with a segment long after that was given to another, the doubt being known; or while all
    // parts wait for another, their SIM being gone.
    return (m.parts[index].started_ms != 0 && m.parts[index].iccid == record.iccid) || m.in_doubt_ms != 0;
  });
  if (!begun && alerts_.contains(mark) && disk_was_away()) from_memory_.insert(mark);
  else if (!begun) wrong("on the air before its attempt was on disk: " + mark + " to " + to + " part " + std::to_string(part) + rows_of(to, mark));
}

// A slot of ours is the proof of what became of its submit, until the disk is.
void Life::judge_slot(const modembank::Record& record) {
  const auto pdu = at::decode_pdu(record.pdu, at::Direction::to_sc);
  const auto* submit = pdu ? std::get_if<at::Submit>(&pdu->tpdu) : nullptr;
  if (!submit) return;
  const std::size_t part = submit->ud.concat ? submit->ud.concat->sequence - 1u : 0u;
  const std::string mark = tag_in(submit->ud.text());
  for (const auto& [id, m] : rig_.rows.messages) {
    if (mark.empty() || tag_in(m.text) != mark || m.to != submit->tp_da.display() || part >= m.parts.size()) continue;
    const PartRecord& row = m.parts[part];
    const bool open = row.state == MessageState::submitting || row.state == MessageState::unknown;
    if (open && row.stored_first() && row.iccid == record.iccid)
      wrong("its slot was emptied before its outcome was on disk: " + mark + rows_of(m.to, mark));
  }
}

// Lately: then alerts go out from memory, and a kill makes them forget that.
bool Life::disk_was_away() const {
  constexpr auto kLately = 2min;
  const auto since = std::chrono::duration_cast<at::Millis>(rig_.now().time_since_epoch() - 1h - kLately).count();
  return std::any_of(rig_.notes.rbegin(), rig_.notes.rend(), [&](const std::string& note) {
    return note.find(" disk: cannot write") != note.npos && std::strtoll(note.c_str(), nullptr, 10) >= since;
  });
}

// What the disk says of it at this moment.
std::string Life::rows_of(const std::string& to, const std::string& mark) const {
  std::string all = " at " + std::to_string(std::chrono::duration_cast<at::Millis>(rig_.now().time_since_epoch() - 1h).count());
  for (const auto& [id, m] : rig_.rows.messages) {
    if (m.to != to || tag_of(m) != mark) continue;
    all += "; m" + std::to_string(id) + " state " + std::to_string(static_cast<int>(m.state)) + " doubt " +
           std::to_string(m.in_doubt_ms) + " (" + m.why + ")";
    for (const PartRecord& part : m.parts)
      all += " [" + std::to_string(static_cast<int>(part.state)) + " " + part.modem + " " + part.iccid + " " + std::to_string(part.started_ms) + "]";
  }
  return all;
}

void Life::judge_messages() {
  for (const auto& [id, what] : promised_)
    if (!rig_.rows.messages.contains(id)) wrong("accepted and gone: m" + std::to_string(id));
  for (const auto& [id, m] : rig_.rows.messages) {
    const std::string mark = tag_of(m), name = "m" + std::to_string(id) + " " + mark + " to " + m.to;
    if (m.state == MessageState::queued || m.state == MessageState::submitting || m.state == MessageState::accepting)
      wrong("stuck: " + name + " state " + std::to_string(static_cast<int>(m.state)) + " attempts " + std::to_string(m.attempts));
    if (m.lost_text() == m.needs_text() && m.sensitive) wrong("a sensitive text is lost, or was not forgotten: " + name);
    if (mark.empty()) continue;
    for (std::size_t part = 0; part < m.parts.size(); ++part) {
      const auto at = times_.find(m.to + " " + mark + " " + std::to_string(part + 1));
      const int times = at == times_.end() ? 0 : at->second;
      const MessageState state = m.parts[part].state;
      const bool sent = state == MessageState::submitted || state == MessageState::delivered;
      const std::string which = name + " part " + std::to_string(part + 1) + ": ";
      if (times > 1 && m.in_doubt_ms == 0 && !from_memory_.contains(mark)) wrong(which + std::to_string(times) + " times on the air without a doubt");
      if (sent && times == 0 && !called_sent_.contains(id))
        wrong(which + "called sent, never on the air" + rows_of(m.to, mark));
      if (!sent && times > 0 && m.in_doubt_ms == 0) wrong(which + "on the air, but called state " + std::to_string(static_cast<int>(state)));
    }
    const auto order = order_.find(m.to + " " + mark);
    if (m.parts.size() < 2 || m.in_doubt_ms != 0 || order == order_.end()) continue;
    for (std::size_t i = 1; i < order->second.size(); ++i)
      if (order->second[i].first != order->second[0].first || order->second[i].second != order->second[i - 1].second + 1)
        wrong(name + ": its parts are out of order or on two SIMs");
  }
}

void Life::judge_inbound() {
  std::map<std::string, int> seen;
  for (const auto& [id, item] : rig_.rows.inbox)
    if (item.complete) ++seen[tag_in(item.text)];
  for (const auto* list : {&came_, &asked_by_text_})
    for (const Came& text : *list)
      if (seen[text.tag] != 1) wrong("inbound " + text.tag + ": " + std::to_string(seen[text.tag]) + " times in the inbox");
  for (const Came& text : asked_by_text_) {
    const auto count = std::count_if(rig_.rows.broadcasts.begin(), rig_.rows.broadcasts.end(), [&](const auto& row) {
      return tag_in(row.second.form.text) == text.tag && row.second.numbers.size() == kStaff;
    });
    const auto messages = std::count_if(rig_.rows.messages.begin(), rig_.rows.messages.end(),
                                        [&](const auto& row) { return tag_of(row.second) == text.tag; });
    if (count != 1) wrong("keyword " + text.tag + ": " + std::to_string(count) + " broadcasts");
    if (messages != kStaff) wrong("keyword " + text.tag + ": " + std::to_string(messages) + " messages");
  }
  for (const auto& [id, broadcast] : rig_.rows.broadcasts)
    if (broadcast.answer_due) wrong("broadcast b" + std::to_string(id) + ": its sender never got the counts");
}

Tally Life::tally() const {
  Tally tally;
  tally.messages = rig_.rows.messages.size();
  tally.on_air = rig_.on_air().size();
  tally.stored_first = static_cast<std::size_t>(
      std::count_if(rig_.air.begin(), rig_.air.end(), [](const auto& record) { return record.event == "cmss"; }));
  tally.inbound = rig_.rows.inbox.size();
  tally.crashes = rig_.crashes();
  tally.faults = faults_;
  for (const auto& [id, m] : rig_.rows.messages) tally.doubts += m.in_doubt_ms != 0 ? 1 : 0;
  return tally;
}

void Life::judge_rest() {
  if (const std::string other = rig_.disk_difference(); !other.empty()) wrong("the database: " + other);
  if (rig_.stored() != 0) wrong(std::to_string(rig_.stored()) + " texts are still on SIMs or in modems");
  for (const std::string& fault : rig_.rows.faults) wrong("rows: " + fault);
  if (rig_.rows.counts != rig_.rows.counted()) {
    std::string what = "counts differ from the rows:";
    const StateCounts counted = rig_.rows.counted();
    for (std::size_t i = 0; i < counted.size(); ++i)
      if (i < rig_.rows.counts.size() && rig_.rows.counts[i] != counted[i])
        what += " lane " + std::to_string(i / kMessageStates) + " state " + std::to_string(i % kMessageStates) + ": " +
                std::to_string(rig_.rows.counts[i]) + " for " + std::to_string(counted[i]);
    wrong(what);
  }
  for (const ModemView& view : rig_.app().modems())
    if (view.state != "ready") wrong(view.id + " is " + view.state + ": " + view.why);
}

}  // namespace simulation
