// /v1/backup and /v1/numbers: what an operator owes to the data.
#include "config/settings.h"
#include "daemon/doors/api_call.h"
#include "daemon/doors/time_text.h"

namespace klaxon::doors {

namespace {

constexpr std::array kOwed{MessageState::queued, MessageState::submitting, MessageState::unknown};

// What forbids to forget a number: empty, or the reason.
std::string still_owed(store::Reader& rows, const std::string& number) {
  for (const MessageState state : kOwed) {
    store::MessageFilter filter;
    filter.state = state;
    filter.to = number;
    const auto found = rows.messages(filter, {0, 1, 0});
    if (!found.empty())
      return "message " + id_text('m', found.front().id) + " to it is " + std::string(state_name(state)) +
             ", and maybe more; cancel what is queued and settle what is in doubt first";
  }
  return rows.failure() ? rows.failure()->text : std::string();
}

// "klaxon-20261122T093000Z.db"
std::string file_name(std::int64_t unix_ms) {
  std::string stamp = rfc3339(unix_ms / 1000 * 1000);
  stamp.resize(19);
  std::erase_if(stamp, [](char c) { return c == '-' || c == ':'; });
  return "klaxon-" + stamp + "Z.db";
}

}  // namespace

// In the audit before the copy is begun: whoever has it has everything.
void Api::post_backup(const CallRef& call) {
  if (auto refusal = no_query(*call)) return give(call->asker, std::move(*refusal));
  FieldErrors errors;
  if (call->body) {
    if (const auto* object = object_of(call->body->root(), errors)) Fields(*object, "", errors).close();
  }
  if (!errors.empty()) return give(call->asker, invalid(errors));
  if (!copier_) return give(call->asker, not_found());
  if (const auto open = call->asker.lock()) open->takes_long();
  wait_for(face_.note_in_audit("backup.asked", "", call->caller.token), call->asker,
           [this](const AskerRef& asker, const Answer&) {
             const bool begun =
                 copier_([this, asker](const store::BackupOutcome& made) { copy_made(asker, made); });
             if (!begun) give(asker, problem(409, "a backup is being made or fetched; one at a time"));
           });
}

void Api::copy_made(const AskerRef& asker, const store::BackupOutcome& made) {
  if (!made) {
    const bool full = made.error().kind == store::Failure::Kind::full;
    return give(asker, busy(503, (full ? "not enough room: " : "the copy failed: ") + made.error().text, 60));
  }
  HttpResponse out;
  out.content_type = "application/vnd.sqlite3";
  out.headers.emplace_back("Content-Disposition",
                           "attachment; filename=\"" + file_name(face_.unix_ms()) + "\"");
  out.headers.emplace_back("Cache-Control", "no-store");
  out.file = *made;
  give(asker, std::move(out));
}

void Api::delete_number(const CallRef& call) {
  if (auto refusal = no_query(*call)) return give(call->asker, std::move(*refusal));
  const auto number = config::normalise_number(call->captured[0], face_.settings().policy.default_country);
  if (!number)
    return give(call->asker,
                problem(422, "the path ends in no telephone number; write +, country code, number"));
  if (reader_busy(call->asker)) return;
  face_.read(store::Reading::brief, [this, call, number = *number](store::Reader& rows) -> std::function<void()> {
    const std::string owed = still_owed(rows, number);
    return [this, call, number, owed] {
      owed.empty() ? erase_number(call, number) : give(call->asker, problem(409, owed));
    };
  });
}

void Api::erase_number(const CallRef& call, const std::string& number) {
  wait_for(face_.erase_number(number, call->caller.token), call->asker,
           [this, number](const AskerRef& asker, const Answer&) {
             boost::json::object out;
             out["number"] = number;
             out["state"] = "erasing";
             give(asker, json_response(202, out));
           });
}

}  // namespace klaxon::doors
