#include "daemon/cli/message_form.h"

#include <random>
#include <sstream>

namespace klaxon::cli {

namespace {

// "turkish,urdu"; "none": no language at all.
json::array languages_in(const std::string& list) {
  json::array names;
  std::istringstream words(list == "none" ? "" : list);
  for (std::string name; std::getline(words, name, ',');) names.emplace_back(name);
  return names;
}

}  // namespace

void add_text_options(Command app, TextForm& form) {
  app.option("--encoding", form.encoding, "auto, gsm7 or ucs2");
  app.flag("--simplify", form.simplify, "Write curly quotes, long dashes and the like in plain characters");
  app.option("--national-tables", form.national_tables,
             "Languages whose alphabets may be used, as in turkish,urdu; or none");
  app.option("--replace-type", form.replace_type,
             "1 to 7: takes the place of the older text of this type on the phone");
}

void put_text_fields(json::object& body, const TextForm& form) {
  if (!form.encoding.empty()) body["encoding"] = form.encoding;
  if (form.simplify) body["simplify"] = true;
  if (!form.national_tables.empty()) body["national_tables"] = languages_in(form.national_tables);
  if (form.replace_type) body["replace_type"] = *form.replace_type;
}

void add_form_options(Command app, MessageForm& form) {
  app.option("--text", form.text, "The text; - reads it from standard input").note_given(form.text_given);
  app.option("--lane", form.lane, "alert, urgent, normal or bulk");
  add_text_options(app, form.how);
  app.flag("--flash", form.flash, "Shown at once and not stored (class 0)");
  app.flag("--sensitive", form.sensitive, "Show the text to nobody, and forget it once it is sent");
  app.flag("--no-report", form.no_report, "Ask for no delivery report");
  app.option("--valid-for", form.valid_for, "Not sent when older, as in 24h");
  app.option("--send-at", form.send_at, "Not sent before, as in 2026-11-22T08:00:00Z");
  app.option("--sim", form.sim, "Label or ICCID of the only SIM that may send it");
  app.option("--ref", form.ref, "Your own reference");
  app.option("--in-doubt", form.in_doubt, "repeat or hold, when nobody knows whether it went out");
  app.option("--idempotency-key", form.idempotency_key, "The same key again does nothing again");
}

json::object body_of(const MessageForm& form, Terminal& terminal) {
  json::object body;
  body["text"] = form.text == "-" ? rest_of_input(terminal) : form.text;
  const auto put = [&body](const char* key, const std::string& value) {
    if (!value.empty()) body[key] = value;
  };
  put("lane", form.lane);
  put_text_fields(body, form.how);
  put("valid_for", form.valid_for);
  put("send_at", form.send_at);
  put("sim", form.sim);
  put("ref", form.ref);
  put("in_doubt", form.in_doubt);
  if (form.flash) body["flash"] = true;
  if (form.sensitive) body["sensitive"] = true;
  if (form.no_report) body["report"] = false;
  return body;
}

std::string key_of(const MessageForm& form) {
  if (!form.idempotency_key.empty()) return form.idempotency_key;
  constexpr std::string_view kHex = "0123456789abcdef";
  std::random_device source;
  std::uniform_int_distribution<std::size_t> digit(0, kHex.size() - 1);
  std::string key = "klaxon-";
  for (int count = 0; count < 32; ++count) key += kHex[digit(source)];
  return key;
}

}  // namespace klaxon::cli
