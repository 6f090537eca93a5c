// What the appliance keeps: the rows as plain structs, shared by the pure rooms, the store and the doors.
// Times are Unix milliseconds; 0 means "none" unless said otherwise. Ids are positive; the API shows them with a letter in front.
#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "config/quota.h"

namespace klaxon {

using Id = std::uint64_t;

enum class Lane : std::uint8_t { alert, urgent, normal, bulk };
constexpr std::size_t kLanes = 4;

// Values are on disk. `accepting`: a row of a list whose last slice is not committed yet; dropped at start.
enum class MessageState : std::uint8_t {
  queued = 0, submitting = 1, submitted = 2, delivered = 3, failed = 4, expired = 5, cancelled = 6, unknown = 7, accepting = 8
};
constexpr std::size_t kMessageStates = 9;

// The error of a message that can't be sent, as its text was sensitive and is not in the copy that it was restored from.
inline constexpr const char* kTextGoneCode = "text_gone";
inline constexpr const char* kTextGoneText = "its text was sensitive and is in no copy";

enum class DoubtPolicy : std::uint8_t { lane, repeat, hold };
enum class TextEncoding : std::uint8_t { automatic, gsm7, ucs2 };

// What is tried after a number at which nobody could be reached: for each person whom it stood for, the numbers that are left,
// in their order. Never an empty line.
using FurtherNumbers = std::vector<std::vector<std::string>>;

struct PartRecord {
  MessageState state = MessageState::queued;
  std::string iccid, modem;         // of the last attempt
  int tp_mr = -1;                   // below 0: not known; kStoredFirst: and its PDU was to be stored on the SIM first; see hear()
  std::int64_t started_ms = 0, submitted_ms = 0, delivered_ms = 0;
  int tp_st = -1;                   // of the last status report
  static constexpr int kStoredFirst = -2;
  bool stored_first() const { return tp_mr == kStoredFirst || tp_mr == kPassedStored || tp_mr <= kHeardStored; }
  // Of one in doubt: what its port said before it was known which SIM is there, and says once. TP-MR of a late +CMGS, or
  // kEntryOpen: ESC was answered by OK.
  static constexpr int kEntryOpen = -1;
  std::optional<int> heard() const;
  void hear(std::optional<int>);
  // Of one in doubt: its port has been given another since, so what that says is not about this one.
  bool passed() const { return tp_mr == kPassed || tp_mr == kPassedStored; }
  void pass();
  static constexpr int kPassed = -3, kPassedStored = -4, kHeard = -1'000, kHeardStored = -2'000;  // of tp_mr; heard: from there down
  friend bool operator==(const PartRecord&, const PartRecord&) = default;
};

struct MessageRecord {
  Id id = 0;
  Id owner = 0;                     // token id; 0: the appliance itself (replies, operator texts)
  Id broadcast = 0;
  std::string to;                   // "+E.164" or short code
  std::string text;                 // UTF-8; empty when octets is not
  std::string octets;               // 8-bit data, raw
  Lane lane = Lane::normal;
  TextEncoding encoding = TextEncoding::automatic;
  bool flash = false, report = true;
  std::int64_t valid_for_ms = 0;    // as asked; 0: none
  std::int64_t send_at_ms = 0;      // as asked
  std::string sim;                  // as asked: label or ICCID
  DoubtPolicy in_doubt = DoubtPolicy::lane;
  std::string ref;
  std::string context;              // a JSON object, given back with what that number answers; empty: none
  std::uint8_t replace_type = 0;    // 1-7: takes the place of an older text of that type on the phone (TP-PID 41-47); 0: none
  int languages = -1;               // as asked: whose national tables may be used, bit n for language n; -1: policy says
  std::uint8_t locking = 0, single = 0;  // the national tables it was cut with, for good (at::Gsm7Tables)
  std::uint8_t concat_reference = 0;
  std::int64_t created_ms = 0;
  bool durable_late = false;        // accepted from memory while the disk was away
  bool sensitive = false;           // its text is shown to nobody, and kept only while it may have to be sent
  Id instead_of = 0;                // the message to this person that did not arrive; 0: this is the first to them
  // what changes
  FurtherNumbers further;           // of a broadcast's messages alone; only ever emptied: once they were tried, or can't be needed any more
  MessageState state = MessageState::queued;
  std::vector<PartRecord> parts;    // never empty
  std::int64_t due_ms = 0;          // 0: now; else not before (send_at, back-off)
  int attempts = 0;                 // submits begun, over all parts
  std::int64_t submitted_ms = 0, delivered_ms = 0, in_doubt_ms = 0;
  bool unconfirmed = false;
  std::string error_code, error_text;  // "cms_38", "st_41"
  std::string why;                  // the scheduler's reason
  std::string avoid_iccid;          // a retry goes elsewhere if there is an elsewhere
  bool plain = false;               // retried without TP-SRR, TP-VP, class and replace type (error class `refeatured`)

  bool final() const {
    return state == MessageState::delivered || state == MessageState::failed || state == MessageState::expired ||
           state == MessageState::cancelled;
  }
  // It has ended without having arrived. Who called it off, or asked not to be written to, is not to be reached elsewhere.
  bool lost() const { return state == MessageState::failed || state == MessageState::expired; }
  // A part may still get a status report.
  bool awaits_report() const;
  // A part is to be sent yet, or again: what is submitted or final never is.
  bool needs_text() const { return !final() && state != MessageState::submitted; }
  // It comes from a copy of the database, which has no sensitive texts: it can't be sent.
  bool lost_text() const { return sensitive && text.empty() && octets.empty(); }
  void forget_text();               // also in the memory that it took
};

struct InboundPartRecord {          // each part is a row of its own before it is deleted from the SIM
  Id id = 0;
  std::string iccid, modem, mem;
  int index = -1;
  std::string pdu;                  // hex as read; empty where it held a secret
  std::uint64_t key_hash = 0;       // de-duplication: ICCID, TP-OA, TP-SCTS, TP-PID, TP-DCS, TP-UD
  std::string sender;               // TP-OA displayed
  int sender_ton = 0;
  std::int64_t sent_ms = 0;         // TP-SCTS; 0: none
  std::int64_t received_ms = 0;
  int reference_bits = 0, reference = 0, total = 1, sequence = 1;  // reference_bits 0: not concatenated
  int alphabet = 0;                 // at::Alphabet
  std::string units;                // as at::UserData.units; a masked part is UCS-2
  std::uint8_t locking = 0, single = 0;  // national tables of its header (at::Gsm7Tables)
  std::uint8_t secret_verdict = 0;  // of sequence 1: 0 no secret in it, 1 right, 2 wrong
  std::string keyword;              // of sequence 1 with a secret: the keyword it was held against
  std::string defects;
  bool released = false;            // given out in an inbox row
};

struct InboxRecord {
  Id id = 0;
  std::string from, iccid;
  std::string text, octets;         // one of them
  std::int64_t received_ms = 0, sent_ms = 0;
  int segments = 1;
  bool complete = true;
  std::vector<int> missing;
  Id replaces = 0;
  std::string keyword;              // word that matched, upper case
  std::string defects;
  bool durable_late = false;
  std::string conversation;         // `from` in the spelling that outbound messages have; empty: nobody to answer
  std::string context;              // of the latest message to that conversation that had one when this came; written by the store
};

struct ModemStateRecord {           // what a modem went over to
  std::string modem, state, why, iccid;
};

// One change that is on disk. Ids ascend in commit order, without a gap.
struct EventRecord {
  Id id = 0;
  std::int64_t at_ms = 0;           // when the turn that made it was sealed
  // One of them; none: what it spoke of has been deleted since.
  std::optional<MessageRecord> message;  // as it was after the change
  std::optional<InboxRecord> inbox;
  std::optional<ModemStateRecord> modem;
};

struct ConversationRecord {
  Id id = 0;                        // in the order in which numbers were first seen
  std::string number;
  Id last_in = 0, last_out = 0;     // newest text from and message to it; 0: none
  std::int64_t last_ms = 0;         // when the newer of them came or was accepted
};
// An item of a conversation: one of them.
struct ConversationItem {
  std::optional<MessageRecord> message;
  std::optional<InboxRecord> inbox;
};

struct BroadcastRecord {
  Id id = 0;
  Id owner = 0;
  std::string group;                // empty: a list was given
  std::string keyword, from, from_iccid;  // when a text started it
  MessageRecord form;               // every message is a copy of it with its own `to` and id
  std::vector<std::string> numbers; // recipients, in order, no number twice
  std::vector<FurtherNumbers> further;  // of each of them; empty when nobody has any, and once all messages exist
  std::size_t expanded = 0;         // so many messages exist
  std::int64_t created_ms = 0;
  bool answer_due = false;          // the sender of the keyword gets the counts
  std::int64_t answered_ms = 0;
  std::size_t recipients = 0;       // how many; filled where numbers are left out
};

// A number that got its message of a broadcast because another did not answer.
struct FollowedRecord { Id broadcast = 0; std::string to; };

struct ContactRecord {
  std::string name;                 // what people call them; unlike any number
  std::vector<std::string> numbers; // normalised, in order of trying; never empty
  std::vector<std::string> tags;
  bool operator==(const ContactRecord&) const = default;
};

struct GroupRecord { std::string name; std::vector<std::string> members; };  // numbers, and contacts by name

struct KeywordRecord {
  std::string word;                 // upper case, as matched
  std::vector<std::string> from;    // "group:it-oncall" or numbers
  bool from_given = false;
  std::string secret;               // "pin:file:outage.pin" or empty
  std::string action;               // "reply" or "broadcast"
  std::string group, text;
  Lane lane = Lane::normal;
  bool report = true;
  std::int64_t cooldown_ms = 0;
};

struct TokenRecord {
  Id id = 0;
  std::string name, team = "main";
  std::string sha256;               // 32 raw bytes
  std::vector<std::string> scopes;
  std::int64_t created_ms = 0, revoked_ms = 0;
};

struct SimRecord {                  // what is remembered of a SIM
  std::string iccid, imsi, number, modem;
  std::int64_t first_seen_ms = 0, last_seen_ms = 0;
  int last_tp_mr = -1;              // evidence 4 of a doubt
  std::string pin_tried_sha256;     // of the (ICCID, PIN) pair that was entered with an unknown number of tries
  bool pin_refused = false;
};

// Segments begun on a day of `timezone` ("2026-11-22"), in its last hour and minute (counted since 1970 by the clock there), and how
// many went abroad.
struct SimDayRecord {
  std::string iccid, day;
  std::int64_t segments = 0, hour = 0, in_hour = 0, minute = 0, in_minute = 0, abroad = 0;
};
// Whom a SIM wrote to in the month that began on that day: one of those whom recipients_limit counts.
struct SimRecipientRecord {
  std::string iccid, month;
  std::int64_t recipient = 0;       // recipient_key
};
std::int64_t recipient_key(std::string_view number);  // stands for a number where only sameness matters
// What a person set for a SIM instead of what the configuration says. Unset: nothing.
struct SimOverrideRecord {
  std::string iccid;
  config::PerQuota<std::optional<std::int64_t>> limits{};
  std::optional<double> weight = {};
  bool sets_anything() const {
    return weight || std::any_of(limits.begin(), limits.end(), [](const auto& limit) { return limit.has_value(); });
  }
  bool operator==(const SimOverrideRecord&) const = default;
};

struct AuditRecord {
  Id id = 0;
  std::int64_t at_ms = 0;
  std::string actor;                // "token:ops", "+4477…900123" (shortened), "klaxond"
  std::string action;               // "keyword.refused", "token.created"
  std::string detail;               // never a text, never a secret
};

struct IdempotencyRecord {
  std::string key_hash;             // 16 bytes over token id and key
  std::string body_hash;            // 16 bytes
  std::string day;                  // the table it lives in: "2026-11-22" UTC
  Id first_id = 0, count = 0;       // messages made; or
  Id broadcast = 0;
};

struct LockRecord { std::string number; int failures = 0, locks = 0; std::int64_t locked_until_ms = 0; };

struct OptOutRecord {               // who asked not to be written to
  Id id = 0;
  std::string number;
  std::string by;                   // "text": by a text of their own; else the name of the token that asked for them
  std::int64_t since_ms = 0;
};

using StateCounts = std::vector<std::int64_t>;  // kLanes * kMessageStates, [lane * kMessageStates + state]

}  // namespace klaxon
