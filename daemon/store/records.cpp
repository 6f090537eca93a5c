#include "daemon/store/records.h"

#include <algorithm>

namespace klaxon {
namespace {

// 23.040 9.2.3.15: 20 to 3F say that the SC still tries.
// Reserved values count as "service rejected", which is final.
bool is_final_tp_st(int tp_st) {
  return tp_st >= 0 && (tp_st < 0x20 || tp_st > 0x3F);
}

// The memory goes back to a heap that others read from; a string that is cleared would leave it as it is.
void wipe(std::string* text) {
  volatile char* octets = text->data();
  for (std::size_t i = 0; i < text->size(); ++i) octets[i] = 0;
  text->clear();
  text->shrink_to_fit();
}

}  // namespace

void MessageRecord::forget_text() {
  wipe(&text);
  wipe(&octets);
}

std::optional<int> PartRecord::heard() const {
  if (tp_mr > kHeard) return {};
  return (tp_mr <= kHeardStored ? kHeardStored : kHeard) - tp_mr + kEntryOpen;
}

void PartRecord::hear(std::optional<int> what) {
  const bool stored = stored_first();
  if (what)
    tp_mr = (stored ? kHeardStored : kHeard) + kEntryOpen - *what;
  else if (heard())
    tp_mr = stored ? kStoredFirst : -1;
}

void PartRecord::pass() {
  tp_mr = stored_first() ? kPassedStored : kPassed;
}

bool MessageRecord::awaits_report() const {
  return report && std::any_of(parts.begin(), parts.end(), [](const PartRecord& part) {
           return part.state == MessageState::submitted && !is_final_tp_st(part.tp_st);
         });
}

// FNV-1a: the same in every version, as rows hold it.
std::int64_t recipient_key(std::string_view number) {
  std::uint64_t hash = 0xcbf29ce484222325;
  for (const char c : number) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3;
  return static_cast<std::int64_t>(hash);
}

}  // namespace klaxon
