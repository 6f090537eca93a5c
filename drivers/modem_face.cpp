// What the outside may ask of a modem, and what of the answers holds until somebody may have changed it.
#include <utility>

#include "drivers/modem_impl.h"

namespace drivers {

Modem::Modem(std::string family_name, const Timers& timers)
    : impl_(std::make_unique<Impl>(family_name, timers)) {}
Modem::Watched::Watched(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
std::optional<at::Instant> Modem::Watched::deadline() const {
  if (!std::exchange(due_known_, true)) due_ = impl_->deadline();
  return due_;
}
Modem::~Modem() = default;
Modem::Modem(Modem&&) noexcept = default;

Events Modem::port_opened(at::Instant now) {
  impl_->port_opened(now);
  return impl_->hand_over();
}

Events Modem::port_closed(std::string_view why, at::Instant now) {
  impl_->port_closed(why, now);
  return impl_->hand_over();
}

Events Modem::feed(std::string_view bytes, at::Instant now) {
  if (impl_->port_open) impl_->on_channel(impl_->channel.feed(bytes, now), now);
  impl_->tick(now);
  return impl_->hand_over();
}

Events Modem::tick(at::Instant now) {
  impl_->tick(now);
  return impl_->hand_over();
}

Output Modem::take_output(at::Instant now) {
  if (impl_.said_all()) return {};  // nothing changes it but a call, and tick() when it is due
  Impl& m = *impl_;
  impl_.has_said_all();
  Output out;
  out.close_port = std::exchange(m.close_wanted, false);
  if (!m.port_open) {
    if (!m.open_asked && !m.stopping && now >= m.ask_open_at) {
      out.open_port = m.open_asked = true;
      m.last_asked = now;
    }
    return out;
  }
  m.start_next(now);
  if (m.pdu_held_until && now < *m.pdu_held_until) return out;
  out.bytes = m.channel.take_output(now);
  if (!out.bytes.empty()) m.submit_handed_out(now);
  return out;
}

std::optional<at::Instant> Modem::deadline() const {
  return impl_.deadline();
}
State Modem::state() const {
  return impl_->state;
}
bool Modem::overdue() const {
  return impl_->submission && impl_->submission->overdue;
}

bool Modem::can_take() const {
  const Impl& m = *impl_;
  const bool rests = m.rest_until && m.seen < *m.rest_until;
  const bool errand = m.errand && !m.errand->stands_back();
  return m.state == State::ready && !m.submission && !errand && !m.stopping && !m.again && !m.restart_asked &&
         !rests;
}

void Modem::claim(Claim claim, at::Instant now) {
  impl_->claim(std::move(claim), now);
}
void Modem::committed(std::uint64_t token, at::Instant now) {
  impl_->committed(token, now);
}
bool Modem::revoke(std::uint64_t token) {
  return impl_->revoke(token);
}

std::optional<std::uint64_t> Modem::claimed() const {
  if (!impl_->submission) return std::nullopt;
  return impl_->submission->claim.token;
}

bool Modem::claim_revocable() const {
  return impl_->submission && impl_->submission->untouched();
}

bool Modem::pdu_handed_out() const {
  return impl_->submission && impl_->submission->pdu_at;
}

void Modem::release(const StoredAt& at, at::Instant now) {
  impl_->intake.release(at, now);
}

void Modem::enter_pin(std::string_view pin, at::Instant) {
  impl_->enter_pin(pin);
}

void Modem::restart(at::Instant now) {
  impl_->restart(now);
}

bool Modem::can_restart() const {
  return impl_->working() && !impl_->stopping && !impl_->restart_asked;
}

void Modem::run(Errand errand, at::Instant now) {
  impl_->run(std::move(errand), now);
}

bool Modem::can_run() const {
  return impl_->port_open && !impl_->stopping && !impl_->errand;
}

bool Modem::give_way(at::Instant now) {
  return impl_->give_way(now) && can_take();
}

void Modem::stop(at::Instant now) {
  impl_->stopping = true;
  if (impl_->job != Impl::Job::errand) impl_->end_errand("no more work is taken", now);
  impl_->occasion(Occasion::stopping, "stop", now);
}

bool Modem::stopped() const {
  return impl_->state == State::draining && !impl_->submission && !impl_->channel.running() &&
         !impl_->direct.due(impl_->seen);
}

const Family& Modem::family() const {
  return *impl_->family;
}

}  // namespace drivers
