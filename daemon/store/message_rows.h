// A message as one row of `messages`.
#pragma once

#include "daemon/store/sqlite_handle.h"

namespace klaxon::store {

// For SELECT; row_message() reads them in this order.
extern const char* const kMessageColumns;

bool insert_message(Connection&, const MessageRecord&);
bool update_message(Connection&, const MessageRecord&);  // what changes

// The texts of sensitive messages have tables of their own. True: it was there, and is gone now.
bool forget_text(Connection&, Id message);
bool forget_form(Connection&, Id broadcast);  // if each of its messages was made
bool insert_form(Connection&, Id broadcast, const MessageRecord& form);
void read_form(Connection&, Id broadcast,
               MessageRecord* form);  // which stays without a text if there is none

MessageRecord row_message(const Query&);
std::vector<MessageRecord> rows_of(Query);  // all that are left

// "SELECT <all columns> FROM messages " + rest
std::string select_messages(std::string_view rest);

// How the conditions of the partial indexes must be written: SQLite matches them with literals only, never
// with a bound parameter that happens to have the same value.
inline constexpr const char* kReadyRows = "INDEXED BY messages_ready WHERE state=0 AND due_ms=0 ";
inline constexpr const char* kLaterRows = "INDEXED BY messages_later WHERE state=0 AND due_ms>0 ";
inline constexpr const char* kInFlightRows = "INDEXED BY messages_in_flight WHERE state IN (1,7) ";
inline constexpr const char* kPartlyRows = "INDEXED BY messages_partly WHERE partly=1 ";
inline constexpr const char* kAwaitingRows = "INDEXED BY messages_awaiting WHERE awaits=1 ";
inline constexpr const char* kLostRows = "INDEXED BY messages_lost WHERE state BETWEEN 4 AND 6 ";
inline constexpr const char* kFollowingRows = "INDEXED BY messages_following WHERE instead_of>0 ";
inline constexpr const char* kFurtherRows = "INDEXED BY messages_further WHERE further<>X'' ";
inline constexpr const char* kBroadcastRows = "INDEXED BY messages_broadcast WHERE broadcast>0 ";

}  // namespace klaxon::store
