// The flight recorder of one port: its last lines both ways with their times, masked before they are kept
// (at/mask.h), as a
// `.chat` (at/transcript.h). Besides the last lines it keeps how the modem last became ready, so that a
// recording can be played: what was asked of it at the start is what is asked of whatever plays it.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "at/mask.h"
#include "at/time.h"
#include "at/transcript.h"

namespace drivers {

class Recorder {
 public:
  // Of the last lines, and as much again of how it became ready. Together some 40 KiB a port, at most.
  static constexpr std::size_t kMoves = 200;
  static constexpr std::size_t kOctets = 12 * 1024;
  static constexpr std::size_t kLine = 1'024;  // a longer one is cut into pieces

  void opened(at::Instant now);
  void closed(at::Instant now);  // by us
  void lost(at::Instant now);
  void wrote(std::string_view bytes, at::Instant now);
  void heard(std::string_view bytes, at::Instant now);
  void remark(std::string_view text, at::Instant now);
  // It entered `ready`: what led there is kept until it leads there again.
  void became_ready();

  // remarks: lines for the head, without their mark.
  std::string chat(const std::vector<std::string>& remarks) const;

 private:
  struct Kept {
    std::uint64_t number = 0;
    at::Instant at{};
    at::Move::Kind kind = at::Move::Kind::remark;
    std::string_view text;
  };
  // In one piece of memory: hundreds of ports keep hundreds of lines each. Their numbers follow each other.
  class Rows {
   public:
    void add(const Kept&);
    // More text for the last one. False: there is none that was read at that moment, or it is long enough.
    bool join(std::string_view text, at::Instant at);
    bool empty() const { return count_ == 0; }
    std::uint64_t first() const { return first_; }
    template <class Each>
    void each(Each each) const {
      std::uint64_t number = first_;
      for (std::size_t at = begin_; at < bytes_.size();) {
        const Kept row = row_at(at, number++);
        each(row);
        at += kHead + row.text.size();
      }
    }

   private:
    static constexpr std::size_t kHead = sizeof(at::Instant) + sizeof(std::uint32_t) + 1;  // when, how long, what
    Kept row_at(std::size_t offset, std::uint64_t number) const;
    void drop_first();
    void append(std::string_view);

    std::string bytes_;
    std::size_t begin_ = 0, last_ = 0, count_ = 0, octets_ = 0;
    std::uint64_t first_ = 0;
  };
  void keep(at::Move::Kind, std::string_view text, at::Instant now);
  void port(std::string_view what, at::Instant now);
  void give_piece(bool torn);

  at::Mask mask_;
  std::string piece_;  // of a line that was read and has no end yet
  at::Instant piece_at_{};
  Rows start_, last_;
  std::uint64_t next_ = 0;
  std::uint64_t opened_ = 0;  // number of the last opening
};

}  // namespace drivers
