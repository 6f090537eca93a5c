// A file that is given up when the disk is full, so that the
// store can go on for a while and the alarm can be written.
#pragma once

#include <cstdint>
#include <string>

namespace klaxon::store {

class Ballast {
 public:
  explicit Ballast(std::string path) : path_(std::move(path)) {}

  // Makes it, or makes it bigger, where there is room: 16
  // MiB, at most a tenth of what is free when it is made.
  void keep();
  std::int64_t spare() const;  // a tenth of what is free: octets that may be taken beforehand
  bool release();  // true: there was one, and its room is free now

 private:
  std::string path_;
};

}  // namespace klaxon::store
