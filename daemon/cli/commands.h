// The subcommands, a group of them a file. Each adds its own to the program and leaves in `chosen` what is to
// be done.
#pragma once

#include <CLI/CLI.hpp>

#include "daemon/cli/session.h"

namespace klaxon::cli {

void add_send(CLI::App&, Chosen&);
void add_preview(CLI::App&, Chosen&);
void add_messages(CLI::App&, Chosen&);  // message, cancel, settle, inbox, queue
void add_bank(CLI::App&, Chosen&);      // modems, sims
void add_broadcast(CLI::App&, Chosen&);
void add_keyword(CLI::App&, Chosen&);    // keyword, group
void add_token(CLI::App&, Chosen&);      // token, audit
void add_directory(CLI::App&, Chosen&);  // apply, export
void add_pdu(CLI::App&, Chosen&);
void add_doctor(CLI::App&, Chosen&);

// A wrong use that the options can't express; told like any other, exit code 2.
[[noreturn]] inline void misuse(const std::string& what) {
  throw CLI::ValidationError(what, kUsage);
}

// A positional of any number of words, each left as it is. CLI11 would take "[a, b]" apart wherever an option
// may go on without end; so this one has an end, far away, and its policy is not to mind that it isn't
// reached.
inline CLI::Option* whole_words(CLI::Option* option, const std::string& shown) {
  constexpr int kMostWords = 10'001;  // as many numbers as a list may have, and the text
  return option->expected(kMostWords)->take_all()->allow_extra_args(false)->option_text(shown);
}

}  // namespace klaxon::cli
