#include "daemon/store/read_thread.h"

#include <utility>

#include "daemon/store/read_rows.h"

namespace klaxon::store {
namespace {
constexpr int kMostPassing = 32;  // then one that is lengthy has its turn
}

ReadThread::ReadThread(std::shared_ptr<Ground> ground, std::shared_ptr<Bell> bell, Connection connection)
    : ground_(std::move(ground)), bell_(std::move(bell)), db_(std::move(connection)) {
  db_.stop_when(&stopping_);
}

void ReadThread::run() {
  std::unique_lock lock(mutex_);
  while (!stopping_) {
    if (!any()) {
      changed_.wait(lock);
      continue;
    }
    Job job = next();
    running_ = 1;
    lock.unlock();
    carry_out(std::move(job));
    lock.lock();
    running_ = 0;
  }
  for (auto& jobs : jobs_) jobs.clear();
}

ReadThread::Job ReadThread::next() {
  auto& [brief, lengthy] = jobs_;
  const bool in_turn = !lengthy.empty() && (brief.empty() || passed_ >= kMostPassing);
  passed_ = in_turn || lengthy.empty() ? 0 : passed_ + 1;
  auto& jobs = in_turn ? lengthy : brief;
  Job job = std::move(jobs.front());
  jobs.pop_front();
  return job;
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

void ReadThread::read(Reading kind, Job job) {
  {
    const std::lock_guard lock(mutex_);
    jobs_[static_cast<std::size_t>(kind)].push_back(std::move(job));
  }
  changed_.notify_one();
}

std::vector<std::function<void()>> ReadThread::finished() {
  const std::lock_guard lock(mutex_);
  return std::exchange(finished_, {});
}

std::size_t ReadThread::waiting() const {
  const std::lock_guard lock(mutex_);
  return jobs_[0].size() + jobs_[1].size() + running_;
}

void ReadThread::stop() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  changed_.notify_one();
}

}  // namespace klaxon::store
