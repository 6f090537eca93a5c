// Lines in the journal, and the fields by which they are found.
#include <CppUTest/TestHarness.h>
#include <spdlog/details/null_mutex.h>
#include <spdlog/sinks/base_sink.h>
#include <sys/stat.h>
#include <unistd.h>

#include <string>
#include <vector>

#include "daemon/ops/journal.h"

using klaxon::ops::Fields;

TEST_GROUP(Journal) {
  std::vector<std::string> entry;  // the last one's fields
  spdlog::logger logger{"klaxond", klaxon::ops::journal_sink([this](const iovec* fields, int count) {
                          entry.clear();
                          for (int i = 0; i < count; ++i)
                            entry.emplace_back(static_cast<const char*>(fields[i].iov_base),
                                               fields[i].iov_len);
                          return 0;
                        })};
  void expect(const std::vector<std::string>& wanted) {
    CHECK(wanted == entry);
  }
};

TEST(Journal, ALineHasItsPriorityAndWhomItSpeaksOf) {
  klaxon::ops::log(logger, spdlog::level::warn, "modem3: gone",
                   {{"KLAXON_MODEM", "modem3"}, {"KLAXON_SIM", ""}, {"KLAXON_MESSAGE", "m12"}});
  expect({"MESSAGE=modem3: gone", "PRIORITY=4", "SYSLOG_IDENTIFIER=klaxond", "KLAXON_MODEM=modem3",
          "KLAXON_MESSAGE=m12"});
  logger.error("{} of none", 1);
  expect({"MESSAGE=1 of none", "PRIORITY=3", "SYSLOG_IDENTIFIER=klaxond"});
}

TEST(Journal, WhatAModemSaysMakesNoFields) {
  klaxon::ops::log(logger, spdlog::level::info, "a\x1EKLAXON_SIM=b {}", {{"KLAXON_MODEM", "c\nd\x1E_PID=1"}});
  expect(
      {"MESSAGE=a KLAXON_SIM=b {}", "PRIORITY=6", "SYSLOG_IDENTIFIER=klaxond", "KLAXON_MODEM=c\nd _PID=1"});
  logger.info("{}", std::string("x\x1E_PID=1\x1E=y\x1Eno=z\x1ENO"));
  expect({"MESSAGE=x", "PRIORITY=6", "SYSLOG_IDENTIFIER=klaxond"});
}

TEST(Journal, WithoutAJournalTheLineStandsAlone) {
  std::string said;
  struct Sink final : spdlog::sinks::base_sink<spdlog::details::null_mutex> {
    explicit Sink(std::string* to) : said(to) {}
    void sink_it_(const spdlog::details::log_msg& line) override {
      said->assign(line.payload.data(), line.payload.size());
    }
    void flush_() override {}
    std::string* said;
  };
  spdlog::logger plain("klaxond", std::make_shared<Sink>(&said));
  klaxon::ops::log(plain, spdlog::level::info, "modem3: ready", {{"KLAXON_MODEM", "modem3"}});
  STRCMP_EQUAL("modem3: ready", said.c_str());
}

TEST(Journal, IsThereOnlyIfItIsOurOwnStandardError) {
  struct stat status {};
  LONGS_EQUAL(0, ::fstat(STDERR_FILENO, &status));
  const std::string device = std::to_string(status.st_dev), inode = std::to_string(status.st_ino);
  CHECK(klaxon::ops::stderr_is(device + ":" + inode));
  CHECK(!klaxon::ops::stderr_is(device + ":" + inode + "0"));
  CHECK(!klaxon::ops::stderr_is(device));
  CHECK(!klaxon::ops::stderr_is(""));
}
