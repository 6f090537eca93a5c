#include "daemon/store/writer.h"

#include <algorithm>
#include <chrono>
#include <utility>

namespace klaxon::store {
namespace {

using Clock = std::chrono::steady_clock;

// Pages in the WAL before it is copied into the database, after the batch was reported. By the writer and
// inline: a checkpointer of its own can't keep up, and the WAL grows without end.
constexpr int kLongWal = 2000;
// While anybody reads, that leaves something over, and with a reader at every moment the WAL never starts anew. Beyond this,
// 25 MiB, the next batch waits for the readers of now to end; who reads for longer, a copy, is waited for no more for a while.
constexpr int kTooLongWal = 6000;
constexpr std::chrono::milliseconds kReadersEnd{25}, kLetThemRead{1'000};

bool brings_messages(const Batch& batch) {
  return std::any_of(batch.begin(), batch.end(), [](const Op& op) {
    return std::holds_alternative<InsertMessage>(op) || std::holds_alternative<CloseList>(op);
  });
}

std::optional<std::int64_t> forgets_before(const Batch& batch) {
  for (const Op& op : batch) {
    const auto* maintain = std::get_if<Maintain>(&op);
    if (maintain && maintain->keep_ms > 0) return maintain->now_ms - maintain->keep_ms;
  }
  return {};
}

bool erases(const Batch& batch) {
  return std::any_of(batch.begin(), batch.end(), [](const Op& op) { return std::holds_alternative<EraseNumber>(op); });
}

}  // namespace

Writer::Writer(std::shared_ptr<Ground> ground, std::shared_ptr<Bell> bell, Connection connection, bool clean)
    : ground_(std::move(ground)),
      bell_(std::move(bell)),
      db_(std::move(connection)),
      ops_(db_),
      ballast_(ground_->dir->ballast()),
      idle_(db_, ballast_, Clock::now()) {
  // What the life before erased may lie in the WAL that it left.
  if (!clean) idle_.erased(Clock::now());
}

void Writer::run() {
  std::unique_lock lock(mutex_);
  while (true) {
    if (pending_) {
      Work work = std::move(*pending_);
      pending_.reset();
      lock.unlock();
      const bool to_index = brings_messages(work.batch);
      const auto before_ms = forgets_before(work.batch);
      const bool to_erase = erases(work.batch);
      carry_out(std::move(work));
      if (ops_.take_erased()) idle_.erased(Clock::now());
      idle_.batch_done(Clock::now(), to_index);
      if (before_ms) idle_.forget_older_than(*before_ms, Clock::now());
      if (to_erase) idle_.erase(Clock::now());
      lock.lock();
    } else if (std::exchange(clean_, false)) {
      lock.unlock();
      write_clean_mark();
      lock.lock();
    } else if (stop_) {
      break;
    } else if (!changed_.wait_until(lock, idle_.deadline(), [this] { return pending_ || clean_ || stop_; })) {
      lock.unlock();
      idle_.tick(Clock::now());
      lock.lock();
    }
  }
  lock.unlock();
  db_.checkpoint(WalAfter::empty);
}

void Writer::carry_out(Work work) {
  const auto begun = Clock::now();
  std::optional<Failure> failure = persist(work.batch);
  const auto took = std::chrono::duration_cast<std::chrono::microseconds>(Clock::now() - begun);
  const bool worked = !failure;
  {
    const std::lock_guard lock(mutex_);
    if (failure) returned_ = std::move(work.batch);
    completion_ = Completion{work.number, std::move(failure), took.count(),
                             worked ? idle_.take_forgotten() : StateCounts(), worked ? ops_.last_event() : 0};
  }
  bell_->ring();
  if (worked) checkpoint_if_long();
}

std::optional<Failure> Writer::persist(const Batch& batch) {
  auto failure = attempt(batch);
  if (!failure) return {};
  if (failure->kind == Failure::Kind::full && ballast_.release()) {
    reopen();
    failure = attempt(batch);
  }
  if (failure) reopen();
  return failure;
}

std::optional<Failure> Writer::attempt(const Batch& batch) {
  if (ground_->faults) ground_->faults->in_batch = true;
  auto failure = ops_.commit(batch);
  if (ground_->faults) ground_->faults->in_batch = false;
  return failure;
}

// After a failed fsync the page cache may hold what the disk does not have. The new connection joins the
// WAL's index before the old one leaves: were the index built anew from the WAL, the frames of the failed
// commit would be found there, whole, and count. For the same reason a small commit is written over them at
// once: a crash now must not bring back what the loop may go on to refuse.
void Writer::reopen() {
  auto fresh = Connection::open(ground_->dir->database(), Connection::Use::write, ground_->vfs());
  db_.clear_failure();
  if (fresh) db_ = std::move(*fresh);
  db_.run("BEGIN IMMEDIATE");
  db_.run(
      "INSERT INTO meta(name,value) VALUES('failed_commits',1) ON CONFLICT(name) DO UPDATE SET "
      "value=value+1");
  db_.run("COMMIT");
  if (db_.failed()) db_.rollback();
  db_.clear_failure();
}

void Writer::write_clean_mark() {
  db_.clear_failure();
  db_.run("INSERT OR REPLACE INTO meta(name,value) VALUES('clean',1)");
  db_.clear_failure();
}

void Writer::checkpoint_if_long() {
  const int pages = db_.wal_pages();
  if (pages < kLongWal) return;
  if (pages < kTooLongWal || Clock::now() < restart_at_) {
    db_.checkpoint(WalAfter::kept);
  } else if (!db_.checkpoint(WalAfter::reused, kReadersEnd)) {
    restart_at_ = Clock::now() + kLetThemRead;
  }
}

void Writer::commit(std::uint64_t number, Batch batch) {
  {
    const std::lock_guard lock(mutex_);
    pending_ = Work{number, std::move(batch)};
  }
  changed_.notify_one();
}

std::optional<Completion> Writer::completed() {
  const std::lock_guard lock(mutex_);
  return std::exchange(completion_, std::nullopt);
}

Batch Writer::reclaim() {
  const std::lock_guard lock(mutex_);
  return std::exchange(returned_, {});
}

void Writer::mark_clean_shutdown() {
  {
    const std::lock_guard lock(mutex_);
    clean_ = true;
  }
  changed_.notify_one();
}

void Writer::stop() {
  {
    const std::lock_guard lock(mutex_);
    stop_ = true;
  }
  changed_.notify_one();
}

}  // namespace klaxon::store
