#include "daemon/store/idle_work.h"

#include <algorithm>
#include <limits>
#include <utility>
#include <vector>

namespace klaxon::store {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds kWalAfter{20};         // of a start, before the modems are ready; and of a cut
constexpr std::int64_t kWalOctets = 9 << 20;  // the writer copies it back at 2000 pages, which are 8.3 million octets
constexpr milliseconds kIndexAfter{50};       // quiet for so long: the turns of a busy loop are shorter
constexpr milliseconds kCheckpointAfter{1000};  // quiet for so long
constexpr milliseconds kCutWithin{60'000};  // an erased text is not in the WAL for longer than this
constexpr milliseconds kCutEvery{30'000};   // a cut costs a checkpoint, and the zeros that make the WAL long again
constexpr std::int64_t kShortWal = 1 << 20, kWalPage = 4096 + 24;  // octets
constexpr milliseconds kForgetAfter{20};        // between two slices, and quiet for so long
constexpr milliseconds kBallastEvery{10'000};
constexpr milliseconds kAfterFailure{5'000};
constexpr std::size_t kSlice = 500;  // rows: some milliseconds

struct Indexed {
  Id id;
  std::string to, ref;
};

std::vector<Indexed> rows_to_index(Connection& db, Id mark) {
  const Id end = static_cast<Id>(
      db.number("SELECT min(first_id) FROM open_lists").value_or(std::numeric_limits<std::int64_t>::max()));
  std::vector<Indexed> rows;
  Query found = db.query("SELECT id,to_number,ref FROM messages WHERE id>?1 AND id<?2 ORDER BY id LIMIT ?3",
                         mark, end, kSlice);
  while (found.next()) rows.push_back({found.id(0), found.text(1), found.text(2)});
  return rows;
}

}  // namespace

bool index_slice(Connection& db) {
  const Id mark = static_cast<Id>(db.number("SELECT value FROM meta WHERE name='indexed_up_to'").value_or(0));
  const auto rows = rows_to_index(db, mark);
  if (rows.empty() || db.failed()) return false;
  db.run("BEGIN IMMEDIATE");
  for (const Indexed& row : rows) {
    db.run("INSERT OR IGNORE INTO recipients(to_number,id) VALUES(?1,?2)", row.to, row.id);
    db.run("INSERT OR IGNORE INTO conversations(number) VALUES(?1)", row.to);
    if (!row.ref.empty()) db.run("INSERT OR IGNORE INTO refs(ref,id) VALUES(?1,?2)", row.ref, row.id);
  }
  db.run("INSERT OR REPLACE INTO meta(name,value) VALUES('indexed_up_to',?1)", rows.back().id);
  db.run("COMMIT");
  if (db.failed()) db.rollback();
  return !db.failed();
}

IdleWork::IdleWork(Connection& connection, Ballast& ballast, Instant now)
    : db_(connection),
      ballast_(ballast),
      wal_at_(now + kWalAfter),
      wal_octets_(kWalOctets),
      most_pages_(static_cast<int>(kWalOctets / kWalPage)),
      index_at_(now),
      forget_at_(forgetting_.owes_erasures() ? now + kForgetAfter : Instant::max()),
      checkpoint_at_(now + kCheckpointAfter),
      ballast_at_(now + kBallastEvery) {}

void IdleWork::batch_done(Instant now, bool to_index) {
  if (to_index || index_at_ != Instant::max()) index_at_ = now + kIndexAfter;
  if (forget_at_ != Instant::max()) forget_at_ = now + kForgetAfter;
  checkpoint_at_ = now + kCheckpointAfter;
  most_pages_ = std::max(most_pages_, db_.wal_pages());
  if (now >= cut_by_) checkpoint(now);
}

void IdleWork::forget_older_than(std::int64_t before_ms, Instant now) {
  forgetting_.older_than(before_ms);
  forget_at_ = now + kForgetAfter;
}

void IdleWork::erase(Instant now) {
  forgetting_.look_for_erasures();
  forget_at_ = now + kForgetAfter;
}

void IdleWork::erased(Instant now) {
  cut_wal_ = true;
  cut_by_ = std::min(cut_by_, now + kCutWithin);
}

// What was deleted lies in the WAL until that is cut off; otherwise its length is kept, for the sake of the next fsyncs.
void IdleWork::checkpoint(Instant now) {
  const bool cut = cut_wal_ && now >= cut_again_at_;
  const bool done = db_.checkpoint(cut ? WalAfter::empty : WalAfter::reused);
  if (!done) {  // a reader was in the way
    checkpoint_at_ = now + kCheckpointAfter;
    if (cut_by_ != Instant::max()) cut_by_ = std::max(cut_by_, checkpoint_at_);
    return;
  }
  if (cut) {
    cut_wal_ = false;
    cut_by_ = Instant::max();
    cut_again_at_ = now + kCutEvery;
    wal_at_ = now + kWalAfter;
    // As long as it had to be of late: a box that sends a code a minute need not write megabytes of zeros for each.
    wal_octets_ = std::clamp(2 * kWalPage * std::exchange(most_pages_, 0), kShortWal, kWalOctets);
  }
  checkpoint_at_ = cut_wal_ ? cut_again_at_ : Instant::max();
}

void IdleWork::tick(Instant now) {
  db_.clear_failure();
  if (now >= wal_at_) {
    db_.lengthen_wal(std::min(wal_octets_, ballast_.spare()));
    wal_at_ = Instant::max();
  } else if (now >= index_at_) {
    const bool more = index_slice(db_);
    index_at_ = more ? now : db_.failed() ? now + kAfterFailure : Instant::max();
    if (more) checkpoint_at_ = now + kCheckpointAfter;
  } else if (now >= forget_at_ && index_at_ == Instant::max()) {  // an erasure goes by that index
    const bool more = forgetting_.slice();
    forget_at_ = more ? now + kForgetAfter : db_.failed() ? now + kAfterFailure : Instant::max();
    if (forgetting_.wal_holds_it()) erased(now);
    if (cut_wal_) checkpoint_at_ = now + kCheckpointAfter;
  } else if (now >= checkpoint_at_) {
    checkpoint(now);
  } else if (now >= ballast_at_) {
    ballast_.keep();
    ballast_at_ = now + kBallastEvery;
  }
  db_.clear_failure();
}

IdleWork::Instant IdleWork::deadline() const {
  const Instant forget_at = index_at_ == Instant::max() ? forget_at_ : Instant::max();
  return std::min({wal_at_, index_at_, forget_at, checkpoint_at_, ballast_at_});
}

}  // namespace klaxon::store
