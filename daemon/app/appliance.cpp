#include "daemon/app/appliance.h"

#include <algorithm>
#include <utility>

#include "daemon/app/admission.h"
#include "drivers/family.h"
#include "drivers/timers.h"

namespace klaxon {

namespace {

constexpr std::int64_t kSweepMs = 2'000;            // what is late is found at least so often
constexpr std::int64_t kMaintainMs = 3'600'000;
constexpr std::size_t kAwaiting = 20'000;           // submits in memory that await a report
constexpr at::Millis kStalledGap{20};               // while the disk is away the alert lane is looked at so often
constexpr std::size_t kNotes = 10'000;
constexpr std::size_t kMostSlots = 2'048;           // fixed ports and places where something was plugged in during this life

drivers::Timers timers_of(const config::Settings& settings) {
  drivers::Timers timers;
  timers.submit_timeout = settings.policy.submit_timeout;
  timers.submit_overdue = settings.policy.submit_overdue;
  return timers;
}

}  // namespace

Appliance::Appliance(const config::Settings& settings, store::Restored restored, std::function<void(ReadJob)> reader,
                     SecretFile secret_file, Now now, PortMarkPage* marks)
    : settings_(settings), reader_(std::move(reader)), secret_file_(std::move(secret_file)), now_(now), marks_(marks) {
  for (const config::FixedModem& fixed : settings_.modems)
    add_slot(fixed, fixed.id());
  born_ms_ = now_.unix_ms;
  restore(std::move(restored));
}

Appliance::~Appliance() = default;

std::size_t Appliance::add_slot(config::FixedModem fixed, std::string id) {
  slots_.push_back(std::make_unique<Slot>(std::move(fixed), std::move(id), timers_of(settings_)));
  ModemView& view = slots_.back()->view;
  view.state = std::string(drivers::state_name(slots_.back()->modem.state()));
  view.since_ms = now_.unix_ms;
  return slots_.size() - 1;
}

// A place keeps its slot when its modem goes: whatever is plugged in there next has the same id.
std::optional<std::size_t> Appliance::slot_for(const std::string& place) {
  const auto at = std::find_if(slots_.begin(), slots_.end(), [&](const auto& slot) { return slot->view.id == place; });
  if (at != slots_.end()) {
    const bool plugs = (*at)->settings.port.empty();
    return plugs ? std::optional(static_cast<std::size_t>(at - slots_.begin())) : std::nullopt;
  }
  if (slots_.size() >= kMostSlots || stopping_) return std::nullopt;
  const std::size_t index = add_slot(config::FixedModem{}, place);
  if (const auto begun = begun_elsewhere_.extract(place)) {
    slots_[index]->last_begun = begun.mapped().part;
    slots_[index]->last_begun_ms = begun.mapped().began_ms;
    slots_[index]->entry_may_be_open = begun.mapped().under_way;
  }
  recall(*slots_[index]);
  return index;
}

void Appliance::modem_plugged(std::size_t index, const std::string& node) {
  Slot& slot = *slots_[index];
  slot.view.port = node;
  slot.view.why.clear();
  note(Note::Level::info, slot, "a modem is plugged in, at " + node);
}

void Appliance::modem_unplugged(std::size_t index) {
  Slot& slot = *slots_[index];
  if (slot.modem.state() != drivers::State::absent) modem_closed(index, "unplugged");  // it was being opened
  slot.view.port.clear();
  slot.view.why = "unplugged";
  note(Note::Level::warning, slot, "unplugged");
}

void Appliance::note(Note note) {
  if (notes_.size() < kNotes) notes_.push_back(std::move(note));
}

void Appliance::note(Note::Level level, const Slot& slot, const std::string& text, Id message) {
  note({.level = level,
        .text = slot.view.id + ": " + text,
        .modem = slot.view.id,
        .sim = slot.iccid,
        .message = message == 0 ? "" : "m" + std::to_string(message)});
}

std::vector<Note> Appliance::take_notes() { return std::exchange(notes_, {}); }

void Appliance::read(store::Reading kind, Look look) {
  ++reads_waiting_;
  reader_({kind, [this, look = std::move(look)](store::Reader& rows) -> std::function<void()> {
             return [this, then = look(rows)] {
               --reads_waiting_;
               if (then) then();
             };
           }});
}

void Appliance::turn(Now now) {
  now_ = now;
  ++counters_.turns;
  for (std::size_t i = 0; i < slots_.size(); ++i) {
    const auto due = slots_[i]->modem.deadline();
    if (due && *due <= now_.mono) modem_events(i, slots_[i]->modem.tick(now_.mono));
  }
  for (Whole& whole : intake_.expire(now_.unix_ms)) give_out(std::move(whole), Line::work);
  reports_.drop_early(now_.unix_ms);
  doubts_due();
  recordings_due();
  watch_disk();
  admit();
  expand_broadcasts();
  bring_due();
  // The wall clock may have stepped back: then the sweep is due as well.
  if (now_.unix_ms - last_sweep_ms_ >= kSweepMs || now_.unix_ms < last_sweep_ms_) sweep_expired();
  follow_lost();
  answer_broadcasts();
  dispatch();
  follow_lost();
  refill();
  open_gates();
  cutter_.forget_text();  // it may be a sensitive one
  messages_.forget_settled(queue_.refill_under_way() || row_reads_ > 0, kAwaiting);
}

std::optional<Turn::Sealed> Appliance::seal(Now now) {
  now_ = now;
  turn_.end_piece();
  if (turn_.commit_in_flight() || !turn_.anything_to_seal() || !turn_.retry_due(now_.mono)) return std::nullopt;
  const bool again = turn_.failed_batch() != nullptr;
  const bool both = !turn_.queue(Line::alert).empty() && !turn_.queue(Line::work).empty();
  Turn::Sealed sealed = turn_.seal(now_.mono);
  if (!again) {
    if (both) renew_sims(sealed.batch);
    if (auto counts = messages_.take_counts()) sealed.batch.push_back(std::move(*counts));
    sealed.batch.push_back(store::RecordEvents{now_.unix_ms});
  }
  alert_waits_ = false;
  return sealed;
}

// What the lines say of a SIM is of different times, and the newest has to be what stays. TP-MR is told along with the rows that
// it was given to: where some wait for the next batch, it is not known for now.
void Appliance::renew_sims(store::Batch& batch) const {
  const bool whole = turn_.waiting() == 0;
  for (store::Op& op : batch) {
    if (auto* saved = std::get_if<store::SaveSim>(&op)) {
      if (const Sim* sim = sims_.find(saved->sim.iccid)) saved->sim = sim->record;
      if (!whole) saved->sim.last_tp_mr = -1;
    } else if (auto* counted = std::get_if<store::SaveSimDay>(&op)) {
      const Sim* sim = sims_.find(counted->day.iccid);
      if (sim && sim->counted_at.day == counted->day.day) counted->day = sim->day_record();
    }
  }
}

void Appliance::completed(const store::Completion& completion, store::Batch reclaimed) {
  ++counters_.commits;
  counters_.commit_micros += static_cast<std::uint64_t>(completion.micros);
  refill_now_ = true;
  if (!completion.failure) {
    turn_.committed(completion);
    forgotten(completion.forgotten);
    if (completion.last_event != 0) last_event_ = completion.last_event;
    disk_reason_.clear();
    if (disk_told_) {
      disk_told_ = false;
      note(Note::Level::info, "disk: writing again");
      tell_operator("Klaxon: the disk can be written again.");
    }
    return;
  }
  ++counters_.commit_failures;
  disk_reason_ = completion.failure->text;
  turn_.failed(std::move(reclaimed), now_.mono);
  mark_failed_batch();
}

// The store deleted what is older than policy.keep.
void Appliance::forgotten(const StateCounts& counts) {
  for (std::size_t cell = 0; cell < counts.size(); ++cell) {
    if (counts[cell] == 0) continue;
    const auto lane = static_cast<Lane>(cell / kMessageStates);
    turn_.append(line_of(lane), store::MarkPartsReleased{});  // changes nothing; the counts are written with it
    messages_.count(lane, static_cast<MessageState>(cell % kMessageStates), -static_cast<int>(counts[cell]));
  }
}

std::optional<at::Instant> Appliance::deadline() const {
  std::optional<at::Instant> first;
  const auto sooner = [&first](std::optional<at::Instant> at) {
    if (at && (!first || *at < *first)) first = at;
  };
  const auto at_wall = [&](std::int64_t unix_ms) {
    return std::optional(now_.mono + at::Millis(std::max<std::int64_t>(0, unix_ms - now_.unix_ms)));
  };
  for (const auto& slot : slots_) {
    sooner(slot->modem.deadline());
    if (slot->incident) sooner(slot->incident->until);
  }
  if (const auto due = queue_.next_due_ms()) sooner(at_wall(*due));
  if (queue_.anybody_waits()) sooner(next_pace_);
  if (!doubts_due_.empty()) sooner(doubts_due_.begin()->first);
  if (const auto due = intake_.next_expiry_ms()) sooner(at_wall(*due));
  sooner(turn_.retry_at());
  sooner(at_wall(last_sweep_ms_ + kSweepMs));
  if (const auto since = turn_.stalled_since()) {
    const at::Instant away = *since + settings_.policy.disk_deadline;
    sooner(away > now_.mono ? away : now_.mono + kStalledGap);
  }
  return first;
}

void Appliance::stop() {
  stopping_ = true;
  for (std::size_t i = 0; i < slots_.size(); ++i) {
    Slot& slot = *slots_[i];
    if (slot.claim && slot.modem.claim_revocable() && slot.modem.revoke(slot.claim->token))
      if (Held* held = take_back(slot)) requeue(*held, 0);
    slot.modem.stop(now_.mono);
  }
}

bool Appliance::stopped() const {
  const bool quiet = std::all_of(slots_.begin(), slots_.end(), [](const auto& slot) {
    return slot->modem.stopped() || slot->iccid.empty();
  });
  return stopping_ && quiet && !turn_.commit_in_flight() && !turn_.anything_to_seal();
}

void Appliance::give_up_in_flight() {
  for (std::size_t i = 0; i < slots_.size(); ++i)
    if (slots_[i]->claim) modem_events(i, slots_[i]->modem.port_closed("stopping", now_.mono));
}

std::vector<Answer> Appliance::take_answers() {
  std::vector<Answer> out(std::make_move_iterator(ready_answers_.begin()), std::make_move_iterator(ready_answers_.end()));
  ready_answers_.clear();
  return out;
}

}  // namespace klaxon
