#include "daemon/doors/event_feed.h"

#include <algorithm>
#include <cstdlib>
#include <limits>
#include <utility>

#include "daemon/doors/api.h"
#include "daemon/doors/render.h"
#include "daemon/doors/target.h"
#include "daemon/doors/time_text.h"

namespace klaxon::doors {

namespace json = boost::json;

namespace {

constexpr Id kNoEnd = static_cast<Id>(std::numeric_limits<std::int64_t>::max());
constexpr std::int64_t kLabelsMs = 1000;  // labels of SIMs are looked at so often
constexpr std::int64_t kRestMs = 1000;    // after a read that failed
constexpr std::string_view kRetry = "retry: 2000\n";

void put_event(std::string& out, Id id, std::string_view type, const json::object& data) {
  out.append("id: ").append(id_text('e', id)).append("\nevent: ").append(type);
  out.append("\ndata: ").append(json::serialize(data)).append("\n\n");
}

// An id that somebody made up may hold anything.
std::string shown_id(const std::string& id) {
  const bool plain = std::all_of(id.begin(), id.end(), [](char c) { return c > 0x20 && c < 0x7F; });
  return plain ? id.substr(0, 64) : std::string();
}

// What was asked for is gone, or never was.
void put_gap(std::string& out, Id behind, const std::string& asked, std::int64_t now_ms) {
  put_event(out, behind, "gap",
            {{"id", id_text('e', behind)},
             {"type", "gap"},
             {"at", rfc3339(now_ms)},
             {"gap", {{"asked", shown_id(asked)}}}});
}

struct Rendered {
  std::string with_texts, without;
  bool differ = false;
  Id reached = 0;
};

// Up to so many octets, and one event at least.
Rendered render(const store::EventPage& page, const SimLabels& sims, std::size_t most_octets) {
  Rendered out;
  out.reached = page.reached;
  for (const EventRecord& event : page.events) {
    if (out.with_texts.size() > most_octets) {
      out.reached = event.id - 1;
      break;
    }
    const std::string_view type = event_type(event);
    if (type == "gone") continue;
    const std::size_t begin = out.with_texts.size();
    put_event(out.with_texts, event.id, type, event_json(event, sims, true));
    if (event.inbox) {
      put_event(out.without, event.id, type, event_json(event, sims, false));
      out.differ = true;
    } else {
      out.without.append(out.with_texts, begin);
    }
  }
  return out;
}

}  // namespace

class EventFeed::Line final : public Stream, public std::enable_shared_from_this<Line> {
 public:
  Line(EventFeed& feed, std::shared_ptr<EventFeed*> open, Follower follower)
      : follower_(std::move(follower)), feed_(feed), open_(std::move(open)) {}

  Text take() override {
    waiting_ = false;
    if (Text ready = std::exchange(next_, nullptr)) return ready;
    while (!over() && !reading_ && !behind_) {
      const Piece* piece = feed_.piece_at(at_);
      if (!piece) break;
      at_ = piece->end;
      if (const Text& text = follower_.with_texts ? piece->with_texts : piece->without; !text->empty())
        return text;
    }
    waiting_ = true;
    if (!over() && wants_page()) feed_.catch_up(shared_from_this());
    return nullptr;
  }
  bool over() const override { return *open_ == nullptr || !feed_.known(follower_.token); }

  void poke() {
    if (!waiting_) return;
    waiting_ = false;
    if (const auto asker = follower_.asker.lock(); asker && asker->open()) asker->more();
  }
  bool wants_page() const {
    return waiting_ && !reading_ && !next_ && (behind_ || at_ < feed_.fetched_) && !feed_.piece_at(at_);
  }

  Follower follower_;
  Id at_ = 0;            // given up to here
  bool behind_ = false;  // it is not known yet whether at_ is there
  bool waiting_ = false, reading_ = false;
  Text next_;

 private:
  EventFeed& feed_;
  std::shared_ptr<EventFeed*> open_;
};

EventFeed::EventFeed(Face& face, Limits limits)
    : face_(face), limits_(limits), self_(std::make_shared<EventFeed*>(this)) {}

EventFeed::~EventFeed() {
  *self_ = nullptr;
}

std::vector<std::shared_ptr<EventFeed::Line>> EventFeed::lines() const {
  std::vector<std::shared_ptr<Line>> out;
  for (const auto& weak : lines_)
    if (auto line = weak.lock()) out.push_back(std::move(line));
  return out;
}

std::size_t EventFeed::streams() const {
  return lines().size();
}

bool EventFeed::known(Id token) const {
  const auto& tokens = face_.tokens();
  return std::any_of(tokens.begin(), tokens.end(),
                     [token](const TokenRecord& row) { return row.id == token && row.revoked_ms == 0; });
}

std::shared_ptr<Stream> EventFeed::open(Follower follower) {
  std::erase_if(lines_, [](const auto& line) { return line.expired(); });
  if (lines_.size() >= limits_.streams) return nullptr;
  if (lines_.empty()) {
    kept_.clear();
    kept_octets_ = 0;
    fetched_ = face_.last_event();
  }
  auto line = std::make_shared<Line>(*this, self_, std::move(follower));
  // An id alone is no event, but what the client comes back with should it be cut off before the first one.
  std::string first(kRetry);
  if (line->follower_.after) {
    line->at_ = *line->follower_.after == "e0" ? 0 : parse_id('e', *line->follower_.after).value_or(kNoEnd);
    line->behind_ = true;
  } else {
    line->at_ = face_.last_event();
    first.append("id: ").append(id_text('e', line->at_)).append("\n");
  }
  first.append(": klaxon\n\n");
  line->next_ = std::make_shared<const std::string>(std::move(first));
  lines_.push_back(line);
  return line;
}

// The piece that begins exactly there. Who is in the midst of one has a page read up to its end.
const EventFeed::Piece* EventFeed::piece_at(Id position) const {
  const auto at = std::lower_bound(kept_.begin(), kept_.end(), position,
                                   [](const Piece& piece, Id begin) { return piece.begin < begin; });
  return at == kept_.end() || at->begin != position ? nullptr : &*at;
}

// Where the kept pieces go on for somebody who is there.
Id EventFeed::next_piece_behind(Id position) const {
  const auto at = std::upper_bound(kept_.begin(), kept_.end(), position,
                                   [](Id begin, const Piece& piece) { return begin < piece.begin; });
  return at == kept_.end() ? fetched_ : at->begin;
}

std::shared_ptr<const SimLabels> EventFeed::labels() {
  const std::int64_t now_ms = face_.unix_ms();
  if (!labels_ || std::llabs(now_ms - labelled_ms_) >= kLabelsMs) {
    labels_ = SimLabels::from(face_.sims());
    labelled_ms_ = now_ms;
  }
  return labels_;
}

// A reader that fails is not asked again at once: its answer makes a turn, and the turn would ask.
bool EventFeed::may_read() const {
  const bool resting = failed_ms_ != 0 && std::llabs(face_.unix_ms() - failed_ms_) < kRestMs;
  return !resting && face_.reads_waiting() < Api::kReadsWaiting;
}

void EventFeed::read_ended(bool failed) {
  failed_ms_ = failed ? face_.unix_ms() : 0;
}

void EventFeed::turn() {
  if (lines_.empty()) return;
  std::erase_if(lines_, [](const auto& line) { return line.expired(); });
  fetch();
  for (const auto& line : lines()) {
    if (line->over())
      line->poke();
    else if (line->wants_page())
      catch_up(line);
  }
}

void EventFeed::fetch() {
  if (fetching_ || lines_.empty() || face_.last_event() <= fetched_ || !may_read()) return;
  fetching_ = true;
  face_.read(store::Reading::lengthy, [self = self_, sims = labels(), limits = limits_, after = fetched_,
              upto = face_.last_event()](store::Reader& reader) -> std::function<void()> {
    const store::EventPage page = reader.events(after, upto, limits.page_events);
    const bool failed = reader.failure().has_value();
    auto rendered = std::make_shared<Rendered>(render(page, *sims, limits.page_octets));
    return [self, after, failed, begin = page.begin, rendered] {
      if (*self == nullptr) return;
      EventFeed& feed = **self;
      feed.fetching_ = false;
      feed.read_ended(failed);
      if (failed || begin != after) return;
      Piece piece{after, rendered->reached,
                  std::make_shared<const std::string>(std::move(rendered->with_texts)), nullptr};
      piece.without = rendered->differ ? std::make_shared<const std::string>(std::move(rendered->without))
                                       : piece.with_texts;
      feed.fetched(std::move(piece));
    };
  });
}

void EventFeed::fetched(Piece piece) {
  if (piece.end <= fetched_ || piece.begin != fetched_) return;
  fetched_ = piece.end;
  kept_octets_ += piece.with_texts->size() + piece.without->size();
  kept_.push_back(std::move(piece));
  while ((kept_octets_ > limits_.kept_octets || kept_.size() > limits_.kept_pieces) && kept_.size() > 1) {
    kept_octets_ -= kept_.front().with_texts->size() + kept_.front().without->size();
    kept_.pop_front();
  }
  for (const auto& line : lines()) line->poke();
  fetch();
}

void EventFeed::catch_up(const std::shared_ptr<Line>& line) {
  if (reads_ >= limits_.reads || !may_read()) return;
  ++reads_;
  line->reading_ = true;
  Id upto = next_piece_behind(line->at_);
  if (line->behind_) upto = std::max(fetched_, face_.last_event());
  face_.read(store::Reading::lengthy, [self = self_, weak = std::weak_ptr(line), sims = labels(), limits = limits_, after = line->at_,
              upto, now_ms = face_.unix_ms(), asked = line->follower_.after.value_or(""),
              with_texts = line->follower_.with_texts](store::Reader& reader) -> std::function<void()> {
    const store::EventPage page = reader.events(after, upto, limits.page_events);
    const bool failed = reader.failure().has_value();
    Rendered rendered = render(page, *sims, limits.page_octets);
    std::string text;
    if (page.gap) put_gap(text, page.begin, asked, now_ms);
    text += with_texts ? rendered.with_texts : rendered.without;
    auto piece = std::make_shared<const std::string>(std::move(text));
    return [self, weak, failed, piece, reached = rendered.reached] {
      if (*self == nullptr) return;
      --(*self)->reads_;
      (*self)->read_ended(failed);
      if (const auto open = weak.lock()) {
        open->reading_ = false;
        if (!failed) {
          open->at_ = reached;
          open->behind_ = false;
          if (!piece->empty()) open->next_ = piece;
          open->poke();
        }
      }
      (*self)->turn();
    };
  });
}

}  // namespace klaxon::doors
