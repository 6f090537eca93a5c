#include "daemon/app/port_marks.h"

#include <algorithm>
#include <atomic>

#include "daemon/store/records.h"

namespace klaxon {

namespace {

using Mark = PortMarkPage::Mark;

// The end may come between any two of these stores, and the next life sees them in this order.
void write(Mark* mark, const PortMarks::Attempt& given) {
  std::atomic_ref(mark->wrote).store(0, std::memory_order_release);
  std::atomic_ref(mark->message).store(given.part.message, std::memory_order_release);
  std::atomic_ref(mark->part).store(static_cast<std::uint16_t>(given.part.part), std::memory_order_release);
  std::atomic_ref(mark->attempt).store(static_cast<std::uint16_t>(given.number), std::memory_order_release);
  std::atomic_ref(mark->wrote).store(1, std::memory_order_release);
}

bool is(const Mark& mark, PartRef ref) {
  return mark.wrote != 0 && mark.message == ref.message && mark.part == static_cast<std::uint16_t>(ref.part);
}

PortMarks::Wrote wrote_of(const Mark& mark) { return static_cast<PortMarks::Wrote>(mark.wrote - 1); }

}  // namespace

void PortMarks::begin_life(std::uint64_t life) {
  if (!page_) return;
  const bool fresh = page_->version == 0 && page_->life == 0;
  if (!fresh && (page_->version != PortMarkPage::kVersion || page_->life + 1 != life)) page_->ports.fill({});
  page_->version = PortMarkPage::kVersion;
  page_->life = life;
}

PortMarkPage::Port* PortMarks::port(std::string_view place) const {
  if (!page_) return nullptr;
  const auto key = static_cast<std::uint64_t>(recipient_key(place)) | 1;
  for (std::size_t i = 0; i < PortMarkPage::kPorts; ++i) {
    PortMarkPage::Port& port = page_->ports[(key + i) % PortMarkPage::kPorts];
    if (port.place == 0) port.place = key;
    if (port.place == key) return &port;
  }
  return nullptr;
}

void PortMarks::open(std::string_view place) {
  if (PortMarkPage::Port* at = port(place)) std::atomic_ref(at->opened).store(1, std::memory_order_release);
}

bool PortMarks::was_opened(std::string_view place) const {
  const PortMarkPage::Port* at = port(place);
  return at && at->opened != 0;
}

void PortMarks::give(std::string_view place, Attempt given) {
  PortMarkPage::Port* at = port(place);
  if (!at) return;
  write(&at->newest[at->given % PortMarkPage::kNewest], given);
  std::atomic_ref(at->given).store(at->given + 1, std::memory_order_release);
}

void PortMarks::wrote(std::string_view place, PartRef ref, Wrote wrote) {
  PortMarkPage::Port* at = port(place);
  if (!at || at->given == 0) return;
  Mark& mark = at->newest[(at->given - 1) % PortMarkPage::kNewest];
  if (is(mark, ref) && wrote_of(mark) < wrote)
    std::atomic_ref(mark.wrote).store(static_cast<std::uint32_t>(wrote) + 1, std::memory_order_release);
}

std::optional<PortMarks::Wrote> PortMarks::of(std::string_view place, Attempt given) const {
  const PortMarkPage::Port* at = port(place);
  if (!at) return std::nullopt;
  std::optional<Wrote> most;  // it may have been taken back and given there again
  for (const Mark& mark : at->newest)
    if (is(mark, given.part) && mark.attempt == static_cast<std::uint16_t>(given.number))
      most = std::max(most.value_or(Wrote::nothing), wrote_of(mark));
  return most;
}

std::optional<PartRef> PortMarks::newest(std::string_view place) const {
  const PortMarkPage::Port* at = port(place);
  if (!at) return std::nullopt;
  for (std::uint64_t back = 1; back <= PortMarkPage::kNewest && back <= at->given; ++back) {
    const Mark& mark = at->newest[(at->given - back) % PortMarkPage::kNewest];
    if (mark.wrote != 0 && wrote_of(mark) != Wrote::nothing)
      return PartRef{mark.message, mark.part};
  }
  return std::nullopt;
}

}  // namespace klaxon
