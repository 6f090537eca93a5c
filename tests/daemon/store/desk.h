// A store in a directory of its own, driven like the loop does it, and rows to put in.
#pragma once

#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <string>

#include "daemon/store/faults.h"
#include "daemon/store/sqlite_handle.h"
#include "daemon/store/store.h"

namespace klaxon::store {

constexpr std::int64_t kNowMs = 1'795'000'000'000;  // a while after the rows of these tests

// A new directory below the system's one for such, gone with its content at the end.
class TempDir {
 public:
  TempDir();
  TempDir(const TempDir&) = delete;
  TempDir& operator=(const TempDir&) = delete;
  ~TempDir();
  const std::string& path() const { return path_; }
  std::string database() const { return path_ + "/klaxon.db"; }

 private:
  std::string path_;
};

class Desk {
 public:
  explicit Desk(std::string data_dir,
                std::shared_ptr<Faults> faults = nullptr);  // fails the test if it can't open

  Store& store() { return *store_; }
  void close() { store_.reset(); }
  void begin(Batch batch) { store_->commit(++number_, std::move(batch)); }
  Completion wait();  // for the commit that was begun
  Completion commit(Batch batch);
  bool commits(Batch batch) { return !commit(std::move(batch)).failure; }
  void wait_for_ring();  // since the last time

  template <class Read>
  auto read(Read job) {
    return read(Reading::brief, std::move(job));
  }
  template <class Read>
  auto read(Reading kind, Read job) {
    using Result = decltype(job(std::declval<Reader&>()));
    Result result{};
    bool done = false;
    store_->read(kind, [&](Reader& reader) -> std::function<void()> {
      auto found = job(reader);
      return [&result, &done, found = std::move(found)]() mutable {
        result = std::move(found);
        done = true;
      };
    });
    while (!done) {
      for (auto& then : store_->finished()) then();
      if (!done) wait_for_ring();
    }
    return result;
  }

 private:
  std::mutex mutex_;
  std::condition_variable rung_;
  int rings_ = 0;
  std::uint64_t number_ = 0;
  std::unique_ptr<Store> store_;
};

// A connection on a new database with today's schema.
Connection fresh_database(const TempDir&);

MessageRecord message(Id id, const std::string& to = "+447700900123");
InboundPartRecord inbound_part(Id id, int sequence = 1, int total = 1);
InboxRecord inbox_item(Id id);

bool operator==(const MessageRecord&, const MessageRecord&);  // every field
std::vector<Id> ids_of(const std::vector<MessageRecord>&);

}  // namespace klaxon::store
