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
  // Makes the directory (0750) and klaxon.db (0640, empty) where they are missing.
  static at::Expected<std::unique_ptr<DataDir>, Failure> open(const std::string& path);
  DataDir(const DataDir&) = delete;
  DataDir& operator=(const DataDir&) = delete;
  ~DataDir();

  std::string database() const { return path_ + "/klaxon.db"; }
  std::string ballast() const { return path_ + "/klaxon.ballast"; }

 private:
  DataDir(std::string path, int lock) : path_(std::move(path)), lock_(lock) {}

  std::string path_;
  int lock_;
};

}  // namespace klaxon::store
