// Octets as a +CUSD and as its string under every hint. The text is UTF-8 and no longer than what it was made
// of can say; a request that can be packed comes back, but for the CR that 23.038 6.1.2.3.1 allows behind it.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <iostream>
#include <string>

#include "at/ucs2.h"
#include "at/ussd.h"

namespace {

void require(bool holds, const char* what, std::string_view text) {
  if (holds) return;
  std::cerr << what << ": " << text << '\n';
  std::abort();
}

void line(std::string_view text) {
  const auto ussd = at::parse_cusd(text);
  if (!ussd) return;
  require(ussd->status >= 0, "negative status", text);
  require(!ussd->dcs || (*ussd->dcs >= 0 && *ussd->dcs <= 255), "dcs", text);
  require(!ussd->string || ussd->string->size() < text.size(), "a string out of nothing", text);
  // The quotes that close end it, whatever it holds.
  if (at::ussd_open(text)) require(!ussd->dcs, "a dcs behind open quotes", text);
}

void string(std::string_view printed, std::uint8_t hints) {
  at::UssdHints given;
  if (hints & 1) given.dcs = hints;
  if (hints & 2) given.charset = static_cast<at::Charset>(hints >> 2 & 3);
  if (hints & 16) given.packed = (hints & 32) != 0;
  const at::UssdText read = at::decode_ussd(printed, given);
  require(at::utf8_valid(read.text), "no UTF-8", printed);
  require(read.text.size() <= 3 * printed.size(), "a text out of nothing", printed);
  const bool hex = read.form != at::UssdForm::plain && read.form != at::UssdForm::gsm_octets;
  require(!hex || printed.size() >= 2, "hex out of nothing", printed);
}

void request(std::string_view text) {
  const auto packed = at::ussd_pack(text);
  if (!packed) return;
  const std::string back = at::gsm7_decode(at::ussd_unpack(*packed));
  const auto septets = at::gsm7_encode(text);
  const bool doubled = septets->size() % 8 == 0 && !septets->empty() && septets->back() == '\r';
  require(back == std::string(text) + (doubled ? "\r" : ""), "packed and unpacked", text);
}

}  // namespace

// The first octet gives the hints.
int fuzz_ussd(const std::uint8_t* bytes, std::size_t size) {
  if (size == 0) return 0;
  const std::string_view text(reinterpret_cast<const char*>(bytes + 1), size - 1);
  line(text);
  line("+CUSD: " + std::string(text));
  string(text, bytes[0]);
  string(at::hex_encode(bytes + 1, size - 1), bytes[0]);
  request(text);
  const at::Octets octets(bytes + 1, bytes + size);
  const at::Septets septets = at::ussd_unpack(octets);
  require(septets.size() <= octets.size() * 8 / 7, "septets out of nothing", text);
  return 0;
}
