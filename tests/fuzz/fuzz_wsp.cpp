// Octets as a WAP push: whatever comes out of it is UTF-8, and the body is the end of what went in.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <iostream>
#include <string>

#include "at/ucs2.h"
#include "at/wsp.h"

namespace {

void require(bool holds, const char* what, const at::Octets& octets) {
  if (holds) return;
  std::cerr << what << ": " << at::hex_encode(octets) << '\n';
  std::abort();
}

}  // namespace

int fuzz_wsp(const std::uint8_t* bytes, std::size_t size) {
  const at::Octets octets(bytes, bytes + size);
  const auto push = at::decode_wap_push(octets);
  if (!push) {
    require(push.error().octet <= size + 1 && !push.error().reason.empty(), "error without a place", octets);
    return 0;
  }
  require(push->body.size() <= size && std::equal(push->body.rbegin(), push->body.rend(), octets.rbegin()),
          "body is not the end", octets);
  std::string all = push->content_type;
  if (push->mms) {
    all += push->mms->transaction_id + push->mms->from + push->mms->subject + push->mms->location + push->mms->message_class;
    require(all.size() <= 16 * size + 100, "more text than octets", octets);
  }
  if (push->indication) all += push->indication->href + push->indication->text;
  require(at::utf8_valid(all), "text is not UTF-8", octets);
  return 0;
}
