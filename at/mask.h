// What of an AT dialogue may be shown to strangers: numbers and identities shortened, texts blanked, PINs and
// secrets gone. Each line keeps its length (but for secrets) and its form, so that whatever reads the
// dialogue reads the masked one alike:
//   "+447700900123"     "+447700000023"; the same number always gives the same
//   001010000900001     001010000000001: IMSI, ICCID and IMEI keep their first six digits and the last three
//   AT+CPIN="1234"      AT+CPIN="****"
//   a PDU               its numbers shortened, its text a row of @, its header and all other fields as they
//   were +CUSD: 0,"Hi 5",15  +CUSD: 0,"xx 0",15
// Masking what was masked changes nothing.
#pragma once

#include <string>
#include <string_view>

namespace at {

// hex: SC address and TPDU, whole or cut off.
std::string mask_pdu(std::string_view hex);

// One for each port: what a line is depends on those before it.
class Mask {
 public:
  // A line as we wrote it, without CR; what is entered after a prompt ends with Ctrl-Z (27.005 3.5.1) or
  // comes after forget().
  std::string written(std::string_view line);
  // A line as it was read, without its end. torn: a piece of one, and the rest of it will come as another.
  std::string read(std::string_view line, bool torn = false);
  // The port was opened anew.
  void forget() { *this = {}; }

 private:
  std::string body(std::string_view line);
  std::string data_header_;  // of the answer whose data follow: "+CMGR:"
  bool data_due_ = false;
  bool text_mode_ = false;  // what followed was no PDU, and may go on for lines
  bool ussd_open_ = false;
  bool torn_ = false;
};

}  // namespace at
