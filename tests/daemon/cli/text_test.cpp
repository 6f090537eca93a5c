#include <CppUTest/TestHarness.h>

#include "daemon/cli/answers.h"
#include "daemon/cli/text_table.h"
#include "daemon/cli/url.h"

namespace cli = klaxon::cli;

TEST_GROUP(Texts){};

TEST(Texts, StandInColumnsByCharactersNotOctets) {
  cli::TextTable table({"A", "B"});
  table.row({"é🚨", "x"});
  table.row({"long", "y"});
  STRCMP_EQUAL("A     B\né🚨    x\nlong  y\n", table.text().c_str());
}

TEST(Texts, AreMadeHarmless) {
  STRCMP_EQUAL("a⏎b·c·d", cli::printable("a\nb\rc\x7f"
                                         "d")
                              .c_str());
  STRCMP_EQUAL("·", cli::printable("\xe2\x80\xae").c_str());  // right-to-left override
  STRCMP_EQUAL("\xef\xbf\xbd", cli::printable("\xff").c_str());
  STRCMP_EQUAL("·", cli::printable(std::string_view("\0", 1)).c_str());
}

TEST(Texts, OfJsonValues) {
  const auto shown = [](const char* text) { return cli::shown(cli::json::parse(text)); };
  STRCMP_EQUAL("-", shown("null").c_str());
  STRCMP_EQUAL("-", shown("\"\"").c_str());
  STRCMP_EQUAL("-", shown("[]").c_str());
  STRCMP_EQUAL("yes", shown("true").c_str());
  STRCMP_EQUAL("18446744073709551615", shown("18446744073709551615").c_str());
  STRCMP_EQUAL("0.5", shown("0.5").c_str());
  STRCMP_EQUAL("a, b", shown("[\"a\",\"b\"]").c_str());
  STRCMP_EQUAL("5 (default)", shown(R"({"value":5,"source":"default"})").c_str());
  STRCMP_EQUAL("queued 2, delivered 3", shown(R"({"queued":2,"delivered":3})").c_str());
  STRCMP_EQUAL("state queued; state failed", shown(R"([{"state":"queued"},{"state":"failed"}])").c_str());
}

TEST_GROUP(Urls){};

TEST(Urls, AreHttpWithHostPortAndPrefix) {
  const auto plain = cli::parse_base_url("http://127.0.0.1:8025");
  STRCMP_EQUAL("127.0.0.1", plain->host.c_str());
  LONGS_EQUAL(8025, plain->port);
  STRCMP_EQUAL("", plain->prefix.c_str());
  const auto rich = cli::parse_base_url("http://[fe80::1]:80/a/b//");
  STRCMP_EQUAL("fe80::1", rich->host.c_str());
  STRCMP_EQUAL("[fe80::1]:80", rich->authority.c_str());
  STRCMP_EQUAL("/a/b", rich->prefix.c_str());
  CHECK(!rich->tls);
  const auto secure = cli::parse_base_url("https://gateway/klaxon");
  CHECK(secure->tls);
  LONGS_EQUAL(443, secure->port);
  STRCMP_EQUAL("gateway", secure->host.c_str());
  LONGS_EQUAL(8025, cli::parse_base_url("https://[::1]:8025")->port);
}

TEST(Urls, AreNothingElse) {
  for (const char* url : {"", "127.0.0.1", "ftp://h", "https://", "http://", "http://:80", "http://h:", "http://h:0",
                          "http://h:99999", "http://h:8x", "http://[::1", "http://[::1]x", "http://u@h",
                          "http://h/?q", "http://h h", "http://h\r\nX: y"}) {
    CHECK_TEXT(!cli::parse_base_url(url), url);
  }
}

TEST(Urls, EncodeWhateverIsPutIn) {
  STRCMP_EQUAL("a-b_c.d~%2F%3F%26%20%C3%A9%00",
               cli::percent_encoded(std::string_view("a-b_c.d~/?& \xc3\xa9\0", 15)).c_str());
  STRCMP_EQUAL("/x?b=1&c=%2B", cli::with_query("/x", {{"a", ""}, {"b", "1"}, {"c", "+"}}).c_str());
  STRCMP_EQUAL("/x", cli::with_query("/x", {{"a", ""}}).c_str());
}
