#include "hw/modembank/air.h"

#include <algorithm>

#include "at/segment.h"
#include "at/ucs2.h"
#include "hw/modembank/identity.h"

namespace modembank {
namespace {

constexpr std::size_t kWaitingPerSim = 20'000;
constexpr std::size_t kRules = 10'000;
constexpr std::size_t kLog = 200'000;  // of records that nobody took
constexpr int kParts = 255;

// +447700900001, 07700900001 and 447700900001 are one subscriber.
std::string tail(std::string_view number) {
  constexpr std::size_t kTail = 10;
  return std::string(number.size() > kTail ? number.substr(number.size() - kTail) : number);
}

at::Address service_centre() {
  return at::address_from_display(kServiceCentre);
}

Record submit_record(const std::string& modem, const Sim& sim, const at::Submit& s, const std::string& pdu,
                     at::Instant now) {
  Record record;
  record.event = "submit";
  record.at = now;
  record.modem = modem;
  record.iccid = sim.iccid;
  record.pdu = pdu;
  Record::Submitted what;
  what.da = s.tp_da.display();
  what.text = s.ud.text();
  what.alphabet = at::alphabet_name(s.ud.alphabet);
  what.tp_mr = s.tp_mr;
  if (const auto& c = s.ud.concat)
    what.segment = Record::Submitted::Segment{c->reference, c->total, c->sequence};
  what.srr = s.tp_srr;
  if (s.tp_vp) what.vp = *s.tp_vp;
  record.submit = std::move(what);
  return record;
}

}  // namespace

Air::Air(AirSettings settings) : settings_(std::move(settings)), rng_(settings_.seed) {}

void Air::enrol(Sim* sim) {
  sim->line = lines_.size();
  sim->sc_address = std::string(kServiceCentre);
  lines_.push_back(Line{sim->number, {}, {}, {}});
  lines_by_tail_[tail(sim->number)] = sim->line;
}

std::int64_t Air::unix_ms(at::Instant t) const {
  return settings_.unix_ms_at_zero + std::chrono::duration_cast<at::Millis>(t.time_since_epoch()).count();
}

at::Timestamp Air::stamp(at::Instant t) const {
  at::Timestamp timestamp;
  timestamp.unix_seconds = unix_ms(t) / 1000;
  timestamp.raw = at::encode_timestamp(*timestamp.unix_seconds, 0);
  return timestamp;
}

// One text after the other: paging a SIM takes its time, also when a burst waits.
at::Instant Air::page(Line& line, at::Instant now) {
  line.last = std::max(line.last, now) + settings_.delivery.sample(rng_);
  return line.last;
}

bool Air::enqueue(Line& line, Inbound inbound, at::Instant due) {
  if (line.waiting.size() + line.held.size() >= kWaitingPerSim) {
    ++counts_.dropped;
    return false;
  }
  inbound.id = next_id_++;
  if (!inbound.report) ++counts_.inbound;
  const auto again = strikes(inbound.report ? Mishap::report_twice : Mishap::text_twice);
  if (again) line.waiting.emplace(due + *again, inbound);
  line.waiting.emplace(due, std::move(inbound));
  return true;
}

void Air::mishap(Mishap kind, int count, Duration by) {
  mishaps_[static_cast<std::size_t>(kind)] = {count, by};
}

std::optional<Duration> Air::strikes(Mishap kind) {
  Coming& coming = mishaps_[static_cast<std::size_t>(kind)];
  if (coming.count == 0) return std::nullopt;
  --coming.count;
  return coming.by;
}

Air::Line* Air::line_of(std::string_view number) {
  const auto found = lines_by_tail_.find(tail(number));
  return found == lines_by_tail_.end() ? nullptr : &lines_[found->second];
}

void Air::submitted(const std::string& modem, const Sim& sim, const at::Submit& submit,
                    const std::string& pdu, at::Instant now) {
  ++counts_.submits;
  log(submit_record(modem, sim, submit, pdu, now));
  forward(sim, submit, now);
  if (submit.tp_srr) report(sim, submit, now);
}

void Air::forward(const Sim& sim, const at::Submit& submit, at::Instant now) {
  Line* to = line_of(submit.tp_da.display());
  if (to == nullptr) return;
  at::Deliver deliver;
  deliver.tp_oa = at::address_from_display(sim.number);
  deliver.tp_sri = submit.tp_srr;
  deliver.tp_udhi = submit.tp_udhi;
  deliver.tp_pid = submit.tp_pid;
  deliver.tp_dcs = submit.tp_dcs;
  deliver.tp_scts = stamp(now);
  deliver.ud = submit.ud;
  const auto pdu = at::encode_pdu(service_centre(), deliver);
  if (!pdu) return;
  const bool class2 = at::decode_dcs(submit.tp_dcs).message_class == 2;
  enqueue(*to, Inbound{0, pdu->hex, pdu->tpdu_octets, false, class2}, page(*to, now));
}

void Air::report(const Sim& sim, const at::Submit& submit, at::Instant now) {
  const auto rule = rules_.find(submit.tp_da.display());
  if (rule != rules_.end() && rule->second.silent) return;
  if (strikes(Mishap::report_lost)) return;
  at::Instant due = now + settings_.report_delay.sample(rng_);
  if (strikes(Mishap::report_early))
    due = now;
  else if (const auto late = strikes(Mishap::report_late))
    due += *late;
  at::StatusReport report;
  report.tp_mr = submit.tp_mr;
  report.tp_ra = submit.tp_da;
  report.tp_scts = stamp(now);
  report.tp_dt = stamp(due);
  report.tp_st = rule == rules_.end() ? std::uint8_t{0} : rule->second.tp_st;
  const auto pdu = at::encode_pdu(service_centre(), report);
  if (pdu) enqueue(lines_[sim.line], Inbound{0, pdu->hex, pdu->tpdu_octets, true, false}, due);
}

const Inbound* Air::due(std::size_t line, at::Instant now) const {
  const auto& waiting = lines_[line].waiting;
  return waiting.empty() || waiting.begin()->first > now ? nullptr : &waiting.begin()->second;
}

void Air::taken(std::size_t line) {
  auto& waiting = lines_[line].waiting;
  ++(waiting.begin()->second.report ? counts_.reports : counts_.delivered);
  waiting.erase(waiting.begin());
}

void Air::refused(std::size_t line) {
  auto& waiting = lines_[line].waiting;
  lines_[line].held.push_back(std::move(waiting.begin()->second));
  waiting.erase(waiting.begin());
}

void Air::memory_available(std::size_t line_index, at::Instant now) {
  Line& line = lines_[line_index];
  line.last = std::min(line.last, now);
  for (Inbound& inbound : line.held) {
    const at::Instant due = page(line, now);
    line.waiting.emplace(due, std::move(inbound));
  }
  line.held.clear();
}

std::optional<at::Instant> Air::next(std::size_t line) const {
  const auto& waiting = lines_[line].waiting;
  if (waiting.empty()) return std::nullopt;
  return waiting.begin()->first;
}

at::Expected<int, std::string> Air::inject(std::size_t line, std::string_view from, std::string_view text,
                                           at::Instant now) {
  const auto segmented = at::segment_text(text, at::Encoding::automatic, kParts);
  if (!segmented) return at::Unexpected{std::string("the text is no UTF-8 or makes more than 255 parts")};
  const std::size_t total = segmented->parts.size();
  const std::uint8_t reference = next_reference_++;
  for (std::size_t k = 0; k < total; ++k) {
    at::Deliver deliver;
    deliver.tp_oa = at::address_from_display(from);
    deliver.tp_mms = k + 1 == total;
    deliver.tp_dcs = segmented->alphabet == at::Alphabet::ucs2 ? 0x08 : 0x00;
    deliver.tp_scts = stamp(now);
    deliver.ud.alphabet = segmented->alphabet;
    deliver.ud.units = segmented->parts[k];
    deliver.tp_udhi = total > 1;
    if (total > 1) {
      deliver.ud.udh.push_back(at::concat_element(
          {reference, 8, static_cast<std::uint8_t>(total), static_cast<std::uint8_t>(k + 1)}));
    }
    const auto pdu = at::encode_pdu(service_centre(), deliver);
    if (!pdu) return at::Unexpected{pdu.error().reason};
    Line& to = lines_[line];
    if (!enqueue(to, Inbound{0, pdu->hex, pdu->tpdu_octets, false, false}, page(to, now))) {
      return at::Unexpected{std::string("too many texts wait for this SIM")};
    }
  }
  return static_cast<int>(total);
}

at::Expected<int, std::string> Air::inject_pdu(std::size_t line, std::string_view hex, at::Instant now) {
  const auto octets = at::hex_decode(hex);
  if (!octets || octets->size() < 2 || octets->size() > 400)
    return at::Unexpected{std::string("no PDU in hex")};
  const std::size_t first = std::size_t{1} + octets->front();
  if (first >= octets->size()) return at::Unexpected{std::string("the SC address is longer than the PDU")};
  const bool report = ((*octets)[first] & 0x03) == 0x02;  // TP-MTI from the SC (23.040 9.2.3.1)
  Line& to = lines_[line];
  const Inbound inbound{0, at::hex_encode(*octets), static_cast<int>(octets->size() - first), report, false};
  if (!enqueue(to, inbound, page(to, now)))
    return at::Unexpected{std::string("too many texts wait for this SIM")};
  return 1;
}

bool Air::set_report(const std::string& number, ReportRule rule) {
  if (rules_.size() >= kRules && !rules_.contains(number)) return false;
  rules_[number] = rule;
  return true;
}

bool Air::refuse(const std::string& number, int cms) {
  if (cms == 0) return refused_numbers_.erase(number), true;
  if (refused_numbers_.size() >= kRules && !refused_numbers_.contains(number)) return false;
  refused_numbers_[number] = cms;
  return true;
}

int Air::refusal(const at::Submit& submit) const {
  if (refused_numbers_.empty()) return 0;
  const auto at = refused_numbers_.find(submit.tp_da.display());
  return at == refused_numbers_.end() ? 0 : at->second;
}

void Air::log(Record record) {
  if (record.event == "cmgr" || record.event == "cmgl") ++counts_.read;
  if (record.event == "delete") ++counts_.deleted;
  if (log_.size() >= kLog) log_.erase(log_.begin(), log_.begin() + kLog / 2);
  log_.push_back(std::move(record));
}

std::vector<Record> Air::take_log() {
  return std::exchange(log_, {});
}

Counts Air::counts() const {
  Counts counts = counts_;
  for (const Line& line : lines_) {
    counts.held += line.held.size();
    counts.waiting += line.held.size() + line.waiting.size();
  }
  return counts;
}

}  // namespace modembank
