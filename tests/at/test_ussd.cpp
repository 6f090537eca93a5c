// +CUSD and its string in all the spellings that modems have for it. The packed forms were worked out
// from 23.038 6.1.2.3.1 by a program that shares nothing with ours.
#include <CppUTest/TestHarness.h>

#include "at/ucs2.h"
#include "at/ussd.h"

namespace {

using Form = at::UssdForm;

const char* const kForms[] = {"plain", "gsm", "ucs2", "packed", "unpacked"};

std::string read(std::string_view printed, const at::UssdHints& hints = {}) {
  const at::UssdText text = at::decode_ussd(printed, hints);
  return text.text + '|' + kForms[static_cast<std::size_t>(text.form)];
}

std::string packed(std::string_view text) {
  const auto octets = at::ussd_pack(text);
  return octets ? at::hex_encode(*octets) : "none";
}

std::string line(std::string_view text) {
  const auto l = at::parse_cusd(text);
  if (!l) return "none";
  return std::to_string(l->status) + '|' + l->string.value_or("-") + '|' +
         (l->dcs ? std::to_string(*l->dcs) : "-");
}

constexpr const char* kBalance =
    "49B41C74ACD3D16171D90D32FBE52072BA0C72CA5DB45CAC76C3CD6CB41B2D060389CB74F9FE4C07D55C371CA85897BF1B";

}  // namespace

TEST_GROUP(Ussd){};

TEST(Ussd, Lines) {
  STRCMP_EQUAL("2|-|-", line("+CUSD: 2").c_str());
  STRCMP_EQUAL("4|-|-", line("+CUSD:4").c_str());
  STRCMP_EQUAL("0|Hi|15", line("+CUSD: 0,\"Hi\",15").c_str());
  STRCMP_EQUAL("1|Hi|-", line("+CUSD: 1,\"Hi\"").c_str());
  STRCMP_EQUAL("1||-", line("+CUSD: 1,\"\"").c_str());
  STRCMP_EQUAL("0|49B4|-", line("+CUSD: 0, 49B4").c_str());
  STRCMP_EQUAL("0|49B4|15", line("+CUSD: 0,49B4,15").c_str());
  STRCMP_EQUAL("0|a, b, \"c\" 1|15", line("+CUSD: 0,\"a, b, \"c\" 1\" , 15 ").c_str());
  STRCMP_EQUAL("0|balance 1,20|-", line("+CUSD: 0,balance 1,20").c_str());
  STRCMP_EQUAL("0||72", line("+CUSD: 0,,72").c_str());
  STRCMP_EQUAL("0|Hi|-", line("+CUSD: 0,\"Hi\",999").c_str());
  STRCMP_EQUAL("0|lost|-", line("+CUSD: 0,\"lost").c_str());
  STRCMP_EQUAL("1|a\nb\n2 c|15", line("+CUSD: 1,\"a\nb\n2 c\",15").c_str());
  for (const char* text :
       {"+CUSD: ", "+CUSD", "+CUSD: x", "+CUSD: -1,\"Hi\"", "+CUSD: 99999999999", "+CUSDX: 1", ""})
    STRCMP_EQUAL_TEXT("none", line(text).c_str(), text);
}

TEST(Ussd, OpenQuotes) {
  for (const char* text :
       {"+CUSD: 1,\"Kontostand: 3.00 EUR", "+CUSD: 1,\"", "+CUSD: 1,\"say \"hi\" now", "+CUSD: 1,\"a\" b"})
    CHECK_TRUE_TEXT(at::ussd_open(text), text);
  for (const char* text : {"+CUSD: 1,\"a\"", "+CUSD: 1,\"a\",15", "+CUSD: 1,\"a\" , 15 ", "+CUSD: 1,\"a\",",
                           "+CUSD: 2", "+CUSD: 0,49B4", "Kontostand \"", "+CMTI: \"SM"})
    CHECK_FALSE_TEXT(at::ussd_open(text), text);
}

TEST(Ussd, Plain) {
  STRCMP_EQUAL(
      "On DATA Pack u have 3Gb 817Mb 169kb valid until 21/05/2016   upto time|plain",
      read("On DATA Pack u have 3Gb 817Mb 169kb valid until 21/05/2016   upto time", {.dcs = 15}).c_str());
  STRCMP_EQUAL("Guthaben: 3.00 €|plain", read("Guthaben: 3.00 €").c_str());
  STRCMP_EQUAL("wählen|plain", read("w\xE4hlen", {.charset = at::Charset::ira}).c_str());
  STRCMP_EQUAL("$5 @home {x}|plain", read("$5 @home {x}", {.charset = at::Charset::ira}).c_str());
  STRCMP_EQUAL("|plain", read("").c_str());
  // Numbers and words that could be hex.
  for (const char* text :
       {"1234", "123456", "41424344", "+447700900123", "0800123456", "5.20", "FACE", "Add", "12"})
    STRCMP_EQUAL_TEXT((std::string(text) + "|plain").c_str(), read(text, {.dcs = 15}).c_str(), text);
}

TEST(Ussd, OctetsOfTheDefaultAlphabet) {
  STRCMP_EQUAL("Kontostand: 3.00 EUR\nBitte wählen Sie:|gsm",
               read("Kontostand: 3.00 EUR\nBitte w{hlen Sie:", {.charset = at::Charset::gsm}).c_str());
  STRCMP_EQUAL("Bitte wählen Sie:|gsm", read("Bitte w{hlen Sie:").c_str());
  STRCMP_EQUAL("für|gsm", read("f~r").c_str());
  STRCMP_EQUAL("Straße|gsm", read("Stra\x1E"
                                  "e")
                                 .c_str());
  STRCMP_EQUAL("5 $ 3 €|gsm", read("5 \x02 3 \x1B\x65", {.charset = at::Charset::gsm}).c_str());
  STRCMP_EQUAL("¤5|gsm", read("$5", {.charset = at::Charset::gsm}).c_str());
  STRCMP_EQUAL("{x} Yes|No 1|2|plain", read("{x} Yes|No 1|2").c_str());
}

TEST(Ussd, Ucs2) {
  const char* const russian =
      "0414043B044F00200441043F044004300432043A04380020043E002004310430043B0430043D044104350020002A0031003000"
      "350023";
  const char* const hungarian = "00480061007600690020006B0065007200650074003A0020003000460074002E";
  for (const auto& hints : {at::UssdHints{.dcs = 72}, at::UssdHints{.dcs = 15}, at::UssdHints{},
                            at::UssdHints{.charset = at::Charset::ucs2}, at::UssdHints{.packed = false}}) {
    STRCMP_EQUAL("Для справки о балансе *105#|ucs2", read(russian, hints).c_str());
    STRCMP_EQUAL("Havi keret: 0Ft.|ucs2", read(hungarian, hints).c_str());
  }
  STRCMP_EQUAL("您好|ucs2", read("60A8597D", {.dcs = 72}).c_str());
  STRCMP_EQUAL("您的余额为|ucs2", read("60A876844F59989D4E3A").c_str());
  STRCMP_EQUAL("กขค|ucs2", read("0E010E020E04", {.dcs = 15}).c_str());
  STRCMP_EQUAL("1|ucs2", read("0031", {.charset = at::Charset::ucs2}).c_str());
  STRCMP_EQUAL("12|ucs2", read("00310032").c_str());
  STRCMP_EQUAL("😀|ucs2", read("d83dde00", {.dcs = 72}).c_str());
  STRCMP_EQUAL("Hi|ucs2", read(" 00480069 ", {.dcs = 72}).c_str());
  STRCMP_EQUAL("balance|plain", read("balance", {.dcs = 72}).c_str());
}

TEST(Ussd, Ucs2WithAFilledBuffer) {
  STRCMP_EQUAL("Hi|ucs2", read("00480069FFFFFFFFFFFF", {.dcs = 72}).c_str());
  STRCMP_EQUAL("Hi|ucs2", read("00480069FFFF0041", {.charset = at::Charset::ucs2}).c_str());
  STRCMP_EQUAL("Hi|ucs2", read("00480069FFFFFF", {.dcs = 15}).c_str());
  STRCMP_EQUAL("|ucs2", read("FFFF", {.dcs = 72}).c_str());
}

TEST(Ussd, PackedHex) {
  STRCMP_EQUAL("Ihr Guthaben für die Nr.4915783647410 beträgt 5.78 Euro|packed",
               read(kBalance, {.dcs = 15}).c_str());
  STRCMP_EQUAL("Ihr Guthaben für die Nr.4915783647410 beträgt 5.78 Euro|packed", read(kBalance).c_str());
  STRCMP_EQUAL("Ihr Guthaben¿LΘ3fLΘ3fLΘ34915783647410 beträgt 7.95 Euro|packed",
               read("49B41C74ACD3D16171D90D66666666666666666666B45CAC76C3CD6CB41B2D060389CB74F9FE4C07DD5CB91A"
                    "A85897BF1B")
                   .c_str());
  STRCMP_EQUAL("*100#|packed", read("AA180C3602", {.packed = true}).c_str());
  STRCMP_EQUAL("*100#|packed", read("aa180c3602").c_str());
  STRCMP_EQUAL("AA180C3602|plain", read("AA180C3602", {.packed = false}).c_str());
  STRCMP_EQUAL("not hex|plain", read("not hex", {.packed = true}).c_str());
  // What is known goes before what the dcs says.
  STRCMP_EQUAL("*100#|packed",
               read("AA180C3602", {.dcs = 72, .charset = at::Charset::ucs2, .packed = true}).c_str());
}

TEST(Ussd, UnpackedHex) {
  STRCMP_EQUAL("Hello|unpacked", read("48656C6C6F", {.dcs = 15}).c_str());
  STRCMP_EQUAL("wählen $|unpacked", read("777B686C656E2002", {.charset = at::Charset::hex}).c_str());
  STRCMP_EQUAL("1234|unpacked", read("31323334", {.charset = at::Charset::hex}).c_str());
  // 8-bit data are octets, no septets.
  STRCMP_EQUAL("w{ $|unpacked", read("777B2024", {.dcs = 68}).c_str());
  STRCMP_EQUAL("wä|unpacked", read("77E4", {.dcs = 0x54}).c_str());
}

// 23.038 5: two letters of ISO 639 before the text.
TEST(Ussd, LanguageFirst) {
  STRCMP_EQUAL("Hello|packed", read("6577035966B3DF", {.dcs = 16, .packed = true}).c_str());
  STRCMP_EQUAL("Hello|plain", read("en\rHello", {.dcs = 16}).c_str());
  STRCMP_EQUAL("Hello|plain", read("en\nHello", {.dcs = 16}).c_str());
  STRCMP_EQUAL("Hello|plain", read("en\r\nHello", {.dcs = 16}).c_str());
  STRCMP_EQUAL("en\nHello|plain", read("en\nHello", {.dcs = 15}).c_str());
  STRCMP_EQUAL("Hello|plain", read("Hello", {.dcs = 16}).c_str());
  STRCMP_EQUAL("Hi|ucs2", read("0065006E000D00480069", {.dcs = 16, .charset = at::Charset::ucs2}).c_str());
  // "de" packed is E4 32.
  STRCMP_EQUAL("Для|ucs2", read("E4320414043B044F", {.dcs = 17}).c_str());
  STRCMP_EQUAL("Для|ucs2", read("0414043B044F", {.dcs = 17}).c_str());
}

// 23.038 clause 5.
TEST(Ussd, CodingGroups) {
  using at::Alphabet;
  const auto is = [](int dcs, Alphabet alphabet, bool language_first = false) {
    const auto coding = at::decode_cbs_dcs(static_cast<std::uint8_t>(dcs));
    return coding.alphabet == alphabet && coding.language_first == language_first;
  };
  for (int dcs = 0x00; dcs <= 0x0F; ++dcs) CHECK_TRUE(is(dcs, Alphabet::gsm7));
  CHECK_TRUE(is(0x10, Alphabet::gsm7, true));
  CHECK_TRUE(is(0x11, Alphabet::ucs2, true));
  for (int dcs = 0x12; dcs <= 0x3F; ++dcs) CHECK_TRUE(is(dcs, Alphabet::gsm7));
  for (int group : {0x40, 0x50, 0x90})
    for (int low = 0; low < 4; ++low) {
      CHECK_TRUE(is(group + low, Alphabet::gsm7));
      CHECK_TRUE(is(group + 4 + low, Alphabet::octets));
      CHECK_TRUE(is(group + 8 + low, Alphabet::ucs2));
      CHECK_TRUE(is(group + 12 + low, Alphabet::gsm7));
    }
  for (int dcs = 0x60; dcs <= 0x7F; ++dcs) CHECK_TRUE(is(dcs, Alphabet::compressed));
  for (int dcs = 0x80; dcs <= 0x8F; ++dcs) CHECK_TRUE(is(dcs, Alphabet::gsm7));
  for (int dcs = 0xA0; dcs <= 0xEF; ++dcs) CHECK_TRUE(is(dcs, Alphabet::gsm7));
  for (int dcs = 0xF0; dcs <= 0xFF; ++dcs) CHECK_TRUE(is(dcs, dcs & 4 ? Alphabet::octets : Alphabet::gsm7));
}

TEST(Ussd, Requests) {
  STRCMP_EQUAL("AA180C3602", packed("*100#").c_str());
  STRCMP_EQUAL("A3180C3602", packed("#100#").c_str());
  STRCMP_EQUAL("AA986CA6A2D546", packed("*123*45#").c_str());
  STRCMP_EQUAL("31D98C56B3DD70", packed("12345678").c_str());
  STRCMP_EQUAL("", packed("").c_str());
  STRCMP_EQUAL("none", packed("баланс").c_str());
  char32_t missing = 0;
  CHECK_FALSE(at::ussd_pack("1`2", &missing));
  LONGS_EQUAL('`', missing);
}

// 23.038 6.1.2.3.1: seven spare bits are a CR; a CR on the border is followed by another, with one spare bit.
TEST(Ussd, Filling) {
  STRCMP_EQUAL("31D98C56B3DD1A", packed("1234567").c_str());
  STRCMP_EQUAL("31D98C56B3DD1A0D", packed("1234567\r").c_str());
  const auto unpacked = [](const char* hex) {
    return at::gsm7_decode(at::ussd_unpack(*at::hex_decode(hex)));
  };
  STRCMP_EQUAL("1234567", unpacked("31D98C56B3DD1A").c_str());
  STRCMP_EQUAL("1234567\r\r", unpacked("31D98C56B3DD1A0D").c_str());
  STRCMP_EQUAL("12345678", unpacked("31D98C56B3DD70").c_str());
  STRCMP_EQUAL("", unpacked("").c_str());
}
