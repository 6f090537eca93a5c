// A recording as a modem: its answers in their order, its silences, its port.
#include <CppUTest/TestHarness.h>

#include "hw/modembank/bank.h"
#include "hw/modembank/playback.h"

using namespace std::chrono_literals;

namespace {

constexpr at::Instant kStart{std::chrono::hours{1}};

struct Player {
  explicit Player(const std::string& chat) : playback(*modembank::Playback::of(chat)) {}
  // What it has said so long after it was asked.
  std::string ask(const std::string& line, at::Millis wait = 1000ms) {
    playback.feed(line + '\r', now);
    now += wait;
    return playback.take_output(now);
  }
  modembank::Playback playback;
  at::Instant now = kStart;
};

void same(const std::string& wanted, const std::string& got) {
  STRCMP_EQUAL(wanted.c_str(), got.c_str());
}

}  // namespace

TEST_GROUP(Playback){};

TEST(Playback, AnswersInTheirOrderAndTheLastForEver) {
  Player player("> AT+CSQ\\r\n@ 10\n< 1\\r\\nOK\\r\\n\n> AT+CSQ\\r\n< 2\\r\\nOK\\r\\n\n");
  player.playback.feed("AT+CSQ\r", player.now);
  same("", player.playback.take_output(player.now + 9ms));
  same("1\r\nOK\r\n", player.playback.take_output(player.now + 10ms));
  same("2\r\nOK\r\n", player.ask("AT+CSQ"));
  same("2\r\nOK\r\n", player.ask("AT+CSQ"));
}

TEST(Playback, SkipsWhatIsNotAskedButNoFailure) {
  Player player(
      "> AT+CSQ\\r\n< \\r\\nOK\\r\\n\n> AT+CREG?\\r\n< \\r\\n+CREG: 0,1\\r\\n\\r\\nOK\\r\\n\n> "
      "AT+CMGS=19\\r\n< \\r\\n> \n"
      "> 00\\x1a\n> AT+COPS?\\r\n< \\r\\nlater\\r\\nOK\\r\\n\n");
  same("\r\n+CREG: 0,1\r\n\r\nOK\r\n", player.ask("AT+CREG?"));
  same("\r\nlater\r\nOK\r\n", player.ask("AT+COPS?"));  // known, but the submit is still to come
  same("\r\n> ", player.ask("AT+CMGS=23"));
  player.playback.feed("0011\x1A", player.now);
  same("", player.ask(""));
  same("", player.ask("AT"));  // what fell silent stays silent
  same("\r\nlater\r\nOK\r\n", player.ask("AT+COPS?"));
}

TEST(Playback, WhatNobodyAskedIsAnErrorButForV250) {
  Player player("> AT+CSQ\\r\n< \\r\\nOK\\r\\n\n");
  same("\r\nOK\r\n", player.ask("ATE0"));
  same("\r\nERROR\r\n", player.ask("AT+CGMI"));
}

TEST(Playback, NumbersAreComparedMasked) {
  Player player("> AT+CSCA=\"+447700000009\"\\r\n< \\r\\nmine\\r\\nOK\\r\\n\n");
  same("\r\nmine\r\nOK\r\n", player.ask("AT+CSCA=\"+447700900009\""));
}

TEST(Playback, ThePortGoesAndComes) {
  Player player(
      "! opened\n> AT\\r\n< \\r\\nOK\\r\\n\n@ 500\n! lost\n@ 1000\n! opened\n> AT\\r\n< "
      "\\r\\nback\\r\\nOK\\r\\n\n");
  same("\r\nOK\r\n", player.ask("AT", 499ms));
  CHECK_TRUE(player.playback.plugged());
  player.playback.tick(player.now += 1ms);
  CHECK_FALSE(player.playback.plugged());
  same("", player.ask("AT", 1ms));
  player.playback.tick(player.now += 1s);
  CHECK_TRUE(player.playback.plugged());
  same("\r\nback\r\nOK\r\n", player.ask("AT"));
}

TEST(Playback, WhatIsNoRecordingIsRefused) {
  for (const char* wrong : {"", "# nothing\n", "< \\r\\nOK\\r\\n\n", "> AT\\q\n"})
    CHECK_FALSE(modembank::Playback::of(wrong).has_value());
}

TEST(Playback, InABankItObeysNobody) {
  modembank::BankSettings settings;
  settings.modems = 2;
  settings.played.emplace(
      1, *modembank::Playback::of("> AT\\r\n< \\r\\nplayed\\r\\nOK\\r\\n\n@ 2000\n! lost\n"));
  modembank::Bank bank(settings);
  bank.feed(1, "AT\r", kStart);
  same("\r\nplayed\r\nOK\r\n", bank.take_output(1, kStart));
  same("error it plays a recording and obeys nobody", bank.control("fault modem1 silence 5", kStart));
  same("ok", bank.control("fault modem0 silence 5", kStart));
  CHECK_TRUE(*bank.deadline() <= kStart + 2s);
  bank.tick(kStart + 2s);
  CHECK_FALSE(bank.plugged(1));
  CHECK_TRUE(bank.plugged(0));
}
