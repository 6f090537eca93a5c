#include <CppUTest/TestHarness.h>

#include "stage.h"

TEST_GROUP(PduDecode) {
  Stage stage;
};

TEST(PduDecode, ShowsADeliver) {
  LONGS_EQUAL(0, stage.run({"pdu", "decode",
                            "07911326040000F0040B911346610089F60000208062917314080CC8F71D14969741F977FD07"}));
  const std::string shown = stage.printed();
  CHECK(shown.find("smsc      digits 31624000000, ton 1, npi 1\n") != std::string::npos);
  CHECK(shown.find("tp_mti    deliver\n") != std::string::npos);
  CHECK(shown.find("tp_oa     digits 31641600986, ton 1, npi 1\n") != std::string::npos);
  CHECK(shown.find("tp_scts   2002-08-26T19:37:41+00:00\n") != std::string::npos);
  CHECK(shown.find("text      How are you?\n") != std::string::npos);
  LONGS_EQUAL(0, stage.asked.size());
}

TEST(PduDecode, ShowsASubmitAsJson) {
  LONGS_EQUAL(0, stage.run({"pdu", "decode", "--json", "--dir", "mo", "--bare",
                            "11000B916407281553F80000AA0AE8329BFD4697D9EC37"}));
  STRCMP_EQUAL(
      R"({"smsc":null,"tp_mti":"submit","tp_rd":0,"tp_vpf":2,"tp_rp":0,"tp_udhi":0,"tp_srr":0,"tp_mr":0,)"
      R"("tp_da":{"digits":"46708251358","ton":1,"npi":1},"tp_pid":0,"tp_dcs":0,)"
      R"("tp_vp":{"format":"relative","value":170,"seconds":345600},"tp_udl":10,"alphabet":"gsm7","class":null,)"
      R"("text":"hellohello"})"
      "\n",
      stage.printed().c_str());
}

TEST(PduDecode, ShowsTheHeaderOfAPart) {
  LONGS_EQUAL(0, stage.run({"pdu", "decode", "--json", "--dir", "mo", "--bare",
                            "51000B916407281553F80004AA0D0B00037F0201050423F41F9041"}));
  const std::string shown = stage.printed();
  CHECK(shown.find(R"("tp_udl":13)") != std::string::npos);
  CHECK(shown.find(R"("udh":[{"iei":0,"data":"7F0201"},{"iei":5,"data":"23F41F90"}])") != std::string::npos);
  CHECK(shown.find(R"("concat":{"ref":127,"ref_bits":8,"total":2,"seq":1})") != std::string::npos);
  CHECK(shown.find(R"("ports":{"dst":9204,"src":8080,"bits":16})") != std::string::npos);
  CHECK(shown.find(R"("alphabet":"8bit")") != std::string::npos);
  CHECK(shown.find(R"("data":"41")") != std::string::npos);
}

TEST(PduDecode, NamesTheOctetOfAnError) {
  LONGS_EQUAL(1, stage.run({"pdu", "decode", "not hex"}));
  CHECK(stage.complained().starts_with("error at octet 0: "));
  Stage cut;
  LONGS_EQUAL(1, cut.run({"pdu", "decode", "07911326040000F0040B91"}));
  CHECK(cut.complained().starts_with("error at octet "));
  Stage bare;
  LONGS_EQUAL(1, bare.run({"pdu", "decode", "", "--bare"}));
  CHECK(bare.complained().starts_with("error at octet 0: "));
  STRCMP_EQUAL("", bare.printed().c_str());
}

TEST(PduDecode, ShowsDefectsWhenAskedToBeLenient) {
  const std::string filled =
      "07911326040000F0040B911346610089F60000208062917314080CC8F71D14969741F977FD070000";
  LONGS_EQUAL(1, stage.run({"pdu", "decode", filled}));
  CHECK(stage.complained().starts_with("error at octet 38: "));
  LONGS_EQUAL(0, stage.run({"pdu", "decode", filled, "--lenient"}));
  CHECK(stage.printed().find("defects") != std::string::npos);
}
