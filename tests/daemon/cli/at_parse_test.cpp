// Op at_parse: answers as they stand on the port, and the fields in them.
#include <CppUTest/TestHarness.h>

#include <initializer_list>
#include <string>

#include "daemon/cli/at_parse.h"

namespace {

namespace cli = klaxon::cli;
namespace json = boost::json;

struct Ask {
  const char *what, *command;
  std::initializer_list<const char*> lines;
  const char* more = "{}";  // further fields of the input
};

json::object input_of(const Ask& ask) {
  json::object input = json::parse(ask.more).as_object();
  input["what"] = ask.what;
  if (*ask.command) input["command"] = ask.command;
  json::array lines;
  for (const char* line : ask.lines) lines.emplace_back(line);
  input["lines"] = std::move(lines);
  return input;
}

std::string answer_to(const json::object& input) {
  const auto fields = cli::at_parse(input);
  return fields ? json::serialize(*fields) : "error: " + fields.error();
}

// expected: JSON, or "error: …".
void expect(const char* expected, const Ask& ask) {
  std::string wanted = expected;
  if (!wanted.starts_with("error")) wanted = json::serialize(json::parse(wanted));
  STRCMP_EQUAL_TEXT(wanted.c_str(), answer_to(input_of(ask)).c_str(),
                    ask.lines.size() ? *ask.lines.begin() : ask.what);
}

}  // namespace

TEST_GROUP(AtParse){};

TEST(AtParse, Registration) {
  expect(R"({"prefix":"+CREG","n":2,"stat":1,"lac":24101,"ci":24671,"act":null})",
         {"creg", "AT+CREG?", {"+CREG: 2,1,\"5E25\",\"605F\"", "", "OK"}});
  expect(R"({"prefix":"+CREG","n":null,"stat":5,"lac":null,"ci":null,"act":null})",
         {"creg", "", {"+CREG: 5"}});
  expect(R"({"prefix":"+CEREG","n":null,"stat":11,"lac":30974,"ci":1327518,"act":7})",
         {"creg", "", {"+CEREG: 11, 78FE, 20 ,14419E ,7"}, R"({"solicited":false})"});
  expect(R"({"prefix":"+C5GREG","n":2,"stat":1,"lac":43981,"ci":68719476735,"act":11})",
         {"creg", "AT+C5GREG?", {"+C5GREG: 2,1,\"00ABCD\",\"FFFFFFFFF\",11,3,\"01.020304\"", "OK"}});
  // The URC's form, told apart by what was asked.
  expect(R"({"prefix":"+CREG","n":1,"stat":5,"lac":24671,"ci":7,"act":null})",
         {"creg", "AT+CREG?", {"+CREG: 1,5,605F,7", "OK"}});
  expect(R"({"prefix":"+CREG","n":1,"stat":5,"lac":24671,"ci":7,"act":null})",
         {"creg", "", {"+CREG: 1,5,605F,7", "OK"}});
  expect(R"({"prefix":"+CREG","n":null,"stat":1,"lac":5,"ci":24671,"act":7})",
         {"creg", "", {"+CREG: 1,5,605F,7"}});
  expect(R"({"prefix":"+CREG","n":null,"stat":1,"lac":5,"ci":24671,"act":7})",
         {"creg", "AT+CREG?", {"+CREG: 1,5,605F,7"}, R"({"solicited":false})"});
}

TEST(AtParse, RegistrationAmongUrcs) {
  expect(R"({"prefix":"+CREG","n":1,"stat":5,"lac":null,"ci":null,"act":null})",
         {"creg", "AT+CREG?", {"AT+CREG?", "+CREG: 5", "+CREG: 1,5", "OK", "+CREG: 2"}});
  expect(R"({"prefix":"+CEREG","n":0,"stat":1,"lac":null,"ci":null,"act":null})",
         {"creg", "AT+CEREG?", {"+CREG: 0,3", "+CEREG: 0,1", "+CGREG: 2", "OK"}});
  expect("error: no +CEREG: in the answer", {"creg", "AT+CEREG?", {"+CREG: 0,3", "OK"}});
  expect("error: no +CREG: in the answer", {"creg", "AT+CREG?", {"OK"}});
  expect("error: can't be read: +CREG: 2,,", {"creg", "AT+CREG?", {"+CREG: 2,,", "OK"}});
}

TEST(AtParse, Signal) {
  expect(R"({"rssi":21,"ber":99})", {"csq", "AT+CSQ", {"+CSQ: 21,99", "OK"}});
  expect(R"({"rssi":21,"ber":99})",
         {"csq", "AT+CSQ", {"AT+CSQ", "^BOOT:1,0", "", "+CSQ: 21,99", "+CMTI: \"SM\",3"}});
  expect("error: can't be read: +CSQ: 1F,99", {"csq", "AT+CSQ", {"+CSQ: 1F,99", "OK"}});
  expect("error: refused: +CME ERROR: 14", {"csq", "AT+CSQ", {"+CME ERROR: 14"}});
  expect(R"({"rxlev":99,"ber":99,"rscp":255,"ecn0":255,"rsrq":20,"rsrp":80})",
         {"cesq", "AT+CESQ", {"+CESQ: 99,99,255,255,20,80", "OK"}});
}

TEST(AtParse, Operators) {
  expect(R"({"mode":0,"format":2,"oper":"31026","act":7})",
         {"cops", "AT+COPS?", {"+COPS: 0,2,\"31026\",7", "OK"}});
  expect(R"({"mode":0,"format":null,"oper":null,"act":null})", {"cops", "AT+COPS?", {"+COPS: 0", "OK"}});
  expect(R"({"mode":0,"format":0,"oper":"Мег","act":2})",
         {"cops", "AT+COPS?", {"+COPS: 0,0,\"041C04350433\",2", "OK"}, R"({"charset":"UCS2"})"});
  expect(R"({"operators":[{"stat":2,"long":"T-Mobile","short":"","numeric":"31026","act":0},)"
         R"({"stat":1,"long":"AT&T","short":"","numeric":"310410","act":0}]})",
         {"cops_test",
          "AT+COPS=?",
          {"+COPS: (2,\"T-Mobile\",,\"31026\",0),", "(1,\"AT&T\",,\"310410\",0),,(0,1,3),(0,2)", "OK"}});
  expect(R"({"operators":[{"stat":2,"long":"A","short":"A","numeric":"310260","act":2}]})",
         {"cops_test", "AT+COPS=?", {"+COPS: (2,\"A\",\"A\",\"310260\"),2)", "+CREG: 2", "OK"}});
  expect("error: refused: +CME ERROR: 30", {"cops_test", "AT+COPS=?", {"+CME ERROR: 30"}});
}

TEST(AtParse, StoredMessages) {
  expect(
      R"({"messages":[{"index":0,"stat":1,"pdu":"07AB"},{"index":15,"stat":3,"pdu":"079100F40D1101000F0"}]})",
      {"cmgl",
       "AT+CMGL=4",
       {"+CMGL: 0,1,,147", "+CMTI: \"SM\",9", "07AB", "+CMGL: 15,3,35", "079100F40D1101000F0", "OK"}});
  expect(R"({"messages":[{"index":1,"stat":1,"pdu":"07"}],"defects":["can't be read: +CMGL: x,1,,2"]})",
         {"cmgl", "", {"+CMGL: x,1,,2", "00", "+CMGL: 1,1,,1", "07", "OK"}});
  expect(R"({"messages":[]})", {"cmgl", "AT+CMGL=4", {"OK"}});
  expect("error: refused: +CMS ERROR: 500", {"cmgl", "AT+CMGL=4", {"+CMS ERROR: 500"}});
  expect(R"({"stat":0,"length":50,"pdu":"0791FF"})",
         {"cmgr", "AT+CMGR=1", {"+CMGR: 0,\"\",50", "0791FF", "OK"}});
  expect(R"({"stat":1,"length":147,"pdu":"07914306073011F00405812261F7"})",
         {"cmgr", "AT+CMGR=3", {"+CMGR: 1,,147 07914306073011F00405812261F7", "OK"}});
  expect(R"({"stat":null,"length":23,"pdu":"0791"})", {"cmgr", "AT+CMGR=91", {"+CMGR: ,,23", "0791", "OK"}});
  expect(R"({"stat":1,"length":151,"pdu":"0791"})", {"cmgr", "AT+CMGR=4", {"+CMGR: 4,1,,151", "0791", "OK"}});
  expect(R"({"stat":2,"length":164,"pdu":"0BD04259303784=96p331p7"})",
         {"cmgr", "AT+CMGR=2", {"+CMGR: 2,,164", "0BD04259303784=96p331p7", "OK"}});
  expect(R"({"stat":0,"length":0,"pdu":""})", {"cmgr", "AT+CMGR=2", {"+CMGR: 0,,0", "", "OK"}});
  expect("error: no +CMGR: in the answer", {"cmgr", "AT+CMGR=0", {"OK"}});
  expect("error: refused: +CMS ERROR: 321", {"cmgr", "AT+CMGR=8", {"+CMS ERROR: 321"}});
  expect(R"({"stat":"REC READ","number":"+85291234567"})",
         {"cmgr_text",
          "AT+CMGR=1",
          {"+CMGR: \"REC READ\",\"+85291234567\",,\"07/02/18,00:12:05+32\"", "Hello", "OK"}});
}

TEST(AtParse, Storages) {
  expect(R"({"mem1":["SM","BM","SR"],"mem2":["SM"],"mem3":[]})",
         {"cpms_test", "AT+CPMS=?", {"+CPMS: ((\"SM\",\"BM\",\"SR\"),(\"SM\"))", "OK"}});
  expect(R"({"mem1":[],"mem2":[],"mem3":[]})", {"cpms_test", "AT+CPMS=?", {"+CPMS: (),,(  )", "OK"}});
  expect(R"({"mem1":{"name":"ME","used":0,"total":25},"mem2":{"name":"ME","used":0,"total":25},)"
         R"("mem3":{"name":"SM","used":0,"total":20}})",
         {"cpms", "AT+CPMS?", {"+CPMS: \"ME\",0,25,\"ME\",0,25,\"SM\",0,20", "OK"}});
  expect(R"({"mem1":{"name":null,"used":3,"total":20},"mem2":null,"mem3":null})",
         {"cpms", "AT+CPMS=\"SM\"", {"+CPMS: 3,20", "OK"}});
  expect("error: refused: +CME ERROR: 515", {"cpms", "AT+CPMS=\"SM\",\"SM\"", {"+CME ERROR: 515"}});
  expect(R"({"mode":[2],"mt":[0,1,3],"bm":[0,2],"ds":[0,1],"bfr":[0]})",
         {"cnmi_test", "AT+CNMI=?", {"+CNMI: (2),(0-1,3),(0,2),(0-1),(0)", "OK"}});
  expect(R"({"charsets":["GSM","IRA","UCS2"]})",
         {"cscs_test", "AT+CSCS=?", {"+CSCS: (\"GSM\",\"IRA\",\"UCS2\")", "OK"}});
}

TEST(AtParse, Identities) {
  expect(R"({"number":"+97254120032","toa":145})",
         {"csca", "AT+CSCA?", {"+CSCA: 002B00390037003200350034003100320030003000330032,145", "OK"}});
  expect(R"({"number":"","toa":129})", {"csca", "AT+CSCA?", {"+CSCA: \"\",129", "OK"}});
  expect("error: refused: +CME ERROR: 14", {"csca", "AT+CSCA?", {"+CME ERROR: 14"}});
  expect(
      R"({"numbers":[{"number":"+34600000001","type":145},{"number":"+34600000002","type":145}]})",
      {"cnum", "AT+CNUM", {"+CNUM: something,\"+34600000001\",145", "+CNUM: ,\"+34600000002\",145", "OK"}});
  expect(R"({"numbers":[]})", {"cnum", "AT+CNUM", {"OK"}});
  expect("error: refused: +CME ERROR: 10", {"cnum", "AT+CNUM", {"+CME ERROR: 10"}});
  expect(R"({"fun":1})", {"cfun", "AT+CFUN?", {"+CFUN: 1", "OK"}});
  expect(R"({"status":"SIM PIN"})", {"cpin", "AT+CPIN?", {"+CPIN: SIM PIN", "OK"}});
  expect("error: refused: +CME ERROR: 10", {"cpin", "AT+CPIN?", {"+CME ERROR: 10"}});
  expect(R"({"iccid":"8944110068123456789"})",
         {"iccid", "AT+CCID", {"AT+CCID", "+ICCID: 984411008621436587F9", "OK"}});
  expect(R"({"iccid":"89441100681234567895"})", {"iccid", "AT+CCID", {"89441100681234567895", "OK"}});
  expect(R"({"model":"MULTIBAND  900E  1800"})", {"cgmm", "AT+CGMM", {" MULTIBAND  900E  1800 ", "OK"}});
  expect(R"({"model":"EC25"})", {"cgmm", "AT+CGMM", {"AT+CGMM", "^RSSI: 17", "EC25", "OK"}});
  expect("error: no such line in the answer", {"cgmm", "AT+CGMM", {"OK"}});
}

TEST(AtParse, Clock) {
  expect(R"({"time":"2024-03-15T10:20:30+02:00"})",
         {"cclk", "AT+CCLK?", {"+CCLK: \"24/03/15,10:20:30+08\"", "OK"}});
  expect(R"({"time":"2024-03-15T10:20:30-03:30"})",
         {"cclk", "AT+CCLK?", {"+CCLK: \"24/03/15,10:20:30-14\"", "OK"}});
  expect(R"({"time":"1980-01-06T00:00:12+00:00"})",
         {"cclk", "AT+CCLK?", {"+CCLK: \"80/01/06,00:00:12+00\"", "OK"}});
  expect(R"({"time":"2024-03-15T10:20:30"})", {"cclk", "AT+CCLK?", {"+CCLK: \"24/03/15,10:20:30\"", "OK"}});
  expect("error: can't be read: +CCLK: \"24/13/15,10:20:30+08\"",
         {"cclk", "AT+CCLK?", {"+CCLK: \"24/13/15,10:20:30+08\"", "OK"}});
}

TEST(AtParse, Ussd) {
  const char* const guthaben = R"({"status":0,"dcs":15,"text":"*100#"})";
  expect(guthaben,
         {"cusd", "AT+CUSD=1,\"AA180C3602\",15", {"OK", "+CUSD: 0,\"AA180C3602\",15"}, R"({"packed":true})"});
  expect(guthaben, {"cusd", "", {"+CUSD: 0,\"AA180C3602\",15"}, R"({"solicited":false})"});
  expect(R"({"status":0,"dcs":15,"text":"AA180C3602"})",
         {"cusd", "", {"+CUSD: 0,\"AA180C3602\",15"}, R"({"packed":false})"});
  expect(R"({"status":1,"dcs":null,"text":"Kontostand: 3.00 EUR\nBitte wählen Sie:\n\n 1 Konto"})",
         {"cusd",
          "AT+CUSD=1,\"*100#\",15",
          {"OK", "+CUSD: 1,\"Kontostand: 3.00 EUR", "Bitte w{hlen Sie:", "", " 1 Konto\"", "+CMTI: \"SM\",1"},
          R"({"charset":"GSM"})"});
  expect(R"({"status":1,"dcs":15,"text":"a\nOK\nb"})", {"cusd", "", {"+CUSD: 1,\"a\nOK\nb\",15", "OK"}});
  expect(R"({"status":1,"dcs":null,"text":"a\nb"})", {"cusd", "", {"+CUSD: 1,\"a", "b", "OK", "more"}});
  expect(R"({"status":0,"dcs":72,"text":"Для"})",
         {"cusd", "", {"+CUSD: 0,\"0414043B044F\",72"}, R"({"charset":"UCS2"})"});
  expect(R"({"status":2,"dcs":null,"text":null})", {"cusd", "AT+CUSD=2", {"+CUSD: 2", "OK"}});
  expect("error: refused: +CME ERROR: 100", {"cusd", "AT+CUSD=1", {"+CME ERROR: 100"}});
}

TEST(AtParse, Generic) {
  expect(R"({"final":"OK","info":[]})", {"generic", "AT", {"AT", "OK"}});
  expect(R"({"final":"OK","info":["Quectel","EC25","Revision: EC25EFAR06A01"]})",
         {"generic",
          "ATI",
          {"ATI", "Quectel", "+CMTI: \"SM\",3", "EC25", "", "Revision: EC25EFAR06A01", "", "OK"}});
  expect(R"({"final":"+CME ERROR: 10","info":[]})", {"generic", "AT+CPIN?", {"+CME ERROR: 10"}});
  expect(R"({"final":"+CMS ERROR:38","info":[]})", {"generic", "AT+CMGS=19", {"+CMS ERROR:38"}});
  expect(R"({"final":"COMMAND NOT SUPPORT","info":[]})", {"generic", "AT^X", {"COMMAND NOT SUPPORT"}});
  expect(R"({"final":"OK","info":["+CPIN: READY"]})",
         {"generic", "AT+CPIN?", {"+CPIN: READY", "^NEW: 1", "+CREG: 1", "OK", "RING"}});
  expect(R"({"final":"OK","info":["+ICCID: 89"]})", {"generic", "AT+CCID", {"+ICCID: 89", "OK"}});
  expect(R"({"final":"OK","info":["+CMGL: 0,1,,1","00"]})",
         {"generic", "AT+CMGL=4", {"+CMGL: 0,1,,1", "00", "OK"}});
  expect(R"({"final":"OK","info":[]})", {"generic", "ATE0", {"0"}});
  expect(R"({"final":"ERROR","info":[]})", {"generic", "ATE0", {"4"}});
  expect(R"({"final":null,"info":["half"]})", {"generic", "AT+GMM", {"half"}});
  expect(R"({"final":"NO CARRIER","info":[]})", {"generic", "ATD*99#", {"NO CARRIER"}});
  expect(R"({"final":"OK","info":[]})", {"generic", "AT+CSMS=0", {"NO CARRIER", "OK"}});
}

TEST(AtParse, WrongInputIsNamed) {
  const auto error = [](const char* input) { return answer_to(json::parse(input).as_object()); };
  STRCMP_EQUAL("error: unsupported what: clip", error(R"({"what":"clip","lines":[]})").c_str());
  STRCMP_EQUAL("error: what: must name an answer", error(R"({"lines":[]})").c_str());
  STRCMP_EQUAL("error: what: must be a string", error(R"({"what":1,"lines":[]})").c_str());
  STRCMP_EQUAL("error: lines: must be a list of strings", error(R"({"what":"csq"})").c_str());
  STRCMP_EQUAL("error: lines: must be a list of strings",
               error(R"({"what":"csq","lines":"+CSQ: 1,2"})").c_str());
  STRCMP_EQUAL("error: lines: must be a list of strings",
               error(R"({"what":"csq","lines":["OK",7]})").c_str());
  STRCMP_EQUAL("error: command: must be a string",
               error(R"({"what":"csq","lines":[],"command":[]})").c_str());
  STRCMP_EQUAL("error: charset: must be a string", error(R"({"what":"csq","lines":[],"charset":7})").c_str());
  STRCMP_EQUAL("error: charset: must be GSM, IRA, UCS2 or HEX",
               error(R"({"what":"csq","lines":[],"charset":"KOI8"})").c_str());
  STRCMP_EQUAL("error: solicited: must be true or false",
               error(R"({"what":"csq","lines":[],"solicited":1})").c_str());
  STRCMP_EQUAL("error: packed: must be true or false",
               error(R"({"what":"cusd","lines":[],"packed":"yes"})").c_str());
  STRCMP_EQUAL(
      "error: no +CSQ: in the answer",
      error(R"({"what":"csq","lines":[],"charset":null,"packed":null,"solicited":null,"command":null})")
          .c_str());
}

TEST(AtParse, LongAndOddLines) {
  const std::string line = "+CREG: x" + std::string(300, '\xC3') + std::string(1000, 'y');
  json::object input{{"what", "creg"}, {"lines", json::array{line}}};
  CHECK_TRUE(answer_to(input).starts_with("error: "));
  input["lines"] = json::array(100'000, "+CMGL: 1,1,,1");
  input["what"] = "cmgl";
  CHECK_TRUE(answer_to(input).starts_with("{"));
}
