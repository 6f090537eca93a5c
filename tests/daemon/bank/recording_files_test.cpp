// Recordings on disk: whole, bounded, and no harm where they can't be kept.
#include "daemon/bank/recording_files.h"

#include <CppUTest/TestHarness.h>
#include <sys/stat.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <thread>

using namespace klaxon;

namespace {

constexpr std::int64_t kMorning = 1'795'339'800'123;  // 2026-11-22T09:30:00.123Z

std::string content(const std::string& path) {
  std::ostringstream out;
  out << std::ifstream(path).rdbuf();
  return out.str();
}

}  // namespace

TEST_GROUP(RecordingFiles) {
  std::string room = (std::filesystem::temp_directory_path() / "klaxon-recordings-XXXXXX").string();
  void setup() override {
    CHECK_TRUE(::mkdtemp(room.data()) != nullptr);
  }
  void teardown() override {
    std::filesystem::remove_all(room);
  }
};

TEST(RecordingFiles, NamesAreFitForAFolder) {
  STRCMP_EQUAL("modem0-20261122T093000.123Z.chat", recording_name("modem0", kMorning).c_str());
  STRCMP_EQUAL("__.._etc_x-20261122T093000.123Z.chat", recording_name("./../etc x", kMorning).c_str());
}

TEST(RecordingFiles, KeepsThemWholeAndForTheGroupAlone) {
  const std::string dir = room + "/recordings";
  {
    RecordingFiles files(dir);
    files.write({"modem0", kMorning, "> AT\\r\n"});
    files.write({"modem0", kMorning, "> AT\\r\n# and what came of it\n"});
    files.write({"modem1", kMorning, "x"});
  }
  const std::string path = dir + "/modem0-20261122T093000.123Z.chat";
  STRCMP_EQUAL("> AT\\r\n# and what came of it\n", content(path).c_str());
  struct stat seen {};
  LONGS_EQUAL(0, ::stat(path.c_str(), &seen));
  LONGS_EQUAL(0640, seen.st_mode & 0777);
  LONGS_EQUAL(2, std::distance(std::filesystem::directory_iterator(dir), {}));
}

TEST(RecordingFiles, WhereTheyCantBeKeptItIsToldOnce) {
  std::ofstream(room + "/file") << "in the way";
  RecordingFiles files(room + "/file");
  for (int n = 0; n < 10; ++n) files.write({"modem0", kMorning + n, "x"});
  std::vector<std::string> told;
  const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(20);
  while (told.empty() && std::chrono::steady_clock::now() < end) {
    told = files.complaints();
    std::this_thread::yield();
  }
  LONGS_EQUAL(1, told.size());
  STRCMP_CONTAINS("recordings can't be kept in", told[0].c_str());
}

TEST(RecordingFiles, TheOldestAreTooMany) {
  std::vector<RecordingFile> files;
  for (std::size_t n = 0; n < RecordingFiles::kOfOneModem + 2; ++n)
    files.push_back({recording_name("modem0", kMorning + static_cast<std::int64_t>(n) * 1000), 10});
  files.push_back({recording_name("modem1", kMorning - 1), 10});
  const auto gone = too_many(files);
  LONGS_EQUAL(2, gone.size());
  STRCMP_EQUAL(recording_name("modem0", kMorning).c_str(), gone[0].c_str());

  files.clear();
  for (std::size_t n = 0; n < RecordingFiles::kFiles + 5; ++n)
    files.push_back(
        {recording_name("modem" + std::to_string(n), kMorning + static_cast<std::int64_t>(n)), 10});
  LONGS_EQUAL(5, too_many(files).size());
  STRCMP_EQUAL(recording_name("modem0", kMorning).c_str(), too_many(files)[0].c_str());
  files[10].octets = RecordingFiles::kOctets;
  const auto large = too_many(files);
  CHECK_TRUE(std::find(large.begin(), large.end(), files[10].name) != large.end());
  LONGS_EQUAL(0, too_many({}).size());
}
