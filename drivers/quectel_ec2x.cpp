#include "drivers/families.h"

namespace drivers {

const Family& quectel_ec2x() {
  static const Family family{
      .name = "quectel_ec2x",
      .manufacturer = "quectel",
      .models = {"EC20", "EC21", "EC25", "EG25", "EG91", "EG95", "BG96"},
      .cms = at::CmsNumbering::quectel,
      .mr_counts = true,
      .probe_aborts = false,
      .settings =
          {
              "AT+QURCCFG=\"urcport\",\"usbat\"",  // else URCs may come out of the PPP or the UART port
              "AT+QINDCFG=\"smsfull\",1",
              "AT+QINDCFG=\"csq\",0",
          },
      // Never ds=2: EC25 keeps such reports in SR, announces them as "SM",0 and answers +CMGR there with a
      // bare OK.
      .cnmi = {"AT+CNMI=2,1,0,1,0", "AT+CNMI=1,1,0,1,0", "AT+CNMI=2,1,0,0,0", "AT+CNMI=2,1"},
      .mems = {"ME", "SM"},
      .iccid = {"AT+QCCID", "AT+CCID", "AT+CRSM=176,12258,0,0,10"},
      .pin_tries = {"AT+CPINR=\"SIM PIN\"", "AT+QPINC=\"SC\""},
      .index_base = 0,
      .reset = "AT+CFUN=1,1",
  };
  return family;
}

}  // namespace drivers
