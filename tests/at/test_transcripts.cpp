// That the recordings are whole, and what of them goes beyond lines: parts to a message, USSD strings to a
// text.
#include <CppUTest/TestHarness.h>

#include <set>

#include "at/assembler.h"
#include "at/params.h"
#include "at/ussd.h"
#include "tests/at/chat.h"

namespace {

Chat chat_named(std::string_view start) {
  for (Chat& chat : read_chats())
    if (chat.name.starts_with(start)) return chat;
  FAIL("no such chat");
  return {};
}

// What the channel made of it: the lines of one kind, without the kind's name.
std::vector<std::string> told(const Chat& chat, std::string_view kind) {
  std::vector<std::string> out;
  for (const std::string& line : transcript(chat, {}))
    if (line.starts_with(kind)) out.push_back(line.substr(kind.size()));
  return out;
}

at::Deliver deliver_of(const std::string& line) {
  const auto pdu = at::decode_pdu(line.substr(line.find("| ") + 2), at::Direction::from_sc);
  if (!pdu) FAIL(line.c_str());
  return std::get<at::Deliver>(pdu->tpdu);
}

}  // namespace

TEST_GROUP(Transcripts){};

// 37 shows the kernel's log of an unplug: no byte of it came from the port, so there is nothing to play. What
// read() and write() say then is the business of the line (an end of file, EIO), and of the session's tests.
TEST(Transcripts, EachIsPlayed) {
  std::set<std::string> played;
  for (const Chat& chat : read_chats()) {
    played.insert(chat.name.substr(0, 2));
    CHECK_TRUE_TEXT(!chat.moves.empty() && !chat.expected.empty(), chat.name.c_str());
  }
  for (int number = 1; number <= 41; ++number) {
    const std::string name = (number < 10 ? "0" : "") + std::to_string(number);
    LONGS_EQUAL_TEXT(number == 37 ? 0 : 1, played.count(name), name.c_str());
  }
}

TEST(Transcripts, PartsOutOfOrder) {
  at::Assembler assembler({.release_ms = 600'000, .forget_ms = 1'200'000});
  const auto lines = told(chat_named("39-"), "line ");
  LONGS_EQUAL(3, lines.size());
  std::vector<at::Joined> out;
  for (std::size_t i = 0; i < lines.size(); ++i) {
    CHECK_TRUE(out.empty());
    const at::Deliver part = deliver_of(lines[i]);
    CHECK_TRUE(part.ud.concat.has_value());
    LONGS_EQUAL(0x2A, part.ud.concat->reference);
    const at::PartKey key{"8944", "1:" + part.tp_oa.digits, part.ud.concat->reference_bits,
                          part.ud.concat->reference, part.ud.concat->total};
    const std::int64_t received_ms = i == 2 ? 240'000 : 0;
    out = assembler.add(key, {i, part.ud.concat->sequence, part.ud.alphabet, part.ud.units, received_ms});
  }
  LONGS_EQUAL(1, out.size());
  STRCMP_EQUAL("Mail is down until half past nine, says the duty desk.", out[0].text.c_str());
  CHECK(out[0].part_ids == std::vector<std::uint64_t>({1, 2, 0}));
  CHECK(out[0].missing.empty());
}

TEST(Transcripts, UssdStrings) {
  const auto texts = [](std::string_view name) {
    std::vector<std::string> out;
    for (std::string line : told(chat_named(name), "urc ")) {
      for (auto at = line.find("\\n"); at != std::string::npos; at = line.find("\\n"))
        line.replace(at, 2, "\n");
      const auto ussd = at::parse_cusd(line);
      CHECK_TRUE_TEXT(ussd.has_value(), line.c_str());
      out.push_back(ussd->string ? at::decode_ussd(*ussd->string, {.dcs = ussd->dcs}).text : "-");
    }
    return out;
  };
  CHECK(texts("30-") ==
        std::vector<std::string>({"Ihr Guthaben¿LΘ3fLΘ3fLΘ34915783647410 beträgt 7.95 Euro",
                                  "Ihr Guthaben für die Nr.4915783647410 beträgt 5.78 Euro"}));
  CHECK(texts("31-") == std::vector<std::string>({"Для справки о балансе *105#", "Havi keret: 0Ft."}));
  CHECK(texts("32-") == std::vector<std::string>(
                            {"Kontostand: 3.00 EUR\nBitte wählen Sie:\n1 Konto aufladen\n2 CallNow Transfer",
                             "On DATA Pack u have 3Gb 817Mb 169kb valid until 21/05/2016   upto time of data "
                             "recharge done by u.",
                             "-", "-"}));
}
