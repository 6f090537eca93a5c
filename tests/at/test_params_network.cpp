// Registration, signal, operators and the clock, in the forms in which real modems print them.
#include <CppUTest/TestHarness.h>

#include "at/params.h"

namespace {

template <class T>
std::string shown(const std::optional<T>& value) {
  return value ? std::to_string(*value) : "-";
}

// "n stat lac ci act"
std::string registration(const char* line, bool asked, const char* prefix = "+CREG:") {
  const auto r = at::parse_registration(line, prefix, asked);
  if (!r) return "none";
  return shown(r->n) + ' ' + std::to_string(r->stat) + ' ' + shown(r->lac) + ' ' + shown(r->ci) + ' ' +
         shown(r->act);
}

}  // namespace

TEST_GROUP(ParamsNetwork){};

TEST(ParamsNetwork, RegistrationAsked) {
  STRCMP_EQUAL("2 1 24101 24671 -", registration("+CREG: 2,1,\"5E25\",\"605F\"", true).c_str());
  STRCMP_EQUAL("2 1 1226 136176709 -", registration("+CREG: 2,1,4CA,81DE445", true).c_str());
  STRCMP_EQUAL("2 5 10997 193520464 2", registration("+CREG: 2,5,\"2AF5\",\"0B88E350\",2", true).c_str());
  STRCMP_EQUAL("2 1 6360 65535 -", registration("+CREG:002,001,\"18d8\",\"ffff\"", true).c_str());
  STRCMP_EQUAL("2 1 5 10005 -", registration("+CREG: 2,1,  0 5, 2715", true).c_str());
  STRCMP_EQUAL("0 1 - - -", registration("+CREG: 0,1", true).c_str());
  STRCMP_EQUAL("1 5 - - -", registration("+CREG: 1,5", true).c_str());
  STRCMP_EQUAL("none", registration("+CREG: 2,,", true).c_str());
}

TEST(ParamsNetwork, RegistrationWithBrokenQuotes) {
  STRCMP_EQUAL("2 1 11 1050369 7", registration("+CREG: 2,1,\"0B,\"0100701\",7", true).c_str());
  STRCMP_EQUAL("2 1 - 24671 -", registration("+CREG: 2,1,\"\",\"605F\"", true).c_str());
  STRCMP_EQUAL("2 1 24101 - -", registration("+CREG: 2,1,\"5E25", true).c_str());
}

// While +CREG? is pending, too: one number, or a location in the second place.
TEST(ParamsNetwork, RegistrationUrcWhileAsked) {
  STRCMP_EQUAL("- 5 - - -", registration("+CREG: 5", true).c_str());
  STRCMP_EQUAL("- 5 6360 65535 -", registration("+CREG: 5,\"18D8\",\"FFFF\"", true).c_str());
  STRCMP_EQUAL("- 1 7936 7985411 7", registration("+CEREG: 1, 1F00, 79D903 ,7", true, "+CEREG:").c_str());
  STRCMP_EQUAL("- 1 6360 65535 -", registration("+CREG: 1,\"18D8\",\"FFFF\"", true).c_str());
}

TEST(ParamsNetwork, RegistrationUnasked) {
  STRCMP_EQUAL("- 0 - - -", registration("+CGREG: 0", false, "+CGREG:").c_str());
  STRCMP_EQUAL("- 1 7936 7985411 7", registration("+CEREG: 1, 1F00, 79D903 ,7", false, "+CEREG:").c_str());
  STRCMP_EQUAL("2 10 11432 11884605 7",
               registration("+CEREG: 2,10, 2CA8, 20 ,B5583D ,7", false, "+CEREG:").c_str());
  STRCMP_EQUAL("- 11 30974 1327518 7",
               registration("+CEREG: 11, 78FE, 20 ,14419E ,7", false, "+CEREG:").c_str());
  STRCMP_EQUAL("2 6 35639 170283397 7", registration("+CREG: 2,6,\"8B37\",\"0A265185\",7", false).c_str());
  STRCMP_EQUAL("- 5 6360 65535 -", registration("+CREG: 5,\"18D8\",\"FFFF\"", false).c_str());
  STRCMP_EQUAL("- 2 - - -", registration("+CREG: 2,\"\",\"\"", false).c_str());
  STRCMP_EQUAL("- 2 - - -", registration("+CREG: 2,,", false).c_str());
  // Both forms fit: what was expected counts.
  STRCMP_EQUAL("- 1 5 24671 -", registration("+CREG: 1,5,605F", false).c_str());
  STRCMP_EQUAL("- 1 5 24671 7", registration("+CREG: 1,5,605F,7", false).c_str());
  STRCMP_EQUAL("1 5 24671 7 -", registration("+CREG: 1,5,605F,7", true).c_str());
}

// 27.007 10.1.20, 10.1.22, 10.1.47: what follows the AcT.
TEST(ParamsNetwork, RegistrationWithMoreBehind) {
  STRCMP_EQUAL("2 1 24101 24671 2",
               registration("+CGREG: 2,1,\"5E25\",\"0000605F\",2,\"1A\"", true, "+CGREG:").c_str());
  STRCMP_EQUAL("- 1 24101 24671 7",
               registration("+CGREG: 1,\"5E25\",\"0000605F\",7,\"01\"", false, "+CGREG:").c_str());
  STRCMP_EQUAL("3 3 24101 24671 7",
               registration("+CEREG: 3,3,\"5E25\",\"0000605F\",7,0,15", true, "+CEREG:").c_str());
  STRCMP_EQUAL(
      "5 1 24101 24671 7",
      registration("+CEREG: 5,1,\"5E25\",\"0000605F\",7,,,\"00000010\",\"00000110\"", true, "+CEREG:")
          .c_str());
  STRCMP_EQUAL(
      "2 1 43981 68719476735 11",
      registration("+C5GREG: 2,1,\"00ABCD\",\"FFFFFFFFF\",11,3,\"01.020304\"", true, "+C5GREG:").c_str());
  // Samsung Wave: two fields more that nobody explains, no AcT.
  STRCMP_EQUAL("2 1 11 10262 -", registration("+CREG: 2,1,000B,2816, B, C2816", true).c_str());
}

TEST(ParamsNetwork, RegistrationThatIsNone) {
  STRCMP_EQUAL("none", registration("+CGREG: 1", false).c_str());
  STRCMP_EQUAL("none", registration("+CREG: 47", false).c_str());
  STRCMP_EQUAL("none", registration("+CREG: -1", false).c_str());
  STRCMP_EQUAL("none", registration("+CREG:", true).c_str());
  STRCMP_EQUAL("none", registration("+CREG: \"", true).c_str());
  STRCMP_EQUAL("none", registration("+CREG: A,B", true).c_str());
  STRCMP_EQUAL("none", registration("+CREG: 99999999999999999999,1", true).c_str());
  STRCMP_EQUAL("2 1 - - -", registration("+CREG: 2,1,\"FFFFFFFFFFFFFFFFF\",\"xyz\"", true).c_str());
  STRCMP_EQUAL("2 1 18446744073709551615 1 -",
               registration("+CREG: 2,1,\"FFFFFFFFFFFFFFFF\",\"1\"", true).c_str());
}

TEST(ParamsNetwork, WhereSmsIsPossible) {
  for (int s : {1, 5, 6, 7, 9, 10}) CHECK_TRUE((at::Registration{.stat = s}.sms_possible()));
  for (int s : {0, 2, 3, 4, 8, 11}) CHECK_FALSE((at::Registration{.stat = s}.sms_possible()));
}

TEST(ParamsNetwork, Signal) {
  const auto read = [](const char* line) {
    const auto s = at::parse_csq(line);
    return s ? std::to_string(s->rssi) + ' ' + shown(s->ber) : std::string("none");
  };
  STRCMP_EQUAL("21 99", read("+CSQ: 21,99").c_str());
  STRCMP_EQUAL("99 99", read("+CSQ:99, 99").c_str());
  STRCMP_EQUAL("199 99", read("+CSQ: 199,99").c_str());
  STRCMP_EQUAL("7 -", read("+CSQ: 7").c_str());
  STRCMP_EQUAL("7 -", read("+CSQ: 7,-1").c_str());
  STRCMP_EQUAL("none", read("+CSQ: -1,99").c_str());
  STRCMP_EQUAL("none", read("+CSQ: 1F,99").c_str());
  STRCMP_EQUAL("none", read("+CSQ: 200,99").c_str());
  STRCMP_EQUAL("none", read("+CSQ: 4294967317,99").c_str());
  STRCMP_EQUAL("none", read("+CSQ:").c_str());
}

TEST(ParamsNetwork, ExtendedSignal) {
  const auto read = [](const char* line) {
    const auto s = at::parse_cesq(line);
    if (!s) return std::string("none");
    return shown(s->rxlev) + ' ' + shown(s->ber) + ' ' + shown(s->rscp) + ' ' + shown(s->ecn0) + ' ' +
           shown(s->rsrq) + ' ' + shown(s->rsrp);
  };
  STRCMP_EQUAL("99 99 255 255 20 80", read("+CESQ: 99,99,255,255,20,80").c_str());
  STRCMP_EQUAL("31 0 255 255 - 80", read("+CESQ:31,0,255,255,,80,255,255,255").c_str());
  STRCMP_EQUAL("none", read("+CESQ: 99,99,255").c_str());
  STRCMP_EQUAL("none", read("+CESQ: x,99,255,255,20,80").c_str());
}

TEST(ParamsNetwork, Operator) {
  const auto read = [](const char* line, at::Charset charset = at::Charset::ira) {
    const auto o = at::parse_cops(line, charset);
    return o ? std::to_string(o->mode) + '|' + shown(o->format) + '|' + o->oper + '|' + shown(o->act)
             : std::string("none");
  };
  STRCMP_EQUAL("0|2|31026|7", read("+COPS: 0,2,\"31026\",7").c_str());
  STRCMP_EQUAL("0|2|26201|-", read("+COPS: 0,2,26201").c_str());
  STRCMP_EQUAL("0|-||-", read("+COPS: 0").c_str());
  STRCMP_EQUAL("1|0|Smart, Inc. (PH)|2", read("+COPS: 1,0,\"Smart, Inc. (PH)\",2").c_str());
  STRCMP_EQUAL("0|0|O\"2|7", read("+COPS: 0,0,\"O\"2\",7").c_str());
  STRCMP_EQUAL("0|0|Мег|2", read("+COPS: 0,0,\"041C04350433\",2", at::Charset::ucs2).c_str());
  STRCMP_EQUAL("0|0|T¡|2", read("+COPS: 0,0,\"T@\",2", at::Charset::gsm).c_str());
  STRCMP_EQUAL("none", read("+COPS: (2,\"\",\"T-Mobile\",\"31026\",0)").c_str());
  STRCMP_EQUAL("LTE", at::technology(7).c_str());
  STRCMP_EQUAL("GSM", at::technology(0).c_str());
  STRCMP_EQUAL("", at::technology(42).c_str());
}

TEST(ParamsNetwork, OperatorsListed) {
  const auto read = [](const char* answer, at::Charset charset = at::Charset::ira) {
    const auto list = at::parse_cops_test(answer, charset);
    if (!list) return std::string("none");
    std::string out;
    for (const auto& o : *list)
      out +=
          shown(o.stat) + '|' + o.long_name + '|' + o.short_name + '|' + o.numeric + '|' + shown(o.act) + '/';
    return out;
  };
  STRCMP_EQUAL(
      "2||T-Mobile|31026|0/2|T - Mobile|T - Mobile|310260|2/1|AT&T|AT&T|310410|0/",
      read("+COPS: (2,\"\",\"T-Mobile\",\"31026\",0),(2,\"T - Mobile\",\"T - Mobile\",\"310260\"),2),(1,"
           "\"AT&T\",\"AT&T\",\"310410\"),0)")
          .c_str());
  STRCMP_EQUAL(
      "2|T-Mobile||31026|0/1|AT&T||310410|0/",
      read("+COPS: (2,\"T-Mobile\",,\"31026\",0),\r\n(1,\"AT&T\",,\"310410\",0),,(0,1,3),(0,2)").c_str());
  STRCMP_EQUAL("1|T-Mobile US|TMO US|31026|0/1|Cingular|Cingular|310410|0/",
               read("+COPS: (1,\"T-Mobile US\",\"TMO "
                    "US\",\"31026\",0),(1,\"Cingular\",\"Cingular\",\"310410\",0),,(0, 1, "
                    "3),(0-2)")
                   .c_str());
  STRCMP_EQUAL("1|Smart, Inc. (PH)|O\"2|51503|-/3|||51504|7/",
               read("+COPS:(1,\"Smart, Inc. (PH)\",\"O\"2\",\"51503\"),(3,\"\",\"\",\"51504\",7)").c_str());
  STRCMP_EQUAL(
      "2|Мег|М|25002|2/",
      read("+COPS: (2,\"041C04350433\",\"041C\",\"00320035003000300032\",2),,(0-4),(0-2)", at::Charset::ucs2)
          .c_str());
  STRCMP_EQUAL("2|VF|VF|26202|0/", read("+COPS: (2,VF,VF,26202,0),(0,1,2,3,4),(0,1,2)").c_str());
  STRCMP_EQUAL("-|VF|VF|26202|-/", read("+COPS: (99999999999,\"VF\",\"VF\",\"26202\",-1)").c_str());
  STRCMP_EQUAL("2|VF|VF|26202|-/", read("+COPS: (2,\"VF\",\"VF\",\"26202\"").c_str());
  STRCMP_EQUAL("", read("+COPS: ,,(0-4),(0-2)").c_str());
  STRCMP_EQUAL("", read("+COPS: (").c_str());
  STRCMP_EQUAL("none", read("+CSQ: (").c_str());
}

TEST(ParamsNetwork, Functionality) {
  LONGS_EQUAL(1, *at::parse_cfun("+CFUN: 1"));
  LONGS_EQUAL(0, *at::parse_cfun("+CFUN:0,0"));
  CHECK_FALSE(at::parse_cfun("+CFUN: "));
  CHECK_FALSE(at::parse_cfun("+CFUN: (0,1,4),(0,1)"));
}

TEST(ParamsNetwork, Clock) {
  const auto read = [](const char* line) {
    const auto t = at::parse_cclk(line);
    if (!t) return std::string("none");
    std::string out;
    for (int field : {t->year, t->month, t->day, t->hour, t->minute, t->second})
      out += std::to_string(field) + ' ';
    return out + shown(t->zone);
  };
  STRCMP_EQUAL("2024 3 15 10 20 30 8", read("+CCLK: \"24/03/15,10:20:30+08\"").c_str());
  STRCMP_EQUAL("2024 2 29 23 59 59 -14", read("+CCLK: \"24/02/29,23:59:59-14\"").c_str());
  STRCMP_EQUAL("2025 1 2 3 4 5 23", read("+CCLK:25/1/2,3:4:5+23").c_str());
  STRCMP_EQUAL("2024 3 15 10 20 30 -", read("+CCLK: \"24/03/15,10:20:30\"").c_str());
  STRCMP_EQUAL("2024 3 15 10 20 30 4", read("+CCLK: \"2024/03/15,10:20:30+04\"").c_str());
  STRCMP_EQUAL("1980 1 6 0 0 12 0", read("+CCLK: \"80/01/06,00:00:12+00\"").c_str());
  STRCMP_EQUAL("1970 1 1 0 0 12 0", read("+CCLK: \"70/01/01,00:00:12+00\"").c_str());
  STRCMP_EQUAL("2069 1 1 0 0 12 -96", read("+CCLK: \"69/01/01,00:00:12-96\"").c_str());
  STRCMP_EQUAL("2004 1 1 0 0 0 8", read("+CCLK: \"04/01/01,00:00:00+08,1\"").c_str());
  for (const char* line :
       {"+CCLK: \"24/13/15,10:20:30+08\"", "+CCLK: \"23/02/29,10:20:30+08\"",
        "+CCLK: \"24/03/15,24:00:00+08\"", "+CCLK: \"24/03/15,10:60:00+08\"",
        "+CCLK: \"24/03/15,10:20:30+97\"", "+CCLK: \"24/03/15,10:20:30+\"", "+CCLK: \"24/03/15,10:20:30x\"",
        "+CCLK: \"00/00/00,00:00:00+00\"", "+CCLK: \"24/03/15\"", "+CCLK: \"\"", "+CCLK: \"24/03/15,10:20\"",
        "+CCLK: \"204/03/15,10:20:30\"", "+CCLK: \"99999999999/03/15,10:20:30\"",
        "+CCLK: \"-4/03/15,10:20:30\"", "+CCLK: \"24/03/15,10:20:30+0530\""})
    STRCMP_EQUAL_TEXT("none", read(line).c_str(), line);
}
