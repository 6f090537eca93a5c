#include "desk.h"

#include <CppUTest/TestHarness.h>
#include <fcntl.h>
#include <unistd.h>

#include <filesystem>

#include "daemon/store/packed.h"
#include "daemon/store/schema.h"

namespace klaxon::store {

TempDir::TempDir() {
  std::string name = (std::filesystem::temp_directory_path() / "klaxon-store-XXXXXX").string();
  path_ = ::mkdtemp(name.data()) ? name : std::string();
}

TempDir::~TempDir() {
  std::error_code ignored;
  if (!path_.empty()) std::filesystem::remove_all(path_, ignored);
}

Desk::Desk(std::string data_dir, std::shared_ptr<Faults> faults) {
  const auto wake = [this] {
    const std::lock_guard lock(mutex_);
    ++rings_;
    rung_.notify_one();
  };
  auto opened = faults ? open_with_faults(data_dir, kNowMs, wake, faults) : Store::open(data_dir, kNowMs, wake);
  CHECK_TEXT(opened.has_value(), opened ? "" : opened.error().text.c_str());
  store_ = std::move(*opened);
}

void Desk::wait_for_ring() {
  std::unique_lock lock(mutex_);
  rung_.wait(lock, [this] { return rings_ > 0; });
  rings_ = 0;
}

Completion Desk::wait() {
  while (true) {
    if (auto completion = store_->completed()) {
      CHECK_EQUAL(number_, completion->batch);
      return *completion;
    }
    wait_for_ring();
  }
}

Completion Desk::commit(Batch batch) {
  begin(std::move(batch));
  return wait();
}

Connection fresh_database(const TempDir& dir) {
  ::close(::open(dir.database().c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0640));
  auto db = Connection::open(dir.database(), Connection::Use::write);
  CHECK_TEXT(db.has_value(), db ? "" : db.error().text.c_str());
  const auto failure = upgrade(*db);
  CHECK_TEXT(!failure, failure ? failure->text.c_str() : "");
  return std::move(*db);
}

MessageRecord message(Id id, const std::string& to) {
  MessageRecord m;
  m.id = id;
  m.owner = 1;
  m.to = to;
  m.text = "Pump 3 is dry";
  m.created_ms = 1'790'000'000'000 + static_cast<std::int64_t>(id);
  m.parts.resize(1);
  return m;
}

InboundPartRecord inbound_part(Id id, int sequence, int total) {
  InboundPartRecord p;
  p.id = id;
  p.iccid = "8944000000000000001";
  p.modem = "modem0";
  p.mem = "SM";
  p.index = 4;
  p.pdu = "07914400000000F0";
  p.key_hash = 0xF000000000000000 + id;
  p.sender = "+447700900124";
  p.sender_ton = 1;
  p.received_ms = 1'790'000'000'000 + static_cast<std::int64_t>(id);
  p.reference_bits = total > 1 ? 8 : 0;
  p.reference = total > 1 ? 77 : 0;
  p.total = total;
  p.sequence = sequence;
  p.units = "units " + std::to_string(id);
  return p;
}

InboxRecord inbox_item(Id id) {
  InboxRecord i;
  i.id = id;
  i.from = "+447700900124";
  i.iccid = "8944000000000000001";
  i.text = "Yes";
  i.received_ms = 1'790'000'000'000 + static_cast<std::int64_t>(id);
  return i;
}

bool operator==(const MessageRecord& a, const MessageRecord& b) {
  return pack_message(a) == pack_message(b);
}

std::vector<Id> ids_of(const std::vector<MessageRecord>& messages) {
  std::vector<Id> ids;
  for (const MessageRecord& one : messages) ids.push_back(one.id);
  return ids;
}

}  // namespace klaxon::store
