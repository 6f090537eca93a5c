#include "hw/modembank/modem.h"

#include <algorithm>
#include <cctype>
#include <utility>

namespace modembank {
namespace {

constexpr std::size_t kInput = 8'192;    // what a UART's buffer and its firmware hold
constexpr std::size_t kLine = 556;       // of a command line
constexpr std::size_t kEntry = 1'024;    // hex after a prompt: 2 * (12 + 164) octets is the longest
constexpr std::size_t kOutput = 65'536;  // nobody reads: what comes later is lost
constexpr std::size_t kUrcs = 128;
constexpr char kEscape = 0x1B, kCtrlZ = 0x1A, kBackspace = 0x08;

}  // namespace

SimulatedModem::SimulatedModem(ModemSettings settings, Air& air, Sim* sim)
    : settings_(std::move(settings)), air_(air), sim_(sim), me_(settings_.me_slots), rng_(settings_.seed) {
  if (!unlocked()) {
    stat_ = 0;
    sms_ready_ = false;
  }
}

Duration SimulatedModem::scaled(Duration d) const {
  return Duration(static_cast<Duration::rep>(static_cast<double>(d.count()) * slow_));
}

void SimulatedModem::feed(std::string_view bytes, at::Instant now) {
  if (power_ != Power::on || frozen(now)) return;
  const std::size_t room = kInput - input_.size();
  if (bytes.size() > room) lost_bytes_ += bytes.size() - room;
  input_ += bytes.substr(0, room);
  consume(now);
}

void SimulatedModem::tick(at::Instant now) {
  if (power_ == Power::off) return;
  if (power_ == Power::booting) {
    if (now < up_at_) return;
    come_up(now);
  }
  if (frozen(now)) return;
  boot_steps(now);
  advance(now);
  receive(now);
  consume(now);
}

std::string SimulatedModem::take_output(at::Instant) {
  return std::exchange(out_, {});
}

std::optional<at::Instant> SimulatedModem::deadline() const {
  if (power_ == Power::off) return std::nullopt;
  if (power_ == Power::booting) return up_at_;
  std::optional<at::Instant> first;
  const auto consider = [&](const std::optional<at::Instant>& t) {
    if (t && (!first || *t < *first)) first = t;
  };
  consider(sim_at_);
  consider(registers_at_);
  consider(sms_ready_at_);
  consider(code_answered_at_);
  if (unacknowledged_) consider(unacknowledged_->until);
  if (running_) {
    consider(running_->done_at);
    if (running_->radio && !running_->radio->on_air) consider(running_->radio->air_at);
  }
  if (stat_ == 1 && sms_ready_ && !unacknowledged_) {
    auto inbound = air_.next(sim_->line);
    if (inbound) consider(std::max(*inbound, garbage_until_));
  }
  if (first && *first < silent_until_) return silent_until_;
  return first;
}

// One command at a time: what comes meanwhile waits in the buffer, as it does in most firmware.
void SimulatedModem::consume(at::Instant now) {
  std::size_t used = 0;
  while (used < input_.size() && !running_) {
    const char c = input_[used++];
    entry_ ? take_entry_char(c, now) : take_command_char(c, now);
  }
  input_.erase(0, used);
}

void SimulatedModem::take_command_char(char c, at::Instant now) {
  const bool printable = static_cast<unsigned char>(c) >= 0x20;
  if (current_.echo && (printable || c == '\r' || c == kBackspace)) write({&c, 1});
  if (c == '\r') return start(std::exchange(line_, {}), now);
  if (c == kBackspace && !line_.empty()) line_.pop_back();
  if (printable && line_.size() < kLine) line_ += c;
}

// 27.005 3.5.1: Ctrl-Z sends, ESC ends with OK and nothing was sent.
void SimulatedModem::take_entry_char(char c, at::Instant now) {
  if (c == kCtrlZ) return entered(now);
  if (c == kEscape) {
    entry_.reset();
    return start(ok(), now);
  }
  if (current_.echo) write({&c, 1});
  if (std::isxdigit(static_cast<unsigned char>(c)) == 0) return;
  if (entry_->text.size() < kEntry) {
    entry_->text += c;
  } else {
    ++lost_bytes_;
  }
}

// V.250 5.2.1: what stands before AT is noise; a line without it has no answer.
void SimulatedModem::start(std::string line, at::Instant now) {
  std::string upper = line;
  std::transform(upper.begin(), upper.end(), upper.begin(),
                 [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
  const auto at = upper.find("AT");
  if (at == std::string::npos) return;
  for (const auto& [command, event] : {std::pair{"+CMGS=", "cmgs"}, {"+CMGW=", "cmgw"}, {"+CMSS=", "cmss"}})
    if (upper.find(command, at) != std::string::npos && now >= garbage_until_) air_.log(record(event, now));
  running_ = Running{now + command_time(), line.substr(at + 2), std::nullopt, std::nullopt};
}

void SimulatedModem::start(Answer answer, at::Instant now) {
  running_ = Running{now + command_time(), {}, std::move(answer), std::nullopt};
}

void SimulatedModem::advance(at::Instant now) {
  if (running_ && running_->radio && !running_->radio->on_air && now >= running_->radio->air_at) {
    go_on_air(*running_->radio, now);
  }
  if (!running_ || now < running_->done_at) return;
  if (running_->radio) return end_transmission(now);
  Running done = std::move(*running_);
  running_.reset();
  if (now < garbage_until_) return write(random_bytes());
  give(done.ready ? std::move(*done.ready) : execute_line(done.line, now), now);
}

void SimulatedModem::give(Answer answer, at::Instant now) {
  if (now < garbage_until_) return write(random_bytes());
  for (Record& r : answer.records) air_.log(std::move(r));
  if (answer.next == Next::radio) return transmit(std::move(*answer.radio), now);
  if (answer.next == Next::prompt) {
    write("\r\n> ");
    return;
  }
  write_answer(answer);
  if (answer.next == Next::reboot) {
    std::string said = std::move(out_);  // the OK still comes through
    reboot(std::chrono::seconds(1), now);
    out_ = std::move(said);
    return;
  }
  if (std::exchange(prompt_wanted_, false)) open_prompt(now);
  if (entry_) return;
  for (const std::string& urc : std::exchange(held_urcs_, {})) write("\r\n" + urc + "\r\n");
}

// V.250 6.2.6: the formats of V1 and V0.
void SimulatedModem::write_answer(const Answer& answer) {
  std::string bytes;
  for (const std::string& line : answer.lines) bytes += (current_.verbose ? "\r\n" : "") + line + "\r\n";
  std::string final = answer.error.empty() ? "OK" : answer.error;
  if (!current_.quiet && current_.verbose) bytes += "\r\n" + final + "\r\n";
  if (!current_.quiet && !current_.verbose)
    bytes += (final == "OK" ? "0" : final == "ERROR" ? "4" : final) + "\r";
  write(bytes);
}

void SimulatedModem::write(std::string_view bytes) {
  const std::size_t room = kOutput - std::min(kOutput, out_.size());
  if (bytes.size() > room) lost_bytes_ += bytes.size() - room;
  out_ += bytes.substr(0, room);
}

void SimulatedModem::enter_data(Entry entry) {
  entry_ = std::move(entry);
}

void SimulatedModem::notify(std::string line) {
  if (!entry_) return write("\r\n" + line + "\r\n");
  if (held_urcs_.size() >= kUrcs) held_urcs_.pop_front();
  held_urcs_.push_back(std::move(line));
}

// 27.005 3.4.1: mode 0 keeps them in the TA.
void SimulatedModem::notify_sms(std::string line) {
  if (current_.cnmi_mode != 0) return notify(std::move(line));
  if (buffered_sms_urcs_.size() >= kUrcs) buffered_sms_urcs_.pop_front();
  buffered_sms_urcs_.push_back(std::move(line));
}

std::string SimulatedModem::random_bytes() {
  std::string bytes(std::uniform_int_distribution<std::size_t>(1, 40)(rng_), '\0');
  std::uniform_int_distribution<int> octet(0, 255);
  for (char& c : bytes) c = static_cast<char>(octet(rng_));
  return bytes;
}

std::string_view SimulatedModem::state(at::Instant now) const {
  if (power_ == Power::off) return "off";
  if (power_ == Power::booting) return "booting";
  if (frozen(now)) return "silent";
  if (now < garbage_until_) return "garbage";
  if (running_ && running_->radio) return "submitting";
  if (entry_) return "prompt";
  return running_ ? "busy" : "idle";
}

void SimulatedModem::silence(Duration d, at::Instant now) {
  silent_until_ = now + d;
}
void SimulatedModem::lose_answers(int count) {
  lost_answers_ = count;
}
void SimulatedModem::drop_submits(int count) {
  dropped_submits_ = count;
}
void SimulatedModem::garbage(Duration d, at::Instant now) {
  garbage_until_ = now + d;
}

void SimulatedModem::fail_submits(int code, int count) {
  failing_cms_ = code;
  failing_submits_ = count;
}

void SimulatedModem::answer_codes(std::optional<std::string> line) {
  code_answer_ = line.value_or(kCodeAnswer);
}

void SimulatedModem::open_prompt(at::Instant now) {
  if (power_ != Power::on || entry_) return;
  if (running_) {
    prompt_wanted_ = true;
    return;
  }
  air_.log(record("prompt", now));
  enter_data(Entry{false, 20, Stat::sto_unsent, {}});
  write("\r\n> ");
}

void SimulatedModem::clear(at::Instant now) {
  silent_until_ = garbage_until_ = {};
  lost_answers_ = dropped_submits_ = failing_submits_ = 0;
  prompt_wanted_ = false;
  link_holds_ = 0;
  slow_ = 1;
  if (power_ == Power::on && stat_ == 2) registers_at_ = now;
}

}  // namespace modembank
