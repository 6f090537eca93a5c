// ZTE's USB sticks, which show a CD-ROM until they are told otherwise.
#include "drivers/families.h"

namespace drivers {

const Family& zte_mf() {
  static const Family family{
      .name = "zte_mf",
      .manufacturers = {"zte"},
      .models = {"MF", "K3", "K4"},  // K: what Vodafone sold them as
      .store_first = false,          // as Huawei's sticks: what hung may be sent late
      .direct = false,  // their answers to +CNMA are not to be relied on
      .settings =
          {
              "AT+ZOPRT=5",  // MF190: stay online. Never +ZCDRUN: it is stored
              "AT+CGEREP=0",
              "AT+CTZR=0",
          },
      // Mode 2 is refused by builds for MSM chips. A +CDS has an empty field before its length; MF626
      // announces stored reports in SR in the middle of an answer.
      .cnmi = {"AT+CNMI=1,1,0,1,0", "AT+CNMI=2,1,0,1,0", "AT+CNMI=1,1,0,2,0", "AT+CNMI=1,1,0,0,0"},
      .mems = {"SM", "ME"},
      .iccid = {"AT+CRSM=176,12258,0,0,10", "AT+CCID", "AT+ICCID"},
      .pin_tries = {{"AT+CPINR=\"SIM PIN\""}, {"AT+CPINR"}},
      .index_base = 0,
      .resets = {"AT+CFUN=1,1", "AT+ZRST"},
      .chatter = {"+ZSMGS"},
      .ussd = {at::UssdForm::plain, at::UssdForm::packed_hex},  // some builds want it packed
  };
  return family;
}

}  // namespace drivers
