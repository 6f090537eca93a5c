// Quectel's LTE modules on Qualcomm chips.
#include "drivers/families.h"

namespace drivers {

const Family& quectel_ec2x() {
  static const Family family{
      .name = "quectel_ec2x",
      .manufacturers = {"quectel"},
      .models = {"EC20", "EC21", "EC25", "EG25", "EG91", "EG95", "BG96"},
      .cms = at::CmsNumbering::quectel,
      .mr_counts = true,
      .settings =
          {
              "AT+QURCCFG=\"urcport\",\"usbat\"",  // else URCs may come out of the PPP or the UART port
              "AT+QINDCFG=\"smsfull\",1",
              "AT+QINDCFG=\"csq\",0",
          },
      // Never ds=2: EC25 (EC25EFAR06A10M4G to EC25EFAR08A04M4G) and EG25-G keep such reports in SR, announce
      // them as "SM",0 and answer +CMGR there with a bare OK.
      .cnmi = {"AT+CNMI=2,1,0,1,0", "AT+CNMI=1,1,0,1,0", "AT+CNMI=2,1,0,0,0", "AT+CNMI=2,1"},
      .mems = {"ME", "SM"},
      .iccid = {"AT+QCCID", "AT+CCID", "AT+CRSM=176,12258,0,0,10"},
      .pin_tries = {{"AT+CPINR=\"SIM PIN\""}, {"AT+QPINC=\"SC\""}},
      .index_base = 0,
      .resets = {"AT+CFUN=1,1"},
      .chatter = {"+QIURC:"},
  };
  return family;
}

}  // namespace drivers
