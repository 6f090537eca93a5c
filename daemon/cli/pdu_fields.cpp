#include "daemon/cli/pdu_fields.h"

#include "at/ucs2.h"
#include "at/wsp.h"
#include "daemon/cli/pdu_time.h"

namespace klaxon::cli {
namespace {

int bit(bool value) {
  return value ? 1 : 0;
}

json::value time_field(const at::Timestamp& timestamp) {
  const auto iso = iso_of(timestamp);
  return iso ? json::value(*iso) : json::value(nullptr);
}

json::value waiting_field(const at::MessageWaiting& waiting) {
  static constexpr const char* kKinds[] = {"voicemail", "fax", "email", "other"};
  return {
      {"kind", kKinds[static_cast<int>(waiting.kind)]}, {"active", waiting.active}, {"store", waiting.store}};
}

// 23.040 9.2.3.12. TP-VPF 1 is the enhanced format, 2 the relative one, 3 the absolute one.
json::value validity_field(const at::Submit& submit) {
  if (submit.tp_vp)
    return {
        {"format", "relative"}, {"value", *submit.tp_vp}, {"seconds", at::decode_relative_vp(*submit.tp_vp)}};
  if (submit.tp_vp_octets.size() != 7) return nullptr;
  if (submit.tp_vpf == 3)
    return {{"format", "absolute"}, {"time", time_field(at::decode_timestamp(submit.tp_vp_octets.data()))}};
  const at::EnhancedVp vp = at::decode_enhanced_vp(submit.tp_vp_octets.data());
  json::object enhanced{{"format", "enhanced"}, {"data", at::hex_encode(submit.tp_vp_octets)}};
  if (vp.seconds) enhanced["seconds"] = *vp.seconds;
  if (vp.single_shot) enhanced["single_shot"] = true;
  return enhanced;
}

// The whole push is in one part, or the first part is enough for the most of it.
void put_push(const at::UserData& ud, json::object* fields) {
  if (!ud.ports || ud.ports->destination != at::kWapPushPort || (ud.concat && ud.concat->sequence != 1))
    return;
  const auto push = at::decode_wap_push(ud.units);
  if (!push) return;
  json::object wap{{"content_type", push->content_type}};
  if (push->indication)
    wap["indication"] = {{"href", push->indication->href}, {"text", push->indication->text}};
  if (push->mms) {
    const at::MmsNotification& mms = *push->mms;
    json::object notice{{"transaction_id", mms.transaction_id},
                        {"from", mms.from},
                        {"subject", mms.subject},
                        {"location", mms.location},
                        {"class", mms.message_class}};
    if (mms.size) notice["size"] = *mms.size;
    if (mms.expires_after) notice["expires_after"] = *mms.expires_after;
    if (mms.expires_unix) notice["expires_unix"] = *mms.expires_unix;
    wap["mms"] = std::move(notice);
  }
  (*fields)["wap"] = std::move(wap);
}

// Puts fields in the order of the octets, and none from the first on that could not be read.
class Fields {
 public:
  Fields(json::object& fields, std::string_view ends_before) : fields_(fields), ends_before_(ends_before) {}

  void operator()(const at::Deliver&);
  void operator()(const at::Submit&);
  void operator()(const at::StatusReport&);
  void operator()(const at::SubmitReport&);
  void operator()(const at::DeliverReport&);
  void operator()(const at::SmsCommand&);

 private:
  void put(std::string_view field, const char* key, json::value value) {
    if (read(field)) fields_[key] = std::move(value);
  }
  bool read(std::string_view field) {
    ended_ = ended_ || field == ends_before_;
    return !ended_;
  }
  void user_data(const at::UserData&, std::uint8_t tp_dcs);
  void announced(const at::OptionalParameters&);

  json::object& fields_;
  std::string_view ends_before_;
  bool ended_ = false;
};

void Fields::user_data(const at::UserData& ud, std::uint8_t tp_dcs) {
  if (!read("TP-UDL")) return;
  const at::Dcs dcs = at::decode_dcs(tp_dcs);
  fields_["tp_udl"] = ud.tp_udl;
  fields_["alphabet"] = at::alphabet_name(ud.alphabet);
  fields_["class"] = dcs.message_class ? json::value(*dcs.message_class) : json::value(nullptr);
  if (dcs.message_waiting) fields_["message_waiting"] = waiting_field(*dcs.message_waiting);
  if (dcs.automatic_deletion) fields_["automatic_deletion"] = true;
  put_udh(ud, &fields_);
  if (ud.alphabet == at::Alphabet::gsm7 || ud.alphabet == at::Alphabet::ucs2) {
    fields_["text"] = ud.text();
  } else {
    fields_["data"] = at::hex_encode(ud.units);
    put_push(ud, &fields_);
  }
}

void Fields::announced(const at::OptionalParameters& parameters) {
  if (parameters.tp_pid) put("TP-PID", "tp_pid", *parameters.tp_pid);
  if (parameters.tp_dcs) put("TP-DCS", "tp_dcs", *parameters.tp_dcs);
  if (parameters.ud) user_data(*parameters.ud, parameters.tp_dcs.value_or(0));
}

void Fields::operator()(const at::Deliver& deliver) {
  fields_["tp_mti"] = "deliver";
  fields_["tp_mms"] = bit(deliver.tp_mms);
  fields_["tp_rp"] = bit(deliver.tp_rp);
  fields_["tp_udhi"] = bit(deliver.tp_udhi);
  fields_["tp_sri"] = bit(deliver.tp_sri);
  put("TP-OA", "tp_oa", address_fields(deliver.tp_oa));
  put("TP-PID", "tp_pid", deliver.tp_pid);
  put("TP-DCS", "tp_dcs", deliver.tp_dcs);
  put("TP-SCTS", "tp_scts", time_field(deliver.tp_scts));
  user_data(deliver.ud, deliver.tp_dcs);
}

void Fields::operator()(const at::Submit& submit) {
  fields_["tp_mti"] = "submit";
  fields_["tp_rd"] = bit(submit.tp_rd);
  fields_["tp_vpf"] = submit.tp_vpf;
  fields_["tp_rp"] = bit(submit.tp_rp);
  fields_["tp_udhi"] = bit(submit.tp_udhi);
  fields_["tp_srr"] = bit(submit.tp_srr);
  put("TP-MR", "tp_mr", submit.tp_mr);
  put("TP-DA", "tp_da", address_fields(submit.tp_da));
  put("TP-PID", "tp_pid", submit.tp_pid);
  put("TP-DCS", "tp_dcs", submit.tp_dcs);
  put("TP-VP", "tp_vp", validity_field(submit));
  user_data(submit.ud, submit.tp_dcs);
}

void Fields::operator()(const at::StatusReport& report) {
  fields_["tp_mti"] = "status_report";
  fields_["tp_mms"] = bit(report.tp_mms);
  fields_["tp_srq"] = bit(report.tp_srq);
  fields_["tp_udhi"] = bit(report.tp_udhi);
  put("TP-MR", "tp_mr", report.tp_mr);
  put("TP-RA", "tp_ra", address_fields(report.tp_ra));
  put("TP-SCTS", "tp_scts", time_field(report.tp_scts));
  put("TP-DT", "tp_dt", time_field(report.tp_dt));
  put("TP-ST", "tp_st", report.tp_st);
  put("TP-ST", "tp_st_text", json::string(at::tp_st_text(report.tp_st)));
  if (report.parameters.tp_pi.empty()) return;
  put("TP-PI", "tp_pi", report.parameters.tp_pi.front());
  announced(report.parameters);
}

void Fields::operator()(const at::SubmitReport& report) {
  fields_["tp_mti"] = "submit_report";
  fields_["tp_udhi"] = bit(report.tp_udhi);
  if (report.tp_fcs) fields_["tp_fcs"] = *report.tp_fcs;
  if (report.parameters.tp_pi.empty()) return;
  put("TP-PI", "tp_pi", report.parameters.tp_pi.front());
  put("TP-SCTS", "tp_scts", time_field(report.tp_scts));
  announced(report.parameters);
}

void Fields::operator()(const at::DeliverReport& report) {
  fields_["tp_mti"] = "deliver_report";
  fields_["tp_udhi"] = bit(report.tp_udhi);
  if (report.tp_fcs) fields_["tp_fcs"] = *report.tp_fcs;
  if (report.parameters.tp_pi.empty()) return;
  put("TP-PI", "tp_pi", report.parameters.tp_pi.front());
  announced(report.parameters);
}

void Fields::operator()(const at::SmsCommand& command) {
  fields_["tp_mti"] = "command";
  fields_["tp_udhi"] = bit(command.tp_udhi);
  fields_["tp_srr"] = bit(command.tp_srr);
  put("TP-MR", "tp_mr", command.tp_mr);
  put("TP-PID", "tp_pid", command.tp_pid);
  put("TP-CT", "tp_ct", command.tp_ct);
  put("TP-MN", "tp_mn", command.tp_mn);
  put("TP-DA", "tp_da", address_fields(command.tp_da));
  put("TP-CDL", "tp_cdl", command.tp_cdl);
  put("TP-CD", "data", json::string(at::hex_encode(command.tp_cd)));
}

}  // namespace

json::object address_fields(const at::Address& address) {
  return {{"digits", address.digits},
          {"ton", static_cast<int>(address.ton)},
          {"npi", static_cast<int>(address.npi)}};
}

void put_udh(const at::UserData& ud, json::object* fields) {
  if (!ud.udh.empty()) {
    json::array elements;
    for (const auto& element : ud.udh)
      elements.push_back({{"iei", element.iei}, {"data", at::hex_encode(element.octets)}});
    (*fields)["udh"] = std::move(elements);
  }
  if (ud.concat)
    (*fields)["concat"] = {{"ref", ud.concat->reference},
                           {"ref_bits", ud.concat->reference_bits},
                           {"total", ud.concat->total},
                           {"seq", ud.concat->sequence}};
  if (ud.ports)
    (*fields)["ports"] = {
        {"dst", ud.ports->destination}, {"src", ud.ports->source}, {"bits", ud.ports->bits}};
  if (ud.tables != at::Gsm7Tables{})
    (*fields)["national"] = {{"locking", ud.tables.locking}, {"single", ud.tables.single}};
}

json::array defects_of(const at::Pdu& pdu) {
  json::array out;
  for (const auto& defect : pdu.defects)
    out.emplace_back("octet " + std::to_string(defect.octet) + ": " + defect.reason);
  return out;
}

json::object fields_of(const at::Pdu& pdu) {
  json::object fields;
  fields["smsc"] = pdu.sc.digits.empty() ? json::value(nullptr) : json::value(address_fields(pdu.sc));
  std::visit(Fields(fields, pdu.ends_before), pdu.tpdu);
  return fields;
}

}  // namespace klaxon::cli
