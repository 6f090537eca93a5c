#include <CppUTest/TestHarness.h>

#include <string>

#include "at/urc.h"

using at::UrcKind;

TEST_GROUP(UrcTable){};

TEST(UrcTable, Kinds) {
  struct Case {
    const char* line;
    UrcKind kind;
  };
  for (const Case& c : {Case{"+CMTI: \"SM\",4", UrcKind::stored_message},
                        Case{"+CMT: ,23", UrcKind::routed_message},
                        Case{"+CDSI: \"SM\",0", UrcKind::stored_report},
                        Case{"+CDS:25", UrcKind::routed_report},
                        Case{"+CEREG: 1", UrcKind::registration},
                        Case{"+CPIN: NOT READY", UrcKind::sim},
                        Case{"RDY", UrcKind::boot},
                        Case{"^SYSSTART", UrcKind::boot},
                        Case{"^SYSSTART AIRPLANE MODE", UrcKind::boot},
                        Case{"+CFUN: 1", UrcKind::boot},
                        Case{"*ATREADY: 1", UrcKind::boot},
                        Case{"START", UrcKind::boot},
                        Case{"MODEM:STARTUP", UrcKind::boot},
                        Case{"NORMAL POWER DOWN", UrcKind::boot},
                        Case{"SMS Ready", UrcKind::sms_ready},
                        Case{"+QIND: SMS DONE", UrcKind::sms_ready},
                        Case{"+QIND: PB DONE", UrcKind::ignored},
                        Case{"+QIND: \"smsfull\",\"ME\"", UrcKind::storage_full},
                        Case{"+CIEV: smsfull,1", UrcKind::storage_full},
                        Case{"+CIEV: smsfull,0", UrcKind::ignored},
                        Case{"^SMMEMFULL:\"SM\"", UrcKind::storage_full},
                        Case{"#QSS: 3", UrcKind::sms_ready},
                        Case{"#QSS: 0", UrcKind::sim},
                        Case{"RING", UrcKind::call},
                        Case{"^BOOT:1,0", UrcKind::ignored},
                        Case{"UNDER-VOLTAGE WARNNING", UrcKind::supply},
                        Case{"^RSSI: 17", UrcKind::signal}}) {
    CHECK_TRUE_TEXT(at::urc_kind(c.line) == c.kind, c.line);
  }
}

TEST(UrcTable, WholeWordsAreWhole) {
  for (const char* line :
       {"RDYX", "STARTED", "START 1", "RINGING", "+CFUN: 10", "+CFUN: 0", "BUSYBODY", "", "M1", "+CMGS: 1"})
    CHECK_FALSE_TEXT(at::urc_kind(line).has_value(), line);
}

TEST(UrcTable, ThreeHaveAPduBehindThem) {
  CHECK_TRUE(at::has_data_line(UrcKind::routed_message));
  CHECK_TRUE(at::has_data_line(UrcKind::routed_report));
  CHECK_TRUE(at::has_data_line(UrcKind::routed_broadcast));
  CHECK_FALSE(at::has_data_line(UrcKind::stored_message));
}
