#include "daemon/app/shell.h"

#include <fcntl.h>
#include <spdlog/spdlog.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <boost/asio/post.hpp>
#include <csignal>
#include <fstream>
#include <thread>

#include "daemon/doors/token.h"
#include "daemon/ops/journal.h"

namespace klaxon {

namespace {

constexpr std::int64_t kSlowCommitMicros = 2'000;
constexpr std::chrono::seconds kLastCommit{2};
constexpr std::chrono::hours kCertificateEvery{24};
constexpr std::size_t kSecretOctets = 256;

std::string trimmed(std::string text) {
  const auto blank = [](char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; };
  while (!text.empty() && blank(text.back())) text.pop_back();
  const auto first = std::find_if_not(text.begin(), text.end(), blank);
  return {first, text.end()};
}

// 0600, complete or absent.
bool write_private(const std::string& path, const std::string& content) {
  const std::string part = path + ".part";
  const int fd = ::open(part.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  if (fd < 0) return false;
  const bool written = ::write(fd, content.data(), content.size()) == static_cast<ssize_t>(content.size()) && ::fsync(fd) == 0;
  ::close(fd);
  return written && ::rename(part.c_str(), path.c_str()) == 0;
}

TokenRecord admin_token(const std::string& name, const std::string& token) {
  TokenRecord record;
  record.name = name;
  record.scopes = {"admin"};
  record.sha256 = doors::token_sha256(token);
  return record;
}

}  // namespace

Shell::Shell(const config::Settings& settings) : settings_(settings), recordings_(settings.data_dir + "/recordings") {}
Shell::~Shell() = default;

std::optional<std::string> Shell::secret_file(const std::string& name) const {
  if (name.empty() || name.find('/') != std::string::npos || name.front() == '.') return std::nullopt;
  std::ifstream file(settings_.policy.secrets_dir + "/" + name, std::ios::binary);
  if (!file) return std::nullopt;
  std::string content(kSecretOctets, '\0');
  file.read(content.data(), static_cast<std::streamsize>(content.size()));
  content.resize(static_cast<std::size_t>(file.gcount()));
  return trimmed(std::move(content));
}

// In memory of this boot: systemd's RuntimeDirectory. Without one each start asks the ports alone.
void Shell::keep_marks() {
  const char* folder = std::getenv("RUNTIME_DIRECTORY");
  if (!folder || !*folder) return;
  std::string why;
  marks_ = PortMarkFile::open(std::string(folder) + "/ports", &why);
  if (!marks_) spdlog::warn("what the ports are given is not kept over a crash: {}", why);
}

std::string Shell::start() {
  auto opened = store::Store::open(settings_.data_dir, read_clock().unix_ms, [this] { boost::asio::post(loop_, [this] { wake_soon(); }); });
  if (!opened) return "data_dir " + settings_.data_dir + ": " + opened.error().text;
  store_ = std::move(*opened);
  keep_marks();
  appliance_ = std::make_unique<Appliance>(
      settings_, store_->restore(), [this](Appliance::ReadJob job) { store_->read(job.kind, std::move(job.look)); },
      [this](const std::string& name) { return secret_file(name); }, read_clock(),
      marks_ ? marks_->page() : nullptr);
  if (const std::string why = bootstrap_token(); !why.empty()) return why;
  api_ = std::make_unique<doors::Api>(*appliance_);
  api_->copies_by([this](auto then) { return store_->back_up(read_clock().unix_ms, std::move(then)); });
  server_ = std::make_unique<doors::Server>(loop_, *api_, settings_, [] { return read_clock().mono; });
  server_->on_request([this] {
    appliance_->clock(read_clock());
    wake_soon();
  });
  if (const auto identity = server_->read_identity(); !identity) {
    return identity.error();
  } else if (!identity->empty()) {
    spdlog::info("{}", *identity);
    watch_certificate();
  }
  if (const auto listening = server_->listen(); !listening) return listening.error();
  const auto ports = server_->ports();
  for (std::size_t i = 0; i < ports.size() && i < settings_.http.listen.size(); ++i)
    spdlog::info("listening on {}:{}", settings_.http.listen[i].host, ports[i]);

  for (std::size_t i = 0; i < appliance_->slots(); ++i) add_session(i);
  if (settings_.discovery.enabled) watch_ports();
  ends_.add(SIGTERM);
  ends_.add(SIGINT);
  ends_.async_wait([this](boost::system::error_code error, int) {
    if (!error) began_stopping();
  });
  reloads_.add(SIGHUP);
  return {};
}

void Shell::add_session(std::size_t i) {
  const Slot& slot = appliance_->slot(i);
  const auto seen = [this] { appliance_->clock(read_clock()); };
  sessions_.push_back(std::make_unique<Session>(
      loop_, slot.settings.port, slot.settings.baud,
      Session::Calls{[this, i, seen] { seen(); appliance_->modem_opened(i); wake_soon(); },
                     [this, i, seen](std::string_view why) { seen(); appliance_->modem_closed(i, why); wake_soon(); },
                     [this, i, seen](std::string_view bytes) { seen(); appliance_->modem_bytes(i, bytes); wake_soon(); },
                     [this, i](std::string_view why) { appliance_->port_waits(i, why); wake_soon(); }}));
}

// Of a place that modems are plugged in at; nullptr: it can have none.
Session* Shell::session_at(const std::string& place, std::size_t* slot) {
  appliance_->clock(read_clock());
  const auto index = appliance_->slot_for(place);
  if (!index) {
    if (!stopping_) spdlog::warn("{}: no slot for it: a [[modem]] has that id, or there are too many", place);
    return nullptr;
  }
  if (*index == sessions_.size()) add_session(*index);
  *slot = *index;
  return sessions_[*index].get();
}

void Shell::watch_ports() {
  Discovery::Rules rules{{}, settings_.discovery.ignore};
  for (const config::FixedModem& modem : settings_.modems) rules.fixed.push_back(modem.port);
  plugs_ = std::make_unique<PlugWatch>(
      loop_, std::move(rules), [] { return read_clock().mono; },
      PlugWatch::Calls{[this](const Discovery::Plugged& at) {
                         std::size_t slot = 0;
                         Session* session = session_at(at.place, &slot);
                         if (!session) return;
                         appliance_->modem_plugged(slot, at.node);
                         session->plugged(at.node, at.baud, at.heard);
                         wake_soon();
                       },
                       [this](const Discovery::Unplugged& from) {
                         std::size_t slot = 0;
                         Session* session = session_at(from.place, &slot);
                         if (!session) return;
                         session->unplugged("unplugged");
                         appliance_->modem_unplugged(slot);
                         wake_soon();
                       },
                       [this](const Discovery::Waits& waits) {
                         std::size_t slot = 0;
                         if (session_at(waits.place, &slot)) appliance_->port_waits(slot, waits.why);
                         wake_soon();
                       },
                       [](const std::string& what) { spdlog::info("{}", what); }});
  if (const std::string why = plugs_->start(); !why.empty())
    spdlog::warn("modems that are plugged in will not be found: {}", why);
}

// An admin token for a new installation: on disk in both places before the first connection is accepted.
std::string Shell::bootstrap_token() {
  const std::string& path = settings_.http.bootstrap_token_file;
  const auto& tokens = appliance_->tokens();
  const bool known = std::any_of(tokens.begin(), tokens.end(), [](const TokenRecord& t) { return t.revoked_ms == 0; });
  if (path.empty() || known) return {};
  const std::string token = doors::new_token();
  const Ticket ticket = appliance_->save_token(admin_token("bootstrap", token), 0);
  const at::Instant until = read_clock().mono + std::chrono::seconds(10);
  for (bool durable = false; !durable;) {
    if (read_clock().mono > until) return "the database cannot be written: no bootstrap token could be made";
    appliance_->turn(read_clock());
    seal();
    loop_.run_one_for(std::chrono::milliseconds(100));
    gather_store();
    appliance_->turn(read_clock());
    for (const Answer& answer : appliance_->take_answers()) durable = durable || answer.ticket == ticket;
  }
  if (!write_private(path, token + "\n")) return "http.bootstrap_token_file: " + path + " cannot be written";
  spdlog::info("an admin token was written to {}", path);
  return {};
}

void Shell::run() {
  await_reload();
  wake_soon();
  loop_.restart();  // start() may have run it dry
  loop_.run();
}

// A renewed certificate counts from the next connection on; what can't be used leaves the old one in place.
void Shell::reload_identity() {
  const auto identity = server_->read_identity();
  if (!identity) return spdlog::error("{}; the certificate that was there is kept", identity.error());
  if (identity->empty()) return;
  spdlog::info("{}", *identity);
  watch_certificate();
}

void Shell::watch_certificate() {
  if (const std::string warning = server_->certificate_warning(read_clock().unix_ms); !warning.empty()) spdlog::warn("{}", warning);
  certificate_timer_.expires_after(kCertificateEvery);
  certificate_timer_.async_wait([this](boost::system::error_code error) {
    if (!error) watch_certificate();
  });
}

void Shell::await_reload() {
  reloads_.async_wait([this](boost::system::error_code error, int) {
    if (error) return;
    appliance_->clock(read_clock());
    appliance_->reload_secrets(0);
    reload_identity();
    pulse_.reloaded(read_clock().mono);
    spdlog::info("secrets read again, and the certificate; ports, SIMs, listening and policy need a restart");
    wake_soon();
    await_reload();
  });
}

void Shell::wake_soon() {
  if (turn_posted_) return;
  turn_posted_ = true;
  boost::asio::post(loop_, [this] { turn(); });
}

void Shell::gather_store() {
  appliance_->clock(read_clock());
  while (auto completion = store_->completed()) {
    mean_commit_micros_ += (static_cast<double>(completion->micros) - mean_commit_micros_) / 16;
    appliance_->completed(*completion, completion->failure ? store_->reclaim() : store::Batch{});
  }
  for (auto& then : store_->finished()) then();
}

void Shell::turn() {
  turn_posted_ = false;
  if (!server_) return;  // start() is not through yet and takes its own turns
  gather_store();
  appliance_->turn(read_clock());
  // A fast disk: the next turn's commit runs while this one's outputs are written. A slow one: the outputs first, then a
  // moment for those whom they set in motion; else clients and modems split into two halves that take turns.
  if (mean_commit_micros_ < kSlowCommitMicros || appliance_->alert_waits()) {
    seal();
  } else if (!seal_waits_) {
    seal_waits_ = true;
    seal_timer_.expires_after(std::chrono::microseconds(std::min<std::int64_t>(2'000, static_cast<std::int64_t>(mean_commit_micros_ * 0.07))));
    seal_timer_.async_wait([this](boost::system::error_code error) {
      seal_waits_ = false;
      if (!error) seal();
    });
  }
  speak();
  beat();
  if (stopping_) {
    const at::Instant now = read_clock().mono;
    if (now >= stop_at_) appliance_->give_up_in_flight();
    seal();
    if (appliance_->stopped() || now >= stop_at_ + kLastCommit) {
      if (appliance_->stopped()) {
        store_->mark_clean_shutdown();
        if (marks_) marks_->page()->version = 0;  // whoever comes next, an older version even, begins without them
      }
      speak();
      loop_.stop();
      return;
    }
  }
  arm();
}

void Shell::seal() {
  if (auto sealed = appliance_->seal(read_clock())) store_->commit(sealed->number, std::move(sealed->batch));
}

void Shell::speak() {
  for (std::size_t i = 0; i < sessions_.size(); ++i) {
    drivers::Output out = appliance_->modem_output(i);
    if (out.close_port) sessions_[i]->close();
    if (!out.bytes.empty()) sessions_[i]->write(std::move(out.bytes));
    if (out.open_port) sessions_[i]->open();
  }
  server_->deliver();
  for (Recording& recording : appliance_->take_recordings()) recordings_.write(std::move(recording));
  for (const std::string& what : recordings_.complaints()) spdlog::warn("{}", what);
  if (const auto finding = store_->check_finding(); finding && *finding != check_told_) {
    check_told_ = *finding;
    spdlog::error("database: {}", *finding);
  }
  for (const Note& note : appliance_->take_notes())
    ops::log(*spdlog::default_logger_raw(),
             note.level == Note::Level::info      ? spdlog::level::info
             : note.level == Note::Level::warning ? spdlog::level::warn
                                                  : spdlog::level::err,
             note.text, {{"KLAXON_MODEM", note.modem}, {"KLAXON_SIM", note.sim}, {"KLAXON_MESSAGE", note.message}});
}

// Whoever runs as no service has nobody to tell, and then a turn costs nothing for it.
void Shell::beat() {
  if (!manager_.open()) {
    pulse_.take_output();
    return;
  }
  if (const at::Instant now = read_clock().mono; pulse_.due(now)) {
    ops::Standing standing;
    for (const ModemView& modem : appliance_->modems()) {
      ++standing.modems;
      standing.ready += modem.state == "ready";
    }
    const StateCounts counts = appliance_->counts();
    for (std::size_t lane = 0; lane < kLanes; ++lane)
      for (const MessageState state : {MessageState::queued, MessageState::submitting})
        standing.waiting += static_cast<std::size_t>(counts[lane * kMessageStates + static_cast<std::size_t>(state)]);
    standing.complaints = appliance_->health().reasons;
    pulse_.beat(now, standing);
  }
  for (const std::string& datagram : pulse_.take_output()) manager_.send(datagram);
}

// Re-armed only for an earlier moment; a later one is noticed when the timer ends.
void Shell::arm() {
  auto due = appliance_->deadline();
  if (stopping_) {
    const at::Instant soon = read_clock().mono + std::chrono::milliseconds(50);
    if (!due || *due > soon) due = soon;
  }
  if (const auto beat = pulse_.deadline(); manager_.open() && beat && (!due || *beat < *due)) due = beat;
  if (!due) return;
  const at::Instant earliest = read_clock().mono + std::chrono::milliseconds(1);
  const at::Instant at = std::max(*due, earliest);
  if (armed_ && *armed_ <= at) return;
  armed_ = at;
  timer_.expires_at(at);
  timer_.async_wait([this](boost::system::error_code error) {
    if (error) return;
    armed_.reset();
    wake_soon();
  });
}

void Shell::began_stopping() {
  spdlog::info("stopping: no more work is taken");
  stopping_ = true;
  pulse_.stopping();
  if (plugs_) plugs_->stop();
  appliance_->clock(read_clock());
  stop_at_ = read_clock().mono + settings_.policy.stop_deadline;
  appliance_->stop();
  server_->stop();
  wake_soon();
}

std::pair<std::string, std::string> make_admin_token(const config::Settings& settings, const std::string& name) {
  auto opened = store::Store::open(settings.data_dir, read_clock().unix_ms, [] {});
  if (!opened) return {"", opened.error().text + " (the daemon must not run while a token is made)"};
  std::unique_ptr<store::Store> rows = std::move(*opened);
  const std::string token = doors::new_token();
  TokenRecord record = admin_token(name, token);
  record.id = rows->restore().next_token;
  record.created_ms = read_clock().unix_ms;
  rows->commit(1, {store::SaveToken{record}});
  for (int i = 0; i < 1000; ++i) {
    if (const auto done = rows->completed()) {
      if (done->failure) return {"", done->failure->text};
      return {token, ""};
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
  return {"", "the database does not answer"};
}

}  // namespace klaxon
