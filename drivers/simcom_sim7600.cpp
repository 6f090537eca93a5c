// SIMCom's LTE modules on Qualcomm chips.
#include "drivers/families.h"

namespace drivers {

const Family& simcom_sim7600() {
  static const Family family{
      .name = "simcom_sim7600",
      .manufacturers = {"simcom"},
      .models = {"SIMCOM_SIM71", "SIMCOM_SIM75", "SIMCOM_SIM76", "SIM71", "SIM75", "SIM760"},
      // SIM7600G_V2.0.2 falls silent for good after some submits: it must be found out.
      .probe_aborts = false,
      // Not AT+CNMP: a network that sends no texts over LTE (208-15) wants 14, and that is for a person to
      // say.
      .direct = false,  // takes no +CNMA
      .settings =
          {
              "AT+CATR=0",
              "AT+AUTOCSQ=0",  // +CSQ unasked looks like an answer
              "AT+CNSMOD=0",
              "AT+CGEREP=0",
              "AT+CTZR=0",
          },
      // Never ds=2: reports are announced as "SR",8, and +CMGR=8 answers 321.
      .cnmi = {"AT+CNMI=2,1,0,1,0", "AT+CNMI=1,1,0,1,0", "AT+CNMI=2,1,0,0,0", "AT+CNMI=1,1,0,0,0"},
      .mems = {"SM", "ME"},
      .iccid = {"AT+CICCID", "AT+CCID", "AT+CRSM=176,12258,0,0,10"},
      .pin_tries = {{"AT+SPIC", "+SPIC:", 0}, {"AT+CPINR=\"SIM PIN\""}},
      .index_base = 0,
      .resets = {"AT+CRESET", "AT+CFUN=1,1"},
      .chatter = {"OPL UPDATING", "PNN UPDATING", "+SIMCARD"},
  };
  return family;
}

}  // namespace drivers
