// The recordings of modems that misbehaved, as files: DIR/MODEM-TIME.chat, 0640. Written by a thread of its
// own, which nobody waits for: a disk that is full or hangs costs recordings and nothing else.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace klaxon {

struct Recording {
  std::string modem;          // its id
  std::int64_t began_ms = 0;  // when it began to misbehave; the same again replaces the file
  std::string chat;
};

class RecordingFiles {
 public:
  static constexpr std::size_t kFiles = 200;
  static constexpr std::size_t kOctets = 8 * 1024 * 1024;
  static constexpr std::size_t kOfOneModem = 20;  // so that one that keeps falling leaves the others theirs
  static constexpr std::size_t kWaiting = 64;     // beyond that they are dropped

  explicit RecordingFiles(std::string dir);  // made with the first file
  ~RecordingFiles();                         // gives what waits a moment
  RecordingFiles(const RecordingFiles&) = delete;
  RecordingFiles& operator=(const RecordingFiles&) = delete;

  void write(Recording);
  // What went wrong since the last call, once per kind of trouble; for the log.
  std::vector<std::string> complaints();

 private:
  struct Desk;
  std::shared_ptr<Desk> desk_;
};

// "modem0-20261122T093000.000Z.chat"
std::string recording_name(std::string_view modem, std::int64_t began_ms);
// Which of them are too many, the oldest first. Names as recording_name() makes them.
struct RecordingFile {
  std::string name;
  std::size_t octets = 0;
};
std::vector<std::string> too_many(std::vector<RecordingFile>);

}  // namespace klaxon
