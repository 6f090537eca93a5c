#include <ostream>

#include "daemon/cli/answers.h"
#include "daemon/cli/commands.h"
#include "daemon/cli/pdu_fields.h"
#include "daemon/cli/pdu_ops.h"

namespace klaxon::cli {
namespace {

struct DecodeOptions {
  std::string hex, direction = "mt";
  bool bare = false, lenient = false;
};

int refuse(Terminal& terminal, const std::string& why) {
  terminal.err << why << "\n";
  return kRefused;
}

int decode(Terminal& terminal, const DecodeOptions& options) {
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

void add_pdu(CLI::App& app, Chosen& chosen) {
  auto options = std::make_shared<DecodeOptions>();
  auto* pdu = app.add_subcommand("pdu", "PDUs on the command line; needs no daemon");
  auto* jsonl = pdu->add_flag("--jsonl")->description(
      "One JSON request a line on stdin, one answer a line: see docs/pdu.md");
  pdu->require_subcommand(0, 1);
  auto* command = pdu->add_subcommand("decode", "Show a PDU's fields under their names in 3GPP TS 23.040");
  command
      ->add_option("HEX", options->hex, "As on the modem's port, with the service centre's address in front")
      ->required();
  command->add_option("--dir", options->direction, "mt: from the service centre; mo: to it")
      ->check(CLI::IsMember({"mt", "mo"}));
  command->add_flag("--bare", options->bare, "A TPDU without the service centre's address");
  command->add_flag("--lenient", options->lenient, "Show what could be read of a PDU with defects");
  command->callback([options, &chosen] {
    chosen.local = [options](Terminal& terminal) { return decode(terminal, *options); };
  });
  pdu->final_callback([pdu, jsonl, &chosen] {
    const bool several = jsonl->count() > 0;
    if (several == !pdu->get_subcommands().empty()) misuse("pdu: either decode or --jsonl");
    if (!several) return;
    chosen.local = [](Terminal& terminal) {
      answer_lines(terminal.in, terminal.out);
      return kDone;
    };
  });
}

}  // namespace klaxon::cli
