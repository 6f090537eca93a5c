#include "daemon/automation/trying.h"

#include <CppUTest/TestHarness.h>

using namespace klaxon;

TEST_GROUP(Reach){};

TEST(Reach, the_first_number_of_each_and_the_others_behind_it) {
  const Recipients found = reach({{"a", "b", "c"}, {"d"}});
  CHECK((found.numbers == std::vector<std::string>{"a", "d"}));
  CHECK((found.further == std::vector<FurtherNumbers>{{{"b", "c"}}, {}}));
}

TEST(Reach, nobody_has_another) {
  CHECK(reach({{"a"}, {"b"}, {"a"}}).further.empty());
  CHECK(reach({}).numbers.empty());
}

TEST(Reach, who_is_reached_anyway_is_tried_for_nobody) {
  const Recipients found = reach({{"a", "b"}, {"b", "a", "c"}});
  CHECK((found.numbers == std::vector<std::string>{"a", "b"}));
  CHECK((found.further == std::vector<FurtherNumbers>{{}, {{"c"}}}));
}

TEST(Reach, one_first_number_stands_for_several_people) {
  const Recipients found = reach({{"a", "b"}, {"a", "c"}});
  CHECK((found.numbers == std::vector<std::string>{"a"}));
  CHECK((found.further == std::vector<FurtherNumbers>{{{"b"}, {"c"}}}));
}

TEST(Reach, the_rest_is_cut_off_with_its_numbers) {
  Recipients found = reach({{"a", "b"}, {"c", "d"}});
  found.keep_first(1);
  CHECK((found.numbers == std::vector<std::string>{"a"}));
  CHECK((found.further == std::vector<FurtherNumbers>{{{"b"}}}));
}

TEST_GROUP(FollowedNumbers){};

TEST(FollowedNumbers, once_in_each_broadcast) {
  Followed followed;
  CHECK(followed.add(1, "a"));
  CHECK_FALSE(followed.add(1, "a"));
  CHECK(followed.add(2, "a"));
}

TEST(FollowedNumbers, the_oldest_are_forgotten) {
  Followed followed;
  for (Id id = 1; id <= Followed::kMost + 1; ++id) followed.add(id, "a");
  CHECK_FALSE(followed.add(2, "a"));
  CHECK(followed.add(1, "a"));
}
