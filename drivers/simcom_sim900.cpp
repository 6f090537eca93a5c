// SIMCom's first 2G modules. Like SIM800 in most, but from another chip maker: the numbers of +CMS ERROR from
// 512 up mean other things.
#include "drivers/families.h"

namespace drivers {

const Family& simcom_sim900() {
  static const Family family{
      .name = "simcom_sim900",
      .manufacturers = {"simcom"},
      .models = {"SIMCOM_SIM9", "SIMCOM_SIM3", "SIMCOM_SIM6", "SIM9", "SIM3", "SIM6"},
      .cms = at::CmsNumbering::cinterion,
      .command_gap = at::Millis{50},
      .prompt_gap = at::Millis{50},
      .act = 0,
      .direct = false,  // takes no +CNMA
      .settings =
          {
              "AT+CLTS=0",
              "AT+CFGRI=0",
              "AT+STK=0",
          },
      .cnmi = {"AT+CNMI=2,1,0,1,0", "AT+CNMI=1,1,0,1,0", "AT+CNMI=2,1,0,2,0", "AT+CNMI=2,1,0,0,0"},
      // SIM600 deletes all parts of a message with its first. What waits to be read goes before deletes.
      .mems = {"SM", "ME"},
      .iccid = {"AT+CCID", "AT+CRSM=176,12258,0,0,10"},
      .pin_tries = {{"AT+SPIC", "+SPIC:", 0}},
      .index_base = 1,
      .resets = {"AT+CFUN=1,1"},
      .chatter = {"+CANT:", "+SJDR:"},
  };
  return family;
}

}  // namespace drivers
