// Sierra Wireless' mini and M.2 cards. In MBIM or QMI compositions their texts belong to those interfaces:
// the AT port must be part of the composition, and nothing else may collect them.
#include "drivers/families.h"

namespace drivers {

const Family& sierra() {
  static const Family family{
      .name = "sierra",
      .manufacturers = {"sierra wireless"},
      .models = {""},
      .direct = false,  // Gobi firmware among them does not keep to +CNMA
      .settings =
          {
              "AT+CGEREP=0",
              "AT+CTZR=0",
              "AT+CMER=0,0,0,0",
          },
      .cnmi = {"AT+CNMI=2,1,0,1,0", "AT+CNMI=2,1,0,2,0", "AT+CNMI=1,1,0,1,0", "AT+CNMI=1,1,0,2,0",
               "AT+CNMI=2,1,0,0,0"},
      .mems = {"SM", "ME"},
      .iccid = {"AT+ICCID", "AT+CCID", "AT+CRSM=176,12258,0,0,10"},
      // +CPINC: <pin>,<pin2>,<puk>,<puk2>
      .pin_tries = {{"AT+CPINC?", "+CPINC:", 0}, {"AT+CPINR=\"SIM PIN\""}},
      .index_base = 0,
      .resets = {"AT!RESET", "AT+CFUN=1,1"},
      .chatter = {"!", "+WDS", "*PSNEXP"},
  };
  return family;
}

}  // namespace drivers
