#include <CppUTest/TestHarness.h>

#include <limits>

#include "daemon/store/packed.h"
#include "desk.h"

using namespace klaxon;
using namespace klaxon::store;

TEST_GROUP(Packed){};

TEST(Packed, numbers_of_every_size_come_back) {
  const std::vector<std::int64_t> numbers = {0,
                                             1,
                                             -1,
                                             63,
                                             64,
                                             -64,
                                             -65,
                                             1'790'000'000'000,
                                             std::numeric_limits<std::int64_t>::max(),
                                             std::numeric_limits<std::int64_t>::min()};
  std::vector<std::int64_t> back;
  CHECK_TRUE(unpack_numbers(pack_numbers(numbers), &back));
  CHECK_TRUE(numbers == back);
}

TEST(Packed, strings_may_hold_anything) {
  const std::vector<std::string> strings = {"", "group:it-oncall", std::string("a\0b\n", 4),
                                            std::string(1000, 'x')};
  std::vector<std::string> back;
  CHECK_TRUE(unpack_strings(pack_strings(strings), &back));
  CHECK_TRUE(strings == back);
}

TEST(Packed, parts_come_back_and_fresh_ones_take_one_byte) {
  std::vector<PartRecord> parts(3);
  const std::size_t fresh = pack_parts(parts).size();
  LONGS_EQUAL(5, fresh);  // version, count, three parts
  parts[1] = {MessageState::delivered, "8944000000000000001", "modem0",          255,
              1'790'000'000'000,       1'790'000'001'000,     1'790'000'002'000, 0};
  std::vector<PartRecord> back;
  CHECK_TRUE(unpack_parts(pack_parts(parts), &back));
  CHECK_TRUE(parts == back);
}

TEST(Packed, further_numbers_come_back_and_damage_gives_none) {
  const std::vector<FurtherNumbers> each = {{}, {{"+447700900001", "1234"}, {"+447700900002"}}};
  CHECK_TRUE(pack_further({}).empty() && pack_further_of_each({}).empty());
  std::vector<FurtherNumbers> back;
  const std::string bytes = pack_further_of_each(each);
  CHECK_TRUE(unpack_further_of_each(bytes, &back) && back == each);
  FurtherNumbers one;
  CHECK_TRUE(unpack_further(pack_further(each[1]), &one) && one == each[1]);
  CHECK_TRUE(unpack_further({}, &one) && one.empty());
  for (std::size_t size = 1; size < bytes.size(); ++size) {
    CHECK_FALSE(unpack_further_of_each(bytes.substr(0, size), &back));
    CHECK_TRUE(back.empty());
  }
}

TEST(Packed, every_cut_and_every_changed_byte_is_survived) {
  MessageRecord full = message(7);
  full.parts.resize(2);
  full.parts[1].iccid = "8944000000000000001";
  full.error_text = "unassigned number";
  const std::string bytes = pack_message(full);
  MessageRecord out;
  CHECK_TRUE(unpack_message(bytes, &out));
  for (std::size_t size = 0; size < bytes.size(); ++size)
    CHECK_FALSE(unpack_message(bytes.substr(0, size), &out));
  for (std::size_t at = 0; at < bytes.size(); ++at) {
    for (const char other : {'\0', '\x7F', '\xFF'}) {
      std::string damaged = bytes;
      damaged[at] = other;
      if (!unpack_message(damaged, &out)) LONGS_EQUAL(0, out.parts.size());
    }
  }
}

// As version 1 wrote it: nothing behind the parts; as version 2 did: no context; as version 3 did: no sensitive ones.
TEST(Packed, a_message_of_the_versions_before_is_read) {
  MessageRecord written = message(7);
  written.parts.resize(2);
  std::string bytes = pack_message(written);
  bytes[0] = 1;
  bytes.resize(bytes.size() - 6);
  MessageRecord out;
  CHECK_TRUE(unpack_message(bytes, &out));
  CHECK_TRUE(out == written);
  written.replace_type = 3;
  written.languages = 0;
  written.locking = 13;
  written.single = 1;
  CHECK_TRUE(unpack_message(pack_message(written), &out));
  CHECK_TRUE(out == written);
  CHECK_EQUAL(0, out.languages);
  bytes = pack_message(written);
  bytes[0] = 2;
  bytes.resize(bytes.size() - 2);  // an empty context, and not sensitive
  CHECK_TRUE(unpack_message(bytes, &out));
  CHECK_TRUE(out == written);
  written.context = "{}";
  bytes = pack_message(written);
  bytes[0] = 3;
  bytes.resize(bytes.size() - 1);
  CHECK_TRUE(unpack_message(bytes, &out));
  CHECK_TRUE(out == written);
  written.sensitive = true;
  CHECK_TRUE(unpack_message(pack_message(written), &out));
  CHECK_TRUE(out == written && out.sensitive);
}

TEST(Packed, another_version_is_refused) {
  std::string bytes = pack_parts(std::vector<PartRecord>(1));
  bytes[0] = 2;
  std::vector<PartRecord> back;
  CHECK_FALSE(unpack_parts(bytes, &back));
  CHECK_FALSE(unpack_parts("", &back));
}
