// Huawei's soldered and mini-card modules.
#include "drivers/families.h"

namespace drivers {

const Family& huawei_module() {
  static const Family family{
      .name = "huawei_module",
      .manufacturers = {"huawei"},
      .models = {"ME9", "MU6", "MU7", "EM6", "EM7", "EM8", "MG3"},
      // Never AT^GETPORTMODE: the first MU609 firmware crashes on it.
      .direct = false,  // its answers to +CNMA are not to be relied on
      .settings =
          {
              "AT^CURC=0",
              "AT^STSF=0",
              "AT+CGEREP=0",
              "AT+CTZR=0",
          },
      .cnmi = {"AT+CNMI=2,1,0,1,0", "AT+CNMI=1,1,0,1,0", "AT+CNMI=2,1,0,2,0", "AT+CNMI=1,1,0,2,0",
               "AT+CNMI=1,1,0,0,0"},
      // MU609 answers +CPMS=? with three bare names and no lists; MG323 keeps SM alone over a restart.
      .mems = {"SM", "ME"},
      .iccid = {"AT^ICCID?", "AT+ICCID", "AT+CRSM=176,12258,0,0,10"},
      .pin_tries = {{"AT^CPIN?", "^CPIN:", 3}, {"AT+CPINR=\"SIM PIN\""}},
      .index_base = 0,
      .resets = {"AT^RESET", "AT+CFUN=1,1"},
      .chatter = {"^CERSSI:", "^NWTIME:"},
  };
  return family;
}

}  // namespace drivers
