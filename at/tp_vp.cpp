#include "at/tpdu.h"

namespace at {
namespace {

constexpr std::int64_t kMinute = 60;
constexpr std::int64_t kHour = 60 * kMinute;
constexpr std::int64_t kDay = 24 * kHour;
constexpr std::int64_t kWeek = 7 * kDay;

std::int64_t steps(std::int64_t seconds, std::int64_t step) {
  return (seconds + step - 1) / step;
}

}  // namespace

// 23.040 9.2.3.12.1: steps of 5 minutes to 12 hours, 30 minutes to a day, days to 30, weeks to 63.
std::uint8_t encode_relative_vp(std::int64_t seconds) {
  std::int64_t value = 255;
  if (seconds <= 5 * kMinute) {
    value = 0;
  } else if (seconds <= 12 * kHour) {
    value = steps(seconds, 5 * kMinute) - 1;
  } else if (seconds <= kDay) {
    value = 143 + steps(seconds - 12 * kHour, 30 * kMinute);
  } else if (seconds <= 30 * kDay) {
    value = 166 + steps(seconds, kDay);
  } else if (seconds <= 63 * kWeek) {
    value = 192 + steps(seconds, kWeek);
  }
  return static_cast<std::uint8_t>(value);
}

std::int64_t decode_relative_vp(std::uint8_t tp_vp) {
  if (tp_vp <= 143) return (tp_vp + 1) * 5 * kMinute;
  if (tp_vp <= 167) return 12 * kHour + (tp_vp - 143) * 30 * kMinute;
  if (tp_vp <= 196) return (tp_vp - 166) * kDay;
  return (tp_vp - 192) * kWeek;
}

// The first octet says what the others hold; whatever it does not need is zero. Its bit 7 announces one more
// octet of the kind, of which none is defined yet: what follows is then not understood.
EnhancedVp decode_enhanced_vp(const std::uint8_t* seven_octets) {
  EnhancedVp vp;
  vp.single_shot = (seven_octets[0] & 0x40) != 0;
  if (seven_octets[0] & 0x80) return vp;
  const auto semi_octets = [&](int i) { return (seven_octets[i] & 0x0F) * 10 + (seven_octets[i] >> 4); };
  switch (seven_octets[0] & 7) {
    case 1:
      vp.seconds = decode_relative_vp(seven_octets[1]);
      break;
    case 2:
      vp.seconds = seven_octets[1];
      break;
    case 3:
      vp.seconds = semi_octets(1) * kHour + semi_octets(2) * kMinute + semi_octets(3);
      break;
    default:
      break;
  }
  return vp;
}

}  // namespace at
