#include <ostream>

#include "daemon/cli/answers.h"
#include "daemon/cli/commands.h"
#include "daemon/cli/pdu_fields.h"

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
  // "00": no SC address. The octets that were typed are counted, not this one.
  const std::string hex = (options.bare ? "00" : "") + options.hex;
  const auto direction = options.direction == "mo" ? at::Direction::to_sc : at::Direction::from_sc;
  const auto pdu = at::decode_pdu(hex, direction);
  if (!pdu) {
    const std::size_t shift = options.bare && pdu.error().octet > 0 ? 1 : 0;
    return refuse(terminal,
                  "error at octet " + std::to_string(pdu.error().octet - shift) + ": " + pdu.error().reason);
  }
  if (!pdu->defects.empty() && !options.lenient)
    return refuse(terminal, "error: " + pdu->defects.front() + " (--lenient shows what could be read)");
  const auto fields = fields_of(*pdu);
  terminal.out << (terminal.json ? json::serialize(fields) + "\n" : lines_of(fields));
  return kDone;
}

}  // namespace

void add_pdu(CLI::App& app, Chosen& chosen) {
  auto options = std::make_shared<DecodeOptions>();
  auto* pdu = app.add_subcommand("pdu", "PDUs on the command line; needs no daemon");
  pdu->require_subcommand(1);
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
}

}  // namespace klaxon::cli
