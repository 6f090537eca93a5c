#include "daemon/store/store.h"

#include <chrono>
#include <future>
#include <thread>
#include <utility>

#include "daemon/store/backup.h"
#include "daemon/store/damage_check.h"
#include "daemon/store/read_thread.h"
#include "daemon/store/restore_rows.h"
#include "daemon/store/schema.h"
#include "daemon/store/writer.h"

namespace klaxon::store {
namespace {

constexpr std::chrono::seconds kPatience{2};  // for a thread at the end

// A thread that can be left behind: it owns what it works on.
class Hired {
 public:
  template <class Body>
  explicit Hired(std::shared_ptr<Body> body) {
    std::packaged_task<void()> task([body = std::move(body)] { body->run(); });
    done_ = task.get_future();
    thread_ = std::thread(std::move(task));
  }
  void dismiss(std::chrono::steady_clock::time_point deadline) {
    if (done_.wait_until(deadline) == std::future_status::ready) {
      thread_.join();
    } else {
      thread_.detach();
    }
  }

 private:
  std::future<void> done_;
  std::thread thread_;
};

class SqliteStore : public Store {
 public:
  SqliteStore(std::shared_ptr<Ground> ground, std::shared_ptr<Bell> bell, Connection writing,
              Connection reading, Restored restored)
      : ground_(ground),
        bell_(bell),
        restored_(std::move(restored)),
        writer_(std::make_shared<Writer>(ground, bell, std::move(writing), restored_.clean_shutdown)),
        reads_(std::make_shared<ReadThread>(ground, bell, std::move(reading))),
        writer_thread_(writer_),
        reads_thread_(reads_) {
    if (restored_.clean_shutdown) return;
    check_ = std::make_shared<DamageCheck>(ground, bell);
    check_thread_.emplace(check_);
  }

  ~SqliteStore() override {
    bell_->silence();
    const auto deadline = std::chrono::steady_clock::now() + kPatience;
    // The writer is the last: while anybody reads, its checkpoint can't put everything in its place, and what was erased
    // would stay in the file until the next start.
    if (check_) check_->stop();
    if (backup_) backup_->stop();
    reads_->stop();
    if (check_thread_) check_thread_->dismiss(deadline);
    if (backup_thread_) backup_thread_->dismiss(deadline);
    reads_thread_.dismiss(deadline);
    writer_->stop();
    writer_thread_.dismiss(deadline);
  }

  Restored restore() override { return std::exchange(restored_, {}); }
  void commit(std::uint64_t number, Batch batch) override { writer_->commit(number, std::move(batch)); }
  std::optional<Completion> completed() override { return writer_->completed(); }
  Batch reclaim() override { return writer_->reclaim(); }
  void read(Reading kind, ReadThread::Job job) override { reads_->read(kind, std::move(job)); }
  std::vector<std::function<void()>> finished() override {
    auto done = reads_->finished();
    if (auto outcome = backup_ ? backup_->outcome() : std::nullopt) done.push_back(backup_done(std::move(*outcome)));
    return done;
  }
  bool back_up(std::int64_t now_ms, std::function<void(BackupOutcome)> then) override {
    if (backup_ || !last_backup_.expired()) return false;
    backup_then_ = std::move(then);
    backup_ = std::make_shared<Backup>(ground_, bell_, now_ms);
    backup_thread_.emplace(backup_);
    return true;
  }
  std::size_t reads_waiting() const override { return reads_->waiting(); }
  void mark_clean_shutdown() override { writer_->mark_clean_shutdown(); }
  std::optional<std::string> check_finding() const override {
    return check_ ? check_->finding() : std::optional<std::string>();
  }

 private:
  std::function<void()> backup_done(BackupOutcome outcome) {
    backup_thread_->dismiss(std::chrono::steady_clock::now() + kPatience);
    backup_thread_.reset();
    backup_.reset();
    if (outcome) last_backup_ = *outcome;
    return [then = std::exchange(backup_then_, nullptr), outcome = std::move(outcome)] { then(outcome); };
  }

  std::shared_ptr<Ground> ground_;
  std::shared_ptr<Bell> bell_;
  Restored restored_;
  std::shared_ptr<Writer> writer_;
  std::shared_ptr<ReadThread> reads_;
  std::shared_ptr<DamageCheck> check_;
  Hired writer_thread_, reads_thread_;
  std::optional<Hired> check_thread_;
  std::shared_ptr<Backup> backup_;  // while it is made
  std::function<void(BackupOutcome)> backup_then_;
  std::weak_ptr<const OpenFile> last_backup_;  // while it is being read
  std::optional<Hired> backup_thread_;
};

// Lists that were never whole are dropped first, or listings would end before them for all of this life.
bool begun_lists(Connection& db) {
  return db.number("SELECT count(*) FROM open_lists").value_or(1) != 0 || db.failed();
}

at::Expected<std::unique_ptr<Store>, Failure> try_open(const std::shared_ptr<Ground>& ground,
                                                       std::int64_t now_ms,
                                                       const std::function<void()>& wake,
                                                       bool though_full = false) {
  const std::string path = ground->dir->database();
  auto writing = Connection::open(path, Connection::Use::write, ground->vfs());
  if (!writing) return at::Unexpected{writing.error()};
  if (auto failure = upgrade(*writing)) return at::Unexpected{*failure};
  const bool clean = begin_life(*writing);
  if (writing->failed()) {
    const Failure failure = *writing->failure();
    writing->clear_failure();
    if (!though_full || failure.kind != Failure::Kind::full || begun_lists(*writing)) return at::Unexpected{failure};
  }
  auto reading = Connection::open(path, Connection::Use::read, ground->vfs());
  if (!reading) return at::Unexpected{reading.error()};
  Restored restored = read_restored(*reading, now_ms);
  if (reading->failed()) return at::Unexpected{*reading->failure()};
  restored.clean_shutdown = clean;
  Ballast(ground->dir->ballast()).keep();
  return std::unique_ptr<Store>(new SqliteStore(ground, std::make_shared<Bell>(wake), std::move(*writing),
                                                std::move(*reading), std::move(restored)));
}

// A start on a full disk is when the ballast is needed most.
at::Expected<std::unique_ptr<Store>, Failure> open_on(const std::shared_ptr<Ground>& ground,
                                                      std::int64_t now_ms,
                                                      const std::function<void()>& wake) {
  auto opened = try_open(ground, now_ms, wake);
  if (opened || opened.error().kind != Failure::Kind::full) return opened;
  if (Ballast(ground->dir->ballast()).release()) opened = try_open(ground, now_ms, wake);
  if (opened || opened.error().kind != Failure::Kind::full) return opened;
  // It was given up in the life before, and lane alert needs no disk. The mark of an unclean end was set by that life.
  return try_open(ground, now_ms, wake, true);
}

at::Expected<std::shared_ptr<Ground>, Failure> prepare(const std::string& data_dir) {
  auto dir = DataDir::open(data_dir);
  if (!dir) return at::Unexpected{dir.error()};
  auto ground = std::make_shared<Ground>();
  ground->dir = std::move(*dir);
  return ground;
}

}  // namespace

at::Expected<std::unique_ptr<Store>, Failure> Store::open(const std::string& data_dir, std::int64_t now_ms,
                                                          std::function<void()> wake) {
  auto ground = prepare(data_dir);
  if (!ground) return at::Unexpected{ground.error()};
  return open_on(*ground, now_ms, wake);
}

at::Expected<std::unique_ptr<Store>, Failure> open_with_faults(const std::string& data_dir,
                                                               std::int64_t now_ms,
                                                               std::function<void()> wake,
                                                               std::shared_ptr<Faults> faults) {
  auto ground = prepare(data_dir);
  if (!ground) return at::Unexpected{ground.error()};
  (*ground)->faults = faults;
  (*ground)->disk = std::make_unique<FaultyDisk>(std::move(faults));
  return open_on(*ground, now_ms, wake);
}

}  // namespace klaxon::store
