#include "daemon/cli/pdu_fields.h"

#include <cstdlib>
#include <ctime>

#include "at/ucs2.h"
#include "daemon/cli/answers.h"

namespace klaxon::cli {
namespace {

constexpr std::size_t kPortElement8 = 0x04, kPortElement16 = 0x05;  // 23.040 9.2.3.24.3, 9.2.3.24.4

int bit(bool value) {
  return value ? 1 : 0;
}

json::value address_fields(const at::Address& address) {
  return json::object{{"digits", address.digits},
                      {"ton", static_cast<int>(address.ton)},
                      {"npi", static_cast<int>(address.npi)}};
}

std::string two_digits(int value) {
  return (value < 10 ? "0" : "") + std::to_string(value);
}

// ISO 8601 with the offset that the service centre gave; null where the octets make no date.
json::value time_field(const at::Timestamp& timestamp) {
  if (!timestamp.unix_seconds) return nullptr;
  constexpr int kQuarter = 15 * 60;
  const std::time_t local =
      static_cast<std::time_t>(*timestamp.unix_seconds) + timestamp.offset_quarters * kQuarter;
  std::tm parts{};
  gmtime_r(&local, &parts);
  const int minutes = std::abs(timestamp.offset_quarters) * 15;
  return json::string(std::to_string(parts.tm_year + 1900) + "-" + two_digits(parts.tm_mon + 1) + "-" +
                      two_digits(parts.tm_mday) + "T" + two_digits(parts.tm_hour) + ":" +
                      two_digits(parts.tm_min) + ":" + two_digits(parts.tm_sec) +
                      (timestamp.offset_quarters < 0 ? "-" : "+") + two_digits(minutes / 60) + ":" +
                      two_digits(minutes % 60));
}

const char* alphabet_name(at::Alphabet alphabet) {
  switch (alphabet) {
    case at::Alphabet::gsm7:
      return "gsm7";
    case at::Alphabet::octets:
      return "8bit";
    case at::Alphabet::ucs2:
      return "ucs2";
    case at::Alphabet::compressed:
      break;
  }
  return "compressed";
}

std::size_t header_octets(const at::UserData& ud) {
  std::size_t octets = 0;
  for (const auto& element : ud.udh) octets += 2 + element.octets.size();
  return ud.udh.empty() ? 0 : 1 + octets;
}

// 23.040 9.2.3.16: septets with the header's share rounded up, else octets.
std::size_t user_data_length(const at::UserData& ud) {
  const std::size_t header = header_octets(ud);
  return ud.units.size() + (ud.alphabet == at::Alphabet::gsm7 ? (header * 8 + 6) / 7 : header);
}

void put_ports(const at::UserData& ud, json::object* fields) {
  for (const auto& element : ud.udh) {
    const auto& octets = element.octets;
    if (element.iei == kPortElement8 && octets.size() == 2)
      (*fields)["ports"] = {{"dst", octets[0]}, {"src", octets[1]}, {"bits", 8}};
    if (element.iei == kPortElement16 && octets.size() == 4)
      (*fields)["ports"] = {
          {"dst", octets[0] << 8 | octets[1]}, {"src", octets[2] << 8 | octets[3]}, {"bits", 16}};
  }
}

void put_user_data(const at::UserData& ud, std::uint8_t tp_dcs, json::object* fields) {
  (*fields)["tp_udl"] = user_data_length(ud);
  (*fields)["alphabet"] = alphabet_name(ud.alphabet);
  const auto message_class = at::decode_dcs(tp_dcs).message_class;
  (*fields)["class"] = message_class ? json::value(*message_class) : json::value(nullptr);
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
  put_ports(ud, fields);
  if (ud.alphabet == at::Alphabet::gsm7 || ud.alphabet == at::Alphabet::ucs2) {
    (*fields)["text"] = ud.text();
  } else {
    (*fields)["data"] = at::hex_encode(ud.units);
  }
}

// 23.040 9.2.3.12. TP-VPF 1 is the enhanced format, 2 the relative one, 3 the absolute one.
json::value validity_field(const at::Submit& submit) {
  if (submit.tp_vp)
    return {
        {"format", "relative"}, {"value", *submit.tp_vp}, {"seconds", at::decode_relative_vp(*submit.tp_vp)}};
  if (submit.tp_vp_octets.size() != 7) return nullptr;
  if (submit.tp_vpf == 3)
    return {{"format", "absolute"}, {"time", time_field(at::decode_timestamp(submit.tp_vp_octets.data()))}};
  return {{"format", "enhanced"}, {"data", at::hex_encode(submit.tp_vp_octets)}};
}

struct Fields {
  json::object& fields;

  void operator()(const at::Deliver& deliver) const {
    fields["tp_mti"] = "deliver";
    fields["tp_mms"] = bit(deliver.tp_mms);
    fields["tp_rp"] = bit(deliver.tp_rp);
    fields["tp_udhi"] = bit(deliver.tp_udhi);
    fields["tp_sri"] = bit(deliver.tp_sri);
    fields["tp_oa"] = address_fields(deliver.tp_oa);
    fields["tp_pid"] = deliver.tp_pid;
    fields["tp_dcs"] = deliver.tp_dcs;
    fields["tp_scts"] = time_field(deliver.tp_scts);
    put_user_data(deliver.ud, deliver.tp_dcs, &fields);
  }

  void operator()(const at::Submit& submit) const {
    fields["tp_mti"] = "submit";
    fields["tp_rd"] = bit(submit.tp_rd);
    fields["tp_vpf"] = submit.tp_vpf;
    fields["tp_rp"] = bit(submit.tp_rp);
    fields["tp_udhi"] = bit(submit.tp_udhi);
    fields["tp_srr"] = bit(submit.tp_srr);
    fields["tp_mr"] = submit.tp_mr;
    fields["tp_da"] = address_fields(submit.tp_da);
    fields["tp_pid"] = submit.tp_pid;
    fields["tp_dcs"] = submit.tp_dcs;
    fields["tp_vp"] = validity_field(submit);
    put_user_data(submit.ud, submit.tp_dcs, &fields);
  }

  void operator()(const at::StatusReport& report) const {
    fields["tp_mti"] = "status_report";
    fields["tp_mms"] = bit(report.tp_mms);
    fields["tp_srq"] = bit(report.tp_srq);
    fields["tp_udhi"] = bit(report.tp_udhi);
    fields["tp_mr"] = report.tp_mr;
    fields["tp_ra"] = address_fields(report.tp_ra);
    fields["tp_scts"] = time_field(report.tp_scts);
    fields["tp_dt"] = time_field(report.tp_dt);
    fields["tp_st"] = report.tp_st;
    fields["tp_st_text"] = std::string(at::tp_st_text(report.tp_st));
  }
};

}  // namespace

json::object fields_of(const at::Pdu& pdu) {
  json::object fields;
  fields["smsc"] = pdu.sc.digits.empty() ? json::value(nullptr) : address_fields(pdu.sc);
  std::visit(Fields{fields}, pdu.tpdu);
  if (!pdu.defects.empty()) fields["defects"] = list_of(pdu.defects);
  return fields;
}

}  // namespace klaxon::cli
