// Telit's modules of all generations.
#include "drivers/families.h"

namespace drivers {

const Family& telit() {
  static const Family family{
      .name = "telit",
      .manufacturers = {"telit"},
      .models = {""},
      .cms = at::CmsNumbering::telit,
      // Old ones take 80 characters a line: nothing here is longer, and nothing is chained.
      .keeps_link = true,
      .settings =
          {
              "AT#NOPT=0",  // URCs out of every port
              "AT#QSS=2",   // #QSS: 3 says that the SMS layer is up
              "AT#SMOV=1",  // storage full
              "AT#MWI=0",
              "AT+CMER=0,0,0,0",
          },
      .cnmi = {"AT+CNMI=2,1,0,1,0", "AT+CNMI=1,1,0,1,0", "AT+CNMI=2,1,0,2,0", "AT+CNMI=2,1,0,0,0"},
      // SM alone takes inbound texts: ME, BM and SR of HE863 are RAM with eight places.
      .mems = {"SM"},
      .iccid = {"AT#CCID", "AT+ICCID", "AT+CRSM=176,12258,0,0,10"},
      // #PCT counts for the code that +CPIN? asks for, and it is asked only for a PIN.
      .pin_tries = {{"AT#PCT", "#PCT:", 0}, {"AT+CPINR=\"SIM PIN\""}},
      .index_base = 1,
      .resets = {"AT#REBOOT", "AT#ENHRST=1,0"},
      .chatter = {"#MWI:", "#SMOV:", "SMOV"},
  };
  return family;
}

}  // namespace drivers
