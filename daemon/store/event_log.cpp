#include "daemon/store/event_log.h"

#include <algorithm>
#include <utility>

#include "daemon/store/read_rows.h"

namespace klaxon::store {
namespace {

constexpr unsigned kTrimEvery =
    256;  // rows written between two trims: two are dropped for each one that comes
constexpr std::int64_t kDayMs = 86'400'000;

// The events of one change that lie behind `after`; ids are counted on from *next.
class Unrolled {
 public:
  Unrolled(SqlReader& rows, Id after, Id upto, std::size_t limit, EventPage* page)
      : rows_(rows), after_(after), upto_(upto), limit_(limit), page_(*page) {}

  bool full() const { return page_.events.size() >= limit_ || page_.reached >= upto_; }
  void add(const Change& change, Id first_event, std::int64_t at_ms) {
    const Id skipped = after_ >= first_event ? after_ - first_event + 1 : 0;
    for (Id n = skipped; n < change.events() && !full(); ++n) {
      EventRecord event;
      event.id = first_event + n;
      event.at_ms = at_ms;
      fill(change, change.first + n, &event);
      page_.reached = event.id;
      page_.events.push_back(std::move(event));
    }
  }

 private:
  void fill(const Change& change, Id row, EventRecord* event) {
    switch (change.kind) {
      case Change::Kind::message:
        event->message = rows_.message(row);
        if (event->message) overlay(&*event->message, change.message);
        break;
      case Change::Kind::queued:
        event->message = rows_.message(row);
        if (event->message) overlay(&*event->message, as_queued(*event->message));
        break;
      case Change::Kind::inbox:
        event->inbox = rows_.inbox_item(row);
        break;
      case Change::Kind::modem:
        event->modem = change.modem;
        break;
    }
  }
  static MessageRecord as_queued(const MessageRecord& row) {
    MessageRecord fresh;
    fresh.parts.resize(row.parts.size());
    return fresh;
  }

  SqlReader& rows_;
  Id after_, upto_;
  std::size_t limit_;
  EventPage& page_;
};

}  // namespace

void EventLog::begin() {
  changes_.clear();
  wrote_ = false;
}

void EventLog::forget() {
  begin();
  last_.reset();
}

Id EventLog::committed() {
  return std::exchange(wrote_, false) ? last_.value_or(0) : 0;
}

void EventLog::write(std::int64_t now_ms) {
  if (changes_.events() == 0) return;
  if (!last_) last_ = static_cast<Id>(db_.number("SELECT max(last) FROM events").value_or(0));
  const Id first = *last_ + 1;
  *last_ += changes_.events();
  db_.run("INSERT INTO events(last,first,at_ms,changes) VALUES(?1,?2,?3,?4)", *last_, first, now_ms,
          Blob{changes_.bytes()});
  changes_.clear();
  wrote_ = true;
  if (rows_until_trim_-- > 0) return;
  rows_until_trim_ = kTrimEvery;
  trim(now_ms);
}

void EventLog::trim(std::int64_t now_ms) {
  trim_events(db_, now_ms);
}

void trim_events(Connection& db, std::int64_t now_ms, Id most) {
  const Id newest = static_cast<Id>(db.number("SELECT max(last) FROM events").value_or(0));
  std::vector<Id> old;
  {
    Query rows =
        db.query("SELECT last, at_ms FROM events WHERE last<?1 ORDER BY last LIMIT ?2", newest, kTrimRows);
    while (rows.next()) {
      const bool late = rows.integer(1) < now_ms - kEventDays * kDayMs;
      if (!late && rows.id(0) + most > newest) break;
      old.push_back(rows.id(0));
    }
  }
  if (!old.empty()) db.run("DELETE FROM events WHERE last<=?1", old.back());
}

EventPage read_events(Connection& db, Id after, Id upto, std::size_t limit) {
  const Snapshot snapshot(db);
  SqlReader rows(db);
  const Id newest = static_cast<Id>(db.number("SELECT max(last) FROM events").value_or(0));
  const auto oldest = db.number("SELECT first FROM events ORDER BY last LIMIT 1");
  const Id begin = oldest ? static_cast<Id>(*oldest) - 1 : 0;
  EventPage page;
  page.gap = after < begin || after > newest;
  page.begin = page.reached = page.gap ? begin : after;
  Unrolled out(rows, page.begin, upto, limit, &page);
  std::vector<Change> changes;
  Query found =
      db.query("SELECT first, at_ms, changes, last FROM events WHERE last>?1 ORDER BY last", page.begin);
  while (!out.full() && found.next()) {
    unpack_changes(found.view(2), &changes);
    Id id = found.id(0);
    for (const Change& change : changes) {
      out.add(change, id, found.integer(1));
      id += change.events();
    }
    if (!out.full()) page.reached = std::max(page.reached, found.id(3));
  }
  return page;
}

}  // namespace klaxon::store
