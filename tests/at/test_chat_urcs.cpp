// Every known URC at every byte border of every recorded exchange.
//
// A modem writes a URC whole, as CR LF text CR LF, between two other lines or around a prompt: wherever the
// recorded bytes stay lines of their own, each command ends as it did, with the same lines, and the URC is
// reported beside it. At the borders inside a line no modem writes, but a cable loses bytes: there the line
// is two, so what it said is gone; each command still ends exactly once and the port stays usable. Between a
// +CMT and its PDU stands no other two-line URC: the two are one write.
#include <CppUTest/TestHarness.h>

#include <algorithm>
#include <iterator>

#include "tests/at/chat.h"
#include "tests/at/known_urcs.h"

namespace {

std::string written(const KnownUrc& urc) {
  const std::string line = std::string("\r\n") + urc.line + "\r\n";
  return urc.data ? line + urc.data + "\r\n" : line;
}

// One line tells of the URC, and without it everything is as it was. A question about the same thing owns it
// (+CREG).
bool only_told(const std::vector<std::string>& got, const std::vector<std::string>& expected,
               const KnownUrc& urc) {
  const std::string told = urc.data ? std::string(urc.line) + " | " + urc.data : urc.line;
  if (got.size() != expected.size() + 1) return false;
  const auto differs = std::mismatch(expected.begin(), expected.end(), got.begin()).second;
  if (!std::equal(differs + 1, got.end(), expected.begin() + (differs - got.begin()))) return false;
  return *differs == "urc " + told || *differs == "line " + told;
}

std::string place(const Chat& chat, const Border& border, const KnownUrc& urc) {
  return chat.name + ", burst " + std::to_string(border.burst) + ", byte " + std::to_string(border.at) +
         ": " + urc.line;
}

bool fits(const Border& border, const KnownUrc& urc) {
  return border.kind == Border::Kind::between_lines ||
         (border.kind == Border::Kind::before_data && !urc.data);
}

}  // namespace

TEST_GROUP(ChatUrcs){};

TEST(ChatUrcs, BetweenLinesTheyChangeNothing) {
  std::size_t tried = 0;
  for (const Chat& chat : read_chats())
    for (const Border& border : borders(chat))
      for (const KnownUrc& urc : kKnownUrcs) {
        if (!fits(border, urc)) continue;
        const auto got = transcript(with_inserted(chat, border, written(urc)), {});
        if (!only_told(got, chat.expected, urc)) FAIL(place(chat, border, urc).c_str());
        ++tried;
      }
  CHECK_TRUE(tried > 100'000);
}

TEST(ChatUrcs, InsideALineNothingHangs) {
  std::size_t next = 0;
  for (const Chat& chat : read_chats())
    for (const Border& border : borders(chat)) {
      if (border.kind != Border::Kind::inside_line) continue;
      const KnownUrc& urc = kKnownUrcs[next++ % std::size(kKnownUrcs)];
      const Tally got = tally(with_inserted(chat, border, written(urc)));
      const std::string where = place(chat, border, urc);
      LONGS_EQUAL_TEXT(got.started, got.completed, where.c_str());
      CHECK_TRUE_TEXT(got.usable, where.c_str());
    }
  CHECK_TRUE(next > 5'000);
}
