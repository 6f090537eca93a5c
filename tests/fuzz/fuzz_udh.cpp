// Octets as a UDH: every octet is accounted for, what was read is written the same again, and what the
// elements say follows from the last valid one of each kind.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <iostream>

#include "at/ucs2.h"
#include "at/user_data.h"

namespace {

void require(bool holds, const char* what, const std::uint8_t* bytes, std::size_t size) {
  if (holds) return;
  std::cerr << what << ": " << at::hex_encode(bytes, size) << '\n';
  std::abort();
}

}  // namespace

int fuzz_udh(const std::uint8_t* bytes, std::size_t size) {
  at::UserData ud;
  std::vector<at::Defect> defects;
  const std::size_t end = at::read_udh(bytes, size, 7, &ud.udh, &defects);
  const auto holds = [&](bool so, const char* what) { require(so, what, bytes, size); };
  holds(end <= size, "read past the end");
  holds(end == 0 ? ud.udh.empty() && defects.size() == 1 : end == bytes[0] + std::size_t{1},
        "another end than UDHL says");
  std::size_t accounted = end == 0 ? 0 : 1;
  for (const at::InformationElement& element : ud.udh) accounted += 2 + element.octets.size();
  holds(defects.empty() ? accounted == end : accounted < std::max<std::size_t>(end, 1),
        "octets are lost or doubled");
  for (const at::Defect& defect : defects)
    holds(defect.octet >= 7 && defect.octet <= 7 + size, "defect without a place");

  if (defects.empty()) {
    const at::Octets again = at::write_udh(ud.udh);
    holds(again.size() == end && std::equal(again.begin(), again.end(), bytes), "written as another header");
  }
  at::understand_udh(&ud);
  if (ud.concat) {
    holds(ud.concat->sequence >= 1 && ud.concat->sequence <= ud.concat->total, "concat makes no sense");
    const auto element = at::concat_element(*ud.concat);
    holds(std::count(ud.udh.begin(), ud.udh.end(), element) > 0, "concat that is not there");
  }
  if (ud.ports)
    holds(std::count(ud.udh.begin(), ud.udh.end(), at::ports_element(*ud.ports)) > 0,
          "ports that are not there");
  const std::size_t septets = at::header_septets(end);
  holds(septets * 7 >= end * 8 && septets * 7 < end * 8 + 7 &&
            at::fill_bits(end) == static_cast<int>(septets * 7 - end * 8),
        "fill bits");
  return 0;
}
