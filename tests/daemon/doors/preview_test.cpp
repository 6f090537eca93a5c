// POST /v1/messages/preview: figures, and advice that holds.
#include <CppUTest/TestHarness.h>

#include "tests/daemon/doors/desk.h"
#include "tests/daemon/doors/expect.h"

namespace {

std::string repeated(int count, const std::string& text) {
  std::string all;
  for (int i = 0; i < count; ++i) all += text;
  return all;
}

}  // namespace

TEST_GROUP(Preview) {
  Desk desk;
  klaxon::doors::HttpResponse of(const std::string& text, const std::string& more = "") {
    return desk.ask("POST", "/v1/messages/preview",
                    R"({"text":")" + text + "\"" + (more.empty() ? "" : ",") + more + "}", "send");
  }
  // The entry of /cheaper with this change, as JSON; "(none)".
  std::string advice(const klaxon::doors::HttpResponse& response, const std::string& change) {
    const auto body = parsed(response);
    for (const auto& entry : body.at("cheaper").as_array()) {
      if (entry.at("change").as_string() == change) return boost::json::serialize(entry);
    }
    return "(none)";
  }
};

TEST(Preview, FiguresOfOnePart) {
  const auto response = of("Pump 3 is dry, 5 €");
  LONGS_EQUAL(200, response.status);
  expect("gsm7", at_path(response, "/encoding"));
  expect("null", at_path(response, "/national"));
  expect("1", at_path(response, "/segments"));
  expect("septet", at_path(response, "/unit"));
  expect("19", at_path(response, "/units"));
  expect("141", at_path(response, "/units_left"));
  expect("[19]", at_path(response, "/lengths"));
  expect("Pump 3 is dry, 5 €", at_path(response, "/text"));
  expect("[]", at_path(response, "/not_in_gsm7"));
  expect("[]", at_path(response, "/cheaper"));
  LONGS_EQUAL(0, desk.face.sent.size());
}

TEST(Preview, FiguresOfSeveralParts) {
  const auto response = of(repeated(135, "ж"));
  expect("ucs2", at_path(response, "/encoding"));
  expect("utf16", at_path(response, "/unit"));
  expect("[67,67,1]", at_path(response, "/lengths"));
  expect("135", at_path(response, "/units"));
  expect("66", at_path(response, "/units_left"));
  expect(R"([{"char":"ж","code":"U+0436","count":135,"at":0}])", at_path(response, "/not_in_gsm7"));
}

TEST(Preview, Octets) {
  const auto response =
      desk.ask("POST", "/v1/messages/preview", R"({"data":")" + std::string(2 * 141, 'a') + "\"}");
  expect("8bit", at_path(response, "/encoding"));
  expect("octet", at_path(response, "/unit"));
  expect("[134,7]", at_path(response, "/lengths"));
  expect("(absent)", at_path(response, "/text"));
  expect(R"({"change":"shorten","segments":1,"encoding":"8bit","national":null,"units":1})",
         advice(response, "shorten"));
}

TEST(Preview, ASensitiveTextIsNotShown) {
  const auto response = of("417 993", R"("sensitive":true)");
  LONGS_EQUAL(200, response.status);
  expect("null", at_path(response, "/text"));
  expect("7", at_path(response, "/units"));
}

TEST(Preview, SimplifyIsAdvisedWhereItSaves) {
  const std::string text = repeated(30, "It’s … ");
  const auto response = of(text);
  expect("4", at_path(response, "/segments"));
  expect(
      R"({"change":"simplify","segments":2,"encoding":"gsm7","national":null,"replacements":[)"
      R"({"char":"’","code":"U+2019","with":"'","count":30},{"char":"…","code":"U+2026","with":"...","count":30}]})",
      advice(response, "simplify"));
  const auto taken = of(text, R"("simplify":true)");
  expect("2", at_path(taken, "/segments"));
  expect("(none)", advice(taken, "simplify"));
  expect("U+2019", at_path(taken, "/replacements/0/code"));
  expect("[]", at_path(taken, "/not_in_gsm7"));
}

TEST(Preview, NationalTablesAreAdvisedWhereTheySave) {
  const auto response = of(repeated(100, "ş"));
  expect(R"({"change":"national_tables","segments":1,"encoding":"gsm7",)"
         R"("national":{"locking":"turkish","single":null},"national_tables":["turkish"]})",
         advice(response, "national_tables"));
  const auto taken = of(repeated(100, "ş"), R"("national_tables":["turkish"])");
  expect("1", at_path(taken, "/segments"));
  expect("55", at_path(taken, "/units_left"));
  expect("turkish", at_path(taken, "/national/locking"));
  // Neither alone helps: ş is no look-alike, the quotes are in no table.
  const auto both = of("“" + repeated(100, "ş") + "”");
  expect("(none)", advice(both, "simplify"));
  expect("(none)", advice(both, "national_tables"));
  CHECK(advice(both, "simplify+national_tables").find(R"("segments":1)") != std::string::npos);
}

TEST(Preview, TheRecipientsCountryCounts) {
  desk.face.config.policy.national_tables.by_prefix = {{"90", 1 << 1}};
  expect("1", at_path(of(repeated(100, "ş"), R"("to":"+905321234567")"), "/segments"));
  expect("2", at_path(of(repeated(100, "ş"), R"("to":["+905321234567","+447700900123"])"), "/segments"));
  expect("2", at_path(of(repeated(100, "ş")), "/segments"));
}

TEST(Preview, OtherAdvice) {
  expect(R"({"change":"remove","segments":1,"encoding":"gsm7","national":null,"characters":["🚨"]})",
         advice(of("🚨🚨" + repeated(100, "a")), "remove"));
  expect(R"({"change":"encoding","segments":1,"encoding":"gsm7","national":null,"with":"auto"})",
         advice(of(repeated(100, "a"), R"("encoding":"ucs2")"), "encoding"));
  expect(R"({"change":"shorten","segments":1,"encoding":"gsm7","national":null,"units":5})",
         advice(of(repeated(165, "a")), "shorten"));
  expect(R"({"change":"shorten","segments":2,"encoding":"gsm7","national":null,"units":10})",
         advice(of(repeated(316, "a")), "shorten"));
  expect("[]", at_path(of(repeated(70, "ş")), "/cheaper"));
}

TEST(Preview, TooLongIsRefusedWithFigures) {
  const auto response = of(repeated(1531, "a"));
  LONGS_EQUAL(422, response.status);
  expect("/text", pointers(response));
  expect("/text: needs 11 segments; at most 10 are allowed", at_path(response, "/detail"));
  expect("11", at_path(response, "/preview/segments"));
  expect("1", at_path(response, "/preview/cheaper/0/units"));
  const auto beyond = of(repeated(100'000, "ж"));
  LONGS_EQUAL(422, beyond.status);
  expect("(absent)", at_path(beyond, "/preview"));
}

TEST(Preview, RefusesWhatSendingRefuses) {
  expect("/text", pointers(desk.ask("POST", "/v1/messages/preview", "{}")));
  expect("/to", pointers(of("x", R"("to":"nobody")")));
  expect("/colour", pointers(of("x", R"("colour":"red")")));
  expect("/encoding", pointers(of("ж", R"("encoding":"gsm7")")));
  expect("/replace_type", pointers(of(repeated(161, "a"), R"("replace_type":1)")));
}

TEST(Preview, TheListOfCharactersHasABound) {
  std::string text;
  for (int i = 0; i < 60; ++i) text += "\xE4\xB8" + std::string(1, static_cast<char>(0x80 + i));
  LONGS_EQUAL(50, parsed(of(text)).at("not_in_gsm7").as_array().size());
}
