#include "at/tpdu.h"

namespace at {
namespace {

// 23.038 4, coding groups 00xx and 01xx.
Dcs general_group(std::uint8_t tp_dcs) {
  Dcs dcs;
  dcs.reserved = (tp_dcs >> 2 & 3) == 3;
  if (dcs.reserved) return dcs;  // "the same as codepoint 00000000"
  dcs.automatic_deletion = tp_dcs & 0x40;
  if (tp_dcs & 0x10) dcs.message_class = tp_dcs & 3;
  if (tp_dcs & 0x20) {
    dcs.alphabet = Alphabet::compressed;
  } else if ((tp_dcs >> 2 & 3) == 1) {
    dcs.alphabet = Alphabet::octets;
  } else if ((tp_dcs >> 2 & 3) == 2) {
    dcs.alphabet = Alphabet::ucs2;
  }
  return dcs;
}

// 23.038 4, coding groups 1100 (discard), 1101 (store), 1110 (store, UCS-2).
Dcs waiting_group(std::uint8_t tp_dcs) {
  Dcs dcs;
  dcs.message_waiting =
      MessageWaiting{static_cast<MessageWaiting::Kind>(tp_dcs & 3), (tp_dcs & 8) != 0, tp_dcs >= 0xD0};
  if (tp_dcs >= 0xE0) dcs.alphabet = Alphabet::ucs2;
  return dcs;
}

}  // namespace

std::string_view alphabet_name(Alphabet alphabet) {
  static constexpr std::string_view kNames[] = {"gsm7", "8bit", "ucs2", "compressed"};
  return kNames[static_cast<std::size_t>(alphabet)];
}

// 23.038 4. Reserved codings are read as the default alphabet, as the clause asks of a receiver.
Dcs decode_dcs(std::uint8_t tp_dcs) {
  if (tp_dcs < 0x80) return general_group(tp_dcs);
  if (tp_dcs >= 0xC0 && tp_dcs < 0xF0) return waiting_group(tp_dcs);
  Dcs dcs;
  if (tp_dcs < 0xC0) {
    dcs.reserved = true;
  } else {
    dcs.message_class = tp_dcs & 3;
    if (tp_dcs & 4) dcs.alphabet = Alphabet::octets;
  }
  return dcs;
}

}  // namespace at
