// Huawei's USB sticks in serial mode. In HiLink mode they have no AT port at all.
#include "drivers/families.h"

namespace drivers {

const Family& huawei_stick() {
  static const Family family{
      .name = "huawei_stick",
      .manufacturers = {"huawei"},
      // "EM" is a module. K: what Vodafone sold them as.
      .models = {"E1", "E2", "E3", "E5", "E6", "E8", "K3", "K4", "K5"},
      .cms = at::CmsNumbering::standard,  // any number from 512 up is the modem's own trouble
      // E1752, E220, E372, E150 stall after minutes to hours while ^BOOT goes on: a probe is how it is found
      // out.
      .probe_aborts = false,
      // Sticks have been seen to send, after a hang, what they were given before it: a slot that says
      // "unsent" proves nothing there.
      .store_first = false,
      .direct = false,  // their answers to +CNMA are not to be relied on
      .settings =
          {
              "AT^CURC=0",      // the periodic lines; E1750 11.126.03.01.55 goes on with ^BOOT all the same
              "AT^USSDMODE=1",  // packed is the one form that all take; E1752 11.126.13.00.00 starts so
              "AT^STSF=0",      // a SIM toolkit that nobody answers blocks the SIM
          },
      // Mode 2 is listed and refused by some; mode 1 is what works on all.
      .cnmi = {"AT+CNMI=1,1,0,1,0", "AT+CNMI=2,1,0,1,0", "AT+CNMI=1,1,0,2,0", "AT+CNMI=2,1,0,2,0",
               "AT+CNMI=1,1,0,0,0"},
      // E303 and E3531 announce in SM although ME was set; E352 knows SM alone.
      .mems = {"SM", "ME"},
      .iccid = {"AT^ICCID?", "AT+ICCID", "AT+CRSM=176,12258,0,0,10"},
      // ^CPIN: <code>,<times>,<puk>,<pin>,<puk2>,<pin2>
      .pin_tries = {{"AT^CPIN?", "^CPIN:", 3}, {"AT+CPINR=\"SIM PIN\""}},
      .index_base = 0,
      .resets = {"AT^RESET", "AT+CFUN=1,1"},  // both make it leave the bus and come back
      .chatter = {"^CERSSI:", "^NWTIME:"},
      // With ^USSDMODE=1 a code is packed whatever +CSCS says; E3276 takes it so and answers in UCS-2.
      .ussd = {at::UssdForm::packed_hex, at::UssdForm::plain},
  };
  return family;
}

}  // namespace drivers
