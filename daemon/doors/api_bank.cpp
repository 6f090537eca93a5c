// The bank and the box: /v1/modems, /v1/sims, /healthz, /readyz, /metrics.
#include "daemon/doors/api_call.h"
#include "daemon/doors/directory_body.h"

namespace klaxon::doors {

void Api::get_modems(const CallRef& call) {
  PageAsked page;
  if (auto refusal = plain_page(*call, &page)) return give(call->asker, std::move(*refusal));
  give(call->asker,
       memory_list(face_.modems(), page, modem_json, [](const ModemView& modem) { return modem.id; }));
}

void Api::get_modem(const CallRef& call) {
  if (auto refusal = no_query(*call)) return give(call->asker, std::move(*refusal));
  for (const ModemView& modem : face_.modems()) {
    if (modem.id == call->captured[0]) return give(call->asker, json_response(200, modem_json(modem)));
  }
  give(call->asker, not_found());
}

// Scope read: it shows less than the messages and modems that the same token may see.
void Api::get_recording(const CallRef& call) {
  FieldErrors errors;
  Query query(call->target, errors);
  const auto last = query.text("last");
  if (last && *last != "failure") query.refuse("last", "the only recording besides the present one is that of the last failure");
  query.close();
  if (!errors.empty()) return give(call->asker, invalid(errors));
  const auto chat = face_.recording(call->captured[0], last.has_value());
  if (!chat) return give(call->asker, not_found());
  HttpResponse out;
  out.content_type = "text/plain; charset=utf-8";
  out.headers.emplace_back("Cache-Control", "no-store");
  out.body = *chat;
  give(call->asker, std::move(out));
}

// 202: it goes on for as long as the submit in flight and the modem's start take.
void Api::reset_modem(const CallRef& call) {
  if (auto refusal = no_query(*call)) return give(call->asker, std::move(*refusal));
  FieldErrors errors;
  if (call->body) {
    if (const auto* object = object_of(call->body->root(), errors)) Fields(*object, "", errors).close();
  }
  if (!errors.empty()) return give(call->asker, invalid(errors));
  wait_for(face_.reset_modem(call->captured[0], call->caller.token), call->asker,
           [this, id = call->captured[0]](const AskerRef& asker, const Answer&) {
             for (const ModemView& modem : face_.modems())
               if (modem.id == id) return give(asker, json_response(202, modem_json(modem)));
             give(asker, not_found());
           });
}

void Api::get_sims(const CallRef& call) {
  PageAsked page;
  if (auto refusal = plain_page(*call, &page)) return give(call->asker, std::move(*refusal));
  // A SIM of the configuration that was never seen has no ICCID yet; its label names it.
  const auto id_of = [](const SimView& sim) { return sim.iccid.empty() ? sim.label : sim.iccid; };
  give(call->asker, memory_list(face_.sims(), page, sim_json, id_of));
}

// By ICCID or label.
HttpResponse Api::sim_response(const std::string& name) const {
  for (const SimView& sim : face_.sims()) {
    if (name.empty() || (sim.iccid != name && sim.label != name)) continue;
    return json_response(200, sim_json(sim));
  }
  return not_found();
}

void Api::get_sim(const CallRef& call) {
  if (auto refusal = no_query(*call)) return give(call->asker, std::move(*refusal));
  give(call->asker, sim_response(call->captured[0]));
}

void Api::patch_sim(const CallRef& call) {
  if (auto refusal = no_query(*call)) return give(call->asker, std::move(*refusal));
  const std::string name = call->captured[0];
  std::string iccid;
  for (const SimView& sim : face_.sims())
    if (!name.empty() && (sim.iccid == name || sim.label == name)) iccid = sim.iccid;
  if (iccid.empty()) return give(call->asker, not_found());
  FieldErrors errors;
  const SimChange change = read_sim_change(call->body->root(), errors);
  if (!errors.empty()) return give(call->asker, invalid(errors));
  wait_for(face_.change_sim(iccid, change, call->caller.token), call->asker,
           [this, iccid](const AskerRef& asker, const Answer&) { give(asker, sim_response(iccid)); });
}

void Api::get_health(const CallRef& call) {
  if (!face_.health().store_open) return give(call->asker, not_ready({"the store is not open"}));
  give(call->asker, json_response(200, boost::json::object{{"status", "ok"}}));
}

void Api::get_ready(const CallRef& call) {
  const Health health = face_.health();
  if (health.store_open && health.disk_writable && health.sim_can_send && !health.stopping) {
    return give(call->asker, json_response(200, boost::json::object{{"ready", true}}));
  }
  std::vector<std::string> reasons = health.reasons;
  if (reasons.empty() && health.stopping) reasons.emplace_back("stopping");
  if (reasons.empty() && !health.disk_writable) reasons.emplace_back("the disk can't be written");
  if (reasons.empty() && !health.sim_can_send) reasons.emplace_back("no SIM can send");
  if (reasons.empty()) reasons.emplace_back("the store is not open");
  give(call->asker, not_ready(reasons));
}

void Api::get_metrics(const CallRef& call) {
  HttpResponse out;
  out.content_type = "text/plain; version=0.0.4; charset=utf-8";
  out.body = metrics_text(face_, counters_);
  give(call->asker, std::move(out));
}

}  // namespace klaxon::doors
