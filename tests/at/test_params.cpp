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

TEST_GROUP(Params){};

TEST(Params, SplitAtCommasOutsideQuotesAndBrackets) {
  STRCMP_EQUAL("a, b|c|(1,2)||d|", joined(at::split_params("\"a, b\", c ,(1,2),,d")).c_str());
  STRCMP_EQUAL("5E25, x|", joined(at::split_params("\"5E25, x")).c_str());
  STRCMP_EQUAL("O\"2|7|", joined(at::split_params("\"O\"2\" ,7")).c_str());
  STRCMP_EQUAL("ab|c|", joined(at::split_params("a\"b\",c")).c_str());
  STRCMP_EQUAL("1|2|", joined(at::split_params("1),2")).c_str());
  STRCMP_EQUAL("|", joined(at::split_params("\"")).c_str());
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

TEST(Params, StorageUse) {
  auto uses = at::parse_cpms("+CPMS: 0,23,0,23,1,50");
  LONGS_EQUAL(3, static_cast<long>(uses.size()));
  LONGS_EQUAL(50, uses[2].total);
  uses = at::parse_cpms("+CPMS: \"ME\",0,25,\"ME\",0,25,\"SM\",0,20");
  STRCMP_EQUAL("SM", uses[2].mem.c_str());
  LONGS_EQUAL(1, static_cast<long>(at::parse_cpms("+CPMS: 3,20").size()));
  LONGS_EQUAL(0, static_cast<long>(at::parse_cpms("+CPMS: ").size()));
  LONGS_EQUAL(0, static_cast<long>(at::parse_cpms("+CPMS: -1,20").size()));
  LONGS_EQUAL(0, static_cast<long>(at::parse_cpms("+CPMS: 99999999999,20").size()));
  LONGS_EQUAL(1, static_cast<long>(at::parse_cpms("+CPMS: 1,20,1F,20").size()));
}

TEST(Params, StorageNamesInTheirDialects) {
  const auto names = [](const char* line) {
    const auto n = at::parse_cpms_test(line);
    return n ? joined(n->mem1) + '/' + joined(n->mem2) + '/' + joined(n->mem3) : std::string("none");
  };
  STRCMP_EQUAL("ME|MT|/ME|SM|MT|/SM|MT|",
               names("+CPMS: (\"ME\",\"MT\"),(\"ME\",\"SM\",\"MT\"),(\"SM\",\"MT\")").c_str());
  STRCMP_EQUAL("ME|/MT|/SM|", names("+CPMS: \"ME\",\"MT\",\"SM\"").c_str());
  STRCMP_EQUAL("//", names("+CPMS: (),(),()").c_str());
  STRCMP_EQUAL("//", names("+CPMS: (),,(  )").c_str());
  STRCMP_EQUAL("SM|/SM|/SM|", names("+CPMS: \"SM\",\"SM\",\"SM\"").c_str());
  STRCMP_EQUAL(
      "SM|ME|SM_P|ME_P|MT|/SM|ME|SM_P|ME_P|MT|/SM|ME|SM_P|ME_P|MT|",
      names("+CPMS: (\"SM\", \"ME\", \"SM_P\", \"ME_P\", \"MT\"), (\"SM\", \"ME\", \"SM_P\", \"ME_P\", "
            "\"MT\"), (\"SM\", \"ME\", \"SM_P\", \"ME_P\", \"MT\")")
          .c_str());
  STRCMP_EQUAL("SM|ME|/SM|ME|/SM|ME|",
               names("+CPMS: (\"SM\",\"ME\"),(\"SM\",\"ME\"),(\"SM\",\"ME\")").c_str());
  STRCMP_EQUAL("SM|ME|/SM|/ME|", names("+CPMS: (\"SM\",\"ME\",(\"SM\"),(\"ME\"),(\"MT\")").c_str());
  STRCMP_EQUAL("ME|MT|/ME|/SM|", names("+CPMS: (\"ME\",\"MT\"),\"ME\",(\"SM\")").c_str());
  STRCMP_EQUAL("ME|MT|/ME|/SM|",
               names("+CPMS:     (  \"ME\"  ,  \"MT\"  )   ,  \"ME\" ,   (  \"SM\"  )").c_str());
  STRCMP_EQUAL("ME|SR|/ME|SR|/ME|", names("+CPMS: (ME\", \"SR\"), (\"ME\", \"SR\"), (\"ME\")").c_str());
  STRCMP_EQUAL("SM|BM|SR|/SM|/", names("+CPMS: ((\"SM\",\"BM\",\"SR\"),(\"SM\"))").c_str());
  STRCMP_EQUAL("//", names("+CPMS: ").c_str());
  STRCMP_EQUAL("none", names("+CPMSX: (\"SM\")").c_str());
}

TEST(Params, Notices) {
  STRCMP_EQUAL("ME", at::parse_cmti("+CMTI: \"ME\",3")->mem.c_str());
  LONGS_EQUAL(1, at::parse_cmti("+CMTI: \"SM\",1,\"MMS PUSH\",2,1")->index);
  LONGS_EQUAL(0, at::parse_cmti("+CDSI: \"SM\",0")->index);
  CHECK_FALSE(at::parse_cmti("+CMTI: \"SM\",-1"));
  CHECK_FALSE(at::parse_cmti("+CMTI: 3"));
  CHECK_FALSE(at::parse_cmti("+CMTI: \"SM\",99999999999"));
  LONGS_EQUAL(12, *at::parse_cmgs("+CMGS: 12,\"01\""));
  LONGS_EQUAL(0, *at::parse_cmgs("+CMGS:256"));
  CHECK_FALSE(at::parse_cmgs("+CMGS:"));
}

TEST(Params, HeadersOfStoredMessages) {
  LONGS_EQUAL(29, at::parse_cmgr("+CMGR: 0,,29")->length);
  LONGS_EQUAL(50, at::parse_cmgr("+CMGR: 0,\"\",50")->length);
  LONGS_EQUAL(23, at::parse_cmgr("+CMGR: ,,23")->length);
  CHECK_FALSE(at::parse_cmgr("+CMGR: ,,23")->stat);
  LONGS_EQUAL(23, at::parse_cmgr("+CMGR: 0,23")->length);
  LONGS_EQUAL(0, *at::parse_cmgr("+CMGR: 0,23")->stat);
  LONGS_EQUAL(0, at::parse_cmgr("+CMGR: 0,,0")->length);
  LONGS_EQUAL(1, *at::parse_cmgr("+CMGR: 4,1,,151")->stat);
  LONGS_EQUAL(3, *at::parse_cmgr("+CMGR: 3,,29")->stat);
  LONGS_EQUAL(29, at::parse_cmgr("+CMGR: 1,\"Smith, 5\",29")->length);
  LONGS_EQUAL(1, *at::parse_cmgr("+CMGR: 1,\"Smith, 5\",29")->stat);
  const auto same = at::parse_cmgr("+CMGR: 1,,147 07914306073011F00405812261F70000");
  LONGS_EQUAL(147, same->length);
  STRCMP_EQUAL("07914306073011F00405812261F70000", same->same_line_pdu.c_str());
  const auto list = at::parse_cmgl("+CMGL: 17,3,35");
  LONGS_EQUAL(17, list->index);
  LONGS_EQUAL(3, *list->stat);
  LONGS_EQUAL(35, list->length);
  LONGS_EQUAL(2, at::parse_cmgl("+CMGL: 2,1,,147")->index);
  CHECK_FALSE(at::parse_cmgl("+CMGL: x,1,,147"));
  CHECK_FALSE(at::parse_cmgl("+CMGL: 99999999999,1,,147"));
  CHECK_FALSE(at::parse_cmgl("+CMGL: -1,1,,147"));
  CHECK_FALSE(at::parse_cmgl("+CMGL: 1,\"REC READ\",\"+447700900123\"")->stat);
}

TEST(Params, HeadersInTextMode) {
  const auto read = [](const char* line, at::Charset charset = at::Charset::ira) {
    const auto h = at::parse_cmgr_text(line, charset);
    return h ? h->stat + '|' + h->number : std::string("none");
  };
  STRCMP_EQUAL("REC READ|+85291234567",
               read("+CMGR: \"REC READ\",\"+85291234567\",,\"07/02/18,00:12:05+32\"").c_str());
  STRCMP_EQUAL("REC UNREAD|Vodafone",
               read("+CMGR: \"REC UNREAD\",\"Vodafone\",\"a, b\",\"07/02/18\"").c_str());
  STRCMP_EQUAL("STO UNSENT|+85291234567", read("+CMGR: \"STO UNSENT\",\"+85291234567\",").c_str());
  STRCMP_EQUAL("STO SENT|", read("+CMGR: \"STO SENT\"").c_str());
  STRCMP_EQUAL("REC READ|+441234",
               read("+CMGR: \"REC READ\",\"002B003400340031003200330034\"", at::Charset::ucs2).c_str());
  STRCMP_EQUAL("REC READ|Ab", read("+CMGR: \"REC READ\",\"00410062\"", at::Charset::ucs2).c_str());
  // A status report: <stat>,<fo>,<mr>,<ra>,<tora>,<scts>,<dt>,<st>.
  STRCMP_EQUAL(
      "REC READ|+447700900123",
      read("+CMGR: \"REC READ\",6,65,\"+447700900123\",145,\"07/02/18,00:12:05+32\",\"07/02/18\",0").c_str());
  STRCMP_EQUAL("none", read("+CMGR: 0,,29").c_str());
  STRCMP_EQUAL("none", read("+CMGR: ").c_str());
}

TEST(Params, IndicationValues) {
  const auto read = [](const char* line) {
    const auto v = at::parse_cnmi_test(line);
    if (!v) return std::string("none");
    std::string out;
    for (const auto& list : {v->mode, v->mt, v->bm, v->ds, v->bfr}) {
      for (int value : list) out += std::to_string(value) + ' ';
      out += '/';
    }
    return out;
  };
  STRCMP_EQUAL("2 /0 1 3 /0 2 /0 1 /0 /", read("+CNMI: (2),(0-1,3),(0,2),(0-1),(0)").c_str());
  STRCMP_EQUAL("0 1 2 /0 1 3 /0 /0 1 /0 1 /", read("+CNMI: (0-2),(0,1,3),(0),(0,1),(0,1)").c_str());
  STRCMP_EQUAL("0 1 2 3 /0 1 2 3 /0 1 2 3 /0 1 /0 1 /", read("+CNMI:(0-3),(0-3),(0-3),(0,1),(0,1)").c_str());
  STRCMP_EQUAL("0 1 2 3 /0 1 /0 2 3 /0 2 /1 /", read("+CNMI: (0-3),(0,1),(0,2,3),(0,2),(1)").c_str());
  STRCMP_EQUAL("0 1 2 /0 1 /0 2 /0 /1 /", read("+CNMI: (0,1,2),(0,1),(0,2),(0),(1)").c_str());
  STRCMP_EQUAL("2 /1 /0 /0 1 2 /0 /", read("+CNMI: 2,1,0,0-2,0").c_str());
  STRCMP_EQUAL("0 1 2 3 /0 1 /0 /0 /0 /", read("+CNMI: (0 - 3,(0,1),(0),(0),(0),(9)").c_str());
  STRCMP_EQUAL("0 1 /1 ////", read("+CNMI: (0,1),(1)").c_str());
  STRCMP_EQUAL("1 /2 ////", read("+CNMI: (0-4294967295,1,5-300,x,-2,3-),(2)").c_str());
  STRCMP_EQUAL("none", read("+CNMI: (3-0)").c_str());
  STRCMP_EQUAL("none", read("+CNMI: ").c_str());
}

TEST(Params, CharacterSets) {
  const auto read = [](const char* line) {
    const auto names = at::parse_cscs_test(line);
    return names ? joined(*names) : std::string("none");
  };
  STRCMP_EQUAL("GSM|IRA|UCS2|", read("+CSCS: (\"GSM\",\"IRA\",\"UCS2\")").c_str());
  STRCMP_EQUAL("IRA|GSM|HEX|PCCP437|8859-1|",
               read("+CSCS:(\"IRA\",\"GSM\",\"HEX\",\"PCCP437\",\"8859-1\")").c_str());
  STRCMP_EQUAL("GSM|UCS2|", read("+CSCS: \"GSM\",\"UCS2\"").c_str());
  STRCMP_EQUAL("GSM|UCS2|", read("+CSCS: (GSM\", \"UCS2)").c_str());
  STRCMP_EQUAL("none", read("+CSCS: ()").c_str());
}

TEST(Params, ServiceCentre) {
  const auto read = [](const char* line) {
    const auto c = at::parse_csca(line);
    return c ? c->number + '/' + (c->type ? std::to_string(*c->type) : "-") : std::string("none");
  };
  STRCMP_EQUAL("+79168999100/145", read("+CSCA: \"+79168999100\",145").c_str());
  STRCMP_EQUAL("+97254120032/145",
               read("+CSCA: 002B00390037003200350034003100320030003000330032,145").c_str());
  STRCMP_EQUAL("+447802092035/145",
               read("+CSCA: \"002B003400340037003800300032003000390032003000330035\",145").c_str());
  STRCMP_EQUAL("+6281100000/145", read("+CSCA: \"6281100000\",145").c_str());
  STRCMP_EQUAL("0812345/129", read("+CSCA: \"0812345\",129").c_str());
  STRCMP_EQUAL("/129", read("+CSCA: \"\",129").c_str());
  STRCMP_EQUAL("/-", read("+CSCA: \"\"").c_str());
  STRCMP_EQUAL("+79168999100/145", read("+CSCA: \"+79168999100,145").c_str());
  STRCMP_EQUAL("+4477/-", read("+CSCA: \"+4477\",99999999999").c_str());
  // 8 digits from 00 on are no UCS-2 unless they come out as a number.
  STRCMP_EQUAL("00491712/129", read("+CSCA: \"00491712\",129").c_str());
}

TEST(Params, OwnNumber) {
  const auto read = [](const char* line, at::Charset charset = at::Charset::ira) {
    const auto own = at::parse_cnum(line, charset);
    return own ? own->number + '/' + (own->type ? std::to_string(*own->type) : "-") : std::string("none");
  };
  STRCMP_EQUAL("1234567890/161", read("+CNUM: \"something\",\"1234567890\",161").c_str());
  STRCMP_EQUAL("1234567890/161", read("+CNUM: ,\"1234567890\",161").c_str());
  STRCMP_EQUAL("+34600000001/145", read("+CNUM: something,\"+34600000001\",145").c_str());
  STRCMP_EQUAL("+34600000001/145", read("+CNUM: \"Ruiz, Ana\",\"34600000001\",145").c_str());
  STRCMP_EQUAL("+15550100000/145", read("+CNUM: \"\",\"+15550100000\",145,0,4").c_str());
  STRCMP_EQUAL("1234567/129", read("+CNUM: \"1234567\",129").c_str());
  STRCMP_EQUAL("+44/145", read("+CNUM: \"00410042\",\"002B00340034\",145", at::Charset::ucs2).c_str());
  STRCMP_EQUAL("/-", read("+CNUM: \"\",\"\"").c_str());
  STRCMP_EQUAL("none", read("+CNUM: ").c_str());
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
  STRCMP_EQUAL("898604A21922D0123456", at::parse_iccid("+QCCID: 898604A21922D0123456")->c_str());
  CHECK_FALSE(at::parse_iccid("12ABCDEFABCDEFABCDEF"));
  CHECK_FALSE(at::parse_iccid("+CCID: \"\""));
  CHECK_FALSE(at::parse_iccid("894411006812345678951234"));
  STRCMP_EQUAL("SIM7600", at::identification("+CGMM: \"SIM7600\"").c_str());
  STRCMP_EQUAL("MULTIBAND  900E  1800", at::identification(" MULTIBAND  900E  1800 ").c_str());
  STRCMP_EQUAL("EC25", at::identification("EC25").c_str());
}

TEST(Params, Pin) {
  STRCMP_EQUAL("READY", at::parse_cpin("+CPIN: READY")->c_str());
  STRCMP_EQUAL("SIM PIN", at::parse_cpin("+CPIN:SIM PIN")->c_str());
  STRCMP_EQUAL("SIM PUK", at::parse_cpin("+CPIN: \"SIM PUK\"")->c_str());
  CHECK_FALSE(at::parse_cpin("+CPIN: "));
  LONGS_EQUAL(3, *at::parse_pin_tries("+CPINR: SIM PIN,3,3"));
  LONGS_EQUAL(2, *at::parse_pin_tries("+CPINR: \"SIM PIN\",2"));
  LONGS_EQUAL(3, *at::parse_pin_tries("+QPINC: \"SC\",3,10"));
  CHECK_FALSE(at::parse_pin_tries("+CPINR: SIM PUK,10,10"));
  CHECK_FALSE(at::parse_pin_tries("+QPINC: \"P2\",3,10"));
}
