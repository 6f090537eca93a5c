// What a person may say to a modem that works for a daemon.
#include "drivers/command_rules.h"

#include <CppUTest/TestHarness.h>

using drivers::code_refusal;
using drivers::command_refusal;

TEST_GROUP(CommandRules){static void allowed(const char* line){const auto why = command_refusal(line);
CHECK_FALSE_TEXT(why.has_value(), (std::string(line) + ": " + why.value_or("")).c_str());
}
static void refused(const char* line, const char* named) {
  const auto why = command_refusal(line);
  CHECK_TRUE_TEXT(why.has_value(), line);
  CHECK_TRUE_TEXT(why->starts_with(named), (std::string(line) + ": " + *why).c_str());
}
}
;

TEST(CommandRules, WhatAsksIsHarmless) {
  for (const char* line : {"AT",
                           "at+csq",
                           "ATI",
                           "ATI3",
                           "AT&V",
                           "ATE0",
                           "AT+CSQ;+CREG?",
                           "AT+CMGS=?",
                           "AT+CMGW=?",
                           "AT+CPIN?",
                           "AT+CPIN2?",
                           "AT+CPINR",
                           "AT+CPINR=\"SIM PIN\"",
                           "AT+QPINC=\"SC\"",
                           "AT+CLCK=\"SC\",2",
                           "AT+CRSM=176,12258,0,0,10",
                           "AT+CNUM",
                           "AT+CMGR=3",
                           "AT+CMGL=4",
                           "AT+CFUN=1,1",
                           "AT+COPS=?",
                           "AT+CNMI=2,1",
                           "AT+IPR?",
                           "AT+CUSD?",
                           "ATS0?",
                           "ATS3?",
                           "AT!GSTATUS?",
                           "AT^CURC=0",
                           "AT#CCID",
                           "AT$QCPWR",
                           "AT*ESTATUS",
                           "AT%CSQ",
                           "AT+QCFG=\"usbnet\"",
                           "ATS7=60",
                           "AT+CPBR=1,10;+CSQ",
                           "AT+QENG=\"servingcell\"",
                           "AT+CMGF=0",
                           "AT+CSCA=\"+447700900000;\",145"})
    allowed(line);
}

TEST(CommandRules, WhatPromptsLeavesOrSpendsIsRefusedByName) {
  const std::pair<const char*, const char*> rows[] = {{"AT+CMGS=20", "AT+CMGS sends a text"},
                                                      {"AT+cmgs=\"+447700900123\"", "AT+CMGS sends a text"},
                                                      {"AT+CMGSO=\"x\"", "AT+CMGSO sends"},
                                                      {"AT+CMSS=1", "AT+CMSS sends"},
                                                      {"AT+CMGW", "AT+CMGW asks for data"},
                                                      {"AT+CMGC=3", "AT+CMGC asks for data"},
                                                      {"AT+CMGD=1,4", "AT+CMGD a text is deleted"},
                                                      {"AT+CNMA", "AT+CNMA"},
                                                      {"AT+CUSD=1,\"*100#\",15", "AT+CUSD its"},
                                                      {"AT+CIPSENDEX=4", "AT+CIPSENDEX asks for data"},
                                                      {"AT+QFUPL=\"a\",9", "AT+QFUPL asks"},
                                                      {"AT^SISW=0,5", "AT^SISW asks"},
                                                      {"AT#SSEND=1", "AT#SSEND asks"},
                                                      {"ATD*99#", "ATD leaves"},
                                                      {"ATDT 123;", "ATD leaves"},
                                                      {"ATO", "ATO leaves"},
                                                      {"ATA", "ATA leaves"},
                                                      {"ATE0D123", "ATD leaves"},
                                                      {"AT+CSQ;D123;", "ATD leaves"},
                                                      {"AT E1 +CSQ ; +CMGS = 20", "AT+CMGS sends"},
                                                      {"AT+CGDATA=\"PPP\",1", "AT+CGDATA leaves"},
                                                      {"AT+CMUX=0", "AT+CMUX leaves"},
                                                      {"AT+IPR=9600", "AT+IPR changes"},
                                                      {"ATS3=10", "ATS3 changes"},
                                                      {"ATS0=1", "ATS0 answers calls"},
                                                      {"ATQ1", "ATQ changes"},
                                                      {"ATE1V0", "ATV changes"},
                                                      {"AT&W", "AT&W would be kept"},
                                                      {"AT+CPIN=\"1234\"", "AT+CPIN may spend"},
                                                      {"AT+CPIN=1234,5678", "AT+CPIN may spend"},
                                                      {"AT^CPIN=\"1234\"", "AT^CPIN may spend"},
                                                      {"AT+CPWD=\"SC\",\"1\",\"2\"", "AT+CPWD may spend"},
                                                      {"AT+CLCK=\"SC\",0,\"1234\"", "AT+CLCK may"},
                                                      {"AT+CLCK=\"SC\",2,\"1234\"", "AT+CLCK may"},
                                                      {"AT+CSIM=10,\"A0A4\"", "AT+CSIM may spend"},
                                                      {"AT+CRSM=214,28423,0,0,9,\"00\"", "AT+CRSM may spend"},
                                                      {"AT+CSQ\r", "must be one line"},
                                                      {"AT+CSQ\nAT+CMGS=20", "must be one line"},
                                                      {"AT\x1B", "must be one line"},
                                                      {"AT+CSQ\x1A", "must be one line"},
                                                      {"AT+CPBW=1,\"\xC3\xA9\"", "must be one"},
                                                      {"", "must begin with AT"},
                                                      {"A/", "must begin with AT"},
                                                      {"+++", "must begin with AT"},
                                                      {" AT", "must begin with AT"},
                                                      {"A", "must begin with AT"}};
  for (const auto& [line, named] : rows) refused(line, named);
  refused(("AT+CPBW=1,\"" + std::string(drivers::kMostCommand, '1') + '"').c_str(), "is longer than 256");
}

TEST(CommandRules, ASemicolonInQuotesPartsNothing) {
  allowed("AT+CPBW=1,\"1;D2\",129,\"x;+CMGS=20\"");
  refused("AT+CPBW=1,\"1\";+CMGS=20", "AT+CMGS");
  LONGS_EQUAL(2, drivers::commands_on("AT+creg?;E1+CSQ").size());
  STRCMP_EQUAL("+CREG", drivers::commands_on("AT+creg?;E1+CSQ").at(0).c_str());
}

TEST(CommandRules, Codes) {
  for (const char* code : {"*100#", "#100#", "*#06#", "**21*447700900123#", "99", "*104*12345678901234#"})
    CHECK_FALSE_TEXT(code_refusal(code).has_value(), code);
  for (const char* code :
       {"", "*100#\"", "hello", "*100#\r", "+44", "**04*1234*5678*5678#", "**05*12345678*1234*1234#",
        "**042*1*2*2#", "**03**0000*1*1#", "*03*330*0000*1*1#"})
    CHECK_TRUE_TEXT(code_refusal(code).has_value(), code);
  CHECK_TRUE(code_refusal(std::string(161, '1')).has_value());
}
