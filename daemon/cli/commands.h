// The subcommands, a group of them a file. Each adds its own to the program and leaves in `chosen` what is to
// be done.
#pragma once

#include "daemon/cli/command.h"
#include "daemon/cli/session.h"

namespace klaxon::cli {

void add_send(Command, Chosen&);
void add_preview(Command, Chosen&);
void add_messages(Command, Chosen&);  // message, cancel, settle, inbox, queue
void add_follow(Command, Chosen&);    // events, conversation, conversations
void add_bank(Command, Chosen&);      // modems, sims
void add_broadcast(Command, Chosen&);
void add_contacts(Command, Chosen&);
// import FILE and export, of contacts or groups as CSV.
void add_sheet(Command parent, Chosen&, const std::string& folder);
void add_keyword(Command, Chosen&);    // keyword, group
void add_consent(Command, Chosen&);    // opt-outs
void add_token(Command, Chosen&);      // token, audit
void add_directory(Command, Chosen&);  // apply, export
void add_care(Command, Chosen&);       // backup, erase
void add_pdu(Command, Chosen&);
void add_doctor(Command, Chosen&);

}  // namespace klaxon::cli
