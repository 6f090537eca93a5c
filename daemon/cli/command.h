// The command line: subcommands with their options. CLI11 does the work behind it, in command.cpp alone,
// since each source that includes it takes 20 s to compile.
#pragma once

#include <cstddef>
#include <functional>
#include <iosfwd>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace CLI {
class App;
class Option;
}  // namespace CLI

namespace klaxon::cli {

// Refers to an option of a CommandLine, and lives no longer than that.
class Option {
 public:
  Option& required();
  Option& one_of(std::vector<std::string> values);
  Option& separated_by(char delimiter);  // several values in one argument
  Option& note_given(bool& given);       // set to true when it is given, whatever its value

 private:
  friend class Command;
  explicit Option(CLI::Option* option) : option_(option) {}
  CLI::Option* option_;
};

// Refers to the program or one of its subcommands; copied freely, and lives no longer than its CommandLine.
// What is passed by reference is written when the arguments are parsed, and left alone where the option isn't
// given.
class Command {
 public:
  using Text = std::string;

  Command subcommand(const Text& name, const Text& about);
  void needs_subcommand();      // exactly one
  void may_have_subcommand();   // at most one
  bool has_subcommand() const;  // once it is parsed

  Option positional(const Text& name, Text& value, const Text& about = "");  // required
  // A positional of any number of words, each left as it is; `shown` stands in the help.
  Option words(const Text& name, const Text& shown, std::vector<Text>& values, const Text& about = "");
  Option option(const Text& name, Text& value, const Text& about);
  Option option(const Text& name, std::optional<int>& value, const Text& about);
  Option option(const Text& name, std::vector<Text>& values, const Text& about);  // one value each time
  Option count(const Text& name, std::size_t& value, const Text& about);          // from 1
  Option flag(const Text& name, bool& value, const Text& about);
  Option flag(const Text& name, const Text& about);
  // --name alone stands for `value_if_bare`, --name=VALUE for another.
  Option flag(const Text& name, const Text& value_if_bare, Text& value, const Text& about);

  // Called when all arguments are parsed and it was among them. May call misuse().
  void on_use(std::function<void()> action);

 private:
  friend class CommandLine;
  explicit Command(CLI::App* app) : app_(app) {}
  CLI::App* app_;
};

// A wrong use that the options can't express; told like any other, exit code 2. For on_use() alone: it
// throws.
[[noreturn]] void misuse(const std::string& what);

class CommandLine {
 public:
  CommandLine(const std::string& about, const std::string& name, const std::string& version);
  ~CommandLine();
  CommandLine(const CommandLine&) = delete;
  CommandLine& operator=(const CommandLine&) = delete;

  // The program itself. It needs a subcommand; its options may also stand behind that.
  Command program();
  // Without the program's own name. The exit code if that was all, help or a wrong use (told on out or err);
  // none if a subcommand was chosen.
  std::optional<int> parse(std::vector<std::string> arguments, std::ostream& out, std::ostream& err);

 private:
  std::unique_ptr<CLI::App> app_;
};

}  // namespace klaxon::cli
