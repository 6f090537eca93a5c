#include "daemon/store/read_thread.h"

#include <utility>

#include "daemon/store/read_rows.h"

namespace klaxon::store {

ReadThread::ReadThread(std::shared_ptr<Ground> ground, std::shared_ptr<Bell> bell, Connection connection)
    : ground_(std::move(ground)), bell_(std::move(bell)), db_(std::move(connection)) {
  db_.stop_when(&stopping_);
}

void ReadThread::run() {
  std::unique_lock lock(mutex_);
  while (!stopping_) {
    if (jobs_.empty()) {
      changed_.wait(lock);
      continue;
    }
    Job job = std::move(jobs_.front());
    jobs_.pop_front();
    running_ = 1;
    lock.unlock();
    carry_out(std::move(job));
    lock.lock();
    running_ = 0;
  }
  jobs_.clear();
}

void ReadThread::carry_out(Job job) {
  SqlReader reader(db_);
  std::function<void()> then = job(reader);
  if (db_.failed()) {
    auto fresh = Connection::open(ground_->dir->database(), Connection::Use::read, ground_->vfs());
    if (fresh) db_ = std::move(*fresh);
    db_.stop_when(&stopping_);
    db_.clear_failure();
  }
  {
    const std::lock_guard lock(mutex_);
    if (then) finished_.push_back(std::move(then));
  }
  bell_->ring();
}

void ReadThread::read(Job job) {
  {
    const std::lock_guard lock(mutex_);
    jobs_.push_back(std::move(job));
  }
  changed_.notify_one();
}

std::vector<std::function<void()>> ReadThread::finished() {
  const std::lock_guard lock(mutex_);
  return std::exchange(finished_, {});
}

std::size_t ReadThread::waiting() const {
  const std::lock_guard lock(mutex_);
  return jobs_.size() + running_;
}

void ReadThread::stop() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  changed_.notify_one();
}

}  // namespace klaxon::store
