// Siemens', Cinterion's and Gemalto's modules and terminals, which kept their commands through three owners.
#include "drivers/families.h"

namespace drivers {

const Family& cinterion() {
  static const Family family{
      .name = "cinterion",
      .manufacturers = {"siemens", "cinterion", "gemalto"},
      // By name, not by maker: Siemens' telephones answer like nothing of these.
      .models = {"TC3", "TC4", "TC6", "MC3", "MC4", "MC5", "MC6", "MC7", "MC8",
                 "HC2", "XT5", "XT6", "AC7", "BG2", "BGS", "EGS", "EHS", "ELS",
                 "EMS", "EXS", "PHS", "PLS", "PXS", "PDS", "PVS", "ALS", "AHS"},
      .cms = at::CmsNumbering::cinterion,
      .command_gap = at::Millis{100},  // their manuals ask for it between a result and the next command
      .keeps_link = true,
      .settings =
          {
              "AT^SCKS=1",  // the card came or went
              "AT^SMGO=1",  // storage full
              "AT+CMER=0,0,0,0",
          },
      // bfr 1 is all there is; MC75i and TC35 know ds 0 and 2 alone, and some TC35 firmware fails with
      // reports.
      .cnmi = {"AT+CNMI=2,1,0,1,1", "AT+CNMI=2,1,0,2,1", "AT+CNMI=1,1,0,2,1", "AT+CNMI=2,1,0,0,1",
               "AT+CNMI=2,1,0,1,0", "AT+CNMI=2,1,0,0,0"},
      // MC35i (REVISION 02.00) and MC75i receive into SM or MT, never into ME.
      .mems = {"SM", "ME"},
      .iccid = {"AT^SCID", "AT+CCID", "AT+CRSM=176,12258,0,0,10"},
      // ^SPIC counts for the code that +CPIN? asks for, and it is asked only for a PIN.
      .pin_tries = {{"AT^SPIC", "^SPIC:", 0}, {"AT+CPINR=\"SIM PIN\""}},
      .index_base = 1,
      .resets = {"AT+CFUN=1,1"},  // AT^SMSO would leave it off until somebody pulls its ignition line
      .chatter = {"^SCTM_B:", "^SYSLOADING", "^EXIT"},
  };
  return family;
}

}  // namespace drivers
