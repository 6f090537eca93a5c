// u-blox' modules. SARA-R4 and N4 send texts only under an operator's profile (+UMNOPROF), which is for a
// person to choose: it is stored, and each change asks for a restart.
#include "drivers/families.h"

namespace drivers {

const Family& ublox() {
  static const Family family{
      .name = "ublox",
      .manufacturers = {"u-blox"},
      .models = {""},
      .keeps_link = true,
      .settings =
          {
              "AT+UPSV=0",  // asleep, it loses the first characters of a line
              "AT+UMWI=0",
              "AT+CGEREP=0",
              "AT+CTZR=0",
              "AT+CMER=0,0,0,0",
          },
      .radio_on = {"AT+CFUN=1", "AT+CFUN=1,0"},  // some refuse to be without the second argument
      .cnmi = {"AT+CNMI=1,1,0,1,0", "AT+CNMI=2,1,0,1,0", "AT+CNMI=1,1,0,2,0", "AT+CNMI=1,1,0,0,0"},
      .mems = {"SM", "ME"},
      .iccid = {"AT+CCID", "AT+CRSM=176,12258,0,0,10"},
      // +UPINCNT: <pin>,<pin2>,<puk>,<puk2>
      .pin_tries = {{"AT+UPINCNT", "+UPINCNT:", 0}, {"AT+CPINR=\"SIM PIN\""}},
      .index_base = 1,
      .resets = {"AT+CFUN=16", "AT+CFUN=15"},  // 15 leaves the SIM as it is
      .chatter = {"+UUPSDD:", "+UUSOCL:", "+UUSIMSTAT:", "+UFOTASTAT:"},
  };
  return family;
}

}  // namespace drivers
