// The commands of 27.005, PDU mode.
#include <algorithm>
#include <string>

#include "at/ucs2.h"
#include "hw/modembank/modem.h"

namespace modembank {

namespace {

// A modem hands on what it can read as a SUBMIT, oddities and all.
std::optional<at::Submit> submit_of(const std::string& hex) {
  auto pdu = at::decode_pdu(hex, at::Direction::to_sc);
  if (!pdu || !pdu->ends_before.empty()) return std::nullopt;
  auto* submit = std::get_if<at::Submit>(&pdu->tpdu);
  return submit != nullptr ? std::optional(std::move(*submit)) : std::nullopt;
}

}  // namespace

std::optional<SimulatedModem::Answer> SimulatedModem::sms_refusal() const {
  if (sim_ == nullptr) return cms(310);
  if (!unlocked()) return cms(sim_->pin_tries > 0 ? 311 : 316);
  if (!sms_ready_) return cms(314);
  return std::nullopt;
}

SimulatedModem::Answer SimulatedModem::csms(const Command& command, at::Instant) {
  if (command.form == Command::Form::test) return ok({"+CSMS: (0,1)"});
  if (command.form == Command::Form::read) return ok({"+CSMS: " + std::to_string(current_.csms) + ",1,1,0"});
  const int service = command.number(0, 0);
  if (service != 0 && service != 1) return cms(302);
  current_.csms = service;
  return ok({"+CSMS: 1,1,0"});
}

// 27.005 3.4.4, without an <ackpdu>
SimulatedModem::Answer SimulatedModem::cnma(const Command& command, at::Instant now) {
  if (command.form == Command::Form::test) return ok({"+CNMA: (0-2)"});
  const int n = command.number(0, 0);
  if (n < 0 || n > 2 || command.args.size() > 1) return cms(302);
  if (!unacknowledged_) return cms(340);
  acknowledged(n != 2, now);
  return ok();
}

SimulatedModem::Answer SimulatedModem::cmgf(const Command& command, at::Instant) {
  if (command.form == Command::Form::test) return ok({"+CMGF: (0)"});
  if (command.form == Command::Form::read) return ok({"+CMGF: 0"});
  return command.number(0, 0) == 0 ? ok() : cms(303);
}

SimulatedModem::Answer SimulatedModem::csca(const Command& command, at::Instant) {
  if (command.form == Command::Form::test) return ok();
  if (auto refusal = sms_refusal()) return *refusal;
  if (command.form == Command::Form::set) {
    if (command.args.empty() || command.args[0].empty() || command.args[0].size() > 21) return cms(304);
    sim_->sc_address = command.args[0];
    return ok();
  }
  const bool international = sim_->sc_address.starts_with('+');
  return ok({"+CSCA: \"" + sim_->sc_address + "\"," + (international ? "145" : "129")});
}

// 27.005 3.2.2
SimulatedModem::Answer SimulatedModem::cpms(const Command& command, at::Instant now) {
  const std::string both = "(\"SM\",\"ME\")";
  if (command.form == Command::Form::test) return ok({"+CPMS: " + both + "," + both + "," + both});
  if (auto refusal = sms_refusal()) return *refusal;
  const bool asked = command.form == Command::Form::read;
  if (!asked) {
    if (command.args.empty() || command.args.size() > 3) return cms(302);
    for (const std::string& mem : command.args) {
      if (mem != "SM" && mem != "ME") return cms(302);
    }
    std::copy(command.args.begin(), command.args.end(), current_.mem.begin());
    room_again(now);
  }
  std::string line = "+CPMS: ";
  for (std::size_t k = 0; k < current_.mem.size(); ++k) {
    const Storage& mem = storage(current_.mem[k]);
    if (k > 0) line += ",";
    if (asked) line += "\"" + current_.mem[k] + "\",";
    line += std::to_string(mem.used()) + "," + std::to_string(mem.total());
  }
  return ok({line});
}

// 27.005 3.4.1
SimulatedModem::Answer SimulatedModem::cnmi(const Command& command, at::Instant) {
  if (command.form == Command::Form::test) return ok({"+CNMI: (0-3),(0-2),(0),(0-2),(0,1)"});
  if (command.form == Command::Form::read) {
    return ok({"+CNMI: " + std::to_string(current_.cnmi_mode) + "," + std::to_string(current_.cnmi_mt) + "," +
               std::to_string(current_.cnmi_bm) + "," + std::to_string(current_.cnmi_ds) + "," +
               std::to_string(current_.cnmi_bfr)});
  }
  const int mode = command.number(0, current_.cnmi_mode), mt = command.number(1, current_.cnmi_mt),
            bm = command.number(2, current_.cnmi_bm), ds = command.number(3, current_.cnmi_ds),
            bfr = command.number(4, current_.cnmi_bfr);
  const auto within = [](int value, int most) { return value >= 0 && value <= most; };
  if (!within(mode, 3) || !within(mt, 2) || !within(bm, 0) || !within(ds, 2) || !within(bfr, 1))
    return cms(302);
  current_.cnmi_mode = mode;
  current_.cnmi_mt = mt;
  current_.cnmi_ds = ds;
  current_.cnmi_bfr = bfr;
  if (mode == 0) return ok();
  // bfr 0 flushes what was buffered to the TE, 1 clears it.
  for (std::string& urc : std::exchange(buffered_sms_urcs_, {})) {
    if (bfr == 0) held_urcs_.push_back(std::move(urc));
  }
  return ok();
}

Record SimulatedModem::read_record(std::string event, const std::string& mem, int slot, const Stored& stored,
                                   at::Instant now) const {
  Record r = record(std::move(event), now);
  r.mem = mem;
  r.index = slot + base();
  r.inbound = stored.inbound;
  r.pdu = stored.pdu;
  return r;
}

SimulatedModem::Answer SimulatedModem::cmgl(const Command& command, at::Instant now) {
  if (command.form == Command::Form::test) return ok({"+CMGL: (0-4)"});
  if (auto refusal = sms_refusal()) return *refusal;
  const int wanted = command.number(0, 0);
  if (wanted < 0 || wanted > 4) return cms(302);
  Answer answer;
  Storage& mem = storage(current_.mem[0]);
  for (int slot = 0; slot < mem.total(); ++slot) {
    Stored* stored = mem.at(slot);
    if (stored == nullptr || (wanted != 4 && wanted != static_cast<int>(stored->stat))) continue;
    answer.lines.push_back("+CMGL: " + std::to_string(slot + base()) + "," +
                           std::to_string(static_cast<int>(stored->stat)) + ",," +
                           std::to_string(stored->tpdu_octets) + "\r\n" + stored->pdu);
    if (stored->stat == Stat::rec_unread) stored->stat = Stat::rec_read;
    answer.records.push_back(read_record("cmgl", current_.mem[0], slot, *stored, now));
  }
  return answer;
}

SimulatedModem::Answer SimulatedModem::cmgr(const Command& command, at::Instant now) {
  if (command.form == Command::Form::test) return ok();
  if (auto refusal = sms_refusal()) return *refusal;
  const int slot = command.number(0, -1) - base();
  Storage& mem = storage(current_.mem[0]);
  if (!mem.has(slot)) return cms(321);
  Stored* stored = mem.at(slot);
  if (stored == nullptr) return settings_.make == Make::ec2x ? ok() : cms(321);
  Answer answer = ok({"+CMGR: " + std::to_string(static_cast<int>(stored->stat)) + ",," +
                      std::to_string(stored->tpdu_octets) + "\r\n" + stored->pdu});
  if (stored->stat == Stat::rec_unread) stored->stat = Stat::rec_read;
  answer.records.push_back(read_record("cmgr", current_.mem[0], slot, *stored, now));
  return answer;
}

bool SimulatedModem::erase(const std::string& mem, int slot, at::Instant now) {
  const Stored* stored = storage(mem).at(slot);
  if (stored == nullptr) return false;
  air_.log(read_record("delete", mem, slot, *stored, now));
  return storage(mem).erase(slot);
}

// 24.011 5.3.1: RP-SMMA, once there is room after a refusal.
void SimulatedModem::room_again(at::Instant now) {
  if (!memory_full_ || storage(current_.mem[2]).full()) return;
  memory_full_ = false;
  air_.memory_available(sim_->line, now);
}

// 27.005 3.5.4
SimulatedModem::Answer SimulatedModem::cmgd(const Command& command, at::Instant now) {
  if (auto refusal = sms_refusal()) return *refusal;
  const std::string& mem = current_.mem[0];
  const int total = storage(mem).total();
  if (command.form == Command::Form::test) {
    return ok({"+CMGD: (" + std::to_string(base()) + "-" + std::to_string(total - 1 + base()) + "),(0-4)"});
  }
  const int slot = command.number(0, -1) - base();
  const int flag = command.number(1, 0);
  if (flag < 0 || flag > 4 || (flag == 0 && !storage(mem).has(slot))) return cms(321);
  if (flag == 0) erase(mem, slot, now);
  for (int k = 0; flag > 0 && k < total; ++k) {
    const Stored* stored = storage(mem).at(k);
    if (stored == nullptr) continue;
    const bool read = stored->stat == Stat::rec_read, sent = stored->stat == Stat::sto_sent,
               unsent = stored->stat == Stat::sto_unsent;
    if (flag == 4 || read || (sent && flag >= 2) || (unsent && flag >= 3)) erase(mem, k, now);
  }
  room_again(now);
  return ok();
}

SimulatedModem::Answer SimulatedModem::cmgs(const Command& command, at::Instant) {
  if (command.form == Command::Form::test) return ok();
  if (auto refusal = sms_refusal()) return *refusal;
  const int length = command.number(0, -1);
  if (length < 7 || length > 164) return cms(304);
  Answer answer;
  answer.next = Next::prompt;
  enter_data(Entry{false, length, Stat::sto_unsent, {}});
  return answer;
}

SimulatedModem::Answer SimulatedModem::cmgw(const Command& command, at::Instant) {
  if (command.form == Command::Form::test) return ok();
  if (auto refusal = sms_refusal()) return *refusal;
  const int length = command.number(0, -1), stat = command.number(1, 2);
  if (length < 7 || length > 164 || stat < 0 || stat > 3) return cms(304);
  Answer answer;
  answer.next = Next::prompt;
  enter_data(Entry{true, length, static_cast<Stat>(stat), {}});
  return answer;
}

// Ctrl-Z. What the PDU is worth is known at once; the answer takes its time.
void SimulatedModem::entered(at::Instant now) {
  const Entry entry = std::move(*entry_);
  entry_.reset();
  const auto octets = at::hex_decode(entry.text);
  const auto wanted = octets && !octets->empty() ? 1 + static_cast<std::size_t>(octets->front()) +
                                                       static_cast<std::size_t>(entry.length)
                                                 : 0;
  if (!octets || octets->size() != wanted) return start(cms(304), now);
  if (entry.store) {
    const std::string& mem = current_.mem[1];
    const int slot = storage(mem).add(Stored{entry.stat, at::hex_encode(*octets), entry.length, 0});
    if (slot < 0) return start(cms(322), now);
    air_.log(read_record("store", mem, slot, *storage(mem).at(slot), now));
    return start(ok({"+CMGW: " + std::to_string(slot + base())}), now);
  }
  auto submit = submit_of(entry.text);
  if (!submit) return start(cms(304), now);
  if (stat_ != 1) return start(cms(331), now);
  if (now < garbage_until_) return start(error(), now);
  Transmission t;
  t.submit = std::move(*submit);
  t.pdu = at::hex_encode(*octets);
  t.answer = "+CMGS: ";
  transmit(std::move(t), now);
}

// 27.005 3.5.2
SimulatedModem::Answer SimulatedModem::cmss(const Command& command, at::Instant) {
  if (command.form == Command::Form::test) return ok();
  if (auto refusal = sms_refusal()) return *refusal;
  const int slot = command.number(0, -1) - base();
  const Stored* stored = storage(current_.mem[1]).at(slot);
  if (stored == nullptr) return cms(321);
  auto submit = submit_of(stored->pdu);
  if (!submit) return cms(304);
  if (stat_ != 1) return cms(331);
  Answer answer;
  answer.next = Next::radio;
  answer.radio = Transmission{};
  answer.radio->submit = std::move(*submit);
  answer.radio->pdu = stored->pdu;
  answer.radio->answer = "+CMSS: ";
  answer.radio->stored_slot = slot;
  return answer;
}

SimulatedModem::Answer SimulatedModem::cmms(const Command& command, at::Instant now) {
  link_open(now);
  if (command.form == Command::Form::test) return ok({"+CMMS: (0-2)"});
  if (command.form == Command::Form::read) return ok({"+CMMS: " + std::to_string(current_.cmms)});
  const int n = command.number(0, -1);
  if (n < 0 || n > 2) return cms(302);
  current_.cmms = n;
  if (n == 0) link_ = {};
  Answer answer = ok();
  answer.records.push_back(record("cmms", now));
  return answer;
}

}  // namespace modembank
