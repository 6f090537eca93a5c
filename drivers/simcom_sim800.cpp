// SIMCom's later 2G modules on MTK chips, at a UART or a USB bridge.
#include "drivers/families.h"

namespace drivers {

const Family& simcom_sim800() {
  static const Family family{
      .name = "simcom_sim800",
      .manufacturers = {"simcom"},
      .models = {"SIMCOM_SIM8", "SIM8"},
      .cms = at::CmsNumbering::quectel,  // the chip maker's list
      .command_gap = at::Millis{50},
      .prompt_gap = at::Millis{50},
      .act = 0,
      .direct = false,  // takes no +CNMA
      .settings =
          {
              "AT+CLTS=0",  // *PSUTTZ, DST and +CTZV at each change of cell
              "AT+CFGRI=0",
              "AT+STK=0",
          },
      // 1418B05SIM800L24: ds is 0 or 1. +CMGF is refused until SMS Ready. Nothing may be routed: it takes no
      // +CNMA.
      .cnmi = {"AT+CNMI=2,1,0,1,0", "AT+CNMI=1,1,0,1,0", "AT+CNMI=3,1,0,1,0", "AT+CNMI=2,1,0,0,0"},
      .mems = {"SM", "ME"},
      .iccid = {"AT+CCID", "AT+CRSM=176,12258,0,0,10"},
      // +SPIC: <pin>,<pin2>,<puk>,<puk2>
      .pin_tries = {{"AT+SPIC", "+SPIC:", 0}},
      .index_base = 1,
      .resets = {"AT+CFUN=1,1"},  // AT+CPOWD would leave it off until somebody pulls PWRKEY
      .chatter = {"+CANT:", "+SJDR:"},
  };
  return family;
}

}  // namespace drivers
