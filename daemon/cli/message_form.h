// What a message and a broadcast have in common: their options and their fields in a body.
#pragma once

#include <CLI/CLI.hpp>
#include <string>

#include "daemon/cli/session.h"

namespace klaxon::cli {

struct MessageForm {
  std::string text;  // "-": from standard input
  bool text_given = false;
  std::string lane, encoding, valid_for, send_at, sim, ref, in_doubt;
  bool flash = false, no_report = false;
  std::string idempotency_key;  // empty: a random one
};

void add_form_options(CLI::App&, MessageForm&);
// Only what was given: the rest is the daemon's to decide. Reads the text from standard input for "-".
json::object body_of(const MessageForm&, Terminal&);
// The given key, or 128 random bits.
std::string key_of(const MessageForm&);

}  // namespace klaxon::cli
