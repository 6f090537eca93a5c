// SIMCom's 3G modules.
#include "drivers/families.h"

namespace drivers {

const Family& simcom_sim5320() {
  static const Family family{
      .name = "simcom_sim5320",
      .manufacturers = {"simcom"},
      .models = {"SIMCOM_SIM5", "SIM5"},
      .direct = false,  // takes no +CNMA
      .settings =
          {
              "AT+CATR=0",  // URCs out of every port, this one too
              "AT+AUTOCSQ=0",
              "AT+CNSMOD=0",
          },
      // 1575B13SIM5320E keeps stored reports in SR, which no sweep reads: by +CDS, or not at all.
      .cnmi = {"AT+CNMI=1,1,0,1,0", "AT+CNMI=2,1,0,1,0", "AT+CNMI=1,1,0,0,0"},
      .mems = {"SM", "ME"},  // texts of class 2 go to SM whatever is set
      .iccid = {"AT+CICCID", "AT+CCID", "AT+CRSM=176,12258,0,0,10"},
      .pin_tries = {{"AT+SPIC", "+SPIC:", 0}},
      .index_base = 0,
      .resets = {"AT+CRESET", "AT+CFUN=1,1"},
      .chatter = {"OPL UPDATING", "PNN UPDATING", "+SIMCARD"},
  };
  return family;
}

}  // namespace drivers
