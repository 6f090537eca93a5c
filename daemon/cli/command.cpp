#include "daemon/cli/command.h"

#include <CLI/CLI.hpp>
#include <algorithm>

#include "daemon/cli/api.h"

namespace klaxon::cli {
namespace {

// "[TO... TEXT]" instead of "[words(10001x)]".
class Usage : public CLI::Formatter {
 public:
  std::string make_option_usage(const CLI::Option* option) const override {
    const std::string& shown = option->get_option_text();
    return shown.empty() ? CLI::Formatter::make_option_usage(option) : shown;
  }
};

}  // namespace

Option& Option::required() {
  option_->required();
  return *this;
}

Option& Option::one_of(std::vector<std::string> values) {
  option_->check(CLI::IsMember(std::move(values)));
  return *this;
}

Option& Option::separated_by(char delimiter) {
  option_->delimiter(delimiter);
  return *this;
}

Option& Option::note_given(bool& given) {
  option_->each([&given](const std::string&) { given = true; });
  return *this;
}

Command Command::subcommand(const Text& name, const Text& about) {
  return Command(app_->add_subcommand(name, about));
}

void Command::needs_subcommand() {
  app_->require_subcommand(1);
}

void Command::may_have_subcommand() {
  app_->require_subcommand(0, 1);
}

bool Command::has_subcommand() const {
  return !app_->get_subcommands().empty();
}

Option Command::positional(const Text& name, Text& value, const Text& about) {
  return Option(app_->add_option(name, value, about)->required());
}

// CLI11 would take "[a, b]" apart wherever an option may go on without end; so this one has an end, far away,
// and its policy is not to mind that it isn't reached.
Option Command::words(const Text& name, const Text& shown, std::vector<Text>& values, const Text& about) {
  constexpr int kMostWords = 10'001;  // as many numbers as a list may have, and the text
  auto* option = app_->add_option(name, values, about)->expected(kMostWords)->take_all();
  return Option(option->allow_extra_args(false)->option_text(shown));
}

Option Command::option(const Text& name, Text& value, const Text& about) {
  return Option(app_->add_option(name, value, about));
}

Option Command::option(const Text& name, std::optional<int>& value, const Text& about) {
  return Option(app_->add_option(name, value, about));
}

Option Command::option(const Text& name, std::vector<Text>& values, const Text& about) {
  return Option(app_->add_option(name, values, about)->allow_extra_args(false));
}

Option Command::count(const Text& name, std::size_t& value, const Text& about) {
  return Option(app_->add_option(name, value, about)->check(CLI::PositiveNumber));
}

Option Command::flag(const Text& name, bool& value, const Text& about) {
  return Option(app_->add_flag(name, value, about));
}

Option Command::flag(const Text& name, const Text& about) {
  return Option(app_->add_flag(name)->description(about));
}

Option Command::flag(const Text& name, const Text& value_if_bare, Text& value, const Text& about) {
  return Option(app_->add_flag(name + "{" + value_if_bare + "}", value, about));
}

void Command::on_use(std::function<void()> action) {
  app_->callback(std::move(action));
}

void misuse(const std::string& what) {
  throw CLI::ValidationError(what, kUsage);
}

CommandLine::CommandLine(const std::string& about, const std::string& name, const std::string& version)
    : app_(std::make_unique<CLI::App>(about, name)) {
  app_->formatter(std::make_shared<Usage>());
  app_->fallthrough();
  app_->require_subcommand(1);
  app_->set_version_flag("--version", version);
}

CommandLine::~CommandLine() = default;

Command CommandLine::program() {
  return Command(app_.get());
}

std::optional<int> CommandLine::parse(std::vector<std::string> arguments, std::ostream& out,
                                      std::ostream& err) {
  std::reverse(arguments.begin(), arguments.end());  // as CLI11 wants them
  try {
    app_->parse(std::move(arguments));
  } catch (const CLI::ParseError& error) {
    return app_->exit(error, out, err) == 0 ? kDone : kUsage;
  }
  return std::nullopt;
}

}  // namespace klaxon::cli
