#include <algorithm>

#include "at/tpdu.h"
#include "at/ucs2.h"
#include "at/user_data.h"

namespace at {
namespace {

constexpr std::size_t kLongestPdu = 12 + 176;

unsigned bit(bool set, int number) {
  return set ? 1u << number : 0u;
}

// Gathers the fields of a TPDU; the first error sticks and comes out of finish().
class Writer {
 public:
  Writer(const Address& sc, unsigned first_octet) {
    octets_.reserve(kLongestPdu);
    address("SC address", encode_sc_address(sc));
    tpdu_ = octets_.size();
    octet(first_octet);
  }

  void octet(unsigned value) { octets_.push_back(static_cast<std::uint8_t>(value & 0xFF)); }
  void octets(const std::uint8_t* from, std::size_t size) {
    octets_.insert(octets_.end(), from, from + size);
  }
  void address(const char* field, const Expected<Octets, CodecError>& encoded);
  void validity(const Submit&);
  void user_data(const UserData&, bool tp_udhi, std::uint8_t tp_dcs);
  void parameters(const OptionalParameters&, bool tp_udhi);
  void refuse(std::string reason) {
    if (!error_) error_ = CodecError{0, std::move(reason)};
  }
  Expected<EncodedPdu, CodecError> finish();

 private:
  Octets octets_;
  std::size_t tpdu_ = 0;  // where it begins, behind the SC address
  std::optional<CodecError> error_;
};

void Writer::address(const char* field, const Expected<Octets, CodecError>& encoded) {
  if (!encoded) return refuse(std::string(field) + " " + encoded.error().reason);
  octets(encoded->data(), encoded->size());
}

void Writer::validity(const Submit& submit) {
  if (submit.tp_vpf > 3) return refuse("TP-VPF above 3");
  if (submit.tp_vpf == 2) {
    if (!submit.tp_vp) return refuse("TP-VPF is relative and TP-VP missing");
    octet(*submit.tp_vp);
  } else if (submit.tp_vpf != 0) {
    if (submit.tp_vp_octets.size() != 7) return refuse("TP-VP of this TP-VPF has seven octets");
    octets(submit.tp_vp_octets.data(), submit.tp_vp_octets.size());
  }
}

void Writer::user_data(const UserData& ud, bool tp_udhi, std::uint8_t tp_dcs) {
  if (decode_dcs(tp_dcs).alphabet != ud.alphabet)
    return refuse("TP-DCS says another alphabet than TP-UD has");
  if (auto error = append_user_data(ud, tp_udhi, &octets_)) refuse(std::move(error->reason));
}

// 23.040 9.2.3.27: TP-PI must announce what there is.
void Writer::parameters(const OptionalParameters& parameters, bool tp_udhi) {
  if (parameters.tp_pi.empty()) return;
  octets(parameters.tp_pi.data(), parameters.tp_pi.size());
  const unsigned tp_pi = parameters.tp_pi.front();
  const unsigned there = bit(parameters.tp_pid.has_value(), 0) | bit(parameters.tp_dcs.has_value(), 1) |
                         bit(parameters.ud.has_value(), 2);
  if ((tp_pi & 7) != there) return refuse("TP-PI announces other parameters than there are");
  if (parameters.tp_pid) octet(*parameters.tp_pid);
  if (parameters.tp_dcs) octet(*parameters.tp_dcs);
  if (parameters.ud) user_data(*parameters.ud, tp_udhi, parameters.tp_dcs.value_or(0));
}

Expected<EncodedPdu, CodecError> Writer::finish() {
  if (error_) return Unexpected<CodecError>{std::move(*error_)};
  return EncodedPdu{hex_encode(octets_), static_cast<int>(octets_.size() - tpdu_)};
}

bool has_header(bool tp_udhi, const UserData& ud) {
  return tp_udhi || !ud.udh.empty();
}

}  // namespace

// 23.040 9.2.2.2
Expected<EncodedPdu, CodecError> encode_pdu(const Address& sc, const Submit& submit) {
  const bool tp_udhi = has_header(submit.tp_udhi, submit.ud);
  Writer writer(sc, 1u | bit(submit.tp_rd, 2) | (submit.tp_vpf & 3u) << 3 | bit(submit.tp_srr, 5) |
                        bit(tp_udhi, 6) | bit(submit.tp_rp, 7));
  if (submit.tp_da.digits.empty()) writer.refuse("TP-DA is empty");
  writer.octet(submit.tp_mr);
  writer.address("TP-DA", encode_tp_address(submit.tp_da));
  writer.octet(submit.tp_pid);
  writer.octet(submit.tp_dcs);
  writer.validity(submit);
  writer.user_data(submit.ud, tp_udhi, submit.tp_dcs);
  return writer.finish();
}

// 23.040 9.2.2.1
Expected<EncodedPdu, CodecError> encode_pdu(const Address& sc, const Deliver& deliver) {
  const bool tp_udhi = has_header(deliver.tp_udhi, deliver.ud);
  Writer writer(sc, bit(deliver.tp_mms, 2) | bit(deliver.tp_lp, 3) | bit(deliver.tp_sri, 5) |
                        bit(tp_udhi, 6) | bit(deliver.tp_rp, 7));
  writer.address("TP-OA", encode_tp_address(deliver.tp_oa));
  writer.octet(deliver.tp_pid);
  writer.octet(deliver.tp_dcs);
  writer.octets(deliver.tp_scts.raw.data(), deliver.tp_scts.raw.size());
  writer.user_data(deliver.ud, tp_udhi, deliver.tp_dcs);
  return writer.finish();
}

// 23.040 9.2.2.3
Expected<EncodedPdu, CodecError> encode_pdu(const Address& sc, const StatusReport& report) {
  const bool tp_udhi = report.tp_udhi || (report.parameters.ud && !report.parameters.ud->udh.empty());
  Writer writer(sc,
                2u | bit(report.tp_mms, 2) | bit(report.tp_lp, 3) | bit(report.tp_srq, 5) | bit(tp_udhi, 6));
  writer.octet(report.tp_mr);
  writer.address("TP-RA", encode_tp_address(report.tp_ra));
  writer.octets(report.tp_scts.raw.data(), report.tp_scts.raw.size());
  writer.octets(report.tp_dt.raw.data(), report.tp_dt.raw.size());
  writer.octet(report.tp_st);
  writer.parameters(report.parameters, tp_udhi);
  return writer.finish();
}

}  // namespace at
