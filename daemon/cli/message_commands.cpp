#include <array>
#include <ostream>

#include "daemon/cli/answers.h"
#include "daemon/cli/commands.h"
#include "daemon/cli/text_table.h"
#include "daemon/cli/url.h"

namespace klaxon::cli {
namespace {

std::string message_target(const std::string& id) {
  return "/v1/messages/" + percent_encoded(id);
}

std::string as_lines(const json::value& answer) {
  return answer.is_object() ? lines_of(answer.get_object()) : "done\n";
}

void add_message(Command app, Chosen& chosen) {
  auto id = std::make_shared<std::string>();
  auto command = app.subcommand("message", "Show one message");
  command.positional("ID", *id);
  command.on_use([id, &chosen] {
    chosen.remote = [id](Session& session) {
      return show(session.terminal, session.api.get(message_target(*id)), as_lines);
    };
  });
}

void add_cancel(Command app, Chosen& chosen) {
  auto id = std::make_shared<std::string>();
  auto command = app.subcommand("cancel", "Cancel a message that is not yet submitted");
  command.positional("ID", *id);
  command.on_use([id, &chosen] {
    chosen.remote = [id](Session& session) {
      return show(session.terminal, session.api.erase(message_target(*id)),
                  [&](const json::value&) { return *id + " cancelled\n"; });
    };
  });
}

void add_settle(Command app, Chosen& chosen) {
  struct Options {
    std::string id, as;
  };
  auto options = std::make_shared<Options>();
  auto command = app.subcommand("settle", "Say what became of a message in doubt");
  command.positional("ID", options->id);
  command.option("--as", options->as, "sent, or resend").required().one_of({"sent", "resend"});
  command.on_use([options, &chosen] {
    chosen.remote = [options](Session& session) {
      const json::object body{{"as", options->as}};
      return show(session.terminal, session.api.post(message_target(options->id) + "/settle", body),
                  [&](const json::value&) { return options->id + " settled as " + options->as + "\n"; });
    };
  });
}

struct InboxOptions {
  bool follow = false;
  std::string since, from;
  std::size_t limit = 0;
};

const std::vector<Column> kInboxColumns{
    {"ID", "id"}, {"RECEIVED", "received_at"}, {"FROM", "from"}, {"SIM", "to_sim"}, {"TEXT", "text"}};

void print_item(Terminal& terminal, const json::value& item) {
  if (terminal.json || !item.is_object()) {
    terminal.out << json::serialize(item) << std::endl;
    return;
  }
  std::string line;
  for (const auto& column : kInboxColumns)
    line += (line.empty() ? "" : "  ") + printable(shown(item.get_object(), column.key));
  terminal.out << line << std::endl;  // flushed: somebody watches
}

// Until it is stopped; a daemon that is away is waited for, and said so once.
int follow(Session& session, const std::string& target) {
  constexpr Millis kBetweenLooks{1000};
  std::string last;
  bool away = false;
  for (;;) {
    const char joint = target.find('?') == std::string::npos ? '?' : '&';
    const auto reply =
        session.api.list(last.empty() ? target : target + joint + "after=" + percent_encoded(last), 0);
    if (!reply && reply.error().exit_code != kUnreachable) return complain(session.terminal, reply.error());
    if (!reply && !away) complain(session.terminal, reply.error());
    away = !reply;
    if (reply) {
      for (const auto& item : *items_of(reply->body.get_object(), "items")) {
        print_item(session.terminal, item);
        if (item.is_object()) last = text_of(item.get_object(), "id");
      }
    }
    session.clock.pause(kBetweenLooks);
  }
}

void add_inbox(Command app, Chosen& chosen) {
  auto options = std::make_shared<InboxOptions>();
  auto command = app.subcommand("inbox", "List inbound texts, oldest first");
  command.flag("--follow", options->follow, "Go on with what comes in, until stopped");
  command.option("--since", options->since, "Received since, as in 2026-11-22T08:00:00Z");
  command.option("--from", options->from, "From this number only");
  command.count("--limit", options->limit, "At most so many");
  command.on_use([options, &chosen] {
    if (options->follow && options->limit != 0) misuse("inbox: --limit has no meaning with --follow");
    chosen.remote = [options](Session& session) {
      const auto target = with_query("/v1/inbox", {{"since", options->since}, {"from", options->from}});
      if (options->follow) return follow(session, target);
      return show(session.terminal, session.api.list(target, options->limit),
                  [](const json::value& list) { return table_of(list, kInboxColumns); });
    };
  });
}

// A row for each lane, a column for each state that the daemon counts.
std::string queue_table(const json::value& answer) {
  const auto* lanes = answer.is_object() ? object_of(answer.get_object(), "lanes") : nullptr;
  if (lanes == nullptr || lanes->empty()) return "none\n";
  const auto* first = lanes->begin()->value().if_object();
  std::vector<std::string> headings{"LANE"};
  for (const auto& field : first != nullptr ? *first : json::object{}) {
    std::string heading(field.key());
    for (char& c : heading)
      c = c == '_' ? ' ' : static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
    headings.push_back(std::move(heading));
  }
  TextTable table(std::move(headings));
  for (const auto& [lane, counts] : *lanes) {
    std::vector<std::string> cells{std::string(lane)};
    for (const auto& field : first != nullptr ? *first : json::object{})
      cells.push_back(counts.is_object() ? shown(counts.get_object(), field.key()) : "-");
    table.row(std::move(cells));
  }
  return table.text();
}

void add_queue(Command app, Chosen& chosen) {
  auto in_doubt = std::make_shared<bool>(false);
  auto command = app.subcommand("queue", "Count what waits, by lane and state");
  command.flag("--in-doubt", *in_doubt, "List the messages of which nobody knows whether they went out");
  command.on_use([in_doubt, &chosen] {
    chosen.remote = [in_doubt](Session& session) {
      if (!*in_doubt) return show(session.terminal, session.api.get("/v1/queue"), queue_table);
      const std::vector<Column> columns{{"ID", "id"},
                                        {"TO", "to"},
                                        {"LANE", "lane"},
                                        {"SIM", "sim_label"},
                                        {"IN DOUBT", "in_doubt_at"},
                                        {"ATTEMPTS", "attempts"},
                                        {"TEXT", "text"}};
      return show(session.terminal, session.api.list("/v1/messages?state=unknown", 0),
                  [&](const json::value& list) { return table_of(list, columns); });
    };
  });
}

}  // namespace

void add_messages(Command app, Chosen& chosen) {
  add_message(app, chosen);
  add_cancel(app, chosen);
  add_settle(app, chosen);
  add_inbox(app, chosen);
  add_queue(app, chosen);
}

}  // namespace klaxon::cli
