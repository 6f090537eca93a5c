#include "tests/simulation/report_watch.h"

#include "at/tpdu.h"

namespace simulation {

namespace {

// TP-MR wraps: of two texts to one number that have the same, a report may mean either.
std::string named(const std::string& iccid, int tp_mr, const std::string& to) {
  return iccid + " " + std::to_string(tp_mr) + " " + to;
}

}  // namespace

void ReportWatch::record(const modembank::Record& record) {
  if (record.inbound == 0 || record.pdu.empty()) return;
  const auto pdu = at::decode_pdu(record.pdu, at::Direction::from_sc);
  const auto* report = pdu ? std::get_if<at::StatusReport>(&pdu->tpdu) : nullptr;
  if (report) reported_.insert(named(record.iccid, report->tp_mr, report->tp_ra.display()));
}

void ReportWatch::committed(const store::Batch& batch) {
  for (const store::Op& op : batch) {
    const auto* update = std::get_if<store::UpdateMessage>(&op);
    const auto row = update ? rig_.rows.messages.find(update->message.id) : rig_.rows.messages.end();
    if (row == rig_.rows.messages.end()) continue;
    const MessageRecord& m = row->second;
    for (const PartRecord& part : m.parts)
      if (part.state == MessageState::delivered && !reported_.contains(named(part.iccid, part.tp_mr, m.to)))
        return verdicts_.wrong("called delivered, and no report of it came: " + shown(m));
  }
}

}  // namespace simulation
