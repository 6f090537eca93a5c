#include "tests/support/sqlite_disk.h"

#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include <filesystem>
#include <stdexcept>

#include "daemon/store/idle_work.h"
#include "daemon/store/packed.h"
#include "daemon/store/read_rows.h"
#include "daemon/store/restore_rows.h"
#include "daemon/store/schema.h"
#include "daemon/store/sqlite_handle.h"
#include "daemon/store/write_ops.h"

namespace rig {
namespace {

constexpr std::uint64_t kIndexEvery = 16;  // writes: the store does it in its idle moments

[[noreturn]] void fail(const std::string& what, const store::Failure& failure) {
  throw std::runtime_error(what + ": " + failure.text);
}

store::Connection connect(const std::string& path, store::Connection::Use use) {
  auto made = store::Connection::open(path, use);
  if (!made) fail("open", made.error());
  return std::move(*made);
}

bool same(const MessageRecord& a, const MessageRecord& b) {
  return a.to == b.to && a.text == b.text && a.lane == b.lane && a.owner == b.owner && a.broadcast == b.broadcast &&
         a.state == b.state && store::pack_parts(a.parts) == store::pack_parts(b.parts) && a.due_ms == b.due_ms &&
         a.attempts == b.attempts && a.submitted_ms == b.submitted_ms && a.delivered_ms == b.delivered_ms &&
         a.in_doubt_ms == b.in_doubt_ms && a.error_code == b.error_code && a.error_text == b.error_text && a.why == b.why &&
         a.avoid_iccid == b.avoid_iccid && a.plain == b.plain && a.sim == b.sim && a.report == b.report && a.sensitive == b.sensitive &&
         a.concat_reference == b.concat_reference && a.instead_of == b.instead_of && a.further == b.further;
}

bool same(const EventRecord& a, const EventRecord& b) {
  if (a.message && b.message) return a.message->id == b.message->id && a.message->state == b.message->state &&
                                     a.message->attempts == b.message->attempts &&
                                     (a.message->sensitive || a.message->text == b.message->text);
  if (a.inbox && b.inbox) return a.inbox->id == b.inbox->id;
  return a.modem && b.modem && a.modem->modem == b.modem->modem && a.modem->state == b.modem->state;
}

}  // namespace

// One connection, whose cache stays warm, and without a WAL: a life ends between two transactions, never within one.
// What a WAL promises is proven where real processes are killed.
struct SqliteDisk::Open {
  explicit Open(const std::string& path)
      : both(connect(path, store::Connection::Use::write)), upgrade_failure(store::upgrade(both)) {
    both.script("PRAGMA journal_mode=MEMORY; PRAGMA synchronous=OFF; PRAGMA locking_mode=EXCLUSIVE; PRAGMA secure_delete=OFF");
  }
  store::Connection both;
  std::optional<store::Failure> upgrade_failure;
  store::OpWriter ops{both};
  store::SqlReader reader{both};
};

SqliteDisk::SqliteDisk() {
  const std::filesystem::path memory = "/dev/shm";
  const auto place = std::filesystem::is_directory(memory) ? memory : std::filesystem::temp_directory_path();
  std::string name = (place / "klaxon-life-XXXXXX").string();
  if (::mkdtemp(name.data()) == nullptr) throw std::runtime_error("no folder can be made in " + place.string());
  folder_ = name;
  const int file = ::open((folder_ + "/klaxon.db").c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0640);
  if (file < 0) throw std::runtime_error(folder_ + ": no file can be made");
  ::close(file);
}

SqliteDisk::~SqliteDisk() {
  open_.reset();
  std::error_code ignored;
  std::filesystem::remove_all(folder_, ignored);
}

store::Restored SqliteDisk::restart(std::int64_t now_ms) {
  open_.reset();
  open_ = std::make_unique<Open>(folder_ + "/klaxon.db");
  if (open_->upgrade_failure) fail("upgrade", *open_->upgrade_failure);
  const bool clean = store::begin_life(open_->both);
  if (open_->both.failed()) fail("begin", *open_->both.failure());
  store::Restored restored = store::read_restored(open_->both, now_ms);
  if (open_->both.failed()) fail("restore", *open_->both.failure());
  restored.clean_shutdown = clean;
  return restored;
}

void SqliteDisk::write(const store::Batch& batch) {
  if (const auto failure = open_->ops.commit(batch)) fail("commit", *failure);
  if (++writes_ % kIndexEvery == 0) store::index_slice(open_->both);
}

store::Reader& SqliteDisk::reader() { return open_->reader; }

std::string SqliteDisk::difference(const Rows& rows) {
  for (const auto& [id, twin] : rows.messages) {
    const auto found = open_->reader.messages_between(id, id);
    if (found.size() != 1) return "no row for m" + std::to_string(id);
    if (!same(found.front(), twin)) return "another row for m" + std::to_string(id);
  }
  for (const auto& [id, twin] : rows.inbox) {
    const auto found = open_->reader.inbox_item(id);
    if (!found || found->text != twin.text || found->complete != twin.complete) return "another inbox row " + std::to_string(id);
  }
  const auto count = [this](const char* table) {
    return static_cast<std::size_t>(open_->both.number("SELECT count(*) FROM " + std::string(table)).value_or(-1));
  };
  if (count("messages") != rows.messages.size()) return "another number of messages";
  if (count("inbox") != rows.inbox.size()) return "another number of inbound texts";
  const auto log = open_->reader.events(rows.events.size() / 2, rows.events.size() + 1, rows.events.size() + 1);
  if (log.gap || log.reached != rows.events.size()) return "another number of events";
  for (const EventRecord& event : log.events)
    if (!same(event, rows.events[event.id - 1])) return "another event " + std::to_string(event.id);
  if (count("broadcasts") != rows.broadcasts.size()) return "another number of broadcasts";
  return {};
}

}  // namespace rig
