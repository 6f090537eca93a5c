#include "tests/simulation/report_watch.h"

#include "at/tpdu.h"

namespace simulation {

namespace {

std::string named(const std::string& to, const std::string& tag, std::size_t part) {
  return to + " " + tag + " " + std::to_string(part);
}

}  // namespace

void ReportWatch::record(const modembank::Record& record) {
  if (record.submit) {
    const auto& submit = *record.submit;
    const std::size_t part = submit.segment ? static_cast<std::size_t>(submit.segment->seq) - 1u : 0u;
    if (record.event == "submit")
      sent_[{record.iccid, submit.tp_mr}] = named(submit.da, tag_in(submit.text), part);
    return;
  }
  if (record.inbound == 0 || record.pdu.empty()) return;
  const auto pdu = at::decode_pdu(record.pdu, at::Direction::from_sc);
  const auto* report = pdu ? std::get_if<at::StatusReport>(&pdu->tpdu) : nullptr;
  if (!report) return;
  const auto of = sent_.find({record.iccid, report->tp_mr});
  if (of != sent_.end()) reported_.insert(of->second);
}

void ReportWatch::committed(const store::Batch& batch) {
  for (const store::Op& op : batch) {
    const auto* update = std::get_if<store::UpdateMessage>(&op);
    const auto row = update ? rig_.rows.messages.find(update->message.id) : rig_.rows.messages.end();
    if (row == rig_.rows.messages.end() || tag_of(row->second).empty()) continue;
    const MessageRecord& m = row->second;
    for (std::size_t part = 0; part < m.parts.size(); ++part)
      if (m.parts[part].state == MessageState::delivered && !reported_.contains(named(m.to, tag_of(m), part)))
        verdicts_.wrong("called delivered, and no report said so: part " + std::to_string(part + 1) + " of " +
                        shown(m));
  }
}

}  // namespace simulation
