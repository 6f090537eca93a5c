// What each port was given last, in memory that outlives the process: a file of a tmpfs, mapped. A row says what was on disk
// when the end came; this says whether the PDU had left. It outlives no reboot, and then rows and ports have to tell alone.
//
// A mark is made before its bytes are written. So a submit whose mark is short of `pdu` was not sent, whatever else is known.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "daemon/inbox/reports.h"

namespace klaxon {

// As it lies in the file: octets of this machine, of this version. All zero: nothing was ever marked.
struct PortMarkPage {
  static constexpr std::uint64_t kVersion = 2;
  static constexpr std::size_t kPorts = 2'048;  // as many as there can be slots
  static constexpr std::size_t kNewest = 8;     // of one port: alerts that no row knows of must not push out what one does

  struct Mark {
    std::uint64_t message = 0;
    std::uint16_t part = 0, attempt = 0;
    std::uint32_t wrote = 0;                    // Wrote + 1; 0: being written
  };
  struct Port {
    std::uint64_t place = 0;                    // a hash of its id; 0: free
    std::uint64_t given = 0;                    // how many it was given; the newest is at (given - 1) % kNewest
    std::uint64_t opened = 0;                   // 1: it was, by some life since the page was begun
    std::array<Mark, kNewest> newest;
  };
  std::uint64_t version = 0;
  std::uint64_t life = 0;                       // whose marks these are (store::Restored)
  std::array<Port, kPorts> ports;
};

class PortMarks {
 public:
  enum class Wrote : std::uint8_t { nothing, command, pdu };
  struct Attempt {
    PartRef part;
    int number = 0;                             // MessageRecord.attempts, with this one
  };

  explicit PortMarks(PortMarkPage* page) : page_(page) {}  // nullptr: nothing is kept; the page outlives it
  // What is there counts only where it is of the life before this one.
  void begin_life(std::uint64_t life);

  // Before anything is written to it.
  void open(std::string_view place);
  void give(std::string_view place, Attempt);
  // Of the newest there, which must be of this part; before the bytes leave.
  void wrote(std::string_view place, PartRef, Wrote);

  // None: this port was not given it lately, or nobody kept marks.
  std::optional<Wrote> of(std::string_view place, Attempt) const;
  // Somebody did since the page was begun: ESC has ended whatever data entry was open before.
  bool was_opened(std::string_view place) const;
  // The newest of which anything was written.
  std::optional<PartRef> newest(std::string_view place) const;

 private:
  PortMarkPage::Port* port(std::string_view place) const;
  PortMarkPage* page_;
};

// The page in a file, made if there is none. Null: it can't be had there; `why` says so.
class PortMarkFile {
 public:
  static std::unique_ptr<PortMarkFile> open(const std::string& path, std::string* why);
  ~PortMarkFile();
  PortMarkFile(const PortMarkFile&) = delete;
  PortMarkFile& operator=(const PortMarkFile&) = delete;
  PortMarkPage* page() const { return page_; }

 private:
  explicit PortMarkFile(PortMarkPage* page) : page_(page) {}
  PortMarkPage* page_;
};

}  // namespace klaxon
