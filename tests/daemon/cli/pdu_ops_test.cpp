// The codec by itself. What is expected was worked out from 23.038 and 23.040, not by running this.
#include <CppUTest/TestHarness.h>

#include <sstream>

#include "daemon/cli/pdu_ops.h"
#include "stage.h"

namespace {

namespace json = boost::json;

json::object object(const std::string& text) {
  return json::parse(text).as_object();
}

// The fields as JSON, or the error.
std::string answer(const std::string& op, const std::string& input) {
  const auto fields = klaxon::cli::answer_op(op, object(input));
  return fields ? json::serialize(*fields) : fields.error();
}

std::string field(const std::string& op, const std::string& input, const char* name) {
  const auto fields = klaxon::cli::answer_op(op, object(input));
  if (!fields) return fields.error();
  const json::value* value = fields->if_contains(name);
  return value != nullptr ? json::serialize(*value) : "absent";
}

}  // namespace

TEST_GROUP(PduOps){};

TEST(PduOps, Gsm7) {
  STRCMP_EQUAL(R"({"septets":"68656C6C6F68656C6C6F","packed":"E8329BFD4697D9EC37","count":10})",
               answer("gsm7_encode", R"({"text":"hellohello"})").c_str());
  STRCMP_EQUAL(R"({"septets":"1B65","packed":"9B32","count":2})",
               answer("gsm7_encode", R"({"text":"€"})").c_str());
  STRCMP_EQUAL(R"({"septets":"04","packed":"04","count":1})",
               answer("gsm7_encode", R"({"text":"€","locking":1})").c_str());
  STRCMP_EQUAL(R"({"septets":"61","packed":"C2","count":1})",
               answer("gsm7_encode", R"({"text":"a","fill_bits":1})").c_str());
  STRCMP_EQUAL("U+015F is in none of the tables", answer("gsm7_encode", R"({"text":"aş"})").c_str());
  STRCMP_EQUAL("U+1F600 is in none of the tables", answer("gsm7_encode", R"({"text":"😀"})").c_str());
  STRCMP_EQUAL(R"({"text":"hellohello"})",
               answer("gsm7_decode", R"({"packed":"e8329bfd4697d9ec37","count":10})").c_str());
  STRCMP_EQUAL(R"({"text":"€"})", answer("gsm7_decode", R"({"septets":"1B65"})").c_str());
  STRCMP_EQUAL(R"({"packed":"9B32"})", answer("gsm7_pack", R"({"septets":"1B65"})").c_str());
  STRCMP_EQUAL(R"({"septets":"1B65"})", answer("gsm7_unpack", R"({"packed":"9B32","count":2})").c_str());
  STRCMP_EQUAL(R"({"septets":"61"})", answer("gsm7_unpack", R"({"packed":"C2","fill_bits":1})").c_str());
}

TEST(PduOps, Ucs2) {
  STRCMP_EQUAL(R"({"data":"0041D83DDE00"})", answer("ucs2_encode", R"({"text":"A😀"})").c_str());
  STRCMP_EQUAL(R"({"text":"A😀"})", answer("ucs2_decode", R"({"data":"0041D83DDE00"})").c_str());
  STRCMP_EQUAL("data has an odd number of octets", answer("ucs2_decode", R"({"data":"004100"})").c_str());
}

TEST(PduOps, Addresses) {
  STRCMP_EQUAL(R"({"hex":"089151551000"})", answer("address_encode", R"({"number":"+15550100"})").c_str());
  STRCMP_EQUAL(R"({"hex":"059151551000"})",
               answer("address_encode", R"({"number":"+15550100","smsc":true})").c_str());
  STRCMP_EQUAL(R"({"hex":"05811A00FB"})", answer("address_encode", R"({"number":"*100#"})").c_str());
  STRCMP_EQUAL(R"({"digits":"15550100","ton":1,"npi":1})",
               answer("address_decode", R"({"hex":"089151551000"})").c_str());
  STRCMP_EQUAL(R"({"digits":"15550100","ton":1,"npi":1})",
               answer("address_decode", R"({"hex":"059151551000","smsc":true})").c_str());
  STRCMP_EQUAL(R"({"digits":"O2","ton":5,"npi":0})",
               answer("address_decode", R"({"hex":"04D04F19"})").c_str());
  STRCMP_EQUAL("octet 6: more than the address",
               answer("address_decode", R"({"hex":"08915155100000"})").c_str());
  STRCMP_EQUAL("octet 0: bit 7 of its type is not set",
               answer("address_decode", R"({"hex":"030121F3"})").c_str());
  STRCMP_EQUAL("number: length 21 above 20 digits",
               answer("address_encode", R"({"number":"123456789012345678901"})").c_str());
}

TEST(PduOps, TimesAndValidity) {
  STRCMP_EQUAL(R"({"hex":"71213201447440"})",
               answer("timestamp_encode", R"({"time":"2017-12-23T10:44:47+01:00"})").c_str());
  STRCMP_EQUAL(R"({"hex":"7121320144740A"})",
               answer("timestamp_encode", R"({"time":"2017-12-23T10:44:47-05:00"})").c_str());
  STRCMP_EQUAL(R"({"time":"2017-12-23T10:44:47-05:00"})",
               answer("timestamp_decode", R"({"hex":"7121320144740a"})").c_str());
  STRCMP_EQUAL("hex is no date", answer("timestamp_decode", R"({"hex":"00000000000000"})").c_str());
  STRCMP_EQUAL("hex has not seven octets", answer("timestamp_decode", R"({"hex":"7121"})").c_str());
  for (const char* odd :
       {"2017-12-23", "2017-13-23T10:44:47Z", "2017-12-23T10:44:47+01:07", "2017-02-30T10:44:47Z", "x"})
    CHECK(answer("timestamp_encode", std::string(R"({"time":")") + odd + "\"}").starts_with("time is none"));
  STRCMP_EQUAL(R"({"value":167})", answer("vp_encode", R"({"seconds":86400})").c_str());
  STRCMP_EQUAL(R"({"seconds":86400})", answer("vp_decode", R"({"value":167})").c_str());
  STRCMP_EQUAL(R"({"value":255})", answer("vp_encode", R"({"seconds":99999999})").c_str());
  STRCMP_EQUAL("seconds is no whole number from 0 to 1099511627776",
               answer("vp_encode", R"({"seconds":-1})").c_str());
}

TEST(PduOps, Udh) {
  STRCMP_EQUAL(R"({"udh":[{"iei":0,"data":"2A0201"}],"concat":{"ref":42,"ref_bits":8,"total":2,"seq":1}})",
               answer("udh_decode", R"({"hex":"0500032A0201"})").c_str());
  STRCMP_EQUAL(R"({"dst":2948,"src":9200,"bits":16})",
               field("udh_decode", R"({"hex":"0605040B8423F0"})", "ports").c_str());
  STRCMP_EQUAL("octet 0: UDHL leads out of TP-UD of 2 octets, read as without header",
               answer("udh_decode", R"({"hex":"0500"})").c_str());
  STRCMP_EQUAL("octet 1: last element of UDH cut, the header is passed over",
               answer("udh_decode", R"({"hex":"020009"})").c_str());
  STRCMP_EQUAL("octet 3: more than UDHL says", answer("udh_decode", R"({"hex":"02000041"})").c_str());
}

TEST(PduOps, EncodeSubmit) {
  STRCMP_EQUAL(
      R"({"pdus":["0011000891515510000000A70AE8329BFD4697D9EC37"],"tpdu_lens":[21]})",
      answer("encode_submit", R"({"da":"+15550100","text":"hellohello","vp_seconds":86400})").c_str());
  STRCMP_EQUAL(
      R"(["0591515510003D07089151551000411871213201447440020041"])",
      field(
          "encode_submit",
          R"({"da":"+15550100","smsc":"+15550100","text":"A","alphabet":"ucs2","mr":7,"srr":true,"rd":true,)"
          R"("class":0,"pid":65,"vp_absolute":"2017-12-23T10:44:47+01:00"})",
          "pdus")
          .c_str());
  STRCMP_EQUAL("da is missing", answer("encode_submit", R"({"text":"x"})").c_str());
  STRCMP_EQUAL("alphabet compressed (23.042) is not written",
               answer("encode_submit", R"({"da":"1","text":"x","alphabet":"compressed"})").c_str());
  STRCMP_EQUAL("text: U+20A4 is not in the alphabet",
               answer("encode_submit", R"({"da":"1","text":"a₤","alphabet":"gsm7"})").c_str());
}

TEST(PduOps, EncodeSubmitOfSeveralParts) {
  const std::string text(170, 'a');
  const auto two = object(answer("encode_submit", R"({"da":"1","concat_ref":42,"text":")" + text + "\"}"));
  LONGS_EQUAL(2, two.at("pdus").as_array().size());
  const std::string second(two.at("pdus").as_array()[1].as_string());
  CHECK(second.starts_with("0041000181F1"));
  CHECK(second.find("0500032A0202") != std::string::npos);
  const auto wide = object(
      answer("encode_submit", R"({"da":"1","concat_ref":4660,"concat_bits":16,"text":")" + text + "\"}"));
  CHECK(wide.at("pdus").as_array()[0].as_string().find("06080412340201") != json::string::npos);
  STRCMP_EQUAL("concat_ref is no whole number from 0 to 255",
               answer("encode_submit", R"({"da":"1","concat_ref":4660,"text":")" + text + "\"}").c_str());
}

TEST(PduOps, Segment) {
  STRCMP_EQUAL(R"({"alphabet":"gsm7","parts":1,"units":3,"lengths":[3]})",
               answer("segment", R"({"text":"a€"})").c_str());
  STRCMP_EQUAL(R"({"alphabet":"gsm7","parts":2,"units":161,"lengths":[153,8]})",
               answer("segment", R"({"text":")" + std::string(161, 'a') + "\"}").c_str());
  STRCMP_EQUAL(R"({"alphabet":"ucs2","parts":1,"units":2,"lengths":[2]})",
               answer("segment", R"({"text":"😀"})").c_str());
  STRCMP_EQUAL(R"({"alphabet":"8bit","parts":1,"units":2,"lengths":[2]})",
               answer("segment", R"({"data":"BEEF","alphabet":"8bit"})").c_str());
  STRCMP_EQUAL("text takes more than 255 parts",
               answer("segment", R"({"text":")" + std::string(40'000, 'a') + "\"}").c_str());
}

TEST(PduOps, DecodeIsStrictUnlessAskedToBeLenient) {
  const std::string cut = R"("pdu":"07911326040000F0040B911346610089F60000208062917314080CC8F71D)";
  STRCMP_EQUAL("octet 26: TP-UDL 12 with 3 octets left", answer("decode", "{" + cut + "\"}").c_str());
  STRCMP_EQUAL("\"How\"", field("decode", "{" + cut + R"(","lenient":true})", "text").c_str());
  STRCMP_EQUAL(R"(["octet 26: TP-UDL 12 with 3 octets left"])",
               field("decode", "{" + cut + R"(","lenient":true})", "defects").c_str());
  const std::string no_time = R"({"pdu":"040B911346610089F600002080","smsc":false,"lenient":true})";
  STRCMP_EQUAL("0", field("decode", no_time, "tp_dcs").c_str());
  STRCMP_EQUAL("absent", field("decode", no_time, "tp_scts").c_str());
  STRCMP_EQUAL("absent", field("decode", no_time, "text").c_str());
  STRCMP_EQUAL("\"deliver_report\"",
               field("decode", R"({"pdu":"0000","smsc":false,"dir":"mo"})", "tp_mti").c_str());
}

TEST(PduOps, BadInputIsRefusedByName) {
  STRCMP_EQUAL("unsupported op", answer("fly", "{}").c_str());
  STRCMP_EQUAL("pdu is missing", answer("decode", "{}").c_str());
  STRCMP_EQUAL("pdu is no string", answer("decode", R"({"pdu":7})").c_str());
  STRCMP_EQUAL("dir is neither mt nor mo", answer("decode", R"({"pdu":"00","dir":"up"})").c_str());
  STRCMP_EQUAL("octet 0: not a hex digit", answer("decode", R"({"pdu":"zz"})").c_str());
  STRCMP_EQUAL("octet 0: SC address missing", answer("decode", R"({"pdu":""})").c_str());
  STRCMP_EQUAL("octet 512: more than 512 octets",
               answer("decode", R"({"pdu":")" + std::string(100'000, '0') + "\"}").c_str());
  STRCMP_EQUAL("septets holds an octet above 7F", answer("gsm7_pack", R"({"septets":"80"})").c_str());
  STRCMP_EQUAL("septets has an odd number of hex digits", answer("gsm7_pack", R"({"septets":"8"})").c_str());
  STRCMP_EQUAL("count is no whole number from 0 to 1",
               answer("gsm7_unpack", R"({"packed":"9B","count":9})").c_str());
  STRCMP_EQUAL("fill_bits is no whole number from 0 to 6",
               answer("gsm7_pack", R"({"septets":"61","fill_bits":7})").c_str());
}

TEST(PduOps, ALineThatCantBeReadStillGivesItsId) {
  const auto id = [](const std::string& line) {
    return json::serialize(object(klaxon::cli::answer_line(line)).at("id"));
  };
  STRCMP_EQUAL("\"7b\"", id(R"({"id": "7b", "op": "ucs2_encode", "input": {"text": "\ud83d"}})").c_str());
  STRCMP_EQUAL("\"7c\"", id(R"({"id":"7c","op":)").c_str());
  STRCMP_EQUAL("null", id(R"({"id":"7c)").c_str());
  STRCMP_EQUAL("null", id(R"({"op":"decode" "id":7)").c_str());
}

TEST(PduOps, OneLineInOneLineOut) {
  Stage stage;
  stage.in << R"({"id":"1","op":"vp_decode","input":{"value":167}})"
           << "\n\n"
           << "not json\n"
           << R"({"id":7,"op":"nonsense","input":{}})"
           << "\r\n"
           << R"([1])"
           << "\n"
           << R"({"id":"2","input":{}})"
           << "\n"
           << R"({"id":"3","op":"decode"})"
           << "\n"
           << "\xFF\n"
           << std::string(2 << 20, 'x') << "\n"
           << std::string(100'000, '[') << "\n"
           << R"({"id":"4","op":"vp_decode","input":{"value":0}})";
  LONGS_EQUAL(0, stage.run({"pdu", "--jsonl"}));
  std::istringstream printed(stage.printed());
  std::vector<json::object> answers;
  for (std::string line; std::getline(printed, line);) answers.push_back(object(line));
  LONGS_EQUAL(10, answers.size());
  STRCMP_EQUAL(R"({"id":"1","ok":true,"fields":{"seconds":86400}})", json::serialize(answers[0]).c_str());
  for (std::size_t i = 1; i < 9; ++i) {
    CHECK(!answers[i].at("ok").as_bool());
    CHECK(!answers[i].at("error").as_string().empty());
  }
  STRCMP_EQUAL(R"({"id":7,"ok":false,"error":"unsupported op"})", json::serialize(answers[2]).c_str());
  STRCMP_EQUAL("a line above 1 MiB", answers[7].at("error").as_string().c_str());
  STRCMP_EQUAL(R"({"id":"4","ok":true,"fields":{"seconds":300}})", json::serialize(answers[9]).c_str());
  LONGS_EQUAL(0, stage.asked.size());
}
