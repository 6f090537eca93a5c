#include <algorithm>
#include <array>
#include <span>

#include "at/tpdu.h"
#include "at/ucs2.h"
#include "at/user_data.h"

namespace at {
namespace {

// The longest TPDU has 176 octets with its SC address and SIM records are filled up to that; some firmware
// pads more.
constexpr std::size_t kMaxPduOctets = 512;

// What a report has room for is more than a text has, and differs by a few octets between them
// (23.040 9.2.2).
constexpr std::size_t kMaxReportOctets = 159;

constexpr bool bit(std::uint8_t octet, int number) {
  return octet >> number & 1;
}

Unexpected<CodecError> bad(std::size_t octet, std::string reason) {
  return Unexpected<CodecError>{{octet, std::move(reason)}};
}

// Reads field after field. Where a field is missing or makes no sense reading ends: what is read after it is
// empty, and whoever made the reader asks once, at the end.
class Reader {
 public:
  explicit Reader(std::span<const std::uint8_t> octets) : octets_(octets) {}

  std::uint8_t octet(const char* field);
  Octets take(std::size_t count, const char* field);
  Address sc_address();
  Address address(const char* field);
  Timestamp timestamp(const char* field);
  UserData user_data(bool tp_udhi, std::uint8_t tp_dcs, std::size_t most_octets = kMaxUserDataOctets);
  std::optional<std::uint8_t> failure_cause();
  Octets tp_pi();
  OptionalParameters announced_by(Octets tp_pi, bool tp_udhi);
  OptionalParameters parameters_if_any(bool tp_udhi);
  void end(const char* last_field);

  // defect: what 23.040 forbids; remark: what it tells a receiver to pass over.
  void defect(std::size_t octet, std::string what) { defects_.push_back({octet, std::move(what), false}); }
  void remark(std::size_t octet, std::string what) { defects_.push_back({octet, std::move(what), true}); }
  std::size_t at() const { return at_; }
  bool more() const { return !error_ && at_ < octets_.size(); }
  const std::optional<CodecError>& error() const { return error_; }
  std::string_view ends_before() const { return ends_before_; }
  std::vector<Defect>& defects() { return defects_; }

 private:
  void stop(CodecError why, const char* field) {
    error_ = std::move(why);
    ends_before_ = field;
  }

  std::span<const std::uint8_t> octets_;
  std::size_t at_ = 0;
  std::vector<Defect> defects_;
  std::optional<CodecError> error_;
  std::string_view ends_before_;
  bool open_end_ = false;  // reserved bits of TP-PI: something may follow that is to be passed over
};

std::uint8_t Reader::octet(const char* field) {
  if (error_) return 0;
  if (at_ < octets_.size()) return octets_[at_++];
  stop({at_, std::string(field) + " missing"}, field);
  return 0;
}

Octets Reader::take(std::size_t count, const char* field) {
  if (error_) return {};
  if (const std::size_t left = octets_.size() - at_; left < count) {
    stop({at_, std::string(field) + (left == 0 ? " missing" : " cut")}, field);
    return {};
  }
  const std::uint8_t* from = octets_.data() + at_;
  at_ += count;
  return Octets(from, from + count);
}

Address Reader::sc_address() {
  const std::size_t from = at_;
  std::string_view odd;
  auto address = decode_sc_address(octets_, &at_, &odd);
  if (!address) {
    stop({address.error().octet, "SC address " + address.error().reason}, "SC address");
    return {};
  }
  if (!odd.empty()) defects_.push_back({from, "SC address: " + std::string(odd), odd == kFillerInside});
  return std::move(*address);
}

Address Reader::address(const char* field) {
  if (error_) return {};
  const std::size_t from = at_;
  std::string_view odd;
  auto address = decode_tp_address(octets_, &at_, &odd);
  if (!address) {
    stop({address.error().octet, std::string(field) + " " + address.error().reason}, field);
    return {};
  }
  if (!odd.empty())
    defects_.push_back({from, std::string(field) + ": " + std::string(odd), odd == kFillerInside});
  return std::move(*address);
}

Timestamp Reader::timestamp(const char* field) {
  if (error_) return {};
  const std::size_t from = at_;
  if (octets_.size() - at_ < 7) {
    take(7, field);
    return {};
  }
  at_ += 7;
  Timestamp timestamp = decode_timestamp(octets_.data() + from);
  if (!timestamp.whole)
    remark(from, std::string(field) + (timestamp.unix_seconds ? " has a digit above 9" : " is no date"));
  return timestamp;
}

UserData Reader::user_data(bool tp_udhi, std::uint8_t tp_dcs, std::size_t most_octets) {
  if (error_) return {};
  if (at_ >= octets_.size()) {
    stop({at_, "TP-UDL missing"}, "TP-UDL");
    return {};
  }
  return read_user_data(octets_, &at_, tp_udhi, decode_dcs(tp_dcs).alphabet, &defects_, most_octets);
}

// 23.040 9.2.3.22; see SubmitReport for how it is told from a TP-PI.
std::optional<std::uint8_t> Reader::failure_cause() {
  if (!more() || !bit(octets_[at_], 7)) return std::nullopt;
  return octet("TP-FCS");
}

// 23.040 9.2.3.27. Bit 7 of each octet announces another one.
Octets Reader::tp_pi() {
  Octets out;
  do {
    out.push_back(octet("TP-PI"));
  } while (!error_ && bit(out.back(), 7));
  if (error_) return {};
  if ((out.front() & 0x78) != 0 || out.size() > 1) {
    remark(at_ - out.size(), "reserved bits of TP-PI are set");
    open_end_ = true;
  }
  return out;
}

OptionalParameters Reader::announced_by(Octets tp_pi, bool tp_udhi) {
  OptionalParameters out;
  if (error_) return out;
  out.tp_pi = std::move(tp_pi);
  const std::uint8_t bits = out.tp_pi.front();
  if (bit(bits, 0)) out.tp_pid = octet("TP-PID");
  if (bit(bits, 1)) out.tp_dcs = octet("TP-DCS");
  if (bit(bits, 2)) out.ud = user_data(tp_udhi, out.tp_dcs.value_or(0), kMaxReportOctets);
  return out;
}

// Behind TP-ST some SCs write octets that are no parameters: those take nothing away from the report.
OptionalParameters Reader::parameters_if_any(bool tp_udhi) {
  if (!more()) return {};
  const std::size_t from = at_, known = defects_.size();
  OptionalParameters out = announced_by(tp_pi(), tp_udhi);
  if (!error_ && defects_.size() == known) return out;
  if (!error_ && defects_.back().allowed) return out;
  at_ = from;
  defects_.resize(known);
  error_.reset();
  ends_before_ = {};
  open_end_ = false;
  return {};
}

void Reader::end(const char* last_field) {
  if (error_ || at_ == octets_.size()) return;
  const auto rest = octets_.subspan(at_);
  const bool filler = std::all_of(rest.begin(), rest.end(), [](std::uint8_t octet) { return octet == 0xFF; });
  defects_.push_back({at_,
                      count_octets(rest.size()) + (filler ? " of filler after " : " after ") + last_field,
                      open_end_ || filler});
}

// 23.040 9.2.2.1
Deliver read_deliver(Reader& reader, std::uint8_t first) {
  Deliver deliver;
  if (bit(first, 4)) reader.remark(reader.at() - 1, "unused bit 4 of the first octet is set");
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
  const std::size_t from = reader.at();
  submit.tp_da = reader.address("TP-DA");
  if (!reader.error() && submit.tp_da.digits.empty()) reader.remark(from, "TP-DA is empty");
  submit.tp_pid = reader.octet("TP-PID");
  submit.tp_dcs = reader.octet("TP-DCS");
  if (submit.tp_vpf == 2) submit.tp_vp = reader.octet("TP-VP");
  if (submit.tp_vpf % 2 != 0) submit.tp_vp_octets = reader.take(7, "TP-VP");
  submit.ud = reader.user_data(submit.tp_udhi, submit.tp_dcs);
  reader.end("TP-UD");
  return submit;
}

// 23.040 9.2.2.3. Many SCs end at TP-ST.
StatusReport read_status_report(Reader& reader, std::uint8_t first) {
  StatusReport report;
  if (first & 0x90) reader.remark(reader.at() - 1, "unused bits of the first octet are set");
  report.tp_mms = bit(first, 2);
  report.tp_lp = bit(first, 3);
  report.tp_srq = bit(first, 5);
  report.tp_udhi = bit(first, 6);
  report.tp_mr = reader.octet("TP-MR");
  report.tp_ra = reader.address("TP-RA");
  report.tp_scts = reader.timestamp("TP-SCTS");
  report.tp_dt = reader.timestamp("TP-DT");
  report.tp_st = reader.octet("TP-ST");
  report.parameters = reader.parameters_if_any(report.tp_udhi);
  reader.end(report.parameters.tp_pi.empty() ? "TP-ST" : "TP-PI and its parameters");
  return report;
}

// 23.040 9.2.2.2a. TP-SCTS stands between TP-PI and what that announces.
SubmitReport read_submit_report(Reader& reader, std::uint8_t first) {
  SubmitReport report;
  report.tp_udhi = bit(first, 6);
  report.tp_fcs = reader.failure_cause();
  Octets tp_pi = reader.tp_pi();
  report.tp_scts = reader.timestamp("TP-SCTS");
  report.parameters = reader.announced_by(std::move(tp_pi), report.tp_udhi);
  reader.end("SUBMIT-REPORT");
  return report;
}

// 23.040 9.2.2.1a
DeliverReport read_deliver_report(Reader& reader, std::uint8_t first) {
  DeliverReport report;
  report.tp_udhi = bit(first, 6);
  report.tp_fcs = reader.failure_cause();
  report.parameters = reader.announced_by(reader.tp_pi(), report.tp_udhi);
  reader.end("DELIVER-REPORT");
  return report;
}

// 23.040 9.2.2.4
SmsCommand read_command(Reader& reader, std::uint8_t first) {
  SmsCommand command;
  command.tp_srr = bit(first, 5);
  command.tp_udhi = bit(first, 6);
  command.tp_mr = reader.octet("TP-MR");
  command.tp_pid = reader.octet("TP-PID");
  command.tp_ct = reader.octet("TP-CT");
  command.tp_mn = reader.octet("TP-MN");
  command.tp_da = reader.address("TP-DA");
  command.tp_cdl = reader.octet("TP-CDL");
  command.tp_cd = reader.take(command.tp_cdl, "TP-CD");
  reader.end("TP-CD");
  return command;
}

// 23.040 9.2.3.1
Expected<decltype(Pdu::tpdu), CodecError> read_tpdu(Reader& reader, std::uint8_t first, Direction direction) {
  using Tpdu = decltype(Pdu::tpdu);
  const std::size_t at = reader.at() - 1;
  if (direction == Direction::to_sc) {
    switch (first & 3) {
      case 0:
        return Tpdu(read_deliver_report(reader, first));
      case 1:
        return Tpdu(read_submit(reader, first));
      case 2:
        return Tpdu(read_command(reader, first));
      default:
        return bad(at, "TP-MTI 3 to the SC is reserved");
    }
  }
  switch (first & 3) {
    case 1:
      return Tpdu(read_submit_report(reader, first));
    case 2:
      return Tpdu(read_status_report(reader, first));
    case 3:
      reader.remark(at, "TP-MTI 3 is reserved, read as DELIVER");
      [[fallthrough]];
    default:
      return Tpdu(read_deliver(reader, first));
  }
}

std::optional<CodecError> forbidden(const std::vector<Defect>& defects) {
  for (const Defect& defect : defects) {
    if (!defect.allowed) return CodecError{defect.octet, defect.reason};
  }
  return std::nullopt;
}

Expected<Pdu, CodecError> read_pdu(Reader& reader, Reading reading) {
  Pdu pdu;
  if (reading.sc_address) pdu.sc = reader.sc_address();
  const std::uint8_t first = reader.octet("first octet");
  if (reader.error()) return Unexpected<CodecError>{*reader.error()};
  auto tpdu = read_tpdu(reader, first, reading.direction);
  if (!tpdu) return Unexpected<CodecError>{tpdu.error()};
  if (reader.error()) reader.defect(reader.error()->octet, reader.error()->reason);
  if (reading.strict) {
    if (const auto error = forbidden(reader.defects())) return Unexpected<CodecError>{*error};
  }
  pdu.tpdu = std::move(*tpdu);
  pdu.ends_before = reader.ends_before();
  pdu.defects = std::move(reader.defects());
  return pdu;
}

}  // namespace

Expected<Pdu, CodecError> decode_pdu(std::string_view hex, Reading reading) {
  if (hex.size() / 2 > kMaxPduOctets) return bad(kMaxPduOctets, "more than 512 octets");
  std::array<std::uint8_t, kMaxPduOctets> octets;
  const std::size_t size = hex.size() / 2;
  const bool half = hex.size() % 2 != 0;
  if (const std::size_t whole = hex_decode(hex.substr(0, size * 2), octets.data()); whole < size) {
    return bad(whole, "not a hex digit");
  }
  if (half && reading.strict) return bad(size, "odd number of hex digits");
  Reader reader(std::span<const std::uint8_t>(octets.data(), size));
  if (half) reader.defect(size, "odd last hex digit");
  return read_pdu(reader, reading);
}

}  // namespace at
