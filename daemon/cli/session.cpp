#include "daemon/cli/session.h"

#include <istream>
#include <iterator>
#include <ostream>

namespace klaxon::cli {

int complain(Terminal& terminal, const Failure& failure) {
  terminal.err << "klaxon: " << failure.text << "\n";
  return failure.exit_code;
}

int show(Terminal& terminal, const Outcome& outcome, const Render& render) {
  if (!outcome) return complain(terminal, outcome.error());
  if (!terminal.json) {
    terminal.out << render(outcome->body);
  } else if (!outcome->raw.empty()) {
    terminal.out << outcome->raw << (outcome->raw.ends_with('\n') ? "" : "\n");
  }
  return kDone;
}

std::string rest_of_input(Terminal& terminal) {
  std::string text(std::istreambuf_iterator<char>(terminal.in), {});
  if (text.ends_with('\n')) text.pop_back();
  if (text.ends_with('\r')) text.pop_back();
  return text;
}

}  // namespace klaxon::cli
