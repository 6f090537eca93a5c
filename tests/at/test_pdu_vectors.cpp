// PDUs that other programs made, with what they say they hold: tests/corpus/pdu-vectors.csv.
#include <CppUTest/TestHarness.h>

#include <cstdio>
#include <fstream>
#include <map>
#include <string>
#include <vector>

#include "at/tpdu.h"
#include "at/ucs2.h"

namespace {

using Row = std::map<std::string, std::string>;

std::vector<std::string> fields_of(const std::string& line) {
  std::vector<std::string> fields(1);
  bool quoted = false;
  for (std::size_t i = 0; i < line.size(); ++i) {
    if (line[i] == '"' && quoted && i + 1 < line.size() && line[i + 1] == '"') {
      fields.back().push_back(line[++i]);
    } else if (line[i] == '"') {
      quoted = !quoted;
    } else if (line[i] == ',' && !quoted) {
      fields.emplace_back();
    } else {
      fields.back().push_back(line[i]);
    }
  }
  return fields;
}

std::vector<Row> read_rows() {
  std::ifstream in(KLAXON_SOURCE_DIR "/tests/corpus/pdu-vectors.csv");
  std::string line;
  std::getline(in, line);  // where the PDUs come from
  std::getline(in, line);
  const std::vector<std::string> names = fields_of(line);
  std::vector<Row> rows;
  while (std::getline(in, line)) {
    const std::vector<std::string> fields = fields_of(line);
    Row row;
    for (std::size_t i = 0; i < names.size(); ++i) row[names[i]] = fields.at(i);
    rows.push_back(row);
  }
  return rows;
}

std::string hex2(std::uint8_t octet) {
  return at::hex_encode(&octet, 1);
}

std::string toa(const at::Address& address) {
  return hex2(static_cast<std::uint8_t>(0x80 | static_cast<int>(address.ton) << 4 | address.npi));
}

// "07-05-03 07:04:40+22", from the octets alone.
std::string written(const at::Timestamp& timestamp) {
  std::string digits;
  for (const std::uint8_t octet : timestamp.raw)
    digits += hex2(static_cast<std::uint8_t>(octet << 4 | octet >> 4));
  char text[40];
  std::snprintf(text, sizeof text, "%.2s-%.2s-%.2s %.2s:%.2s:%.2s%+d", digits.c_str(), digits.c_str() + 2,
                digits.c_str() + 4, digits.c_str() + 6, digits.c_str() + 8, digits.c_str() + 10,
                timestamp.offset_quarters);
  return text;
}

std::string udh_hex(const std::vector<at::InformationElement>& udh) {
  std::string hex;
  for (const auto& element : udh) {
    hex += hex2(element.iei) + hex2(static_cast<std::uint8_t>(element.octets.size())) +
           at::hex_encode(element.octets);
  }
  return hex;
}

// What the row says, as far as it says it.
class Judge {
 public:
  explicit Judge(const Row& row) : row_(row) {}
  void equal(const char* column, const std::string& got) const {
    if (row_.at(column) != got) FAIL((where(column) + " is " + got).c_str());
  }
  std::string where(const std::string& column) const {
    return row_.at("source") + " " + row_.at("pdu").substr(0, 40) + " " + column + " " + row_.at(column);
  }
  void address(const at::Address& address) const {
    equal("addr", address.display());
    equal("toa", toa(address));
  }
  void user_data(const at::UserData& ud) const {
    equal("udh", udh_hex(ud.udh));
    equal("text", ud.alphabet == at::Alphabet::octets ? at::hex_encode(ud.units) : ud.text());
  }
  void operator()(const at::Deliver& deliver) const {
    equal("type", "DELIVER");
    address(deliver.tp_oa);
    equal("pid", hex2(deliver.tp_pid));
    equal("dcs", hex2(deliver.tp_dcs));
    equal("scts", written(deliver.tp_scts));
    user_data(deliver.ud);
  }
  void operator()(const at::Submit& submit) const {
    equal("type", "SUBMIT");
    address(submit.tp_da);
    if (!row_.at("mr").empty()) equal("mr", std::to_string(submit.tp_mr));
    equal("pid", hex2(submit.tp_pid));
    equal("dcs", hex2(submit.tp_dcs));
    equal("vp", submit.tp_vp ? hex2(*submit.tp_vp) : at::hex_encode(submit.tp_vp_octets));
    user_data(submit.ud);
  }
  void operator()(const at::StatusReport& report) const {
    equal("type", "STATUS-REPORT");
    address(report.tp_ra);
    equal("mr", std::to_string(report.tp_mr));
    equal("scts", written(report.tp_scts));
    equal("discharge", written(report.tp_dt));
    equal("st", hex2(report.tp_st));
  }
  template <class Other>
  void operator()(const Other&) const {
    FAIL("no row is of this type");
  }

 private:
  const Row& row_;
};

at::Direction pdu_direction(const Row& row) {
  return row.at("direction") == "mo" ? at::Direction::to_sc : at::Direction::from_sc;
}

at::Expected<at::EncodedPdu, at::CodecError> written_again(const at::Pdu& pdu) {
  if (const auto* submit = std::get_if<at::Submit>(&pdu.tpdu)) return at::encode_pdu(pdu.sc, *submit);
  if (const auto* deliver = std::get_if<at::Deliver>(&pdu.tpdu)) return at::encode_pdu(pdu.sc, *deliver);
  return at::encode_pdu(pdu.sc, std::get<at::StatusReport>(pdu.tpdu));
}

bool holds(const at::Pdu& pdu, const char* defect) {
  for (const at::Defect& each : pdu.defects) {
    if (each.reason.find(defect) != std::string::npos) return true;
  }
  return false;
}

// What strict reading refuses, lenient reading gives with a defect at the same octet, or has no way to read
// either.
void read_or_refused(const std::string& hex, at::Direction direction) {
  const auto strict = at::decode_pdu(hex, {direction, true});
  const auto lenient = at::decode_pdu(hex, direction);
  CHECK(lenient || !strict);
  if (strict) return;
  CHECK(!strict.error().reason.empty() && strict.error().octet <= hex.size() / 2);
  if (lenient) CHECK(!lenient->defects.empty());
}

}  // namespace

TEST_GROUP(PduVectors){};

TEST(PduVectors, AreReadAsTheirMakersSay) {
  int read = 0, clean = 0, strictly = 0;
  for (const Row& row : read_rows()) {
    const auto pdu = at::decode_pdu(row.at("pdu"), pdu_direction(row));
    const Judge judge(row);
    if (!pdu) FAIL((judge.where("type") + ": " + pdu.error().reason).c_str());
    judge.equal("sca", pdu->sc.display());
    std::visit(judge, pdu->tpdu);
    ++read;
    if (at::decode_pdu(row.at("pdu"), {pdu_direction(row), true})) ++strictly;
    if (!pdu->defects.empty()) continue;
    ++clean;
    const auto again = written_again(*pdu);
    CHECK(again.has_value());
    judge.equal("tpdu_len", std::to_string(again->tpdu_octets));
  }
  LONGS_EQUAL(70, read);
  LONGS_EQUAL(70, strictly);
  LONGS_EQUAL(68, clean);  // one has a tail of filler and one an empty TP-DA
}

TEST(PduVectors, EveryPrefixAndEveryFlippedByteIsRead) {
  for (const Row& row : read_rows()) {
    const std::string& hex = row.at("pdu");
    for (const auto direction : {at::Direction::from_sc, at::Direction::to_sc}) {
      for (std::size_t size = 0; size < hex.size(); ++size) read_or_refused(hex.substr(0, size), direction);
      auto octets = *at::hex_decode(hex);
      for (auto& octet : octets) {
        octet ^= 0xFF;
        read_or_refused(at::hex_encode(octets), direction);
        octet ^= 0xFF;
      }
    }
  }
}

TEST(PduVectors, FillerIsADefect) {
  for (const Row& row : read_rows()) {
    if (row.at("source") != "gammu at-sms/32") continue;
    const auto pdu = at::decode_pdu(row.at("pdu"), at::Direction::from_sc);
    CHECK(holds(*pdu, "of filler after TP-ST"));
  }
}
