// Power and network: booting, registration, what comes in, what goes out.
#include <algorithm>
#include <utility>

#include "at/ucs2.h"
#include "hw/modembank/modem.h"

namespace modembank {

constexpr at::Millis kSimReady{200};  // from RDY to +CPIN
constexpr at::Millis kSmsLayer{200};  // from registration to "SMS Ready"
constexpr at::Millis kLinkHeld{5'000};  // 27.005 3.5.6: 1 to 5 s, for the next submit to follow
constexpr int kNetworkTimeout = 41;  // 24.011 E-2: temporary failure

Record SimulatedModem::record(std::string event, at::Instant now) const {
  Record r;
  r.event = std::move(event);
  r.at = now;
  r.modem = settings_.name;
  if (sim_ != nullptr) r.iccid = sim_->iccid;
  return r;
}

void SimulatedModem::power_off() {
  power_ = Power::off;
  current_ = Settings{};
  pin_entered_ = sms_ready_ = memory_full_ = prompt_wanted_ = false;
  stat_ = 0;
  sim_at_ = registers_at_ = sms_ready_at_ = code_answered_at_ = std::nullopt;
  input_.clear();
  line_.clear();
  out_.clear();
  running_.reset();
  entry_.reset();
  held_urcs_.clear();
  buffered_sms_urcs_.clear();
  unacknowledged_.reset();  // the network gives it again
  link_ = {};
  silent_until_ = garbage_until_ = {};
}

void SimulatedModem::power_on(at::Instant now) {
  power_ = Power::booting;
  up_at_ = now + settings_.boot;
}

void SimulatedModem::reboot(Duration off, at::Instant now) {
  power_off();
  power_ = Power::booting;
  up_at_ = now + off;
}

void SimulatedModem::come_up(at::Instant now) {
  power_ = Power::on;
  notify("RDY");
  notify("+CFUN: 1");
  sim_at_ = now + kSimReady;
}

void SimulatedModem::open_sim(at::Instant now) {
  if (current_.cfun != 1) return;
  registers_at_ = now + settings_.registration;
  if (!sms_ready_) sms_ready_at_ = *registers_at_ + kSmsLayer;
}

void SimulatedModem::boot_steps(at::Instant now) {
  if (sim_at_ && now >= *sim_at_) {
    sim_at_.reset();
    notify("+CPIN: " + (sim_ == nullptr ? std::string("NOT INSERTED") : pin_state()));
    if (unlocked()) open_sim(now);
  }
  if (registers_at_ && now >= *registers_at_) {
    registers_at_.reset();
    set_stat(1, now);
  }
  if (code_answered_at_ && now >= *code_answered_at_) {
    code_answered_at_.reset();
    if (stat_ == 1) notify("+CUSD: " + code_answer_);
  }
  if (sms_ready_at_ && now >= *sms_ready_at_) {
    sms_ready_at_.reset();
    sms_ready_ = true;
    notify(settings_.make == Make::ec2x ? "+QIND: SMS DONE" : "SMS Ready");
  }
}

// 27.007 7.2, 10.1.20, 10.1.22
std::string SimulatedModem::registration_line(std::string_view name, int mode, bool asked) const {
  const bool lte = settings_.make == Make::ec2x;
  const int stat = name == "+CEREG" && !lte ? 0 : stat_;
  std::string line =
      std::string(name) + ": " + (asked ? std::to_string(mode) + "," : "") + std::to_string(stat);
  if (mode == 2 && stat == 1) line += lte ? ",\"1A2B\",\"01C4D5E6\",7" : ",\"1A2B\",\"C4D5\",2";
  return line;
}

void SimulatedModem::set_stat(int stat, at::Instant now) {
  if (stat == stat_) return;
  stat_ = stat;
  if (current_.creg > 0) notify(registration_line("+CREG", current_.creg, false));
  if (current_.cgreg > 0) notify(registration_line("+CGREG", current_.cgreg, false));
  if (current_.cereg > 0 && settings_.make == Make::ec2x)
    notify(registration_line("+CEREG", current_.cereg, false));
  if (stat == 1) air_.memory_available(sim_->line, now);
}

void SimulatedModem::unregister(Duration d, at::Instant now) {
  if (power_ != Power::on || !unlocked()) return;
  set_stat(2, now);
  registers_at_ = now + d;
}

bool SimulatedModem::reachable(at::Instant now) const {
  return power_ == Power::on && stat_ == 1 && sms_ready_ && !frozen(now) && now >= garbage_until_;
}

void SimulatedModem::receive(at::Instant now) {
  if (unacknowledged_ && now >= unacknowledged_->until) acknowledged(false, now);
  while (reachable(now) && !unacknowledged_) {
    const Inbound* inbound = air_.due(sim_->line, now);
    if (inbound == nullptr) return;
    if (inbound->report) {
      receive_report(*inbound, now);
      if (!unacknowledged_) air_.taken(sim_->line);
    } else if (receive_text(*inbound, now)) {
      if (!unacknowledged_) air_.taken(sim_->line);
    } else {
      memory_full_ = true;
      air_.log(record("hold", now));
      if (current_.smsfull_urc) notify("+QIND: \"smsfull\",\"" + current_.mem[2] + "\"");
      air_.refused(sim_->line);
    }
  }
}

int SimulatedModem::store(const std::string& mem, const Inbound& inbound, at::Instant now) {
  const int slot = storage(mem).add(Stored{Stat::rec_unread, inbound.pdu, inbound.tpdu_octets, inbound.id});
  if (slot < 0) return slot;
  Record r = record(inbound.report ? "report" : "deliver", now);
  r.mem = mem;
  r.index = slot + base();
  r.inbound = inbound.id;
  r.pdu = inbound.pdu;
  air_.log(std::move(r));
  return slot;
}

bool SimulatedModem::receive_text(const Inbound& inbound, at::Instant now) {
  if (current_.cnmi_mt == 2 && !inbound.class2) {
    Record r = record("route", now);
    r.inbound = inbound.id;
    r.pdu = inbound.pdu;
    air_.log(std::move(r));
    if (current_.csms == 1) unacknowledged_ = Unacknowledged{now + settings_.ack_wait, inbound.id, inbound.pdu, false};
    notify_sms("+CMT: ," + std::to_string(inbound.tpdu_octets) + "\r\n" + inbound.pdu);
    return true;
  }
  const std::string mem = inbound.class2 ? "SM" : current_.mem[2];
  const int slot = store(mem, inbound, now);
  if (slot < 0) return false;
  if (current_.cnmi_mt != 0) notify_sms("+CMTI: \"" + mem + "\"," + std::to_string(slot + base()));
  return true;
}

// 27.005 3.4.1 <ds>. A report for which there is no room, or no ds, is gone: reports are not kept by the
// network.
void SimulatedModem::receive_report(const Inbound& inbound, at::Instant now) {
  if (current_.cnmi_ds == 2) {
    const int slot = store(current_.mem[2], inbound, now);
    if (slot >= 0) return notify_sms("+CDSI: \"" + current_.mem[2] + "\"," + std::to_string(slot + base()));
  }
  Record r = record(current_.cnmi_ds == 1 ? "report" : "report_lost", now);
  r.inbound = inbound.id;
  r.pdu = inbound.pdu;
  air_.log(std::move(r));
  if (current_.cnmi_ds != 1) return;
  if (current_.csms == 1) unacknowledged_ = Unacknowledged{now + settings_.ack_wait, inbound.id, inbound.pdu, true};
  notify_sms("+CDS: " + std::to_string(inbound.tpdu_octets) + "\r\n" + inbound.pdu);
}

// 27.005 3.4.4: what was not taken in time, or was refused, is RP-ERROR, and nothing more is routed until +CNMI
// is set again. The network keeps a text and comes again with it; a report it gives up.
void SimulatedModem::acknowledged(bool taken, at::Instant now) {
  const Unacknowledged ended = *std::exchange(unacknowledged_, std::nullopt);
  Record r = record(taken ? "acknowledge" : "rp_error", now);
  r.inbound = ended.inbound;
  r.pdu = ended.pdu;
  air_.log(std::move(r));
  if (!taken) current_.cnmi_mt = current_.cnmi_ds = 0;
  if (taken || ended.report) return air_.taken(sim_->line);
  air_.again(sim_->line, now);
}

// 27.005 3.5.6: with 1 the setting, too, goes back to 0 when the link closes.
bool SimulatedModem::link_open(at::Instant now) {
  const bool open = link_.open_until && now <= *link_.open_until;
  if (link_.open_until && !open) {
    link_ = {};
    if (current_.cmms == 1) current_.cmms = 0;
  }
  return open;
}

// The service centre has it when half of the time is over; what follows is the way of its answer. So an
// unplug finds both kinds of doubt.
void SimulatedModem::transmit(Transmission t, at::Instant now) {
  const bool open = link_open(now);
  const Duration before = open ? Duration{} : scaled(settings_.link_setup.sample(rng_));
  const Duration whole = before + scaled(settings_.submit.sample(rng_));
  t.air_at = now + before + (whole - before) / 2;
  if (open && link_holds_ > 0 && link_.submits >= link_holds_) {
    t.cms = kNetworkTimeout;
  } else if (failing_submits_ > 0) {
    --failing_submits_;
    t.cms = failing_cms_;
  } else if (dropped_submits_ > 0) {
    --dropped_submits_;
    t.dropped = true;
  } else if (lost_answers_ > 0) {
    --lost_answers_;
    t.lost = true;
  }
  if (t.cms == 0) t.cms = air_.refusal(t.submit);
  running_ = Running{now + whole, {}, std::nullopt, std::move(t)};
}

void SimulatedModem::go_on_air(Transmission& t, at::Instant now) {
  t.on_air = true;
  if (t.cms != 0 || t.dropped) return;
  if (stat_ != 1) {
    t.cms = 331;
    return;
  }
  t.submit.tp_mr = sim_->next_mr++;
  ++submits_;
  if (Stored* stored = t.stored_slot >= 0 ? storage(current_.mem[1]).at(t.stored_slot) : nullptr)
    stored->stat = Stat::sto_sent;
  air_.submitted(settings_.name, *sim_, t.submit, t.pdu, now);
}

void SimulatedModem::end_transmission(at::Instant now) {
  const Transmission t = std::move(*running_->radio);
  running_.reset();
  link_.submits = t.cms == 0 ? link_.submits + 1 : 0;
  link_.open_until.reset();
  if (current_.cmms != 0 && t.cms == 0) link_.open_until = now + kLinkHeld;
  Answer answer = t.cms != 0 ? cms(t.cms) : ok({t.answer + std::to_string(t.submit.tp_mr)});
  if (!t.lost && !t.dropped) return give(std::move(answer), now);
  for (const std::string& urc : std::exchange(held_urcs_, {})) write("\r\n" + urc + "\r\n");
  if (std::exchange(prompt_wanted_, false)) open_prompt(now);
}

}  // namespace modembank
