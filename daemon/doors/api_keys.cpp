// Idempotency-Key: the same key and body give the same answer; the same key with another body is a conflict.
//
// Of messages and broadcasts the key is on disk with them. The small POSTs (settle, unlock, reload, tokens)
// are kept in memory, answer and all: done twice after a restart they do no harm.
//
// Memory knows the keys of what is not committed yet, the reader those that are; between the two looks
// another request may have come, so memory is asked again.
#include "daemon/doors/api_call.h"
#include "daemon/doors/time_text.h"

namespace klaxon::doors {

namespace {

constexpr std::size_t kHashOctets = 16;
constexpr std::size_t kMostKept = 1000;
constexpr std::int64_t kKeptFor = 24 * 3'600'000;

bool valid_key(std::string_view key) {
  return !key.empty() && key.size() <= 255 &&
         std::all_of(key.begin(), key.end(), [](char c) { return c >= 0x20 && c <= 0x7E; });
}

std::string hash16(std::string_view first, std::string_view second) {
  return sha256(std::string(first) + "\n" + std::string(second)).substr(0, kHashOctets);
}

// A code of six digits can be found from a hash of its text, by trying them all. Over the key as well, which
// is not kept itself, the hash tells nothing to whoever reads the database, unless the key can be guessed.
std::string hash_of_body(const Call& call) {
  const std::string& body = call.request.body;
  const bool sensitive = call.body && asks_sensitive(call.body->root());
  return hash16(call.request.target, sensitive ? *call.request.idempotency_key + "\n" + body : body);
}

IdempotencyRecord record_of(const Call& call, std::int64_t now_ms) {
  IdempotencyRecord out;
  out.key_hash = hash16(id_text('t', call.caller.token), *call.request.idempotency_key);
  out.body_hash = hash_of_body(call);
  out.day = utc_day(now_ms);
  return out;
}

HttpResponse bad_key() {
  return problem(422, "Idempotency-Key must be 1 to 255 visible ASCII characters or spaces");
}
HttpResponse other_body() {
  return problem(409, "this Idempotency-Key was used with another body");
}

}  // namespace

// Stands between the API and whoever asked, and keeps the answer for the next who asks the same.
struct Api::Kept final : Asker {
  bool open() const override { return true; }
  void answer(HttpResponse response) override {
    given = std::move(response);
    for (const AskerRef& asker : std::exchange(askers, {})) hand_on(asker);
  }
  void hand_on(const AskerRef& asker) const {
    if (const auto open = asker.lock(); open && open->open()) open->answer(*given);
  }

  std::string body_hash;
  std::int64_t since_ms = 0;
  std::vector<AskerRef> askers;
  std::optional<HttpResponse> given;
};

Api::~Api() = default;

// What was refused may be asked again; the rest is kept for a day, or until there are too many.
void Api::forget_kept() {
  const std::int64_t old = face_.unix_ms() - kKeptFor;
  std::erase_if(kept_, [old](const auto& entry) {
    const Kept& kept = *entry.second;
    return kept.given && (kept.given->status >= 300 || kept.since_ms < old);
  });
  if (kept_.size() < kMostKept) return;
  const auto oldest = std::min_element(kept_.begin(), kept_.end(), [](const auto& a, const auto& b) {
    // Those that still wait for their answer are the youngest.
    return std::pair(!a.second->given, a.second->since_ms) < std::pair(!b.second->given, b.second->since_ms);
  });
  if (oldest->second->given) kept_.erase(oldest);
}

// True: the call has its answer, or will get that of an earlier one.
bool Api::keep_answer(const CallRef& call) {
  if (!call->request.idempotency_key) return false;
  if (!valid_key(*call->request.idempotency_key)) {
    give(call->asker, bad_key());
    return true;
  }
  const IdempotencyRecord key = record_of(*call, face_.unix_ms());
  forget_kept();
  auto& kept = kept_[key.key_hash];
  if (!kept) {
    kept = std::make_shared<Kept>();
    kept->body_hash = key.body_hash;
    kept->since_ms = face_.unix_ms();
    kept->askers.push_back(std::exchange(call->asker, kept));
    return false;
  }
  if (kept->body_hash != key.body_hash) {
    give(call->asker, other_body());
  } else if (kept->given) {
    give(call->asker, *kept->given);
  } else {
    kept->askers.push_back(call->asker);
  }
  return true;
}

// False: no key was given, go on at once.
bool Api::with_key(const CallRef& call, Proceed proceed, Replay replay) {
  if (!call->request.idempotency_key) return false;
  if (!valid_key(*call->request.idempotency_key)) {
    give(call->asker, bad_key());
    return true;
  }
  call->key = record_of(*call, face_.unix_ms());
  if (const auto known = face_.remembered_key(call->key->key_hash)) {
    found(call, *known, replay);
  } else {
    look_up(call, proceed, replay);
  }
  return true;
}

void Api::look_up(const CallRef& call, Proceed proceed, Replay replay) {
  const bool alert = asked_lane(call->body->root()) == "alert";
  // An alert does not wait for a disk that is away; its key is remembered in memory from here on.
  if (alert && !face_.health().disk_writable) return (this->*proceed)(call);
  if (reader_busy(call->asker)) return;
  if (alert) alert_lookups_.push_back({call, proceed, face_.unix_ms()});
  face_.read(store::Reading::brief, [this, call, proceed, replay,
              hash = call->key->key_hash](store::Reader& reader) -> std::function<void()> {
    return [this, call, proceed, replay, hash, on_disk = reader.idempotency(hash)] {
      if (std::exchange(call->decided, true)) return;
      if (const auto asker = call->asker.lock(); !asker || !asker->open()) return;
      if (on_disk) return found(call, {*on_disk, 0}, replay);
      if (const auto known = face_.remembered_key(hash)) return found(call, *known, replay);
      (this->*proceed)(call);
    };
  });
}

void Api::hurry_alerts() {
  const std::int64_t late = face_.unix_ms() - face_.settings().policy.disk_deadline.count();
  std::vector<LookUp> due;
  std::erase_if(alert_lookups_, [&](const LookUp& look) {
    if (look.call->decided) return true;
    if (look.since_ms > late) return false;
    due.push_back(look);
    return true;
  });
  for (const LookUp& look : due) {
    look.call->decided = true;
    if (const auto asker = look.call->asker.lock(); !asker || !asker->open()) continue;
    (this->*look.proceed)(look.call);
  }
}

void Api::found(const CallRef& call, const Face::Remembered& known, Replay replay) {
  if (known.record.body_hash != call->key->body_hash) {
    return give(call->asker, other_body());
  }
  (this->*replay)(call, known);
}

void Api::replay_messages(const CallRef& call, const Face::Remembered& known) {
  const boost::json::object* body = call->body->root().if_object();
  const boost::json::value* to = body == nullptr ? nullptr : body->if_contains("to");
  const bool list = to != nullptr && to->is_array();
  if (known.waits_with == 0)
    return show_messages(call->asker, known.record.first_id, known.record.count, list);
  wait_for(
      face_.join(known.waits_with), call->asker,
      [this, list](const AskerRef& asker, const Answer& answer) { messages_accepted(asker, answer, list); });
}

void Api::replay_broadcast(const CallRef& call, const Face::Remembered& known) {
  if (known.waits_with == 0) return show_broadcast(call->asker, known.record.broadcast);
  wait_for(face_.join(known.waits_with), call->asker,
           [this](const AskerRef& asker, const Answer& answer) { broadcast_accepted(asker, answer); });
}

}  // namespace klaxon::doors
