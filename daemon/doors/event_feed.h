// Server-sent events from the log of changes: who follows, how far each is, and what is written next.
//
// A stream asks for its next piece when the one before has left, so whoever reads slowly holds one piece and
// not a queue. What is new is read once for all who are up to date and kept for a moment; who is behind has
// pages of its own. All is rendered on the reader's thread.
#pragma once

#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "daemon/app/face.h"
#include "daemon/doors/http.h"

namespace klaxon::doors {

struct SimLabels;  // render.h

constexpr int kStreamRetrySeconds = 10;

class EventFeed {
 public:
  struct Follower {
    AskerRef asker;
    Id token = 0;
    bool with_texts = false;           // inbound ones
    std::optional<std::string> after;  // an event's id; none: from now on
  };
  struct Limits {
    std::size_t streams = 200;
    std::size_t page_events = 100, page_octets = 128 * 1024;
    std::size_t kept_octets = 1024 * 1024, kept_pieces = 4096;
    std::size_t reads = 2;  // of those who are behind, at the same time
  };

  explicit EventFeed(Face& face) : EventFeed(face, Limits{}) {}
  EventFeed(Face&, Limits);
  ~EventFeed();

  std::shared_ptr<Stream> open(Follower);  // null: there are too many
  void turn();                             // after each turn: what is new on disk is fetched
  std::size_t streams() const;

 private:
  class Line;  // one stream
  using Text = std::shared_ptr<const std::string>;
  struct Piece {
    Id begin = 0, end = 0;  // events begin + 1 to end
    Text with_texts, without;
  };

  std::vector<std::shared_ptr<Line>> lines() const;
  void fetch();
  void fetched(Piece);
  void catch_up(const std::shared_ptr<Line>&);
  const Piece* piece_at(Id position) const;
  Id next_piece_behind(Id position) const;
  std::shared_ptr<const SimLabels> labels();
  bool may_read() const;
  void read_ended(bool failed);
  bool known(Id token) const;

  Face& face_;
  const Limits limits_;
  std::vector<std::weak_ptr<Line>> lines_;
  std::deque<Piece> kept_;
  Id fetched_ = 0;  // kept_ ends here
  std::size_t kept_octets_ = 0, reads_ = 0;
  bool fetching_ = false;
  std::shared_ptr<const SimLabels> labels_;
  std::int64_t labelled_ms_ = 0, failed_ms_ = 0;
  std::shared_ptr<EventFeed*> self_;  // null inside once it is gone: reads may still be on their way
};

}  // namespace klaxon::doors
