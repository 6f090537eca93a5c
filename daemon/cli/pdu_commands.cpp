#include <ostream>

#include "daemon/cli/answers.h"
#include "daemon/cli/commands.h"
#include "daemon/cli/pdu_fields.h"
#include "daemon/cli/pdu_ops.h"

namespace klaxon::cli {
namespace {

struct PduOptions {
  std::string hex, direction = "mt";
  bool bare = false, lenient = false;
  bool several = false;  // --jsonl instead of one PDU
};

int refuse(Terminal& terminal, const std::string& why) {
  terminal.err << why << "\n";
  return kRefused;
}

int decode(Terminal& terminal, const PduOptions& options) {
  const auto direction = options.direction == "mo" ? at::Direction::to_sc : at::Direction::from_sc;
  const auto pdu = at::decode_pdu(options.hex, {direction, !options.lenient, !options.bare});
  if (!pdu) {
    return refuse(terminal, "error at octet " + std::to_string(pdu.error().octet) + ": " +
                                pdu.error().reason +
                                (options.lenient ? "" : " (--lenient shows what can be read)"));
  }
  json::object fields = fields_of(*pdu);
  if (!pdu->defects.empty()) fields["defects"] = defects_of(*pdu);
  terminal.out << (terminal.json ? json::serialize(fields) + "\n" : lines_of(fields));
  return kDone;
}

}  // namespace

void add_pdu(Command app, Chosen& chosen) {
  auto options = std::make_shared<PduOptions>();
  auto pdu = app.subcommand("pdu", "PDUs on the command line; needs no daemon");
  pdu.flag("--jsonl", "One JSON request a line on stdin, one answer a line: see docs/pdu.md")
      .note_given(options->several);
  pdu.may_have_subcommand();
  auto command = pdu.subcommand("decode", "Show a PDU's fields under their names in 3GPP TS 23.040");
  command.positional("HEX", options->hex,
                     "As on the modem's port, with the service centre's address in front");
  command.option("--dir", options->direction, "mt: from the service centre; mo: to it").one_of({"mt", "mo"});
  command.flag("--bare", options->bare, "A TPDU without the service centre's address");
  command.flag("--lenient", options->lenient, "Show what could be read of a PDU with defects");
  command.on_use([options, &chosen] {
    chosen.local = [options](Terminal& terminal) { return decode(terminal, *options); };
  });
  pdu.on_use([options, pdu, &chosen] {
    if (options->several == pdu.has_subcommand()) misuse("pdu: either decode or --jsonl");
    if (!options->several) return;
    chosen.local = [](Terminal& terminal) {
      answer_lines(terminal.in, terminal.out);
      return kDone;
    };
  });
}

}  // namespace klaxon::cli
