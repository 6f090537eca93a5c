// The directory of the store: made, and held against a second daemon.
#pragma once

#include <memory>
#include <string>

#include "at/expected.h"
#include "daemon/store/store.h"

namespace klaxon::store {

// Holds the lock (flock on klaxon.lock) while it lives:
// also for a thread that was left behind in a hung write.
class DataDir {
 public:
  // Makes the directory (0750) and klaxon.db (0640, empty) where they are missing. A replace_database() that a power cut
  // interrupted is brought to its end first.
  static at::Expected<std::unique_ptr<DataDir>, Failure> open(const std::string& path);
  DataDir(const DataDir&) = delete;
  DataDir& operator=(const DataDir&) = delete;
  ~DataDir();

  // Puts `fresh`, a whole database on disk in this directory, in the place of klaxon.db; what was there is kept in aside(stamp).
  // stamp: letters and digits.
  std::optional<Failure> replace_database(const std::string& fresh, const std::string& stamp);
  std::string aside(const std::string& stamp) const { return path_ + "/before-restore-" + stamp; }

  const std::string& path() const { return path_; }
  std::string database() const { return path_ + "/klaxon.db"; }
  std::string ballast() const { return path_ + "/klaxon.ballast"; }

 private:
  std::optional<Failure> finish_replacing();

  DataDir(std::string path, int lock) : path_(std::move(path)), lock_(lock) {}

  std::string path_;
  int lock_;
};

}  // namespace klaxon::store
