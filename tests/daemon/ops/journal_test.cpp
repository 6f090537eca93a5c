#include <CppUTest/TestHarness.h>
#include <sys/stat.h>
#include <unistd.h>

#include <string>

#include "daemon/ops/journal.h"

TEST_GROUP(Journal){};

TEST(Journal, IsThereOnlyIfItIsOurOwnStandardError) {
  struct stat status {};
  LONGS_EQUAL(0, ::fstat(STDERR_FILENO, &status));
  const std::string device = std::to_string(status.st_dev), inode = std::to_string(status.st_ino);
  CHECK(klaxon::ops::stderr_is(device + ":" + inode));
  CHECK(!klaxon::ops::stderr_is(device + ":" + inode + "0"));
  CHECK(!klaxon::ops::stderr_is(device));
  CHECK(!klaxon::ops::stderr_is(""));
}
