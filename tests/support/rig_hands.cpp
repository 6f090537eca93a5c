// What people and the field do to the appliance in virtual time, and what can be seen of it.
#include <algorithm>
#include <stdexcept>
#include <utility>

#include "at/segment.h"
#include "tests/support/appliance_rig.h"

namespace rig {

namespace {

std::size_t segments_of(const std::string& text) {
  const auto segmented = at::segment_text(text, at::Encoding::automatic, 255);
  return segmented ? segmented->parts.size() : 1;
}

}  // namespace

Appliance& Rig::ask() {
  appliance_->clock(clock());
  dirty_ = true;
  return *appliance_;
}

Ticket Rig::request(SendRequest request) { return ask().send(std::move(request)); }

namespace {
SendRequest request_of(std::vector<std::string> to, std::string text, const Form& form, bool list) {
  SendRequest request;
  request.form.lane = form.lane;
  request.form.owner = form.owner;
  request.form.report = form.report;
  request.form.valid_for_ms = form.valid_for_ms;
  request.form.send_at_ms = form.send_at_ms;
  request.form.sim = form.sim;
  request.form.in_doubt = form.in_doubt;
  request.form.sensitive = form.sensitive;
  request.form.ref = form.ref;
  request.form.parts.resize(segments_of(text));
  request.form.text = std::move(text);
  request.to = std::move(to);
  request.list = list;
  request.key = form.key;
  return request;
}
}  // namespace

Ticket Rig::send(std::string to, std::string text, const Form& form) {
  return request(request_of({std::move(to)}, std::move(text), form, false));
}

Ticket Rig::send_list(std::vector<std::string> to, std::string text, const Form& form) {
  return request(request_of(std::move(to), std::move(text), form, true));
}

Ticket Rig::broadcast(std::string group, std::string text, const Form& form) {
  BroadcastRequest request;
  request.form.group = std::move(group);
  request.form.owner = form.owner;
  request.form.form = request_of({}, std::move(text), form, false).form;
  request.key = form.key;
  return ask().broadcast(std::move(request));
}

const Answer* Rig::answer(Ticket ticket) const {
  const auto at = answers.find(ticket);
  return at == answers.end() ? nullptr : &at->second;
}

int Rig::status(Ticket ticket) const {
  const Answer* given = answer(ticket);
  if (!given) return 0;
  const auto* refused = std::get_if<Refused>(&given->result);
  return refused ? refused->status : 202;
}

Id Rig::accepted(Ticket ticket) {
  until([&] { return answer(ticket) != nullptr; });
  const Answer* given = answer(ticket);
  const auto* accepted = given ? std::get_if<Accepted>(&given->result) : nullptr;
  return accepted ? accepted->first : 0;
}

void Rig::group(std::string name, std::vector<std::string> members) {
  const Ticket ticket = ask().save_group({std::move(name), std::move(members)}, 0);
  until([&] { return answer(ticket) != nullptr; });
}

void Rig::keyword(KeywordRecord record) {
  const Ticket ticket = ask().save_keyword(std::move(record), 0);
  until([&] { return answer(ticket) != nullptr; });
}

void Rig::text_in(int modem, std::string_view from, std::string_view text) {
  const auto parts = bank.air().inject(bank.modem(modem).sim()->line, from, text, now_);
  if (!parts) throw std::runtime_error(parts.error());
}

std::size_t Rig::place_of(int modem) const {
  const auto at = std::find_if(ports_.begin(), ports_.end(), [&](const Port& port) { return port.modem == modem; });
  return static_cast<std::size_t>(at - ports_.begin());
}

// Whoever had it open reads an error.
void Rig::lose(Port& port) {
  dirty_ = true;
  if (!port.open) return;
  port.close();
  appliance_->clock(clock());
  appliance_->modem_closed(static_cast<std::size_t>(&port - ports_.data()), "Input/output error");
}

void Rig::unplug(int modem) {
  if (!bank.plugged(modem)) return;
  bank.control("unplug modem" + std::to_string(modem), now_);
  lose(ports_[place_of(modem)]);
}

void Rig::plug(int modem) {
  if (!bank.plugged(modem)) bank.control("plug modem" + std::to_string(modem), now_);
}

void Rig::plug(int modem, const std::string& iccid) {
  const std::string said = bank.control("plug modem" + std::to_string(modem) + " sim=" + iccid, now_);
  if (said.rfind("ok", 0) != 0) throw std::runtime_error(said);
}

void Rig::exchange_places(int modem, int other) {
  Port &one = ports_[place_of(modem)], &two = ports_[place_of(other)];
  lose(one);
  lose(two);
  std::swap(one.modem, two.modem);
}

std::string Rig::network(std::string_view words) {
  const std::string answer = bank.control("network " + std::string(words), now_);
  if (answer.rfind("ok", 0) != 0) throw std::runtime_error(answer);
  return answer;
}

void Rig::mend_disk() {
  failing_commits_ = 0;
  refused_until_ = hung_until_ = now_;
  dirty_ = true;
}

std::string Rig::fault(std::string_view words) {
  const std::string answer = bank.control("fault " + std::string(words), now_);
  hear_air();
  if (answer.rfind("ok", 0) != 0 && answer != "error not plugged") throw std::runtime_error(answer);
  return answer;
}

int Rig::stored() const {
  int sum = 0;
  auto& modems = const_cast<modembank::Bank&>(bank);
  for (int k = 0; k < options_.modems; ++k) {
    sum += modems.modem(k).me().used();
    if (modems.modem(k).sim()) sum += modems.modem(k).sim()->sm.used();
  }
  return sum;
}

bool Rig::being_written(Id id) const {
  return commit_ && std::any_of(commit_->batch.begin(), commit_->batch.end(), [id](const store::Op& op) {
    const auto* insert = std::get_if<store::InsertMessage>(&op);
    return insert && insert->message.id == id;
  });
}

const MessageRecord& Rig::row(Id id) const {
  const auto at = rows.messages.find(id);
  if (at == rows.messages.end()) throw std::runtime_error("no row for message " + std::to_string(id));
  return at->second;
}

std::vector<const modembank::Record*> Rig::on_air(std::string_view to) const {
  std::vector<const modembank::Record*> out;
  for (const modembank::Record& record : air)
    if (record.event == "submit" && (to.empty() || record.submit->da == to)) out.push_back(&record);
  return out;
}

std::vector<std::string> Rig::texts_to(std::string_view number) const {
  std::vector<std::string> out;
  for (const modembank::Record* record : on_air(number)) out.push_back(record->submit->text);
  return out;
}

bool Rig::noted(std::string_view words) const {
  return std::any_of(notes.begin(), notes.end(), [&](const std::string& note) { return note.find(words) != std::string::npos; });
}

std::string Rig::tail_of_notes(std::size_t lines) const {
  std::string out;
  for (std::size_t i = notes.size() > lines ? notes.size() - lines : 0; i < notes.size(); ++i) out += notes[i] + "\n";
  return out;
}

}  // namespace rig
