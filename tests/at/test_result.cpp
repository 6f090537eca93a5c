#include <CppUTest/TestHarness.h>

#include "at/result.h"

using at::CmsNumbering;
using at::ErrorClass;

TEST_GROUP(Result){ErrorClass cms(int code, CmsNumbering numbering = CmsNumbering::standard){
    return at::classify_submit_error(*at::parse_final("+CMS ERROR: " + std::to_string(code)), numbering);
}
ErrorClass of(const char* line) {
  return at::classify_submit_error(*at::parse_final(line), CmsNumbering::standard);
}
}
;

TEST(Result, ExactWordsOnly) {
  CHECK_TRUE(at::parse_final("OK")->ok());
  CHECK_TRUE(at::parse_final("0")->ok());
  CHECK_TRUE(at::parse_final("ERROR")->kind == at::Final::error);
  CHECK_TRUE(at::parse_final("4")->kind == at::Final::error);
  CHECK_TRUE(at::parse_final("COMMAND NOT SUPPORT")->kind == at::Final::vendor_error);
  for (const char* line :
       {"OK.", "ok", "OK 1", "ERROR: 3", "", "1", "3", "NO CARRIER", "+CMGS: 4", "NAK", "> "})
    CHECK_FALSE_TEXT(at::parse_final(line).has_value(), line);
}

TEST(Result, NumbersAndNames) {
  LONGS_EQUAL(38, *at::parse_final("+CMS ERROR:38")->code);
  STRCMP_EQUAL("cms_38", at::parse_final("+CMS ERROR: 38")->name().c_str());
  STRCMP_EQUAL("cme_100", at::parse_final("+CME ERROR: 100")->name().c_str());
  STRCMP_EQUAL("cms_error", at::parse_final("+CMS ERROR: network timeout")->name().c_str());
  STRCMP_EQUAL("cms_error", at::parse_final("+CMS ERROR:AT+CGATT?")->name().c_str());
  STRCMP_EQUAL("error", at::parse_final("ERROR")->name().c_str());
  STRCMP_EQUAL("ok", at::parse_final("OK")->name().c_str());
}

TEST(Result, ClassesOfTheStandardCodes) {
  for (int code : {1, 30, 95, 96, 97, 160, 176, 195, 196, 304, 305})
    CHECK_TRUE(cms(code) == ErrorClass::permanent);
  for (int code : {29, 99, 128, 144, 159, 198, 199}) CHECK_TRUE(cms(code) == ErrorClass::refeatured);
  for (int code : {27, 98, 111, 127, 212, 224, 240, 255}) CHECK_TRUE(cms(code) == ErrorClass::temporary);
  for (int code : {17, 22, 38, 41, 42, 47, 192, 194, 331}) CHECK_TRUE(cms(code) == ErrorClass::network);
  for (int code : {8, 10, 21, 28, 50, 69, 193, 310, 313, 315, 318, 330})
    CHECK_TRUE(cms(code) == ErrorClass::sim);
  for (int code : {81, 208, 211, 301, 302, 303, 314, 320, 322}) CHECK_TRUE(cms(code) == ErrorClass::modem);
  for (int code : {300, 332, 500}) CHECK_TRUE(cms(code) == ErrorClass::in_doubt);
  CHECK_TRUE(cms(197) == ErrorClass::accepted);
}

TEST(Result, FromFiveHundredTwelveUpTheMakeDecides) {
  CHECK_TRUE(cms(512, CmsNumbering::quectel) == ErrorClass::modem);
  CHECK_TRUE(cms(512, CmsNumbering::cinterion) == ErrorClass::in_doubt);
  CHECK_TRUE(cms(512, CmsNumbering::telit) == ErrorClass::sim);
  CHECK_TRUE(cms(512, CmsNumbering::wavecom) == ErrorClass::network);
  CHECK_TRUE(cms(513, CmsNumbering::quectel) == ErrorClass::permanent);
  CHECK_TRUE(cms(529, CmsNumbering::quectel) == ErrorClass::sim);
  CHECK_TRUE(cms(551, CmsNumbering::cinterion) == ErrorClass::permanent);
  for (int code : {512, 515, 529, 999}) CHECK_TRUE(cms(code) == ErrorClass::modem);
}

TEST(Result, WithoutARowTheLayerDecides) {
  CHECK_TRUE(cms(77) == ErrorClass::temporary);
  CHECK_TRUE(cms(133) == ErrorClass::refeatured);
  CHECK_TRUE(cms(170) == ErrorClass::permanent);
  CHECK_TRUE(cms(200) == ErrorClass::temporary);
  CHECK_TRUE(cms(399) == ErrorClass::modem);
}

TEST(Result, OtherForms) {
  CHECK_TRUE(of("OK") == ErrorClass::none);
  CHECK_TRUE(of("ERROR") == ErrorClass::modem);
  CHECK_TRUE(of("+CME ERROR: 30") == ErrorClass::network);
  CHECK_TRUE(of("+CME ERROR: 31") == ErrorClass::in_doubt);
  CHECK_TRUE(of("+CME ERROR: 10") == ErrorClass::sim);
  CHECK_TRUE(of("+CMS ERROR: Network timeout") == ErrorClass::in_doubt);
  CHECK_TRUE(of("+CMS ERROR: unknown subscriber") == ErrorClass::permanent);
  CHECK_TRUE(of("+CMS ERROR:") == ErrorClass::modem);
}

TEST(Result, PlainWords) {
  const auto text = [](const char* line, CmsNumbering n) {
    return std::string(at::error_text(*at::parse_final(line), n));
  };
  STRCMP_EQUAL("Unknown subscriber", text("+CMS ERROR: 30", CmsNumbering::standard).c_str());
  STRCMP_EQUAL("SIM not ready", text("+CMS ERROR: 512", CmsNumbering::quectel).c_str());
  STRCMP_EQUAL("", text("+CMS ERROR: 512", CmsNumbering::standard).c_str());
  STRCMP_EQUAL("SIM busy", text("+CME ERROR: 14", CmsNumbering::standard).c_str());
  STRCMP_EQUAL("", text("ERROR", CmsNumbering::standard).c_str());
}
