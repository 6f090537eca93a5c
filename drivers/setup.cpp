// From the first AT to a modem that can send and read: scripts, stage by stage, because what the next one
// holds depends on what the last one captured. Never ATZ, AT&F (they undo it) and never AT&W (flash wear).
#include <algorithm>

#include "drivers/modem_impl.h"

namespace drivers {

namespace {

using namespace std::chrono_literals;
using at::Step;

enum Capture : int {
  kNothing,
  kManufacturer,
  kModel,
  kRevision,
  kImei,
  kRadio,
  kPinState,
  kIccid,
  kImsi,
  kNumber,
  kTries,
  kMemsNow,
  kServiceCentre,
  kMemNames,
  kMems,
  kIndications,
  kSmsService,
  kCreg,
  kCgreg,
  kCereg
};

// SIM800 refuses +CMGF until its SMS layer is up.
constexpr at::Millis kTextModeFor = 20s;
constexpr at::Millis kRepeatGap = 1s;
constexpr at::Millis kOften = 5s;  // sweeps of a modem that indicates nothing

Step step(int id, std::vector<std::string> tries, std::string prefix, at::Millis timeout) {
  return {.id = id, .tries = std::move(tries), .prefix = std::move(prefix), .timeout = timeout};
}

// What +CGMI and its like name, past what makes say in between; of ATI the line with that label.
std::string named(const at::Captured& c, std::string_view label) {
  if (!c.result.ok()) return {};
  for (const at::AnswerLine& line : c.lines)
    if (const auto labelled = at::after_prefix(line.line, label)) return std::string(*labelled);
  for (const at::AnswerLine& line : c.lines)
    if (!is_chatter(line.line)) return at::identification(line.line);
  return {};
}

std::optional<int> tries_of(const TriesQuestion& question, std::string_view line) {
  if (question.prefix.empty()) return at::parse_pin_tries(line);
  const auto rest = at::after_prefix(line, question.prefix);
  if (!rest) return std::nullopt;
  const auto fields = at::split_params(*rest);
  if (question.field >= fields.size()) return std::nullopt;
  const std::string& field = fields[question.field];
  const bool digits = std::all_of(field.begin(), field.end(), [](char c) { return c >= '0' && c <= '9'; });
  return digits && field.size() == 1 ? std::optional(field[0] - '0') : std::nullopt;
}

// 27.007 10.1.24
std::optional<int> sms_service_of(std::string_view line) {
  const auto rest = at::after_prefix(line, "+CGSMS:");
  return rest ? at::first_number(*rest) : std::nullopt;
}

template <class Parse>
auto first_of(const at::Captured& c, Parse parse) -> decltype(parse(std::string_view{})) {
  for (const at::AnswerLine& line : c.lines)
    if (auto value = parse(line.line)) return value;
  return std::nullopt;
}

// The first that is set: SIMs list empty entries, too.
std::optional<std::string> own_number(std::string_view line) {
  const auto own = at::parse_cnum(line);
  return own && !own->number.empty() ? std::optional(own->number) : std::nullopt;
}

std::optional<std::string> sc_address(std::string_view line) {
  const auto centre = at::parse_csca(line);
  return centre ? std::optional(centre->number) : std::nullopt;
}

std::optional<std::string> imsi_of(std::string_view line) {
  if (const auto rest = at::after_prefix(line, "+CIMI:")) line = *rest;
  const bool digits = std::all_of(line.begin(), line.end(), [](char c) { return c >= '0' && c <= '9'; });
  if (!digits || line.size() < 6 || line.size() > 15) return std::nullopt;
  return std::string(line);
}

}  // namespace

void Modem::Impl::set_up(Instant now) {
  runner.stop();
  stage = Stage::none;
  direct.reset();
  link.reset();
  forget_registration();
  if (channel.idle()) play(Stage::identity, now);
}

void Modem::Impl::play(Stage which, Instant now) {
  stage = which;
  runner.start(script_of(which), now);
}

std::vector<std::string> Modem::Impl::mem_order() const {
  if (!mem_names || mem_names->mem3.empty()) return family->mems;
  std::vector<std::string> order;
  for (const std::string& mem : family->mems)
    if (std::find(mem_names->mem3.begin(), mem_names->mem3.end(), mem) != mem_names->mem3.end())
      order.push_back(mem);
  return order.empty() ? mem_names->mem3 : order;
}

at::Script Modem::Impl::script_of(Stage which) const {
  const Millis t = timers.settings;
  const Millis sim = timers.sim;
  at::Script s;
  switch (which) {
    case Stage::none:
      break;
    case Stage::identity:
      s = {step(kNothing, {"ATE0"}, {}, t), step(kNothing, {"ATV1Q0X4", "ATV1Q0"}, {}, t),
           step(kNothing, {"AT+CMEE=1"}, {}, t)};
      if (identity_known) break;
      s.push_back(step(kManufacturer, {"AT+CGMI", "AT+GMI", "ATI"}, {}, t));
      s.push_back(step(kModel, {"AT+CGMM", "AT+GMM", "ATI"}, {}, t));
      s.push_back(step(kRevision, {"AT+CGMR", "AT+GMR"}, {}, t));
      s.push_back(step(kImei, {"AT+CGSN", "AT+GSN", "AT+CGSN=1"}, {}, t));
      break;
    case Stage::basics:
      for (const std::string& setting : family->settings) s.push_back(step(kNothing, {setting}, {}, t));
      s.push_back(step(kRadio, {"AT+CFUN?"}, "+CFUN:", t));
      break;
    case Stage::radio:
      s = {step(kNothing, family->radio_on, "+CFUN:", timers.radio)};
      break;
    case Stage::sim:
      s = {step(kPinState, {"AT+CPIN?"}, "+CPIN:", sim)};
      break;
    case Stage::locked: {
      std::vector<std::string> questions_of_tries;
      for (const TriesQuestion& question : family->pin_tries) questions_of_tries.push_back(question.line);
      s = {step(kIccid, family->iccid, {}, sim), step(kTries, std::move(questions_of_tries), {}, sim)};
      break;
    }
    case Stage::card:
      s = {step(kIccid, family->iccid, {}, sim), step(kImsi, {"AT+CIMI"}, {}, sim),
           step(kNumber, {"AT+CNUM"}, "+CNUM:", sim)};
      // EF-IMSI is read some seconds after the PIN on slow SIMs.
      s[1].repeat_gap = kRepeatGap;
      s[1].repeat_for = kTextModeFor;
      break;
    case Stage::storage:
      s = {step(kMemsNow, {"AT+CPMS?"}, "+CPMS:", sim), step(kNothing, {"AT+CMGF=0"}, {}, t),
           step(kServiceCentre, {"AT+CSCA?"}, "+CSCA:", sim), step(kMemNames, {"AT+CPMS=?"}, "+CPMS:", sim),
           step(kSmsService, {"AT+CGSMS?"}, "+CGSMS:", t)};
      s[0].repeat_gap = s[1].repeat_gap = kRepeatGap;
      s[0].repeat_for = timers.sms_ready;
      s[1].repeat_for = kTextModeFor;
      s[1].on_error = Step::OnError::fail;
      break;
    case Stage::routing: {
      std::vector<std::string> forms;
      for (const std::string& mem : mem_order()) {
        const std::string one = '"' + mem + '"';
        forms.push_back("AT+CPMS=" + one + ',' + one + ',' + one);
        forms.push_back("AT+CPMS=" + one + ',' + one);
        forms.push_back("AT+CPMS=" + one);
      }
      std::vector<std::string> indications = family->cnmi;
      indications.emplace_back("AT+CNMI=0,0");
      // The life before may have had texts handed over: no text may come so once nobody has to acknowledge it.
      s = {step(kMems, std::move(forms), "+CPMS:", sim), step(kIndications, std::move(indications), {}, t),
           step(kNothing, {"AT+CSMS=0"}, "+CSMS:", t),
           step(kNothing, {"AT+CREG=1"}, {}, t),         step(kNothing, {"AT+CGREG=1"}, {}, t),
           step(kNothing, {"AT+CEREG=1"}, {}, t),        step(kNothing, {"AT+COPS=3,2"}, {}, t),
           step(kCreg, {"AT+CREG?"}, "+CREG:", t),       step(kCgreg, {"AT+CGREG?"}, "+CGREG:", t),
           step(kCereg, {"AT+CEREG?"}, "+CEREG:", t)};
      for (std::size_t i : {0, 1}) {
        s[i].repeat_gap = kRepeatGap;
        s[i].repeat_for = family->busy_for;
      }
      if (prefers_ps) s.push_back(step(kNothing, family->sms_service, "+CGSMS:", t));
      break;
    }
    case Stage::service:
    case Stage::direct:
      return direct_script(which);
    case Stage::stored:
      s = {step(kIndications, family->cnmi, {}, t), step(kNothing, {"AT+CSMS=0"}, "+CSMS:", t)};
      break;
  }
  return s;
}

void Modem::Impl::on_script(at::ScriptEvents script_events, Instant now) {
  for (const at::ScriptEvent& event : script_events) {
    if (const auto* c = std::get_if<at::Captured>(&event)) captured(*c, now);
    const auto* end = std::get_if<at::ScriptEnded>(&event);
    if (!end) continue;
    if (end->how == at::ScriptEnded::How::done) stage_done(now);
    if (end->how == at::ScriptEnded::How::refused)
      fall(end->line + " is refused: " + end->result.text, Occasion::unfit, now);
    // Silence: the modem's own timeout of the command leads to the ladder.
  }
}

void Modem::Impl::captured(const at::Captured& c, Instant now) {
  if (stage == Stage::service || stage == Stage::direct) return direct_captured(c);
  switch (static_cast<Capture>(c.id)) {
    case kNothing:
      break;
    case kManufacturer:
      identity.manufacturer = named(c, "Manufacturer:");
      break;
    case kModel:
      identity.model = named(c, "Model:");
      break;
    case kRevision:
      identity.revision = named(c, "Revision:");
      break;
    case kImei:
      identity.imei = first_of(c, at::parse_imei).value_or("");
      break;
    case kRadio:
      for (const at::AnswerLine& line : c.lines) radio_off = at::parse_cfun(line.line).value_or(1) != 1;
      break;
    case kPinState:
      card.cpin = first_of(c, at::parse_cpin).value_or(c.result.ok() ? "READY" : c.result.text);
      break;
    case kIccid:
      card.iccid = first_of(c, at::parse_iccid).value_or("");
      break;
    case kImsi:
      card.imsi = first_of(c, imsi_of).value_or("");
      break;
    case kNumber:
      card.number = first_of(c, own_number).value_or("");
      break;
    case kTries:
      card.tries = first_of(
          c, [&](std::string_view line) { return tries_of(family->pin_tries[c.alternative], line); });
      break;
    case kMemsNow:
      for (const at::AnswerLine& line : c.lines) mems_now = at::parse_cpms(line.line);
      break;
    case kServiceCentre:
      card.sc_address = first_of(c, sc_address).value_or("");
      break;
    case kMemNames:
      mem_names = first_of(c, at::parse_cpms_test);
      break;
    case kSmsService: {
      // 0 is PS alone, 2 PS first: such texts fail wherever the packet core carries none.
      const auto service = first_of(c, sms_service_of);
      prefers_ps = !family->sms_service.empty() && (service == 0 || service == 2);
      break;
    }
    case kMems:
      storages_chosen(c);
      break;
    case kIndications:
      polling = !c.result.ok() || c.alternative == family->cnmi.size();
      break;
    case kCreg:
    case kCgreg:
    case kCereg:
      for (const at::AnswerLine& line : c.lines) registration_line(line.line, true, now);
      break;
  }
}

void Modem::Impl::storages_chosen(const at::Captured& c) {
  if (!c.result.ok()) {
    const std::string mem = mems_now.empty() || mems_now[0].mem.empty() ? "SM" : mems_now[0].mem;
    storages = {.readable = {mem}, .current = mem, .arguments = 0};
    return;
  }
  const auto order = mem_order();
  const std::string mem = order[c.alternative / 3];
  storages = {.readable = {mem}, .current = mem, .arguments = 3 - static_cast<int>(c.alternative % 3)};
  if (mem_names)
    for (const std::string& other : family->mems)
      if (other != mem &&
          std::find(mem_names->mem1.begin(), mem_names->mem1.end(), other) != mem_names->mem1.end())
        storages.readable.push_back(other);
  for (const at::AnswerLine& line : c.lines)
    if (const auto uses = at::parse_cpms(line.line); !uses.empty())
      intake.used(mem, uses[0].used, uses[0].total, events);
}

// The SIM alone, so that what its slots say goes with it from modem to modem.
std::string Modem::Impl::own_storage() {
  const std::string sim = "SM";
  if (!wants_store) return {};
  const auto lacks = [&](const std::vector<std::string>& mems) {
    return std::find(mems.begin(), mems.end(), sim) == mems.end();
  };
  const bool chosen = storages.arguments >= 2
                          ? !mem_names || mem_names->mem2.empty() || !lacks(mem_names->mem2)
                          : mems_now.size() > 1 && mems_now[1].mem == sim;
  if (family->store_first && chosen && !lacks(storages.readable)) return sim;
  if (!std::exchange(store_told, true))
    trouble("submits can't be stored first here: " +
            std::string(family->store_first ? "no storage SM" : family->name));
  return {};
}

void Modem::Impl::stage_done(Instant now) {
  switch (stage) {
    case Stage::none:
      break;
    case Stage::identity:
      identified(now);
      break;
    case Stage::basics:
      play(std::exchange(radio_off, false) && !family->radio_on.empty() ? Stage::radio : Stage::sim, now);
      break;
    case Stage::radio:
      play(Stage::sim, now);
      break;
    case Stage::sim:
      sim_decides(now);
      break;
    case Stage::locked:
      ask_for_pin(now);
      break;
    case Stage::card:
      play(Stage::storage, now);
      break;
    case Stage::storage:
      sim_identified();
      play(Stage::routing, now);
      break;
    case Stage::routing:
      set_up_direct(now);
      break;
    case Stage::service:
    case Stage::direct:
      direct_stage_done(now);
      break;
    case Stage::stored:
      set_up_done(now);
      break;
  }
}

void Modem::Impl::identified(Instant now) {
  if (!std::exchange(identity_known, true)) {
    family = fixed ? fixed : &family_of(identity.manufacturer, identity.model);
    identity.family = std::string(family->name);
    events.emplace_back(identity);
  }
  play(Stage::basics, now);
}

void Modem::Impl::set_up_done(Instant now) {
  stage = Stage::none;
  set_up_at = now;
  again = false;
  climbed_down();
  storages.own = own_storage();
  intake.configure(storages, family->index_base);
  occasion(registered() ? Occasion::registered : Occasion::unregistered,
           registered() ? "registered" : "set up", now);
  if (polling) {
    trouble("no +CNMI is accepted: the storages are listed every 5 s");
    sweep_at = now + kOften;
  }
  tell_network();
}

}  // namespace drivers
