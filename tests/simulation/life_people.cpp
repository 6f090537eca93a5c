// What people do in a life: at the API, and with their phones.
#include <algorithm>
#include <functional>
#include <iterator>

#include "tests/simulation/life.h"

namespace simulation {

using namespace std::chrono_literals;

namespace {

constexpr int kContacts = 6, kGroups = 2;

std::string digits(std::uint64_t number, std::size_t width) {
  std::string out = std::to_string(number);
  return out.size() < width ? std::string(width - out.size(), '0') + out : out;
}

const char* lane_name(Lane lane) {
  static constexpr const char* kNames[] = {"alert", "urgent", "normal", "bulk"};
  return kNames[static_cast<std::size_t>(lane)];
}

}  // namespace

// Of this action, whatever else happens in the life.
std::string Life::tag(char kind) { return kind + digits(number_ * 100 + tags_++, 7); }

std::string Life::someone() {
  if (pick(8) == 0) return "+4479100000" + digits(pick(12), 2);  // who is written to more than once
  if (pick(12) == 0) return "+34611" + digits(number_ * 100 + numbers_++, 6);
  return "+4478" + digits(number_ * 100 + numbers_++, 8);
}

std::string Life::text_of(const std::string& tag, bool several) {
  if (!several) return tag + " short";
  static constexpr std::size_t kTimes[] = {25, 30, 42, 50, 60};  // its last part is long enough to show the tag
  std::string text;
  for (std::size_t i = kTimes[pick(std::size(kTimes))]; i > 0; --i) text += tag + " ";
  return text;
}

rig::Form Life::form(const std::string& tag) {
  rig::Form form;
  form.lane = static_cast<Lane>(pick(4));
  form.owner = 1 + pick(2);
  form.report = pick(4) != 0;
  if (pick(6) == 0) form.in_doubt = pick(2) == 0 ? DoubtPolicy::repeat : DoubtPolicy::hold;
  if (pick(8) == 0) form.send_at_ms = rig_.unix_ms() + 1'000 + static_cast<std::int64_t>(pick(20'000));
  if (pick(20) == 0) form.valid_for_ms = 60'000 + static_cast<std::int64_t>(pick(3'600'000));
  if (pick(12) == 0) form.sim = rig_.iccid(static_cast<int>(pick(kModems)));
  form.sensitive = pick(5) == 0;
  if (form.sensitive) form.ref = tag;
  return form;
}

void Life::send_to(const std::string& to, bool with_key) {
  const std::string mark = tag('S');
  rig::Form form = this->form(mark);
  DoorWatch::Wanted wanted{{to}, mark, form.lane, false};
  const std::string text = text_of(mark, pick(4) == 0);
  if (with_key) {
    if (!form.sensitive) form.ref = "#" + mark;
    wanted.key = digits(number_, 16);
    IdempotencyRecord key;
    key.key_hash = wanted.key;
    key.body_hash = digits(7, 16);
    key.day = "2023-11-14";
    form.key = key;
    wanted.again = [this, to, text, form] { return rig_.send(to, text, form); };
  }
  doors_.asked(rig_.send(to, text, form), std::move(wanted));
  say(std::string("sends ") + mark + " to " + to + ", lane " + lane_name(form.lane) + (form.sim.empty() ? "" : ", by SIM " + form.sim) +
      (form.send_at_ms != 0 ? ", later" : "") + (text.size() > 160 ? ", several parts" : "") + (form.report ? "" : ", no report") +
      (form.in_doubt == DoubtPolicy::repeat ? ", repeat" : form.in_doubt == DoubtPolicy::hold ? ", hold" : ""));
}

void Life::send_one() {
  const bool with_key = pick(5) == 0;
  send_to(someone(), with_key);
}

void Life::send_burst() {
  for (int n = messages_; n > 0; --n) send_to(someone(), false);
}

void Life::send_list() {
  const std::string mark = tag('L');
  rig::Form form = this->form(mark);
  DoorWatch::Wanted wanted{{}, mark, form.lane, true};
  for (int n = messages_; n > 0; --n) {
    const std::string to = someone();
    if (std::find(wanted.to.begin(), wanted.to.end(), to) == wanted.to.end()) wanted.to.push_back(to);
  }
  const std::string text = text_of(mark, pick(4) == 0);
  say("sends " + mark + " to " + std::to_string(wanted.to.size()) + " numbers, lane " + lane_name(form.lane));
  const Ticket ticket = rig_.send_list(wanted.to, text, form);
  doors_.asked(ticket, std::move(wanted));
}

// Some of the first numbers can't be reached: then the next is tried.
void Life::call_group() {
  const auto groups = rig_.app().groups();
  std::vector<GroupRecord> ours;
  for (const GroupRecord& group : groups)
    if (group.name != "staff" && !rig_.app().numbers_of(group).empty()) ours.push_back(group);
  if (ours.empty()) return keep_directory();
  const GroupRecord& group = ours[pick(ours.size())];
  Called called{tag('B'), {}};
  for (const std::string& member : group.members) {
    const auto contact = rig_.app().contacts().find(member);
    if (contact == rig_.app().contacts().end()) continue;
    called.chains.push_back(contact->second.numbers);
    const std::string& first = contact->second.numbers.front();
    if (pick(3) == 0) rig_.bank.control("refuse " + first + (pick(2) == 0 ? " 1" : " never"), rig_.now());
    if (pick(3) == 0) rig_.bank.control("report " + first + (pick(2) == 0 ? " st=41" : " default"), rig_.now());
  }
  rig::Form form;
  form.lane = pick(3) == 0 ? Lane::alert : static_cast<Lane>(1 + pick(3));
  say("calls group " + group.name + " with " + called.tag + ", lane " + lane_name(form.lane));
  doors_.asked_broadcast(rig_.broadcast(group.name, text_of(called.tag, pick(6) == 0), form), called.tag, form.lane);
  called_.push_back(std::move(called));
}

// Somebody cancels, or settles a doubt. Whose message it is does not depend on how many others there are.
void Life::change_mind() {
  const std::uint64_t taste = rng_();
  Id id = 0;
  std::uint64_t least = UINT64_MAX;
  for (const auto& [candidate, what] : doors_.promised()) {
    const auto row = rig_.rows.messages.find(candidate);
    if (row == rig_.rows.messages.end()) continue;
    const bool open = row->second.state == MessageState::unknown || row->second.state == MessageState::queued;
    const std::uint64_t rank = mixed(std::hash<std::string>()(what.first + what.second), taste) >> (open ? 4 : 0);
    if (rank >= least) continue;
    least = rank;
    id = candidate;
  }
  if (id == 0) return;
  const MessageRecord& m = rig_.rows.messages.at(id);
  const std::string name = "m" + std::to_string(id) + " " + tag_of(m);
  if (m.state != MessageState::unknown) {
    say("cancels " + name);
    return doors_.asked_cancel(rig_.ask().cancel(id), id);
  }
  const bool as_sent = pick(2) == 0;
  say("settles " + name + (as_sent ? " as sent" : " as not sent"));
  doors_.asked_settle(rig_.ask().settle(id, as_sent), id, as_sent);
}

void Life::keep_directory() {
  const std::string version = digits(number_, 4);
  if (pick(2) == 0) {
    ContactRecord contact;
    const std::uint64_t who = pick(kContacts);
    contact.name = "c" + std::to_string(who);
    for (std::uint64_t n = 1 + pick(3); n > 0; --n) contact.numbers.push_back("+4475" + std::to_string(who) + std::to_string(n) + "00" + version);
    contact.tags = {"v" + version};
    say("saves contact " + contact.name + " with " + std::to_string(contact.numbers.size()) + " numbers");
    const Ticket ticket = rig_.ask().save_contacts({contact}, "", 1);
    return doors_.asked_entry(ticket, "contact " + contact.name, value_of(contact));
  }
  if (pick(2) == 0) {
    GroupRecord group{"g" + std::to_string(pick(kGroups)), {"+44745000" + version}};
    for (const auto& [name, contact] : rig_.app().contacts())
      if (pick(2) == 0) group.members.push_back(name);
    say("saves group " + group.name + " of " + std::to_string(group.members.size()));
    const Ticket ticket = rig_.ask().save_group(group, 1);
    return doors_.asked_entry(ticket, "group " + group.name, value_of(group));
  }
  KeywordRecord keyword;
  keyword.word = pick(2) == 0 ? "NEWS" : "HELP";
  keyword.action = "reply";
  keyword.text = "version " + version;
  say("saves keyword " + keyword.word);
  const Ticket ticket = rig_.ask().save_keyword(keyword, 1);
  doors_.asked_entry(ticket, "keyword " + keyword.word, value_of(keyword));
}

void Life::run_errand() {
  drivers::Errand errand;
  const bool code = pick(2) == 0;
  errand.kind = code ? drivers::Errand::Kind::ussd : drivers::Errand::Kind::command;
  errand.text = code ? "*100#" : pick(2) == 0 ? "AT+CSQ" : "AT+COPS?";
  const std::string modem = "modem" + std::to_string(pick(kModems));
  say("asks " + modem + " " + errand.text);
  doors_.asked_other(rig_.ask().run_errand(modem, errand, 1), "errand");
}

void Life::cap_sim() {
  SimChange change;
  const double weight = 1 + static_cast<double>(pick(4));
  change.weight = std::optional<double>(weight);
  const std::string iccid = rig_.iccid(static_cast<int>(pick(kModems)));
  say("gives SIM " + iccid + " the weight " + std::to_string(weight));
  const Ticket ticket = rig_.ask().change_sim(iccid, change, 1);
  doors_.asked_entry(ticket, "sim " + iccid, std::to_string(weight));
}

void Life::hear_on(int modem, const std::string& from, const std::string& text) {
  rig_.text_in(modem, from, text);
  say("modem" + std::to_string(modem) + " gets a text from " + from + ": " + text.substr(0, 40));
}

void Life::hear() {
  const int modem = static_cast<int>(pick(kModems));
  const std::string mark = tag('T'), from = pick(6) == 0 ? "+4479100000" + digits(pick(12), 2) : "+3460011" + digits(pick(10'000), 4);
  const std::string text = text_of(mark, pick(4) == 0);
  came_.push_back({from, mark, 1});
  hear_on(modem, from, text);
}

// The same words again a moment later are another text, and both count: their TP-SCTS differ.
void Life::hear_twice() {
  const int modem = static_cast<int>(pick(kModems));
  const std::string mark = tag('T'), from = "+3460011" + digits(pick(10'000), 4);
  came_.push_back({from, mark, 2});
  hear_on(modem, from, mark + " short");
  const std::size_t line = rig_.bank.modem(modem).sim()->line;
  const at::Instant second = rig_.now() + 1s;  // at the end of a life all that is left to do is done at once
  after(at::Millis(1'000 + pick(20'000)), [this, line, from, mark, second] {
    if (rig_.now() < second) rig_.pass(1s);
    rig_.bank.air().inject(line, from, mark + " short", rig_.now());
  });
}

void Life::hear_keyword() {
  const int modem = static_cast<int>(pick(kModems));
  const std::uint64_t who = pick(10);
  const std::string mark = tag('K'), word = pick(2) == 0 ? "outage! " : "OUTAGE! ";
  const std::string from = who < 6 ? "+447700900990" : who < 8 ? "+447700900991" : "+447700900995";
  came_.push_back({from, mark, 1});
  if (who < 6) {
    asked_by_text_.push_back(mark);
    doors_.note_alert(mark);
  } else {
    not_allowed_.push_back(mark);
  }
  hear_on(modem, from, word + (who == 6 || who == 7 ? "7392 " : "7391 ") + mark + " mail is down");
}

}  // namespace simulation
