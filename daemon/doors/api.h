// The HTTP API without HTTP: requests in, answers out. Runs on the loop's thread and never blocks.
//
// An answer comes at once, or with the Ticket of what was asked for (deliver() fetches those that became
// durable), or from the reader's thread. Whoever asked may be gone by then: each completion begins with
// "still open?".
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "daemon/app/face.h"
#include "daemon/doors/event_feed.h"
#include "daemon/doors/http.h"
#include "daemon/doors/metrics.h"

namespace klaxon::doors {

struct Call;    // api_call.h: one request on its way
struct Rules;   // message_body.h
struct Target;  // target.h
struct Route;

class Api {
 public:
  // The face outlives this; this outlives the closures that the face's reader gives back.
  explicit Api(Face&);
  ~Api();
  Api(const Api&) = delete;
  Api& operator=(const Api&) = delete;

  void handle(HttpRequest, AskerRef);
  // After each turn: gives out what face.take_answers() has.
  void deliver();
  std::int64_t unix_ms() const { return face_.unix_ms(); }
  // Who makes copies of the database: store::Store::back_up. Without one there are none.
  using Copier = std::function<bool(std::function<void(store::BackupOutcome)>)>;
  void copies_by(Copier copier) { copier_ = std::move(copier); }
  // Of TLS, for /metrics.
  void certificate_ends(std::int64_t unix_seconds) { counters_.certificate_ends = unix_seconds; }
  void handshake_failed() { ++counters_.handshakes_failed; }
  // What the connection itself has to refuse; counted like any other answer.
  HttpResponse refuse(int status, std::string_view detail);

  // All that is offered: what the description and the tests are held against.
  struct Offer {
    std::string_view method;
    std::string path;  // "/v1/messages/{}"
    unsigned scopes;   // 0: open to all
    bool body;         // it takes one
    bool body_required;
  };
  static std::vector<Offer> offers();

  // More reads than this wait already: 503.
  static constexpr std::size_t kReadsWaiting = 256;

 private:
  using CallRef = std::shared_ptr<Call>;
  using Then = std::function<void(const AskerRef&, const Answer&)>;
  using RowQuery =
      std::function<HttpResponse(store::Reader&)>;  // runs on the reader's thread: captures copies only
  friend struct Route;
  static const std::vector<Route>& routes();

  // api.cpp
  const Route* find_route(const Target&, const std::string& method, std::vector<std::string>* captured,
                          std::string* allow) const;
  std::optional<HttpResponse> admit(Call&, const Route&);
  std::optional<HttpResponse> read_body(Call&, bool required);
  void give(const AskerRef&, HttpResponse);
  void wait_for(Ticket, const AskerRef&, Then);
  void read_rows(store::Reading, const AskerRef&, RowQuery);
  bool reader_busy(const AskerRef&);
  Rules rules() const;

  // api_messages.cpp
  void post_messages(const CallRef&);
  void preview_message(const CallRef&);
  void get_messages(const CallRef&);
  void get_message(const CallRef&);
  void delete_message(const CallRef&);
  void settle_message(const CallRef&);
  void get_queue(const CallRef&);
  void send_messages(const CallRef&);
  void messages_accepted(const AskerRef&, const Answer&, bool list);
  void show_messages(const AskerRef&, Id first, std::size_t count, bool list);
  void give_changed(const AskerRef&, const Answer&);

  // api_keys.cpp: Idempotency-Key
  using Replay = void (Api::*)(const CallRef&, const Face::Remembered&);
  using Proceed = void (Api::*)(const CallRef&);
  bool with_key(const CallRef&, Proceed, Replay);
  void look_up(const CallRef&, Proceed, Replay);
  void found(const CallRef&, const Face::Remembered&, Replay);
  void hurry_alerts();
  bool keep_answer(const CallRef&);
  void forget_kept();
  void replay_messages(const CallRef&, const Face::Remembered&);
  void replay_broadcast(const CallRef&, const Face::Remembered&);

  // api_broadcasts.cpp
  void post_broadcasts(const CallRef&);
  void get_broadcasts(const CallRef&);
  void get_broadcast(const CallRef&);
  void send_broadcast(const CallRef&);
  void broadcast_accepted(const AskerRef&, const Answer&);
  void show_broadcast(const AskerRef&, Id);

  // api_inbox.cpp
  void get_inbox(const CallRef&);
  void get_inbox_item(const CallRef&);

  // api_conversations.cpp
  void get_conversations(const CallRef&);
  void get_conversation(const CallRef&);

  // api_events.cpp
  void get_events(const CallRef&);

  // api_errands.cpp
  void say_to_modem(const CallRef&);
  void dial_ussd(const CallRef&);

  // api_bank.cpp
  void get_modems(const CallRef&);
  void get_modem(const CallRef&);
  void reset_modem(const CallRef&);
  void get_recording(const CallRef&);
  void get_sims(const CallRef&);
  void get_sim(const CallRef&);
  void patch_sim(const CallRef&);
  HttpResponse sim_response(const std::string& name) const;
  void get_health(const CallRef&);
  void get_ready(const CallRef&);
  void get_metrics(const CallRef&);

  // api_contacts.cpp
  void get_contacts(const CallRef&);
  void get_contact(const CallRef&);
  void put_contact(const CallRef&);
  void delete_contact(const CallRef&);
  void import_contacts(const CallRef&);
  void import_groups(const CallRef&);
  // api_openapi.cpp
  void get_openapi(const CallRef&);

  // api_directory.cpp
  void get_groups(const CallRef&);
  void get_group(const CallRef&);
  void put_group(const CallRef&);
  void delete_group(const CallRef&);
  void get_keywords(const CallRef&);
  void get_keyword(const CallRef&);
  void put_keyword(const CallRef&);
  void delete_keyword(const CallRef&);
  void unlock_number(const CallRef&);
  void reload_secrets(const CallRef&);
  void give_empty(const CallRef&, Ticket);

  // api_consent.cpp
  std::optional<std::string> number_in_path(const Call&) const;
  void get_opt_outs(const CallRef&);
  void get_opt_out(const CallRef&);
  void put_opt_out(const CallRef&);
  void delete_opt_out(const CallRef&);

  // api_admin.cpp
  void get_tokens(const CallRef&);
  void get_token(const CallRef&);
  void post_token(const CallRef&);
  void delete_token(const CallRef&);
  void get_audit(const CallRef&);

  // api_care.cpp
  void post_backup(const CallRef&);
  void copy_made(const AskerRef&, const store::BackupOutcome&);
  void delete_number(const CallRef&);
  void erase_number(const CallRef&, const std::string& number);

  struct Kept;  // api_keys.cpp
  struct Waiting {
    AskerRef asker;
    Then then;
  };
  struct LookUp {  // of a key, for an alert: the reader may hang with the disk
    CallRef call;
    Proceed proceed = nullptr;
    std::int64_t since_ms = 0;
  };

  Face& face_;
  Copier copier_;
  DoorCounters counters_;
  EventFeed events_;
  std::unordered_map<Ticket, Waiting> waiting_;
  std::vector<LookUp> alert_lookups_;
  std::map<std::string, std::shared_ptr<Kept>> kept_;  // by key hash
};

}  // namespace klaxon::doors
