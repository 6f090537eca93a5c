// The forms in which real modems answer; most are also in tests/corpus/chat.
#include <CppUTest/TestHarness.h>

#include "at/params.h"

namespace {

std::string joined(const std::vector<std::string>& list) {
  std::string out;
  for (const auto& item : list) out += item + '|';
  return out;
}

}  // namespace

TEST_GROUP(Params){int stat(const char* line, bool asked, const char* prefix = "+CREG:"){
    const auto r = at::parse_registration(line, prefix, asked);
return r ? r->stat : -1;
}
int act(const char* line, bool asked, const char* prefix = "+CREG:") {
  const auto r = at::parse_registration(line, prefix, asked);
  return r && r->act ? *r->act : -1;
}
}
;

TEST(Params, SplitAtCommasOutsideQuotesAndBrackets) {
  STRCMP_EQUAL("a, b|c|(1,2)||d|", joined(at::split_params("\"a, b\", c ,(1,2),,d")).c_str());
  STRCMP_EQUAL("5E25, x|", joined(at::split_params("\"5E25, x")).c_str());
  STRCMP_EQUAL("|", joined(at::split_params("")).c_str());
}

TEST(Params, PrefixAndNumbers) {
  STRCMP_EQUAL("1,2", std::string(*at::after_prefix("+CSQ: 1,2 ", "+CSQ:")).c_str());
  STRCMP_EQUAL("1", std::string(*at::after_prefix("+CSQ:1", "+CSQ")).c_str());
  CHECK_FALSE(at::after_prefix("+CSQX: 1", "+CSQ"));
  LONGS_EQUAL(12, *at::first_number("a12b34"));
  LONGS_EQUAL(34, *at::last_number("a12b34c"));
  CHECK_FALSE(at::first_number("abc"));
  CHECK_FALSE(at::first_number("99999999999999999999"));
}

TEST(Params, RegistrationAsked) {
  LONGS_EQUAL(1, stat("+CREG: 2,1,\"5E25\",\"605F\"", true));
  LONGS_EQUAL(1, stat("+CREG: 2,1,4CA,81DE445", true));
  LONGS_EQUAL(5, stat("+CREG: 2,5,\"2AF5\",\"0B88E350\",2", true));
  LONGS_EQUAL(2, act("+CREG: 2,5,\"2AF5\",\"0B88E350\",2", true));
  LONGS_EQUAL(1, stat("+CREG:002,001,\"18d8\",\"ffff\"", true));
  LONGS_EQUAL(1, stat("+CREG: 2,1,  0 5, 2715", true));
  LONGS_EQUAL(-1, stat("+CREG: 2,,", true));
  LONGS_EQUAL(1, stat("+CREG: 2,1,\"0B,\"0100701\",7", true));
  LONGS_EQUAL(1, stat("+CREG: 2,1,\"\",\"605F\"", true));
  LONGS_EQUAL(1, stat("+CREG: 2,1,\"5E25", true));
  LONGS_EQUAL(5, stat("+CREG: 5", true));
  LONGS_EQUAL(5, stat("+CREG: 1,5", true));
}

TEST(Params, RegistrationUnasked) {
  LONGS_EQUAL(1, stat("+CEREG: 1, 1F00, 79D903 ,7", false, "+CEREG:"));
  LONGS_EQUAL(7, act("+CEREG: 1, 1F00, 79D903 ,7", false, "+CEREG:"));
  LONGS_EQUAL(10, stat("+CEREG: 2,10, 2CA8, 20 ,B5583D ,7", false, "+CEREG:"));
  LONGS_EQUAL(7, act("+CEREG: 2,10, 2CA8, 20 ,B5583D ,7", false, "+CEREG:"));
  LONGS_EQUAL(11, stat("+CEREG: 11, 78FE, 20 ,14419E ,7", false, "+CEREG:"));
  LONGS_EQUAL(6, stat("+CREG: 2,6,\"8B37\",\"0A265185\",7", false));
  LONGS_EQUAL(5, stat("+CREG: 5,\"18D8\",\"FFFF\"", false));
  LONGS_EQUAL(-1, stat("+CGREG: 1", false));
  LONGS_EQUAL(-1, stat("+CREG: 47", false));
}

TEST(Params, WhereSmsIsPossible) {
  for (int s : {1, 5, 6, 7, 9, 10}) CHECK_TRUE((at::Registration{s, {}}.sms_possible()));
  for (int s : {0, 2, 3, 4, 8, 11}) CHECK_FALSE((at::Registration{s, {}}.sms_possible()));
}

TEST(Params, StorageUse) {
  auto uses = at::parse_cpms("+CPMS: 0,23,0,23,1,50");
  LONGS_EQUAL(3, static_cast<long>(uses.size()));
  LONGS_EQUAL(50, uses[2].total);
  uses = at::parse_cpms("+CPMS: \"ME\",0,25,\"ME\",0,25,\"SM\",0,20");
  STRCMP_EQUAL("SM", uses[2].mem.c_str());
  LONGS_EQUAL(1, static_cast<long>(at::parse_cpms("+CPMS: 3,20").size()));
  LONGS_EQUAL(0, static_cast<long>(at::parse_cpms("+CPMS: ").size()));
}

TEST(Params, StorageNamesInTheirDialects) {
  const auto names = [](const char* line) {
    const auto n = at::parse_cpms_test(line);
    return n ? joined(n->mem1) + '/' + joined(n->mem2) + '/' + joined(n->mem3) : std::string("none");
  };
  STRCMP_EQUAL("ME|MT|/ME|SM|MT|/SM|MT|",
               names("+CPMS: (\"ME\",\"MT\"),(\"ME\",\"SM\",\"MT\"),(\"SM\",\"MT\")").c_str());
  STRCMP_EQUAL("ME|/MT|/SM|", names("+CPMS: \"ME\",\"MT\",\"SM\"").c_str());
  STRCMP_EQUAL("none", names("+CPMS: (),(),()").c_str());
  STRCMP_EQUAL("ME|MT|/ME|/SM|", names("+CPMS: (\"ME\",\"MT\"),\"ME\",(\"SM\")").c_str());
  STRCMP_EQUAL("ME|MT|/ME|/SM|",
               names("+CPMS:     (  \"ME\"  ,  \"MT\"  )   ,  \"ME\" ,   (  \"SM\"  )").c_str());
  STRCMP_EQUAL("ME|SR|/ME|SR|/ME|", names("+CPMS: (ME\", \"SR\"), (\"ME\", \"SR\"), (\"ME\")").c_str());
  STRCMP_EQUAL("SM|BM|SR|/SM|/", names("+CPMS: ((\"SM\",\"BM\",\"SR\"),(\"SM\"))").c_str());
  STRCMP_EQUAL("none", names("+CPMS: ").c_str());
}

TEST(Params, Notices) {
  STRCMP_EQUAL("ME", at::parse_cmti("+CMTI: \"ME\",3")->mem.c_str());
  LONGS_EQUAL(1, at::parse_cmti("+CMTI: \"SM\",1,\"MMS PUSH\",2,1")->index);
  LONGS_EQUAL(0, at::parse_cmti("+CDSI: \"SM\",0")->index);
  CHECK_FALSE(at::parse_cmti("+CMTI: \"SM\",-1"));
  CHECK_FALSE(at::parse_cmti("+CMTI: 3"));
  LONGS_EQUAL(12, *at::parse_cmgs("+CMGS: 12,\"01\""));
  LONGS_EQUAL(0, *at::parse_cmgs("+CMGS:256"));
  CHECK_FALSE(at::parse_cmgs("+CMGS:"));
}

TEST(Params, HeadersOfStoredMessages) {
  LONGS_EQUAL(29, at::parse_cmgr("+CMGR: 0,,29")->length);
  LONGS_EQUAL(50, at::parse_cmgr("+CMGR: 0,\"\",50")->length);
  LONGS_EQUAL(23, at::parse_cmgr("+CMGR: ,,23")->length);
  LONGS_EQUAL(1, at::parse_cmgr("+CMGR: 4,1,,151")->stat);
  LONGS_EQUAL(3, at::parse_cmgr("+CMGR: 3,,29")->stat);
  const auto same = at::parse_cmgr("+CMGR: 1,,147 07914306073011F00405812261F70000");
  LONGS_EQUAL(147, same->length);
  STRCMP_EQUAL("07914306073011F00405812261F70000", same->same_line_pdu.c_str());
  const auto list = at::parse_cmgl("+CMGL: 17,3,35");
  LONGS_EQUAL(17, list->index);
  LONGS_EQUAL(3, list->stat);
  LONGS_EQUAL(35, list->length);
  LONGS_EQUAL(2, at::parse_cmgl("+CMGL: 2,1,,147")->index);
  CHECK_FALSE(at::parse_cmgl("+CMGL: x,1,,147"));
}

TEST(Params, SignalAndOperator) {
  LONGS_EQUAL(21, *at::parse_csq("+CSQ: 21,99"));
  LONGS_EQUAL(99, *at::parse_csq("+CSQ: 99,99"));
  LONGS_EQUAL(99, *at::parse_csq("+CSQ: 199,99"));
  const auto oper = at::parse_cops("+COPS: 0,2,\"31026\",7");
  STRCMP_EQUAL("31026", oper->name.c_str());
  LONGS_EQUAL(7, *oper->act);
  CHECK_FALSE(at::parse_cops("+COPS: 0"));
  CHECK_FALSE(at::parse_cops("+COPS: (2,\"\",\"T-Mobile\",\"31026\",0)"));
  STRCMP_EQUAL("LTE", at::technology(7).c_str());
  STRCMP_EQUAL("GSM", at::technology(0).c_str());
  STRCMP_EQUAL("", at::technology(42).c_str());
}

TEST(Params, ServiceCentreAndNumber) {
  STRCMP_EQUAL("+79168999100", at::parse_csca("+CSCA: \"+79168999100\",145")->c_str());
  STRCMP_EQUAL("+97254120032",
               at::parse_csca("+CSCA: 002B00390037003200350034003100320030003000330032,145")->c_str());
  STRCMP_EQUAL(
      "+447802092035",
      at::parse_csca("+CSCA: \"002B003400340037003800300032003000390032003000330035\",145")->c_str());
  STRCMP_EQUAL("+6281100000", at::parse_csca("+CSCA: \"6281100000\",145")->c_str());
  CHECK_FALSE(at::parse_csca("+CSCA: \"\",129"));
  STRCMP_EQUAL("1234567890", at::parse_cnum("+CNUM: \"something\",\"1234567890\",161")->c_str());
  STRCMP_EQUAL("+34600000001", at::parse_cnum("+CNUM: something,\"+34600000001\",145")->c_str());
  STRCMP_EQUAL("+15550100000", at::parse_cnum("+CNUM: \"\",\"+15550100000\",145,0,4")->c_str());
  STRCMP_EQUAL("", at::parse_cnum("+CNUM: \"\",\"\"")->c_str());
}

TEST(Params, Identities) {
  STRCMP_EQUAL("8944110068123456789", at::parse_iccid("+CCID: 8944110068123456789F")->c_str());
  STRCMP_EQUAL("89441100681234567895", at::parse_iccid("+ICCID: \"89441100681234567895\"")->c_str());
  STRCMP_EQUAL("8944110068123456789", at::parse_iccid("984411008621436587F9")->c_str());
  STRCMP_EQUAL("8944110068123456789", at::parse_iccid("+CRSM: 144,0,\"984411008621436587F9\"")->c_str());
  CHECK_FALSE(at::parse_iccid("ERROR"));
  CHECK_FALSE(at::parse_iccid("+CRSM: 106,130"));
  STRCMP_EQUAL("867962041234567", at::parse_imei("867962041234567")->c_str());
  STRCMP_EQUAL("867962041234567", at::parse_imei("+CGSN: \"867962041234567\"")->c_str());
  CHECK_FALSE(at::parse_imei("+CGSN: 12"));
}

TEST(Params, Pin) {
  STRCMP_EQUAL("READY", at::parse_cpin("+CPIN: READY")->c_str());
  STRCMP_EQUAL("SIM PIN", at::parse_cpin("+CPIN:SIM PIN")->c_str());
  LONGS_EQUAL(3, *at::parse_pin_tries("+CPINR: SIM PIN,3,3"));
  LONGS_EQUAL(2, *at::parse_pin_tries("+CPINR: \"SIM PIN\",2"));
  LONGS_EQUAL(3, *at::parse_pin_tries("+QPINC: \"SC\",3,10"));
  CHECK_FALSE(at::parse_pin_tries("+CPINR: SIM PUK,10,10"));
  CHECK_FALSE(at::parse_pin_tries("+QPINC: \"P2\",3,10"));
}
