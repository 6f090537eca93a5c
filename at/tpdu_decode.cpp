#include <algorithm>

#include "at/tpdu.h"
#include "at/ucs2.h"
#include "at/user_data.h"

namespace at {
namespace {

// The longest TPDU has 176 octets with its SC address and SIM records are filled up to that; some firmware
// pads more.
constexpr std::size_t kMaxPduOctets = 512;

constexpr bool bit(std::uint8_t octet, int number) {
  return octet >> number & 1;
}

Unexpected<CodecError> bad(std::size_t octet, std::string reason) {
  return Unexpected<CodecError>{{octet, std::move(reason)}};
}

// Reads field after field. The first error sticks: what is read after it is empty, and whoever made the
// reader asks once, at the end.
class Reader {
 public:
  Reader(const Octets& octets, std::vector<std::string> defects)
      : octets_(octets), defects_(std::move(defects)) {}

  std::uint8_t octet(const char* field) {
    const Octets one = take(1, field);
    return one.empty() ? std::uint8_t{0} : one.front();
  }
  Octets take(std::size_t count, const char* field);
  Address sc_address();
  Address address(const char* field);
  Timestamp timestamp(const char* field);
  UserData user_data(bool tp_udhi, std::uint8_t tp_dcs);
  Octets optional_parameters();
  void end(const char* last_field);

  void defect(std::string what) { defects_.push_back(std::move(what)); }
  const std::optional<CodecError>& error() const { return error_; }
  std::vector<std::string> take_defects() { return std::move(defects_); }

 private:
  std::optional<std::size_t> optional_parameters_end() const;

  const Octets& octets_;
  std::size_t at_ = 0;
  std::vector<std::string> defects_;
  std::optional<CodecError> error_;
};

Octets Reader::take(std::size_t count, const char* field) {
  if (error_) return {};
  const std::size_t left = octets_.size() - at_;
  if (left < count) {
    error_ = CodecError{at_, std::string(field) + (left == 0 ? " missing" : " cut")};
    return {};
  }
  const std::uint8_t* from = octets_.data() + at_;
  at_ += count;
  return Octets(from, from + count);
}

Address Reader::sc_address() {
  auto address = decode_sc_address(octets_, &at_);
  if (address) return *address;
  error_ = address.error();
  return {};
}

// An address that would be written in another way (a length that counts octets, no bit 7 in its type, a
// filler inside) is read for what it seems to say, and named.
Address Reader::address(const char* field) {
  if (error_) return {};
  const std::size_t from = at_;
  auto address = decode_tp_address(octets_, &at_);
  if (!address) {
    error_ = CodecError{address.error().octet, std::string(field) + " " + address.error().reason};
    return {};
  }
  const auto canonical = encode_tp_address(*address);
  if (!canonical ||
      !std::equal(canonical->begin(), canonical->end(), octets_.data() + from, octets_.data() + at_)) {
    defect(std::string(field) + " oddly coded: its length, type or filler");
  }
  return *address;
}

Timestamp Reader::timestamp(const char* field) {
  const Octets seven = take(7, field);
  return error_ ? Timestamp{} : decode_timestamp(seven.data());
}

UserData Reader::user_data(bool tp_udhi, std::uint8_t tp_dcs) {
  if (error_) return {};
  return read_user_data(octets_, &at_, tp_udhi, decode_dcs(tp_dcs).alphabet, &defects_);
}

// Where what TP-PI announces ends (23.040 9.2.3.27); none when there is no TP-PI or less than it announces.
std::optional<std::size_t> Reader::optional_parameters_end() const {
  std::size_t end = at_;
  while (end < octets_.size() && bit(octets_[end], 7)) ++end;
  if (++end > octets_.size()) return std::nullopt;
  const std::uint8_t tp_pi = octets_[at_];
  if (bit(tp_pi, 0)) ++end;
  std::uint8_t tp_dcs = 0;
  if (bit(tp_pi, 1) && end < octets_.size()) tp_dcs = octets_[end];
  if (bit(tp_pi, 1)) ++end;
  if (bit(tp_pi, 2) && end < octets_.size()) {
    end += 1 + user_data_octets(octets_[end], decode_dcs(tp_dcs).alphabet);
  } else if (bit(tp_pi, 2)) {
    return std::nullopt;
  }
  return end <= octets_.size() ? std::optional(end) : std::nullopt;
}

Octets Reader::optional_parameters() {
  if (error_) return {};
  const auto end = optional_parameters_end();
  return end ? take(*end - at_, "TP-PI") : Octets{};
}

void Reader::end(const char* last_field) {
  if (error_ || at_ == octets_.size()) return;
  const auto is_filler = [](std::uint8_t octet) { return octet == 0xFF; };
  const bool filler =
      std::all_of(octets_.begin() + static_cast<std::ptrdiff_t>(at_), octets_.end(), is_filler);
  defect(count_octets(octets_.size() - at_) + (filler ? " of filler after " : " after ") + last_field);
}

// 23.040 9.2.2.1
Deliver read_deliver(Reader& reader, std::uint8_t first) {
  Deliver deliver;
  if (bit(first, 4)) reader.defect("unused bit 4 of the first octet is set");
  deliver.tp_mms = bit(first, 2);
  deliver.tp_lp = bit(first, 3);
  deliver.tp_sri = bit(first, 5);
  deliver.tp_udhi = bit(first, 6);
  deliver.tp_rp = bit(first, 7);
  deliver.tp_oa = reader.address("TP-OA");
  deliver.tp_pid = reader.octet("TP-PID");
  deliver.tp_dcs = reader.octet("TP-DCS");
  deliver.tp_scts = reader.timestamp("TP-SCTS");
  deliver.ud = reader.user_data(deliver.tp_udhi, deliver.tp_dcs);
  reader.end("TP-UD");
  return deliver;
}

// 23.040 9.2.2.2
Submit read_submit(Reader& reader, std::uint8_t first) {
  Submit submit;
  submit.tp_rd = bit(first, 2);
  submit.tp_vpf = first >> 3 & 3;
  submit.tp_srr = bit(first, 5);
  submit.tp_udhi = bit(first, 6);
  submit.tp_rp = bit(first, 7);
  submit.tp_mr = reader.octet("TP-MR");
  submit.tp_da = reader.address("TP-DA");
  if (!reader.error() && submit.tp_da.digits.empty()) reader.defect("TP-DA is empty");
  submit.tp_pid = reader.octet("TP-PID");
  submit.tp_dcs = reader.octet("TP-DCS");
  if (submit.tp_vpf == 2) submit.tp_vp = reader.octet("TP-VP");
  if (submit.tp_vpf % 2 != 0) submit.tp_vp_octets = reader.take(7, "TP-VP");
  submit.ud = reader.user_data(submit.tp_udhi, submit.tp_dcs);
  reader.end("TP-UD");
  return submit;
}

// 23.040 9.2.2.3
StatusReport read_status_report(Reader& reader, std::uint8_t first) {
  StatusReport report;
  if (first & 0x90) reader.defect("unused bits of the first octet are set");
  report.tp_mms = bit(first, 2);
  report.tp_lp = bit(first, 3);
  report.tp_srq = bit(first, 5);
  report.tp_udhi = bit(first, 6);
  report.tp_mr = reader.octet("TP-MR");
  report.tp_ra = reader.address("TP-RA");
  report.tp_scts = reader.timestamp("TP-SCTS");
  report.tp_dt = reader.timestamp("TP-DT");
  report.tp_st = reader.octet("TP-ST");
  report.optional_parameters = reader.optional_parameters();
  reader.end("TP-ST");
  return report;
}

// 23.040 9.2.3.1: 11 is reserved and read as a DELIVER.
Expected<decltype(Pdu::tpdu), CodecError> read_tpdu(Reader& reader, std::uint8_t first, Direction direction,
                                                    std::size_t at) {
  using Tpdu = decltype(Pdu::tpdu);
  const int tp_mti = first & 3;
  if (direction == Direction::to_sc) {
    if (tp_mti == 1) return Tpdu(read_submit(reader, first));
    return bad(at, "TP-MTI " + std::to_string(tp_mti) + " to the SC is no SUBMIT");
  }
  if (tp_mti == 1) return bad(at, "TP-MTI 1 from the SC is a SUBMIT-REPORT");
  if (tp_mti == 2) return Tpdu(read_status_report(reader, first));
  if (tp_mti == 3) reader.defect("TP-MTI 3 is reserved, read as DELIVER");
  return Tpdu(read_deliver(reader, first));
}

Expected<Octets, CodecError> octets_of(std::string_view hex, std::vector<std::string>* defects) {
  if (hex.size() / 2 > kMaxPduOctets) return bad(kMaxPduOctets, "more than 512 octets");
  if (hex.size() % 2 != 0) {
    hex.remove_suffix(1);
    defects->push_back("odd last hex digit");
  }
  auto octets = hex_decode(hex);
  if (!octets) return bad(hex.find_first_not_of("0123456789ABCDEFabcdef") / 2, "not a hex digit");
  return std::move(*octets);
}

}  // namespace

Expected<Pdu, CodecError> decode_pdu(std::string_view hex, Direction direction) {
  std::vector<std::string> defects;
  const auto octets = octets_of(hex, &defects);
  if (!octets) return Unexpected<CodecError>{octets.error()};
  Reader reader(*octets, std::move(defects));
  Pdu pdu;
  pdu.sc = reader.sc_address();
  const std::uint8_t first = reader.octet("first octet");
  if (reader.error()) return Unexpected<CodecError>{*reader.error()};
  const std::size_t at = octets->front() + std::size_t{1};
  auto tpdu = read_tpdu(reader, first, direction, at);
  if (!tpdu) return Unexpected<CodecError>{tpdu.error()};
  if (reader.error()) return Unexpected<CodecError>{*reader.error()};
  pdu.tpdu = std::move(*tpdu);
  pdu.defects = reader.take_defects();
  return pdu;
}

}  // namespace at
