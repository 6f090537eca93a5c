#include "drivers/families.h"

namespace drivers {

const Family& generic() {
  static const Family family{
      .name = "generic",
      .manufacturers = {},
      .models = {},
      .mr_counts = false,  // nobody vouches for it
      .settings = {},
      // mt=1 throughout: the modem acknowledges to the network what it has stored, so nothing is lost with a
      // read. ds=1 first: a report by +CDS takes no storage. bfr=1 is all that Cinterion MC75i and TC35
      // accept.
      .cnmi = {"AT+CNMI=2,1,0,1,0", "AT+CNMI=1,1,0,1,0", "AT+CNMI=2,1,0,2,0", "AT+CNMI=1,1,0,2,0",
               "AT+CNMI=3,1,0,2,0", "AT+CNMI=2,1,0,0,1", "AT+CNMI=2,1,0,2,1", "AT+CNMI=2,1"},
      // SM first: ME is RAM on some (Telit HE863), and a reset would take unread texts with it.
      .mems = {"SM", "ME"},
      .iccid = {"AT+CCID", "AT+ICCID", "AT^ICCID?", "AT+QCCID", "AT#CCID", "AT^SCID",
                "AT+CRSM=176,12258,0,0,10"},
      .pin_tries = {{"AT+CPINR=\"SIM PIN\""}, {"AT+CPINR"}},
      .index_base = 0,
      .resets = {"AT+CFUN=1,1"},
      .chatter = {},
      .ussd = {at::UssdForm::plain, at::UssdForm::packed_hex},
  };
  return family;
}

}  // namespace drivers
