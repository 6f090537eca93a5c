// How fast the store is on this disk: store_bench [DIRECTORY] (default: here). Prints; judges nothing.
#include <chrono>
#include <condition_variable>
#include <cstdio>
#include <filesystem>
#include <mutex>
#include <string>

#include "daemon/store/store.h"

using namespace klaxon;
using namespace klaxon::store;
using Clock = std::chrono::steady_clock;

namespace {

class Loop {
 public:
  explicit Loop(const std::string& directory) : opened_(Store::open(directory, 1'800'000'000'000, [this] { ring(); })) {}
  bool good() const { return opened_.has_value(); }
  const char* error() const { return opened_.error().text.c_str(); }
  std::int64_t commit(Batch batch) {
    (*opened_)->commit(++number_, std::move(batch));
    std::unique_lock lock(mutex_);
    while (true) {
      if (const auto done = (*opened_)->completed()) return done->failure ? -1 : done->micros;
      rung_.wait(lock);
    }
  }

 private:
  void ring() {
    const std::lock_guard lock(mutex_);
    rung_.notify_one();
  }
  std::mutex mutex_;
  std::condition_variable rung_;
  std::uint64_t number_ = 0;
  at::Expected<std::unique_ptr<Store>, Failure> opened_;
};

MessageRecord message(Id id) {
  MessageRecord m;
  m.id = id;
  m.owner = 1 + id % 5;
  m.to = "+4477009" + std::to_string(10'000 + id * 7919 % 90'000);
  m.text = "Pump 3 is dry, the operator on call has to go there and look after it";
  m.created_ms = 1'790'000'000'000 + static_cast<std::int64_t>(id);
  m.parts.resize(1);
  return m;
}

void report(const char* what, std::size_t commits, std::size_t rows, Clock::time_point begun) {
  const double seconds = std::chrono::duration<double>(Clock::now() - begun).count();
  std::printf("%-28s %8.0f commits/s %10.0f rows/s %8.2f ms a commit\n", what,
              static_cast<double>(commits) / seconds, static_cast<double>(rows) / seconds,
              1000 * seconds / static_cast<double>(commits));
}

void inserts(Loop& loop, const char* what, std::size_t commits, std::size_t rows, Id* next) {
  const auto begun = Clock::now();
  for (std::size_t i = 0; i < commits; ++i) {
    Batch batch;
    for (std::size_t row = 0; row < rows; ++row) batch.push_back(InsertMessage{message((*next)++)});
    loop.commit(std::move(batch));
  }
  report(what, commits, commits * rows, begun);
}

// Each message through submitting to submitted, as a bank of modems does it.
void updates(Loop& loop, std::size_t commits, std::size_t rows) {
  const auto begun = Clock::now();
  for (std::size_t i = 0; i < commits; ++i) {
    Batch batch;
    for (std::size_t row = 0; row < rows; ++row) {
      MessageRecord m = message(1 + (i / 2) * rows + row);
      m.state = i % 2 ? MessageState::submitted : MessageState::submitting;
      m.attempts = 1;
      m.parts[0].state = m.state;
      m.parts[0].iccid = "8944000000000000001";
      batch.push_back(UpdateMessage{m});
    }
    loop.commit(std::move(batch));
  }
  report("updates, 256 a commit", commits, commits * rows, begun);
}

}  // namespace

int main(int argc, char** argv) {
  const std::string directory = std::string(argc > 1 ? argv[1] : ".") + "/store-bench";
  {
    Loop loop(directory);
    if (!loop.good()) return std::fprintf(stderr, "%s\n", loop.error()), 1;
    Id next = 1;
    inserts(loop, "one message a commit", 300, 1, &next);
    inserts(loop, "100 messages a commit", 100, 100, &next);
    inserts(loop, "2000 messages a commit", 50, 2000, &next);
    updates(loop, 100, 256);
  }
  std::filesystem::remove_all(directory);
  return 0;
}
