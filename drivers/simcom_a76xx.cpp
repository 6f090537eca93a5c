// SIMCom's LTE Cat 1 modules. A7670E-LNXY-UBL has no texts at all; the others need an operator that brings
// them over SGs.
#include "drivers/families.h"

namespace drivers {

const Family& simcom_a76xx() {
  static const Family family{
      .name = "simcom_a76xx",
      // Some print but the second half of their maker's name.
      .manufacturers = {"simcom", "incorporated"},
      .models = {"A76", "SIMCOM_A76", "SIMCOM_SIM767", "SIM767"},
      .direct = false,  // takes no +CNMA
      .settings =
          {
              "AT+AUTOCSQ=0",
              "AT+CNSMOD=0",
              "AT+CTZR=0",
              "AT+CGEREP=0",
          },
      .cnmi = {"AT+CNMI=2,1,0,1,0", "AT+CNMI=2,1,0,2,0", "AT+CNMI=2,1,0,0,0", "AT+CNMI=1,1,0,0,0"},
      .mems = {"SM", "ME"},
      .iccid = {"AT+CICCID", "AT+CCID", "AT+CRSM=176,12258,0,0,10"},
      .pin_tries = {{"AT+SPIC", "+SPIC:", 0}, {"AT+CPINR=\"SIM PIN\""}},
      .index_base = 0,
      .resets = {"AT+CRESET", "AT+CFUN=1,1"},
      .chatter = {"*ISIMAID:", "*COPN:", "+SIMCARD"},
  };
  return family;
}

}  // namespace drivers
