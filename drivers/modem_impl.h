// Inside of Modem; for the files of this room only. One struct, because a modem's life is one state machine;
// its parts stand in files of their own: takeover, ladder, setup, sim, network,
// submit, errand.
#pragma once

#include <deque>
#include <utility>

#include "at/channel.h"
#include "at/params.h"
#include "at/script.h"
#include "drivers/direct.h"
#include "drivers/errand_run.h"
#include "drivers/families.h"
#include "drivers/intake.h"
#include "drivers/link.h"
#include "drivers/modem.h"
#include "drivers/states.h"
#include "drivers/submission.h"
#include "drivers/timers.h"

namespace drivers {

struct Modem::Impl {
  using Instant = at::Instant;
  using Millis = at::Millis;

  // To whom the running command belongs.
  enum class Job : std::uint8_t { none, script, submit, intake, question, pin, errand, receipt, link };

  // From port_opened() to the first AT (27.005 has no way to ask whether a data entry is open: ESC is it).
  struct Takeover {
    enum class Phase : std::uint8_t { none, leftover, escape } phase = Phase::none;
    Instant until{};
    bool answer_open = false;  // a line of some answer came, its final result did not
    bool cmgs_seen = false;
    int bare_oks = 0;          // after ESC
    bool doubtful_ok = false;  // the port was ours before, and results were owed: an OK may be one of them
  };

  // A bare AT, again and again, until the channel is drained.
  struct Attention {
    bool on = false;
    int left = 0;
    Millis gap{};
    Instant next{};
  };

  // From the first silence to the next completed initialisation.
  struct Ladder {
    bool climbing = false;
    Instant since{};
    Instant silent_since{};  // since a bare AT was last answered
    Instant reopen_at{};
    std::optional<Instant> reset_at;  // the last one
    int falls = 0;                    // how often it was entered
    std::size_t resets = 0;           // how many were written: the next one tries the family's next command
    bool told_silence = false, told_reopen = false, told_reset = false;
  };

  enum class Stage : std::uint8_t { none, identity, basics, radio, sim, card, locked, storage, routing, service, direct, stored };

  struct Card {
    std::string iccid, imsi, number, sc_address, cpin;
    std::optional<int> tries;
  };

  struct Question {
    std::string line;
    std::string prefix;
  };

  Impl(std::string_view family_name, const Timers&);

  // modem.cpp
  void occasion(Occasion, std::string why, Instant now);
  void on_channel(at::ChannelEvents, Instant now);
  void on_completed(const at::Completed&, Instant now);
  void on_urc(const at::Urc&, Instant now);
  void on_stray(const at::Stray&, Instant now);
  void tick(Instant now);
  void start_next(Instant now);
  void start(at::Command, Job, Instant now);
  void tick_list(Instant now);
  void pause_after(Job, Instant now);
  std::optional<Instant> deadline() const;
  bool settings_due() const;
  bool put_off() const;  // by a submit that is no more
  bool working() const;  // the SMS layer is set up: texts can be read
  void trouble(std::string what) { events.emplace_back(Trouble{std::move(what)}); }
  Events hand_over() { return std::exchange(events, {}); }

  // takeover.cpp
  void port_opened(Instant now);
  void port_closed(std::string_view why, Instant now);
  void drop_port(Instant now);
  void tick_takeover(Instant now);
  void takeover_stray(const at::Stray&);
  void call(int times, Millis gap, Instant now);  // Attention
  void tick_attention(Instant now);
  void drained(bool strangers, Instant now);

  // ladder.cpp
  void fall(std::string why, Occasion, Instant now);  // onto the ladder
  void tick_ladder(Instant now);
  void reopen(Instant now);
  bool reset_due(Instant now) const;
  void reset_modem(Instant now);
  void climbed_down();
  void rebooted(const std::string& line, Instant now);
  void restart(Instant now);
  void tick_restart(Instant now);

  // setup.cpp
  void set_up(Instant now);
  void play(Stage, Instant now);
  at::Script script_of(Stage) const;
  std::vector<std::string> mem_order() const;
  std::string own_storage();
  void on_script(at::ScriptEvents, Instant now);
  void captured(const at::Captured&, Instant now);
  void stage_done(Instant now);
  void identified(Instant now);
  void storages_chosen(const at::Captured&);
  void set_up_done(Instant now);

  // sim.cpp
  void sim_decides(Instant now);
  void sim_poll(const at::Completed&, Instant now);
  void sim_identified();
  void ask_for_pin(Instant now);
  void enter_pin(std::string_view);
  void pin_done(const at::Completed&, Instant now);

  // network.cpp
  void ask_registration();
  bool all_due(std::optional<Instant>& last, Instant now) const;
  void ask_health(Instant now);
  void answered(const Question&, const at::Completed&, Instant now);
  void registration_line(std::string_view line, bool asked, Instant now);
  bool registered() const;
  void forget_registration();
  void signal_asked(const Question&, const at::Completed&);
  void judge_registration(Instant now);
  void tell_network();
  void signal(int seen_now);
  void tick_network(Instant now);

  // submit.cpp
  void claim(Claim, Instant now);
  void committed(std::uint64_t token, Instant now);
  bool revoke(std::uint64_t token);
  void start_submit(Instant now);
  void start_link(std::string line, Instant now);
  void start_sending(Instant now);
  void stored(const at::Completed&, Instant now);
  void not_stored(std::string_view command, const at::FinalResult&, Instant now);
  void slot_left(const Submission&, SubmitDone*, Instant now);
  Storing storing() const;
  bool inbound_may_go_first(Instant now) const;
  bool alert_awaits_its_commit(Instant now) const;
  static constexpr at::Millis kAlertCommit{150};  // a disk that takes longer is waited for with other work
  void submit_handed_out(Instant now);  // after the channel wrote something
  void submit_line(Instant now);
  void submit_done(const at::Completed&, Instant now);
  void tick_submit(Instant now);
  void give_back(const std::string& why);  // a claim of which no byte was written

  // direct.cpp
  std::vector<std::string> direct_indications() const;
  void set_up_direct(Instant now);
  at::Script direct_script(Stage) const;
  void direct_captured(const at::Captured&);
  void direct_stage_done(Instant now);
  void not_direct(const std::string& why);
  void pushed(const at::Urc&, Instant now);
  void receipt_done(const at::Completed&, Instant now);
  void indications_asked(std::string_view line, Instant now);
  void tick_direct(Instant now);

  // errand.cpp
  void run(Errand, Instant now);
  bool give_way(Instant now);
  bool errand_may_write() const;
  bool errand_urc(const at::Urc&, Instant now);
  void errand_completed(const at::Completed&, Instant now);
  void end_errand(const std::string& why, Instant now);
  void tick_errand(Instant now);

  Timers timers;
  const Family* fixed = nullptr;  // by configuration
  const Family* family = nullptr;
  State state = State::absent;
  Events events;
  Instant seen{};  // the latest `now`

  // Port.
  bool port_open = false;
  bool open_asked = false;
  bool close_wanted = false;
  Instant ask_open_at{};
  std::optional<Instant> last_asked;
  bool owed_at_close = false;

  at::Channel channel;
  Job job = Job::none;
  Takeover takeover;
  bool entry_seems_open = false;  // ESC was answered by OK
  bool taken_over = false;        // this port was drained once
  Attention attention;
  Ladder ladder;
  bool stopping = false;
  bool restart_asked = false;

  at::ScriptRunner runner;
  Stage stage = Stage::none;
  bool identity_known = false;  // for this port
  Identified identity;
  bool radio_off = false;
  bool prefers_ps = false;                    // texts travel in the PS domain (27.007 10.1.24)
  std::vector<at::StorageUse> mems_now;       // +CPMS?
  std::optional<at::StorageNames> mem_names;  // +CPMS=?
  Storages storages;
  bool polling = false;  // no +CNMI was accepted: sweep often
  bool again = false;    // the settings must be made again when nothing runs
  Instant set_up_at{};

  Card card;
  std::optional<std::string> sim_told;  // SimSeen went out for it
  bool pin_asked = false;               // since the SIM was powered up
  std::optional<std::string> pin;
  std::optional<Instant> sim_poll_at;
  std::string sim_trouble;  // told last

  at::Registration cs, ps, eps, nr;
  std::optional<int> act;
  NetworkSeen network;
  bool network_told = false;
  int rssi = -1;
  bool cesq_refused = false;
  std::deque<Question> questions;
  Question asked;
  std::optional<Instant> registration_at, health_at, sweep_at;
  std::optional<Instant> network_asked_at, swept_at;  // registration and operator; all storages
  std::optional<Instant> accepted_at;                 // the newest +CMGS

  Intake intake;
  std::optional<Instant> nudge_at;        // a bare AT beside a list that has said nothing for a while
  std::optional<Instant> hold_until;      // no command before (Family::command_gap)
  std::optional<Instant> rest_until;      // nor a claim (Family::submit_rest)
  std::optional<Instant> pdu_held_until;  // the prompt is there, the PDU waits (Family::prompt_gap)
  std::optional<Submission> submission;
  bool wants_store = false;  // submits are to be stored first
  bool store_unfit = false;  // of this port: a command for it was refused as unknown
  bool store_told = false;
  std::optional<Instant> store_again;  // not before: there was no room
  SubmitTimes submit_times;
  Link link;
  std::string link_line;  // the AT+CMMS that runs
  Direct direct;
  std::string service_refused;     // what AT+CSMS=1 was answered by; empty: by OK
  std::vector<std::string> early;  // pushed before the SIM was known
  std::optional<ErrandRun> errand;
};

}  // namespace drivers
