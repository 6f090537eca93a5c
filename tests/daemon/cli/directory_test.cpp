#include "daemon/cli/directory.h"

#include <CppUTest/TestHarness.h>
#include <unistd.h>

#include <cstdio>
#include <fstream>

#include "daemon/cli/directory_json.h"
#include "daemon/cli/plan.h"
#include "stage.h"

namespace cli = klaxon::cli;

namespace {

constexpr const char* kWhole = R"(
[[group]]
name = "it-oncall"
members = ["+447700900123", "07700 900124"]
[[group]]
name = "all-staff"
members = []
[[keyword]]
word = "OUTAGE"
from = ["group:it-oncall", "+447700900123"]
secret = "pin:file:outage.pin"
action = "broadcast"
group = "all-staff"
text = "IT outage: {{args}}"
lane = "alert"
report = true
cooldown = "60s"
[[keyword]]
word = "HELP"
action = "reply"
text = """
say "STATUS"
or 1\\2"""
)";

std::string faults(const std::string& toml) {
  const auto parsed = cli::parse_directory(toml, "f");
  if (parsed) return "none";
  std::string all;
  for (const auto& finding : parsed.error()) all += finding.text() + "\n";
  return all;
}

void expect(const char* wanted, const std::string& toml) {
  const std::string found = faults(toml);
  if (found.find(wanted) == std::string::npos)
    FAIL((toml + "\nwanted: " + wanted + "\nfound: " + found).c_str());
}

std::string keyword(const std::string& rest) {
  return "[[keyword]]\nword = \"W\"\n" + rest;
}

}  // namespace

TEST_GROUP(DirectoryFile){};

TEST(DirectoryFile, HoldsGroupsAndKeywords) {
  const auto parsed = cli::parse_directory(kWhole, "f");
  CHECK(parsed.has_value());
  LONGS_EQUAL(2, parsed->groups.size());
  LONGS_EQUAL(2, parsed->groups[0].line);
  LONGS_EQUAL(2, parsed->groups[0].members.size());
  const auto& outage = parsed->keywords[0];
  LONGS_EQUAL(2, outage.from->size());
  STRCMP_EQUAL("alert", outage.lane.c_str());
  CHECK(outage.cooldown == config::Millis(60'000));
  const auto& help = parsed->keywords[1];
  CHECK(!help.from);
  CHECK(!help.cooldown);
  LONGS_EQUAL(0, help.effective_cooldown().count());
  STRCMP_EQUAL("say \"STATUS\"\nor 1\\2", help.text.c_str());
}

TEST(DirectoryFile, IsWrittenAsItIsRead) {
  const auto first = cli::parse_directory(kWhole, "f");
  const auto written = cli::write_directory(*first);
  const auto again = cli::parse_directory(written, "f");
  if (!again) FAIL((again.error().front().text() + "\n" + written).c_str());
  LONGS_EQUAL(0, cli::plan(*first, *again, true).size());
  LONGS_EQUAL(0, cli::plan(*again, *first, true).size());
  STRCMP_EQUAL(written.c_str(), cli::write_directory(*again).c_str());
}

TEST(DirectoryFile, CarriesAnyTextThere) {
  cli::Directory directory;
  cli::Keyword odd;
  odd.word = "ODD";
  odd.action = "reply";
  for (int octet = 1; octet < 0x80; ++octet) odd.text += static_cast<char>(octet);
  odd.text += "\"\"\" ''' \\u0041 é 🚨";
  directory.keywords.push_back(odd);
  const auto again = cli::parse_directory(cli::write_directory(directory), "f");
  if (!again) FAIL(again.error().front().text().c_str());
  STRCMP_EQUAL(odd.text.c_str(), again->keywords[0].text.c_str());
}

TEST(DirectoryFile, GoesThroughTheApiUnchanged) {
  const auto parsed = cli::parse_directory(kWhole, "f");
  cli::Directory back;
  for (const auto& each : parsed->groups) {
    auto fields = cli::body_of(each);
    fields["name"] = each.name;
    back.groups.push_back(cli::group_from(fields));
  }
  for (const auto& each : parsed->keywords) {
    auto fields = cli::body_of(each);
    fields["word"] = each.word;
    back.keywords.push_back(cli::keyword_from(fields));
  }
  LONGS_EQUAL(0, cli::plan(*parsed, back, true).size());
}

TEST(DirectoryFile, HoldsContacts) {
  const std::string toml =
      "[[contact]]\nname = \"Ana Ruiz\"\nnumber = \"+34600111222\"\ntags = [\"madrid\"]\n"
      "[[contact]]\nname = \"Bo\"\nnumbers = [\"+447700900123\", \"07700 900124\"]\n"
      "[[group]]\nname = \"g\"\nmembers = [\"Ana Ruiz\", \"+447700900125\"]\n";
  const auto first = cli::parse_directory(toml, "f");
  if (!first) FAIL(first.error().front().text().c_str());
  LONGS_EQUAL(2, first->contacts[1].numbers.size());
  LONGS_EQUAL(5, first->contacts[1].line);
  STRCMP_EQUAL("Ana Ruiz", first->groups[0].members[0].c_str());
  const auto again = cli::parse_directory(cli::write_directory(*first), "f");
  LONGS_EQUAL(0, cli::plan(*first, *again, true).size());
  auto fields = cli::body_of(first->contacts[0]);
  fields["name"] = "Ana Ruiz";
  const cli::Contact back = cli::contact_from(fields);
  CHECK(back.numbers == first->contacts[0].numbers && back.tags == first->contacts[0].tags);
}

TEST(DirectoryFile, RefusesWrongContacts) {
  expect("numbers: is missing", "[[contact]]\nname = \"Ana\"\n");
  expect("numbers: has none", "[[contact]]\nname = \"Ana\"\nnumbers = []\n");
  expect("number: \"x\" is no number", "[[contact]]\nname = \"Ana\"\nnumber = \"x\"\n");
  expect("number and numbers exclude each other",
         "[[contact]]\nname = \"Ana\"\nnumber = \"12345\"\nnumbers = [\"12346\"]\n");
  expect("name: is spelled like a number", "[[contact]]\nname = \"+44 7\"\nnumber = \"12345\"\n");
  expect("name: \"A\" stands at line 1 already",
         "[[contact]]\nname = \"A\"\nnumber = \"12345\"\n[[contact]]\nname = \"A\"\nnumber = \"12345\"\n");
  expect("f:3:12: members: \"12\" is neither a number nor a name",
         "[[group]]\nname = \"g\"\nmembers = [\"12\"]\n");
}

TEST(DirectoryFile, RefusesEveryFaultWithItsLine) {
  STRCMP_EQUAL(
      "f:1:1: members: is missing\n"
      "f:3:1: memebers: unknown key in [[group]]; did you mean members?\n"
      "f:4:1: text: is missing\n"
      "f:6:10: action: \"webhook\" is not offered in this version\n"
      "f:7:1: colour: unknown key in [[keyword]]\n",
      faults("[[group]]\nname = \"g\"\nmemebers = []\n[[keyword]]\nword = \"W\"\naction = "
             "\"webhook\"\ncolour = 1\n")
          .c_str());
}

TEST(DirectoryFile, RefusesWrongValues) {
  expect("name: is empty", "[[group]]\nname = \"\"\nmembers = []");
  expect("name: must be 1 to 64 letters", "[[group]]\nname = \"all staff\"\nmembers = []");
  expect("name: \"g\" stands at line 1 already",
         "[[group]]\nname = \"g\"\nmembers = []\n[[group]]\nname = \"g\"\nmembers = []");
  expect("members: \"+447700900123\" stands here twice",
         "[[group]]\nname = \"g\"\nmembers = [\"+447700900123\", \"+447700900123\"]");
  expect("word: \"W\" stands at line 1 already",
         keyword("action = \"reply\"\n") + "[[keyword]]\nword = \"w\"\naction = \"reply\"");
  expect("word: holds a blank", "[[keyword]]\nword = \"A B\"\naction = \"reply\"");
  expect("action: is missing", keyword(""));
  expect("group: is missing for action broadcast", keyword("action = \"broadcast\""));
  expect("group: has no meaning for action reply", keyword("action = \"reply\"\ngroup = \"g\""));
  expect("from: is missing: who may broadcast", keyword("action = \"broadcast\"\ngroup = \"g\""));
  expect("from: names nobody", keyword("action = \"reply\"\nfrom = []"));
  expect("text: is missing", keyword("action = \"reply\""));
  expect("from: \"nobody\" is neither a number nor \"group:NAME\"",
         keyword("action = \"reply\"\nfrom = [\"nobody\"]"));
  expect("secret: names a file in policy.secrets_dir",
         keyword("action = \"reply\"\nsecret = \"pin:file:../x\""));
  expect("secret: must be \"pin:file:NAME\"", keyword("action = \"reply\"\nsecret = \"1234\""));
  expect("secret: totp is not offered", keyword("action = \"reply\"\nsecret = \"totp:file:x\""));
  expect("lane: \"fast\" is none of", keyword("action = \"reply\"\nlane = \"fast\""));
  expect("cooldown: a duration is a string with its unit", keyword("action = \"reply\"\ncooldown = 60"));
}

TEST_GROUP(Apply) {
  std::string path = "/tmp/klaxon-directory-XXXXXX";
  Stage stage;
  void setup() override {
    close(mkstemp(path.data()));
  }
  void teardown() override {
    std::remove(path.c_str());
  }
  int apply(const std::string& toml, std::vector<std::string> more = {}) {
    std::ofstream(path) << toml;
    std::vector<std::string> arguments{"apply", path};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return stage.run(std::move(arguments));
  }
  void present(const char* groups, const char* keywords,
               const char* contacts = R"({"items":[],"next":null})") {
    stage.answers(200, contacts).answers(200, groups).answers(200, keywords);
  }
};

TEST(Apply, MakesGroupsThenKeywordsThenReadsTheSecretsAgain) {
  present(R"({"items":[],"next":null})", R"({"items":[],"next":null})");
  stage.answers(201, "{}").answers(201, "{}").answers(201, "{}").answers(201, "{}").answers(204, "");
  LONGS_EQUAL(0, apply(kWhole));
  STRCMP_EQUAL("GET /v1/contacts?limit=1000", stage.call(0).c_str());
  STRCMP_EQUAL("GET /v1/groups?limit=1000", stage.call(1).c_str());
  STRCMP_EQUAL("GET /v1/keywords?limit=1000", stage.call(2).c_str());
  STRCMP_EQUAL("PUT /v1/groups/it-oncall", stage.call(3).c_str());
  STRCMP_EQUAL("PUT /v1/keywords/OUTAGE", stage.call(5).c_str());
  STRCMP_EQUAL("POST /v1/keywords/reload", stage.call(7).c_str());
  STRCMP_EQUAL(R"({"members":["+447700900123","07700 900124"]})", stage.asked[3].body.c_str());
  STRCMP_EQUAL(
      R"({"action":"broadcast","lane":"alert","report":true,"cooldown":"1m","from":["group:it-oncall","+447700900123"],)"
      R"("secret":"pin:file:outage.pin","group":"all-staff","text":"IT outage: {{args}}"})",
      stage.asked[5].body.c_str());
  STRCMP_EQUAL("add group it-oncall\nadd group all-staff\nadd keyword OUTAGE\nadd keyword HELP\n",
               stage.printed().c_str());
}

TEST(Apply, ShowsOnlyWhenDry) {
  present(R"({"items":[{"name":"old","members":["+1234567"]}],"next":null})", R"({"items":[],"next":null})");
  LONGS_EQUAL(0, apply("[[group]]\nname = \"g\"\nmembers = []\n", {"--dry-run", "--prune"}));
  LONGS_EQUAL(3, stage.asked.size());
  STRCMP_EQUAL("add group g\nremove group old\n", stage.printed().c_str());
}

TEST(Apply, NamesThePlaceOfWhatIsRefused) {
  present(R"({"items":[]})", R"({"items":[]})");
  stage.answers(
      422, R"({"title":"Unprocessable Content","errors":[{"pointer":"/members/0","detail":"no number"}]})");
  LONGS_EQUAL(1, apply("\n[[group]]\nname = \"g\"\nmembers = [\"123456789\"]\n"));
  STRCMP_EQUAL(
      ("klaxon: " + path + ":2: add group g: 422 Unprocessable Content\n  /members/0: no number\n").c_str(),
      stage.complained().c_str());
  LONGS_EQUAL(4, stage.asked.size());
}

TEST(Apply, AsksTheDaemonForWordsOfOtherAlphabets) {
  stage.answers(200, R"({"word":"STÖRUNG","action":"reply"})");
  present(R"({"items":[]})", R"({"items":[{"word":"STÖRUNG","action":"reply","text":"t","from":null}]})");
  stage.answers(204, "");
  LONGS_EQUAL(0, apply("[[keyword]]\nword = \"störung\"\naction = \"reply\"\ntext = \"t\"\n", {"--prune"}));
  STRCMP_EQUAL("GET /v1/keywords/st%C3%B6rung", stage.call(0).c_str());
  STRCMP_EQUAL("nothing to change\n", stage.printed().c_str());
}

TEST(Apply, TouchesNothingForAFileThatIsWrongOrNone) {
  LONGS_EQUAL(1, apply("[[group]]\nnaem = \"g\"\n", {"--prune"}));
  LONGS_EQUAL(1, stage.run({"apply", "/nowhere.toml", "--prune"}));
  LONGS_EQUAL(1, stage.run({"apply", "/tmp", "--prune"}));
  LONGS_EQUAL(0, stage.asked.size());
}

TEST(Apply, IsTheInverseOfExport) {
  present(
      R"({"items":[{"name":"g","members":["+1234567"]}]})",
      R"({"items":[{"word":"HELP","from":null,"secret":null,"action":"reply","group":null,"text":"t","lane":"normal",
              "report":true,"cooldown":null}]})",
      R"({"items":[{"name":"Ana Ruiz","numbers":["+1234567","+1234568"],"tags":[]}]})");
  LONGS_EQUAL(0, stage.run({"export"}));
  STRCMP_EQUAL(
      "[[contact]]\nname = \"Ana Ruiz\"\nnumbers = [\"+1234567\", \"+1234568\"]\n\n"
      "[[group]]\nname = \"g\"\nmembers = [\"+1234567\"]\n\n"
      "[[keyword]]\nword = \"HELP\"\naction = \"reply\"\ntext = \"t\"\nlane = \"normal\"\nreport = true\n"
      "cooldown = \"0s\"\n\n",
      stage.printed().c_str());
}

TEST(Apply, PutsContactsByTheirNames) {
  present(R"({"items":[]})", R"({"items":[]})");
  stage.answers(201, "{}").answers(204, "");
  LONGS_EQUAL(0, apply("[[contact]]\nname = \"Ana Ruiz\"\nnumber = \"+34600111222\"\ntags = [\"madrid\"]\n"));
  STRCMP_EQUAL("PUT /v1/contacts/Ana%20Ruiz", stage.call(3).c_str());
  STRCMP_EQUAL(R"({"numbers":["+34600111222"],"tags":["madrid"]})", stage.asked[3].body.c_str());
  STRCMP_EQUAL("add contact Ana Ruiz\n", stage.printed().c_str());
}

TEST(Apply, TakesSpreadsheetsAsTheyAre) {
  std::ofstream(path) << "name;number\nAna;12345\n";
  stage.answers(200, R"({"dry_run":true,"added":1,"changed":0,"unchanged":2})");
  LONGS_EQUAL(0, stage.run({"contacts", "import", "--dry-run", path}));
  STRCMP_EQUAL("POST /v1/contacts/import?dry_run=true", stage.call(0).c_str());
  STRCMP_EQUAL("text/csv", stage.asked[0].content_type.c_str());
  STRCMP_EQUAL("name;number\nAna;12345\n", stage.asked[0].body.c_str());
  STRCMP_EQUAL("1 added, 0 changed, 2 unchanged (dry run: nothing was)\n", stage.printed().c_str());
  stage.in << "group,member\nstaff,Ana\n";
  stage.answers(200, R"({"dry_run":false,"added":1,"changed":0,"unchanged":0})");
  LONGS_EQUAL(0, stage.run({"group", "import", "-"}));
  STRCMP_EQUAL("POST /v1/groups/import", stage.call(1).c_str());
  LONGS_EQUAL(1, stage.run({"contacts", "import", "/nowhere.csv"}));
  LONGS_EQUAL(2, stage.asked.size());
}
