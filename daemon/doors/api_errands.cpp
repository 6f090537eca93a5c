// POST /v1/modems/{id}/at and /ussd: what a person wants said to a modem, and what it said.
#include "daemon/doors/api_call.h"
#include "drivers/command_rules.h"

namespace klaxon::doors {

namespace {

using config::Millis;
using drivers::Errand;
using drivers::ErrandDone;

// A modem that is asked something sends nothing meanwhile: at most as long as a submit may hang.
constexpr Millis kLeast{1'000}, kMost{60'000};
constexpr Millis kForCommand{10'000}, kForCode{30'000};

struct Wish {
  std::string_view field;  // of the body: "command", "code"
  Errand::Kind kind;
  Millis otherwise;  // timeout
  std::optional<std::string> (*refusal)(std::string_view);
};

std::optional<Errand> read_errand(const Call& call, const Wish& wish, FieldErrors& errors) {
  const auto* object = object_of(call.body->root(), errors);
  if (object == nullptr) return std::nullopt;
  Fields fields(*object, "", errors);
  Errand errand;
  errand.kind = wish.kind;
  if (const auto given = fields.text(wish.field, 4 * drivers::kMostCommand)) {
    errand.text = *given;
    if (const auto why = wish.refusal(*given)) fields.refuse(wish.field, *why);
  } else if (!fields.given(wish.field)) {
    fields.required(wish.field);
  }
  errand.timeout = fields.duration("timeout", kLeast, kMost).value_or(wish.otherwise);
  fields.close();
  return errand;
}

HttpResponse said(const Call& call, const ErrandDone& done, const std::string& command) {
  boost::json::array lines;
  for (const std::string& line : done.lines) lines.emplace_back(line);
  return json_response(200, {{"modem", call.captured[0]},
                             {"command", command},
                             {"final", done.result.text},
                             {"lines", std::move(lines)},
                             {"took_ms", done.took.count()}});
}

// 27.007 7.15. Null: no answer came of it.
const char* status_word(int status) {
  switch (status) {
    case 0:
      return "done";
    case 1:
      return "further_action";
    case 2:
      return "ended";
    default:
      return nullptr;
  }
}

std::string refusal_text(const ErrandDone& done) {
  const auto words = at::error_text(done.result, at::CmsNumbering::standard);
  return "the modem refused: " + done.result.text + (words.empty() ? "" : " (" + std::string(words) + ")");
}

HttpResponse dialled(const Call& call, const ErrandDone& done, const std::string& code) {
  if (!done.ussd) return problem(502, refusal_text(done));
  const int status = done.ussd->status;
  if (status == 5) return problem(504, "the network did not answer in time (+CUSD: 5)");
  if (status == 4) return problem(502, "the network does not support it (+CUSD: 4)");
  const char* word = status_word(status);
  if (word == nullptr)
    return problem(502, "the answer went elsewhere (+CUSD: " + std::to_string(status) + ")");
  boost::json::object out{
      {"modem", call.captured[0]}, {"code", code}, {"status", word}, {"text", nullptr}, {"dcs", nullptr}};
  if (done.ussd->text) out["text"] = *done.ussd->text;
  if (done.ussd->dcs) out["dcs"] = *done.ussd->dcs;
  out["took_ms"] = done.took.count();
  return json_response(200, out);
}

}  // namespace

void Api::say_to_modem(const CallRef& call) {
  if (auto refusal = no_query(*call)) return give(call->asker, std::move(*refusal));
  FieldErrors errors;
  const auto errand =
      read_errand(*call, {"command", Errand::Kind::command, kForCommand, drivers::command_refusal}, errors);
  if (!errors.empty()) return give(call->asker, invalid(errors));
  wait_for(face_.run_errand(call->captured[0], *errand, call->caller.token), call->asker,
           [this, call, line = errand->text](const AskerRef& asker, const Answer& answer) {
             give(asker, said(*call, std::get<ErrandDone>(answer.result), line));
           });
}

void Api::dial_ussd(const CallRef& call) {
  if (auto refusal = no_query(*call)) return give(call->asker, std::move(*refusal));
  FieldErrors errors;
  const auto errand =
      read_errand(*call, {"code", Errand::Kind::ussd, kForCode, drivers::code_refusal}, errors);
  if (!errors.empty()) return give(call->asker, invalid(errors));
  wait_for(face_.run_errand(call->captured[0], *errand, call->caller.token), call->asker,
           [this, call, code = errand->text](const AskerRef& asker, const Answer& answer) {
             give(asker, dialled(*call, std::get<ErrandDone>(answer.result), code));
           });
}

}  // namespace klaxon::doors
