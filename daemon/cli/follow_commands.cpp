// What happens, as it happens; and what was said to and fro.
#include <ostream>

#include "daemon/cli/answers.h"
#include "daemon/cli/commands.h"
#include "daemon/cli/event_text.h"
#include "daemon/cli/text_table.h"
#include "daemon/cli/url.h"

namespace klaxon::cli {
namespace {

struct EventOptions {
  std::string after;
  std::size_t limit = 0;
};

std::string words_of(const json::object& about, const std::vector<std::string_view>& fields) {
  std::string line;
  for (const auto field : fields) {
    const std::string word = printable(shown(about, field));
    if (word != "-") line += "  " + word;
  }
  return line;
}

// One line for a person: when, what, and the few fields that tell it apart.
std::string event_line(const json::object& event) {
  const std::string type = text_of(event, "type");
  std::string line = printable(text_of(event, "at")) + "  " + printable(type);
  if (const auto* message = object_of(event, "message"))
    return line + words_of(*message, {"id", "to", "state", "sim_label", "modem", "why"});
  if (const auto* text = object_of(event, "inbox"))
    return line + words_of(*text, {"id", "from", "to_sim_label", "text"});
  if (const auto* modem = object_of(event, "modem"))
    return line + words_of(*modem, {"id", "state", "sim_label", "why"});
  if (type == "gap") line += "  what was between is not there any more";
  return line;
}

void print_event(Terminal& terminal, const ServerEvent& event) {
  boost::system::error_code error;
  const json::value data = json::parse(event.data, error);
  if (terminal.json || error || !data.is_object()) {
    terminal.out << (terminal.json ? event.data : printable(event.data)) << std::endl;
  } else {
    terminal.out << event_line(data.get_object()) << std::endl;  // flushed: somebody watches
  }
}

// Until it is stopped, or for so many; a daemon that is away is waited for, and said so once.
int follow_events(Session& session, const EventOptions& options) {
  constexpr Millis kBetweenTries{1000};
  std::size_t left = options.limit;
  std::string last = options.after;
  bool told = false;
  for (;;) {
    EventText text;
    const auto failure =
        session.api.follow(with_query("/v1/events", {{"after", last}}), [&](std::string_view piece) {
          told = false;
          for (const ServerEvent& event : text.feed(piece)) {
            print_event(session.terminal, event);
            last = event.id;
            if (options.limit != 0 && --left == 0) return false;
          }
          if (!text.last_id().empty()) last = text.last_id();
          return true;
        });
    if (!failure) return kDone;
    if (failure->exit_code != kUnreachable) return complain(session.terminal, *failure);
    if (!std::exchange(told, true)) complain(session.terminal, *failure);
    session.clock.pause(kBetweenTries);
  }
}

void add_events(Command app, Chosen& chosen) {
  auto options = std::make_shared<EventOptions>();
  auto command = app.subcommand("events", "Print what happens to messages, texts and modems, as it happens");
  command.option("--after", options->after,
                 "Begin behind this event, as in e120; else with what happens next");
  command.count("--limit", options->limit, "End after so many");
  command.on_use([options, &chosen] {
    chosen.remote = [options](Session& session) { return follow_events(session, *options); };
  });
}

std::string conversation_table(const json::value& list) {
  const auto* items = list.is_object() ? items_of(list.get_object(), "items") : nullptr;
  if (items == nullptr || items->empty()) return "none\n";
  TextTable table({"ID", "AT", "", "STATE", "TEXT"});
  for (const auto& value : *items) {
    if (!value.is_object()) continue;
    const auto& item = value.get_object();
    const bool in = text_of(item, "direction") == "in";
    table.row({shown(item, "id"), shown(item, in ? "received_at" : "created_at"), in ? "<" : ">",
               in ? "-" : shown(item, "state"), shown(item, item.contains("data") ? "data" : "text")});
  }
  return table.text();
}

void add_conversation(Command app, Chosen& chosen) {
  struct Options {
    std::string number;
    std::size_t limit = 0;
  };
  auto options = std::make_shared<Options>();
  auto command =
      app.subcommand("conversation", "Show the messages to a number and the texts from it, oldest first");
  command.positional("NUMBER", options->number);
  command.count("--limit", options->limit, "At most so many");
  command.on_use([options, &chosen] {
    chosen.remote = [options](Session& session) {
      return show(session.terminal,
                  session.api.list("/v1/conversations/" + percent_encoded(options->number), options->limit),
                  conversation_table);
    };
  });
}

void add_conversations(Command app, Chosen& chosen) {
  auto limit = std::make_shared<std::size_t>(0);
  auto command = app.subcommand("conversations", "List the numbers that were written to or wrote");
  command.count("--limit", *limit, "At most so many");
  command.on_use([limit, &chosen] {
    chosen.remote = [limit](Session& session) {
      const std::vector<Column> columns{{"ID", "id"},
                                        {"NUMBER", "number"},
                                        {"LAST", "last_at"},
                                        {"LAST IN", "last_in"},
                                        {"LAST OUT", "last_out"}};
      return show(session.terminal, session.api.list("/v1/conversations", *limit),
                  [&](const json::value& list) { return table_of(list, columns); });
    };
  });
}

}  // namespace

void add_follow(Command app, Chosen& chosen) {
  add_events(app, chosen);
  add_conversation(app, chosen);
  add_conversations(app, chosen);
}

}  // namespace klaxon::cli
