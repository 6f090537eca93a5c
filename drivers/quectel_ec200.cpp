// Quectel's LTE Cat 1 modules on ASR and Unisoc chips. Their names begin like those of the Qualcomm line, and
// little else is shared: storages start with the SIM, and nobody has checked how TP-MR moves.
#include "drivers/families.h"

namespace drivers {

const Family& quectel_ec200() {
  static const Family family{
      .name = "quectel_ec200",
      .manufacturers = {"quectel"},
      .models = {"EC200", "EC600", "EC800", "EG800", "EG912", "EG915"},
      // Their codes from 512 up read like those of the 2G line.
      .cms = at::CmsNumbering::quectel,
      .settings =
          {
              "AT+QURCCFG=\"urcport\",\"usbat\"",  // refused where the module has but one port
              "AT+QINDCFG=\"smsfull\",1",
              "AT+QINDCFG=\"csq\",0",
              "AT+CGEREP=0",
          },
      .cnmi = {"AT+CNMI=2,1,0,1,0", "AT+CNMI=1,1,0,1,0", "AT+CNMI=2,1,0,2,0", "AT+CNMI=2,1,0,0,0"},
      .mems = {"SM", "ME"},
      .iccid = {"AT+QCCID", "AT+ICCID", "AT+CCID", "AT+CRSM=176,12258,0,0,10"},
      .pin_tries = {{"AT+QPINC=\"SC\""}, {"AT+CPINR=\"SIM PIN\""}},
      .index_base = 0,
      .resets = {"AT+CFUN=1,1"},
      .chatter = {"+QIURC:"},
  };
  return family;
}

}  // namespace drivers
