#include "at/tpdu.h"

namespace at {
namespace {

constexpr std::array<std::string_view, 3> kDone{
    "received by the recipient", "forwarded, the SC cannot confirm delivery", "replaced by the SC"};
// The second and the fourth group share their reasons (23.040 9.2.3.15).
constexpr std::array<std::string_view, 6> kTrying{"congestion, the SC still tries",
                                                  "recipient busy, the SC still tries",
                                                  "no response from the recipient, the SC still tries",
                                                  "service rejected, the SC still tries",
                                                  "quality of service not available, the SC still tries",
                                                  "error in the recipient's phone, the SC still tries"};
constexpr std::array<std::string_view, 10> kPermanent{"remote procedure error",
                                                      "incompatible destination",
                                                      "connection rejected by the recipient",
                                                      "not obtainable",
                                                      "quality of service not available",
                                                      "no interworking available",
                                                      "validity period expired",
                                                      "deleted by the sender",
                                                      "deleted by the SC's administration",
                                                      "the SC does not know the message"};
constexpr std::array<std::string_view, 6> kGaveUp{"congestion, the SC gave up",
                                                  "recipient busy, the SC gave up",
                                                  "no response from the recipient, the SC gave up",
                                                  "service rejected, the SC gave up",
                                                  "quality of service not available, the SC gave up",
                                                  "error in the recipient's phone, the SC gave up"};

// A group has its reasons, then reserved values, then sixteen of the SC's own.
template <std::size_t N>
std::string_view in_group(const std::array<std::string_view, N>& reasons, std::uint8_t index,
                          std::string_view reserved, std::string_view own) {
  if (index < N) return reasons[index];
  return index < 0x10 ? reserved : own;
}

}  // namespace

Delivery classify_tp_st(std::uint8_t tp_st) {
  if (tp_st == 0x01) return Delivery::unconfirmed;
  if (tp_st < 0x20) return Delivery::delivered;
  if (tp_st < 0x40) return Delivery::pending;
  return tp_st == 0x46 ? Delivery::expired : Delivery::failed;
}

std::string_view tp_st_text(std::uint8_t tp_st) {
  const std::uint8_t index = tp_st & 0x1F;
  switch (tp_st >> 5) {
    case 0:
      return in_group(kDone, index, "completed, reserved value", "completed, the SC's own value");
    case 1:
      return in_group(kTrying, index, "still tried, reserved value", "still tried, the SC's own value");
    case 2:
      return in_group(kPermanent, index, "failed, reserved value", "failed, the SC's own value");
    case 3:
      return in_group(kGaveUp, index, "given up, reserved value", "given up, the SC's own value");
    default:
      return "reserved value, read as service rejected";
  }
}

}  // namespace at
