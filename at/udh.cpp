#include "at/user_data.h"

namespace at {
namespace {

// Elements that say something about the text itself (23.040 9.2.3.24).
constexpr std::uint8_t kConcat8 = 0x00;
constexpr std::uint8_t kConcat16 = 0x08;
constexpr std::uint8_t kPorts8 = 0x04;
constexpr std::uint8_t kPorts16 = 0x05;
constexpr std::uint8_t kSingleShift = 0x24;
constexpr std::uint8_t kLockingShift = 0x25;

std::optional<Concat> read_concat(const InformationElement& element) {
  const Octets& o = element.octets;
  Concat concat;
  if (element.iei == kConcat8 && o.size() == 3) {
    concat = {o[0], 8, o[1], o[2]};
  } else if (element.iei == kConcat16 && o.size() == 4) {
    concat = {static_cast<std::uint16_t>(o[0] << 8 | o[1]), 16, o[2], o[3]};
  } else {
    return std::nullopt;
  }
  // 23.040 9.2.3.24.1: such an element is ignored. A total of 0 has no sequence that fits.
  if (concat.sequence == 0 || concat.sequence > concat.total) return std::nullopt;
  return concat;
}

std::optional<Ports> read_ports(const InformationElement& element) {
  const Octets& o = element.octets;
  if (element.iei == kPorts8 && o.size() == 2) return Ports{o[0], o[1], 8};
  if (element.iei != kPorts16 || o.size() != 4) return std::nullopt;
  return Ports{static_cast<std::uint16_t>(o[0] << 8 | o[1]), static_cast<std::uint16_t>(o[2] << 8 | o[3]),
               16};
}

}  // namespace

std::size_t header_septets(std::size_t header_octets) {
  return (header_octets * 8 + 6) / 7;
}

int fill_bits(std::size_t header_octets) {
  return static_cast<int>(header_septets(header_octets) * 7 - header_octets * 8);
}

std::string count_octets(std::size_t count) {
  return std::to_string(count) + (count == 1 ? " octet" : " octets");
}

std::size_t read_udh(const std::uint8_t* octets, std::size_t size, std::size_t offset,
                     std::vector<InformationElement>* udh, std::vector<Defect>* defects) {
  const std::size_t end = size == 0 ? 0 : octets[0] + std::size_t{1};
  if (size == 0 || end > size) {
    defects->push_back(
        {offset, "UDHL leads out of TP-UD of " + count_octets(size) + ", read as without header"});
    return 0;
  }
  std::size_t at = 1;
  while (at + 2 <= end && at + 2 + octets[at + 1] <= end) {
    const std::uint8_t* element = octets + at;
    udh->push_back({element[0], Octets(element + 2, element + 2 + element[1])});
    at += 2 + std::size_t{element[1]};
  }
  // 23.040 9.2.3.24: too few octets in the last element, and the whole header is to be ignored.
  if (at != end) {
    defects->push_back({offset + at, "last element of UDH cut, the header is passed over"});
    udh->clear();
  }
  return end;
}

Octets write_udh(const std::vector<InformationElement>& udh) {
  Octets octets{0};
  for (const InformationElement& element : udh) {
    octets.push_back(element.iei);
    octets.push_back(static_cast<std::uint8_t>(element.octets.size()));
    octets.insert(octets.end(), element.octets.begin(), element.octets.end());
  }
  octets[0] = static_cast<std::uint8_t>(octets.size() - 1);
  return octets;
}

void understand_udh(UserData* ud) {
  for (const InformationElement& element : ud->udh) {
    if (const auto concat = read_concat(element)) ud->concat = concat;
    if (const auto ports = read_ports(element)) ud->ports = ports;
    if (element.octets.size() != 1 || element.octets[0] >= kGsm7Languages)
      continue;  // reserved: as if not there
    if (element.iei == kSingleShift) ud->tables.single = element.octets[0];
    if (element.iei == kLockingShift) ud->tables.locking = element.octets[0];
  }
}

InformationElement concat_element(const Concat& concat) {
  const auto low = static_cast<std::uint8_t>(concat.reference & 0xFF);
  if (concat.reference_bits == 8) return {kConcat8, {low, concat.total, concat.sequence}};
  const auto high = static_cast<std::uint8_t>(concat.reference >> 8);
  return {kConcat16, {high, low, concat.total, concat.sequence}};
}

InformationElement ports_element(const Ports& ports) {
  const auto high = [](std::uint16_t port) { return static_cast<std::uint8_t>(port >> 8); };
  const auto low = [](std::uint16_t port) { return static_cast<std::uint8_t>(port & 0xFF); };
  if (ports.bits == 8) return {kPorts8, {low(ports.destination), low(ports.source)}};
  return {kPorts16, {high(ports.destination), low(ports.destination), high(ports.source), low(ports.source)}};
}

}  // namespace at
