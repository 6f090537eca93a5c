#include "daemon/cli/plan.h"

#include <CppUTest/TestHarness.h>

namespace cli = klaxon::cli;

namespace {

cli::Group group(std::string name, std::vector<std::string> members) {
  return {std::move(name), std::move(members), 0};
}

cli::Keyword keyword(std::string word, std::string action, std::string to = {}) {
  cli::Keyword made;
  made.word = std::move(word);
  made.action = std::move(action);
  made.group = std::move(to);
  return made;
}

std::string text_of(const std::vector<cli::Change>& changes) {
  std::string text;
  for (const auto& change : changes) text += change.text() + "\n";
  return text;
}

}  // namespace

TEST_GROUP(Plan) {
  cli::Directory wanted, present;
  std::string planned(bool prune = false) const {
    return text_of(cli::plan(wanted, present, prune));
  }
};

TEST(Plan, IsEmptyForTheSame) {
  wanted.groups = {group("staff", {"+1", "+2"})};
  present.groups = {group("staff", {"+2", "+1"})};
  wanted.keywords = {keyword("outage", "broadcast", "staff")};
  present.keywords = {keyword("OUTAGE", "broadcast", "staff")};
  present.keywords[0].cooldown = config::Millis(60'000);
  STRCMP_EQUAL("", planned(true).c_str());
}

TEST(Plan, AddsWhatIsMissing) {
  wanted.groups = {group("staff", {"+1"})};
  wanted.keywords = {keyword("OUTAGE", "broadcast", "staff")};
  STRCMP_EQUAL("add group staff\nadd keyword OUTAGE\n", planned().c_str());
}

TEST(Plan, NamesWhatChanges) {
  wanted.groups = {group("staff", {"+1", "+3", "+4"})};
  present.groups = {group("staff", {"+1", "+2"})};
  wanted.keywords = {keyword("OUTAGE", "broadcast", "staff")};
  wanted.keywords[0].from = {"group:oncall"};
  wanted.keywords[0].lane = "alert";
  wanted.keywords[0].text = "new";
  present.keywords = {keyword("OUTAGE", "reply")};
  present.keywords[0].secret = "pin:file:outage.pin";
  present.keywords[0].report = false;
  STRCMP_EQUAL(
      "change group staff (members: +2 -1)\n"
      "change keyword OUTAGE (from: given, secret: pin:file:outage.pin -> none, action: reply -> broadcast, "
      "group: none -> staff, text: another, lane: normal -> alert, report: false -> true, cooldown: 0s -> "
      "1m)\n",
      planned().c_str());
}

TEST(Plan, TellsAnEmptyFromListFromNone) {
  wanted.keywords = {keyword("HELP", "reply")};
  present.keywords = {keyword("HELP", "reply")};
  present.keywords[0].from.emplace();
  STRCMP_EQUAL("change keyword HELP (from: left out)\n", planned().c_str());
}

TEST(Plan, RemovesWhenAskedOnly) {
  present.groups = {group("old", {"+1"})};
  present.keywords = {keyword("OLD", "broadcast", "old")};
  STRCMP_EQUAL("", planned().c_str());
  STRCMP_EQUAL("remove keyword OLD\nremove group old\n", planned(true).c_str());
}

TEST(Plan, GoesInAnOrderThatTheDaemonTakes) {
  wanted.groups = {group("new", {"+1"})};
  wanted.keywords = {keyword("MOVED", "broadcast", "new")};
  present.groups = {group("old", {"+1"})};
  present.keywords = {keyword("GONE", "broadcast", "old"), keyword("MOVED", "broadcast", "old")};
  STRCMP_EQUAL(
      "remove keyword GONE\n"
      "add group new\n"
      "change keyword MOVED (group: old -> new)\n"
      "remove group old\n",
      planned(true).c_str());
}

TEST(Plan, PutsContactsBeforeTheGroupsThatHaveThem) {
  wanted.contacts = {{"Ana", {"+1", "+2"}, {"x"}, 0}, {"Bo", {"+3"}, {}, 0}};
  wanted.groups = {group("staff", {"Ana"})};
  present.contacts = {{"Ana", {"+2", "+1"}, {"x"}, 0}, {"Gone", {"+4"}, {}, 0}};
  present.groups = {group("old", {"Gone"})};
  STRCMP_EQUAL(
      "change contact Ana (numbers: +2 +1 -> +1 +2)\n"
      "add contact Bo\n"
      "add group staff\n"
      "remove group old\n"
      "remove contact Gone\n",
      planned(true).c_str());
}
