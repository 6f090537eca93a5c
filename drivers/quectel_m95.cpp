// Quectel's 2G modules on MTK chips, at a UART.
#include "drivers/families.h"

namespace drivers {

const Family& quectel_m95() {
  static const Family family{
      .name = "quectel_m95",
      .manufacturers = {"quectel"},
      // +CGMM prints Quectel_M95 (M95FAR02A08); the bare names in case another does without.
      .models = {"Quectel_M", "M26", "M35", "M66", "M72", "M95", "MC60"},
      .cms = at::CmsNumbering::quectel,
      // A UART without flow control: what comes on the heels of a result gets lost now and then.
      .command_gap = at::Millis{50},
      .prompt_gap = at::Millis{50},
      .act = 0,
      .settings =
          {
              "AT+QIURC=1",  // Call Ready and its like: they tell of a restart
              "AT+QSTK=0",   // a pending proactive command blocks the SIM
              "AT+CTZR=0",
          },
      // M26: +CSMS=? knows 0 and 128 only, so there is no +CNMA and nothing is routed.
      .cnmi = {"AT+CNMI=2,1,0,1,0", "AT+CNMI=1,1,0,1,0", "AT+CNMI=2,1,0,2,0", "AT+CNMI=2,1,0,0,0"},
      .mems = {"SM", "ME"},
      .iccid = {"AT+QCCID", "AT+CCID", "AT+CRSM=176,12258,0,0,10"},
      .pin_tries = {{"AT+QTRPIN", "+QTRPIN:", 0}, {"AT+CPINR=\"SIM PIN\""}},
      .index_base = 1,
      .resets = {"AT+CFUN=1,1"},  // AT+QPOWD would leave it off until somebody pulls PWRKEY
      .chatter = {"+QNITZ", "+QINISTAT"},
  };
  return family;
}

}  // namespace drivers
