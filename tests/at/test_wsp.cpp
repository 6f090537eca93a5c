// Pushes as phones got them; what they hold was worked out by hand.
#include <CppUTest/TestHarness.h>

#include <string>

#include "at/ucs2.h"
#include "at/wsp.h"
#include "tests/fuzz/replay.h"

int fuzz_wsp(const std::uint8_t* bytes, std::size_t size);

namespace {

at::WapPush push(const std::string& hex) {
  const auto read = at::decode_wap_push(at::hex_decode(hex).value());
  if (!read) FAIL((std::to_string(read.error().octet) + ": " + read.error().reason).c_str());
  return *read;
}

std::string refusal(const std::string& hex) {
  const auto read = at::decode_wap_push(at::hex_decode(hex).value());
  return read ? "read" : std::to_string(read.error().octet) + ": " + read.error().reason;
}

// TID 1, Push, no more headers than the content type 3E (MMS), then the notice.
std::string mms(const std::string& fields) {
  return "010601BE"
         "8C82" +
         fields;
}
at::MmsNotification notice(const std::string& fields) {
  return push(mms(fields)).mms.value();
}

}  // namespace

TEST_GROUP(Wsp){};

TEST(Wsp, AnMmsNotificationInTwoParts) {
  const at::WapPush read = push(
      "0106226170706C69636174696F6E2F766E642E7761702E6D6D732D6D65737361676500AF848C82984E4F4B3543694B636F544D"
      "5953473"
      "44D4253774141734B7631344655484141414141414141008D908919802B3434373738353334323734392F545950453D504C4D4"
      "E008A80"
      "8E0274008805810301194083687474703A2F2F70726F6D6D732F736572766C6574732F4E4F4B3543694B636F544D595347344D"
      "4253774"
      "141734B763134465548414141414141414100");
  LONGS_EQUAL(1, read.transaction);
  STRCMP_EQUAL("application/vnd.wap.mms-message", read.content_type.c_str());
  const at::MmsNotification& mms = read.mms.value();
  STRCMP_EQUAL("NOK5CiKcoTMYSG4MBSwAAsKv14FUHAAAAAAAA", mms.transaction_id.c_str());
  STRCMP_EQUAL("+447785342749", mms.from.c_str());
  STRCMP_EQUAL("", mms.subject.c_str());
  STRCMP_EQUAL("personal", mms.message_class.c_str());
  LONGS_EQUAL(0x7400, *mms.size);
  LONGLONGS_EQUAL(0x011940, *mms.expires_after);
  CHECK(!mms.expires_unix);
  STRCMP_EQUAL("http://promms/servlets/NOK5CiKcoTMYSG4MBSwAAsKv14FUHAAAAAAAA", mms.location.c_str());
}

TEST(Wsp, AServiceIndicationWithAStringTable) {
  const at::WapPush read = push(
      "01060B03AE81EAC3958D01A2B48403056A0A20566F6461666F6E650045C60C037761702E6D65696E63616C6C79612E64652F00"
      "080103"
      "5A756D206B6F7374656E6C6F73656E20506F7274616C20224D65696E0083000322202D2065696E66616368206175662064656E"
      "20666F"
      "6C67656E64656E204C696E6B206B6C69636B656E206F6465722064696520536569746520646972656B7420617566727566656E"
      "2E2049"
      "687200830003205465616D000101");
  STRCMP_EQUAL("application/vnd.wap.sic", read.content_type.c_str());
  STRCMP_EQUAL("http://wap.meincallya.de/", read.indication->href.c_str());
  STRCMP_EQUAL(
      "Zum kostenlosen Portal \"Mein Vodafone\" - einfach auf den folgenden Link klicken oder die Seite "
      "direkt "
      "aufrufen. Ihr Vodafone Team",
      read.indication->text.c_str());
}

TEST(Wsp, AServiceLoading) {
  // version 1.2, SL, UTF-8, no table; <sl href="https://www. + "a" + ".com/">
  const at::WapPush read = push(
      "010601B0"
      "02066A00"
      "85"
      "0C"
      "036100"
      "85"
      "01");
  STRCMP_EQUAL("https://www.a.com/", read.indication->href.c_str());
  STRCMP_EQUAL("", read.indication->text.c_str());
}

TEST(Wsp, SubjectsInAnyCharset) {
  STRCMP_EQUAL("Hi", notice("96486900").subject.c_str());
  STRCMP_EQUAL("é", notice("9604EAC3A900").subject.c_str());  // UTF-8
  STRCMP_EQUAL("é", notice("960384E900").subject.c_str());    // ISO 8859-1
  STRCMP_EQUAL("é", notice("9603EAE900").subject.c_str());    // says UTF-8 and is not
  STRCMP_EQUAL("é€", notice("96090203E800E920AC0000").subject.c_str());  // UCS-2 as a long number
}

TEST(Wsp, ExpiryByTheClock) {
  const at::MmsNotification mms = notice(
      "880680"
      "04"
      "5A3E2B8F");
  LONGLONGS_EQUAL(0x5A3E2B8F, *mms.expires_unix);
  CHECK(!mms.expires_after);
}

TEST(Wsp, WhatIsNotKnownIsPassedOver) {
  const std::string by_name = at::hex_encode(at::Octets{'X', '-', 'A', 0, 'b', 0});
  STRCMP_EQUAL("me", notice(by_name + "9F81"
                                      "B1"
                                      "03010203"
                                      "89"
                                      "0480"
                                      "6D6500")
                         .from.c_str());
  STRCMP_EQUAL("", notice("890181").from.c_str());  // the sender hides
  CHECK(!push("010601BE"
              "8C84")
             .mms);  // not a notice
  STRCMP_EQUAL("#54", push("010601B6"
                           "AA")
                          .content_type.c_str());
  CHECK(push("010601B6"
             "AA")
            .body == at::Octets{0xAA});
}

TEST(Wsp, WhatIsNone) {
  STRCMP_EQUAL("1: no WSP Push", refusal("").c_str());
  STRCMP_EQUAL("1: no WSP Push", refusal("01").c_str());
  STRCMP_EQUAL("1: no WSP Push", refusal("0107").c_str());
  STRCMP_EQUAL("3: headers longer than the push", refusal("010605BE").c_str());
  STRCMP_EQUAL("3: content type cut", refusal("0106026162").c_str());
  STRCMP_EQUAL("2: headers longer than the push", refusal("0106").c_str());
}

TEST(Wsp, EveryPrefixIsReadOrRefused) {
  const std::string whole = mms("96084869000000000089048061620088058103011940");
  for (std::size_t size = 0; size <= whole.size() / 2; ++size)
    at::decode_wap_push(at::hex_decode(whole.substr(0, size * 2)).value());
  CHECK(push(whole).mms.has_value());
}

TEST(Wsp, CorpusReplays) {
  CHECK(replay_corpus("wsp", fuzz_wsp) >= 6);
}
