// One modem's life: from a port that may not exist to submits and back, whatever the modem does. Sans-I/O and vendor-free:
// bytes and time come in, bytes, port actions and events go out; what differs between makes is in Family (data).
//
// The shell around it: open the port when asked, feed what it reads, write what take_output() gives, call tick() at deadline().
// Every exchange has a deadline; no state is left only by hope.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "at/result.h"
#include "at/time.h"

namespace drivers {

struct Family;
struct Timers;

// Named for what is waited for. `quarantined` is still probed, seldom (timers.h): nothing is ever given up for good.
enum class State : std::uint8_t {
  absent,                 // no port; the shell looks for it
  opening,                // the shell was asked to open it
  probing,                // ESC, what was left over, AT
  initialising,           // identity and settings: the family's script
  awaiting_pin,           // SIM PIN asked; the appliance decides (PinWanted)
  awaiting_sim,           // no SIM, SIM busy, PUK: polled
  awaiting_registration,  // SMS layer up, not registered
  ready,                  // in the rotation (if not overdue)
  draining,               // stop() was called: what is in flight ends, nothing new
  recovering,             // on the ladder
  quarantined
};
std::string_view state_name(State);  // "awaiting_registration"
inline constexpr std::string_view kResetAsked = "a reset was asked for";  // StateChanged::why after restart()
inline constexpr std::string_view kCommandGiven = "a command was given";  // and after an Errand that is a command

struct StoredAt {  // a place in the modem's storage: "SM", 3
  std::string mem;
  int index = 0;
  friend auto operator<=>(const StoredAt&, const StoredAt&) = default;
};

struct Claim {
  std::uint64_t token = 0;  // the appliance's name for this attempt; never reused
  std::string pdu_hex;      // SC address and SUBMIT
  int tpdu_octets = 0;
  bool alert = false;       // goes before waiting inbound texts and deletes
  bool store_first = false;  // AT+CMGW into the SIM, then AT+CMSS. Precondition: storing() was `ready`
  bool more = false;         // another will follow at once, as far as is known: worth a link that is kept open
};

// Whether a submit can be written to the SIM first, where the status of its slot outlives whatever happens (27.005 3.1).
enum class Storing : std::uint8_t {
  off,      // not wanted, or not with this modem, or not now (storage full): Trouble told why
  waiting,  // what the SIM holds is not known yet, or the last one is not deleted yet: soon
  ready     // no submit of ours is on the SIM
};

// What a person wants of the modem between two submits.
struct Errand {
  enum class Kind : std::uint8_t {
    command,  // a command line; the settings are made again afterwards
    ussd      // a code; a menu that waits for an answer is closed
  };
  std::uint64_t token = 0;
  Kind kind = Kind::command;
  std::string text;             // "AT+CSQ" (command_rules.h: without refusal), "*100#"
  at::Millis timeout{10'000};   // from its first byte on
};

// What became of a claim. Exactly one per claim that was not revoked.
enum class Verdict : std::uint8_t {
  accepted,  // +CMGS: tp_mr
  refused,   // a final result other than OK, before or after the PDU: `error` tells
  not_sent,  // no byte of the PDU can have counted: no prompt came, or ESC was answered by OK, or the port was lost before the PDU
  in_doubt   // the PDU left and no result came (hard limit, port lost, reboot, bare OK)
};

struct UssdAnswer {
  int status = 0;                   // 27.007 7.15: 0 done, 1 the network waits, 2 ended by it, 3 to 5 nothing came of it
  std::optional<std::string> text;  // UTF-8
  std::optional<int> dcs;           // as printed
};
struct StateChanged { State from, to; std::string why; };
struct Identified { std::string manufacturer, model, revision, imei; std::string family; };  // imei may be empty or zeros
struct SimSeen { std::string iccid, imsi, number, sc_address; };  // iccid never empty: "imsi:…" when no ICCID command works
struct PinWanted { std::string iccid; std::optional<int> tries; };  // answer with enter_pin() or leave it: it is asked once per SIM insertion
struct PinRefused { std::string iccid; std::string result; };       // +CME ERROR: 16 and its like; PUK wanted now or soon
struct NetworkSeen { bool registered = false; bool roaming = false; std::string oper; std::string technology; };  // on change; technology "GSM" "UMTS" "LTE" or empty
struct SignalSeen { int rssi = 99; };            // 27.007 8.5: 0-31, 99 unknown; dBm = -113 + 2 * rssi; worked out of +CESQ where +CSQ knows nothing
struct StorageSeen { std::string mem; int used = 0, total = 0; };
struct StoredPdu { StoredAt at; std::string hex; };  // read from storage; answer with release() once it is on disk. Not given twice while unreleased
// +CDS or +CMT: not stored anywhere. With a receipt the network keeps it until acknowledge(); else the modem has acknowledged it by itself.
struct PushedPdu { std::string hex; std::uint64_t receipt = 0; };
struct SubmitOverdue { std::uint64_t token = 0; };   // the soft limit: out of the rotation until SubmitDone
struct SubmitDone {
  std::uint64_t token = 0;
  Verdict verdict = Verdict::in_doubt;
  int tp_mr = -1;             // of accepted
  at::FinalResult error;      // of refused
  std::string why;            // of not_sent and in_doubt: "no answer for 60 s", "port lost"
  std::optional<StoredAt> stored = std::nullopt;  // it lies there until release(). Of one in doubt StoredSubmits will tell
};
struct StoredSubmit { StoredAt at; bool sent = false; std::string hex; };  // sent: its slot says STO SENT, else STO UNSENT
// What lies on the SIM to be sent, all of it that is new: in answer to store_first(true), whenever the modem was set up. Each
// waits for release(). A claim of an earlier set-up that is not among them was never stored, or was released.
struct StoredSubmits { std::vector<StoredSubmit> all; };
struct LateAccepted { int tp_mr = -1; };  // a +CMGS or +CMSS that belongs to no running command: the last in_doubt was sent (also at takeover of a port)
struct DataEntryWasOpen {};               // at takeover ESC was answered by OK: what the last owner had begun was not sent
struct TakenOver {};                      // what was left over at a newly opened port has been read and answered: neither of the two above will follow for it
// What became of an errand: one for each that was run.
struct ErrandDone {
  enum class How : std::uint8_t {
    answered,   // command: `result` and `lines`; ussd: `ussd`, or `result` where the modem refused
    late,       // no final result, or no +CUSD, came in time
    not_begun,  // nothing was written
    cut_short   // the port was lost, the modem restarted, an alert went first
  };
  std::uint64_t token = 0;
  How how = How::answered;
  std::string why;                 // of all but answered
  at::FinalResult result;
  std::vector<std::string> lines;  // UTF-8
  std::optional<UssdAnswer> ussd;
  at::Millis took{0};              // since its first byte
};
struct Trouble { std::string what; };     // worth one log line: ladder rung, storage full, unknown boot, ghost message

using Event = std::variant<StateChanged, Identified, SimSeen, PinWanted, PinRefused, NetworkSeen, SignalSeen, StorageSeen,
                           StoredPdu, PushedPdu, SubmitOverdue, SubmitDone, StoredSubmits, LateAccepted, DataEntryWasOpen, TakenOver, ErrandDone, Trouble>;
using Events = std::vector<Event>;

struct Output {
  std::string bytes;         // to be written now, in order
  bool open_port = false;    // absent or closed: try to open; answer with port_opened() or port_closed()
  bool close_port = false;   // drop DTR and close; it will be asked for again after a pause
};

class Modem {
 public:
  // family_name: "auto" (from the modem's own words) or a name from families.h.
  Modem(std::string family_name, const Timers&);
  ~Modem();
  Modem(Modem&&) noexcept;

  Events port_opened(at::Instant now);
  // Also when opening failed. Whatever runs is completed by events.
  Events port_closed(std::string_view why, at::Instant now);
  Events feed(std::string_view bytes, at::Instant now);
  Events tick(at::Instant now);
  // Decides what is done next (so it comes after everything of this turn was fed and dispatched): an alert's committed
  // claim, then waiting reads and deletes (at most 10 or 150 ms while a committed claim waits; more when the storage is
  // over 80 % full), then the committed claim.
  Output take_output(at::Instant now);
  std::optional<at::Instant> deadline() const;

  State state() const;
  bool overdue() const;
  // Ready, registered, not overdue, not draining, no claim, no errand, not resting (Family::submit_rest).
  bool can_take() const;
  // Submits may be stored first from the next set-up on, and what lies on the SIM to be sent is ours. Tell it at SimSeen.
  void store_first(bool wanted);
  Storing storing() const;
  // Texts are to come by +CMT from the next set-up on, where modem and family can. Tell it at SimSeen.
  void receive_direct(bool wanted);
  // What was pushed is on disk. After 5 s without, the network is told to keep it, where the modem can say so.
  void acknowledge(std::uint64_t receipt, at::Instant now);
  // The link is to be kept open between submits that follow one another. Tell it at SimSeen.
  void keep_link(bool wanted);
  // Precondition: can_take(). Nothing is written before committed(token).
  void claim(Claim, at::Instant now);
  void committed(std::uint64_t token, at::Instant now);
  // True: no byte of it was written, the claim is gone and no SubmitDone will come. False: it is on the wire or unknown.
  bool revoke(std::uint64_t token);
  std::optional<std::uint64_t> claimed() const;  // the claim that runs or waits
  bool claim_revocable() const;                  // no byte of it was written
  bool pdu_handed_out() const;                   // by take_output(), of the claim that runs
  // The text read at this place, or what became of the submit stored there, is on disk: delete it (re-read and compared first if it was read more than 2 s or a submit ago).
  void release(const StoredAt&, at::Instant now);
  void enter_pin(std::string_view pin, at::Instant now);
  // Somebody wants it started anew: what is on the wire ends first, what was not begun is given back, and then the ladder's
  // reset follows (of a family that has none: the port is closed and opened). Precondition: can_restart().
  void restart(at::Instant now);
  bool can_restart() const;    // its texts could be read now: ready or awaiting_registration
  // Takes its turn once no submit is under way: in any state in which AT is answered, a code only where texts could be read.
  // Nothing is claimed before it is done. Precondition: can_run().
  void run(Errand, at::Instant now);
  bool can_run() const;  // the port is open and no errand waits or runs
  // An alert needs the modem: an errand that has not begun lets one claim pass, a dialogue by USSD is closed. True: can_take().
  bool give_way(at::Instant now);
  void stop(at::Instant now);  // to draining; stopped() when nothing is in flight
  bool stopped() const;

  const Family& family() const;

 private:
  struct Impl;
  // Of hundreds of modems few have anything to do in a turn: what was found out about one holds until somebody may have changed it.
  class Watched {
   public:
    explicit Watched(std::unique_ptr<Impl>);
    Impl* operator->() { return touched(); }
    Impl& operator*() { return *touched(); }
    const Impl* operator->() const { return impl_.get(); }
    const Impl& operator*() const { return *impl_; }
    std::optional<at::Instant> deadline() const;
    bool said_all() const { return said_all_; }
    void has_said_all() { said_all_ = true; }

   private:
    Impl* touched() {
      due_known_ = said_all_ = false;
      return impl_.get();
    }
    std::unique_ptr<Impl> impl_;
    mutable std::optional<at::Instant> due_;
    mutable bool due_known_ = false;
    bool said_all_ = false;
  };
  Watched impl_;
};

}  // namespace drivers
