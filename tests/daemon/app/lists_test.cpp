// What the answer to a list says without asking the rows, and that the rows agree.
#include <CppUTest/TestHarness.h>

#include "tests/support/appliance_rig.h"

using namespace klaxon;
using namespace std::chrono_literals;
using rig::Rig;

namespace {

const std::vector<std::string> kPeople{"+34600111222", "+34600111333", "+905321112233"};

Accepted accepted(Rig& rig, Ticket ticket) {
  CHECK_TRUE(rig.accepted(ticket) != 0);
  return std::get<Accepted>(rig.answer(ticket)->result);
}

}  // namespace

TEST_GROUP(Lists){};

TEST(Lists, what_its_messages_have_in_common_is_told_and_true) {
  Rig rig;
  rig.ready();
  rig::Form form;
  form.ref = "menu";
  const Accepted answer = accepted(rig, rig.send_list(kPeople, "The canteen is closed.", form));
  CHECK_TRUE(answer.durable);
  CHECK_TRUE(answer.alike != nullptr);
  LONGS_EQUAL(3, answer.count);
  CHECK_TRUE(answer.alike->to == kPeople);
  LONGS_EQUAL(answer.first, answer.alike->form.id);
  for (std::size_t i = 0; i < kPeople.size(); ++i) {
    const MessageRecord& row = rig.row(answer.first + i);
    STRCMP_EQUAL(kPeople[i].c_str(), row.to.c_str());
    STRCMP_EQUAL(row.text.c_str(), answer.alike->form.text.c_str());
    STRCMP_EQUAL("menu", answer.alike->form.ref.c_str());
    LONGS_EQUAL(row.created_ms, answer.alike->form.created_ms);
    LONGS_EQUAL(row.parts.size(), answer.alike->form.parts.size());
  }
}

TEST(Lists, a_sensitive_text_is_not_kept_for_the_answer) {
  Rig rig;
  rig.ready();
  rig::Form form;
  form.sensitive = true;
  const Accepted answer = accepted(rig, rig.send_list(kPeople, "Your code is 123456.", form));
  CHECK_TRUE(answer.alike->form.text.empty());
  CHECK_TRUE(answer.alike->form.sensitive);
}

TEST(Lists, where_countries_have_tables_of_their_own_the_rows_are_asked) {
  Rig rig({.settings = [](config::Settings& settings) {
    settings.policy.national_tables.by_prefix = {{"90", 1 << 1}};
  }});
  rig.ready();
  const Accepted answer = accepted(rig, rig.send_list(kPeople, "ığş", {}));
  CHECK_TRUE(answer.alike == nullptr);
  LONGS_EQUAL(3, answer.count);
}
