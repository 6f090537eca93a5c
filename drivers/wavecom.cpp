// Wavecom's modems and Fastrack terminals, later Sierra Wireless'. Whatever they are, they call themselves by
// their bands.
#include "drivers/families.h"

namespace drivers {

const Family& wavecom() {
  static const Family family{
      .name = "wavecom",
      .manufacturers = {"wavecom", "sierra wireless"},
      .models = {"MULTIBAND"},
      .cms = at::CmsNumbering::wavecom,
      .cpin_lacks_ok = true,  // a MULTIBAND 900E 1800 whose revision nobody told
      .command_gap = at::Millis{100},
      .prompt_gap = at::Millis{50},
      .submit_rest = at::Millis{1500},  // +CME ERROR: 515 for a second or two behind each
      .busy_for = at::Millis{5000},     // the same 515 after a start and a PIN
      .act = 0,
      .settings =
          {
              "AT+WIND=15",  // SIM out and in, ready, initialised
              "AT+WOPEN=0",  // no program of somebody else's between us and the modem
              "AT+CRC=0",
          },
      .radio_on = {},  // AT+CFUN=1 restarts it
      .cnmi = {"AT+CNMI=2,1,0,1,0", "AT+CNMI=2,1,0,2,0", "AT+CNMI=1,1,0,1,0", "AT+CNMI=2,1,0,0,0"},
      // +CPMS=? is a list of lists, and SM is all that takes texts. Three arguments are refused.
      .mems = {"SM"},
      .sms_service = {},
      .iccid = {"AT+CCID", "AT+CCID?", "AT+CRSM=176,12258,0,0,10"},
      // +CPINC: <pin>,<pin2>,<puk>,<puk2>
      .pin_tries = {{"AT+CPINC", "+CPINC:", 0}, {"AT+CPINC?", "+CPINC:", 0}},
      .index_base = 1,
      .resets = {"AT+CFUN=1"},
      .chatter = {"+WVOICE:", "+WBCI:"},
  };
  return family;
}

}  // namespace drivers
