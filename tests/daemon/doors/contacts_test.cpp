// Contacts, and directories as spreadsheets.
#include <CppUTest/TestHarness.h>

#include "daemon/doors/csv.h"
#include "tests/daemon/doors/desk.h"
#include "tests/daemon/doors/expect.h"

using namespace klaxon;

TEST_GROUP(Contacts) {
  Desk desk;
  doors::HttpResponse put(const std::string& name, const std::string& body) {
    return desk.ask("PUT", "/v1/contacts/" + name, body);
  }
  doors::HttpResponse import(const std::string& csv, const std::string& what = "contacts",
                             const std::string& query = "") {
    auto asked = request("POST", "/v1/" + what + "/import" + query, csv);
    asked.content_type = "text/csv; charset=utf-8";
    return desk.ask(asked);
  }
};

TEST(Contacts, AreKeptByName) {
  const auto made = put(
      "Ana%20Ruiz", R"({"numbers":["07700 900123","+34600111222","+447700900123"],"tags":["madrid","IT"]})");
  LONGS_EQUAL(201, made.status);
  expect(R"({"name":"Ana Ruiz","numbers":["+447700900123","+34600111222"],"tags":["madrid","IT"]})",
         made.body);
  LONGS_EQUAL(200, put("Ana%20Ruiz", R"({"number":"+34600111222"})").status);
  expect(R"(["+34600111222"])", at_path(desk.ask("GET", "/v1/contacts/Ana%20Ruiz"), "/numbers"));
  LONGS_EQUAL(201, put("Zo%C3%AB%20%2F%20%E7%8E%8B", R"({"number":"12345"})").status);
  LONGS_EQUAL(204, desk.ask("DELETE", "/v1/contacts/Ana%20Ruiz").status);
  LONGS_EQUAL(404, desk.ask("DELETE", "/v1/contacts/Ana%20Ruiz").status);
  LONGS_EQUAL(404, desk.ask("GET", "/v1/contacts/Ana%20Ruiz").status);
}

TEST(Contacts, AreRenamedByTheirBody) {
  put("Ana", R"({"number":"12345"})");
  const auto response = put("Ana", R"({"name":"Ana Ruiz","number":"12345"})");
  LONGS_EQUAL(200, response.status);
  expect("Ana Ruiz", at_path(response, "/name"));
  expect("Ana", desk.face.renamed.at(0));
  LONGS_EQUAL(404, desk.ask("GET", "/v1/contacts/Ana").status);
}

TEST(Contacts, AreListedByPageAndTag) {
  for (const char* name : {"Ana", "Bo", "Cleo"}) put(name, R"({"number":"12345","tags":["x"]})");
  put("Bo", R"({"number":"12345"})");
  expect("Bo", at_path(desk.ask("GET", "/v1/contacts?limit=2"), "/next"));
  expect("Cleo", at_path(desk.ask("GET", "/v1/contacts?limit=2&after=Bo"), "/items/0/name"));
  expect("Cleo", at_path(desk.ask("GET", "/v1/contacts?tag=x"), "/items/1/name"));
  expect("/format", pointers(desk.ask("GET", "/v1/contacts?format=xls")));
  expect("/limit", pointers(desk.ask("GET", "/v1/contacts?format=csv&limit=3")));
}

TEST(Contacts, ThatAreRefused) {
  struct Row {
    const char *name, *body, *pointers;
  };
  const Row rows[] = {
      {"Ana", "{}", "/numbers"},
      {"Ana", R"({"numbers":[]})", "/numbers"},
      {"Ana", R"({"number":"12345","numbers":["12346"]})", "/number"},
      {"Ana", R"({"numbers":["12345","x",7]})", "/numbers/1 /numbers/2"},
      {"Ana", R"({"number":"12345","tags":["a,b","",1]})", "/tags/0 /tags/1 /tags/2"},
      {"Ana", R"({"number":"12345","mail":"a@b"})", "/mail"},
      {"%2B44%207700", R"({"number":"12345"})", "/name"},
      {"group:it", R"({"number":"12345"})", "/name"},
      {"%20Ana", R"({"number":"12345"})", "/name"},
      {"Ana%20%20R", R"({"number":"12345"})", "/name"},
      {"%3DA1", R"({"number":"12345"})", "/name"},
      {"A%E2%80%AEB", R"({"number":"12345"})", "/name"},
      {"A%0AB", R"({"number":"12345"})", "/name"},
  };
  for (const Row& row : rows)
    STRCMP_EQUAL_TEXT(row.pointers, pointers(put(row.name, row.body)).c_str(), row.body);
  LONGS_EQUAL(403, desk.ask("PUT", "/v1/contacts/Ana", R"({"number":"12345"})", "send").status);
  LONGS_EQUAL(0, desk.face.contact_rows.size());
}

TEST(Contacts, AreMembersOfGroups) {
  put("Ana%20Ruiz", R"({"number":"07700900123"})");
  const auto made = desk.ask("PUT", "/v1/groups/staff", R"({"members":["Ana Ruiz","12345"]})");
  expect(R"(["Ana Ruiz","12345"])", at_path(made, "/members"));
  expect("/members/1", pointers(desk.ask("PUT", "/v1/groups/staff", R"({"members":["Ana Ruiz","Ana"]})")));
  // It is a number's length that is counted, not a name's.
  LONGS_EQUAL(202, desk.ask("POST", "/v1/broadcasts", R"({"group":"staff","text":"hi"})").status);
}

TEST(Contacts, ComeFromASpreadsheet) {
  put("Old", R"({"number":"12345"})");
  put("Same", R"({"number":"12345","tags":["x"]})");
  const std::string sheet =
      "\xEF\xBB\xBFName;Number;Number 2;Tags\r\n"
      "\"Ruiz; Ana\";07700 900123;+34 600 111 222;madrid, it\r\n"
      "\r\n"
      "Old;12346;;\r\n"
      "Same;12345;;x";
  const auto tried = import(sheet, "contacts", "?dry_run=true");
  expect(R"({"dry_run":true,"added":1,"changed":1,"unchanged":1})", tried.body);
  LONGS_EQUAL(2, desk.face.contact_rows.size());
  expect(R"({"dry_run":false,"added":1,"changed":1,"unchanged":1})", import(sheet).body);
  expect(R"({"name":"Ruiz; Ana","numbers":["+447700900123","+34600111222"],"tags":["madrid","it"]})",
         desk.ask("GET", "/v1/contacts/Ruiz;%20Ana").body);
  const auto out = desk.ask("GET", "/v1/contacts?format=csv");
  expect("text/csv; charset=utf-8", out.content_type);
  expect(
      "name,numbers,tags\r\nOld,12346,\r\n\"Ruiz; "
      "Ana\",+447700900123|+34600111222,madrid|it\r\nSame,12345,x\r\n",
      out.body);
  expect(R"({"dry_run":false,"added":0,"changed":0,"unchanged":3})", import(out.body).body);
}

TEST(Contacts, OfASpreadsheetEveryWrongLineIsNamed) {
  const auto response = import(
      "name,number,tags\n"
      "Ana,12345,\n"
      ",12345,\n"
      "\"Bo\nBo\",x,\n"
      "Ana,12346,=x\n"
      "Cleo,,,\n"
      "Dan,12347,,more\n"
      "E\xFF,12345\n"
      "F,\"12345\"6,\n");
  expect("/9 /10", pointers(response));  // what is no CSV goes first
  const auto second = import(
      "name,number,tags\nAna,12345,\n,12345,\n\"Bo\nBo\",x,\nAna,12346,=x\nCleo,,,\nDan,12347,,more\n");
  expect("/3/name /4/number /6/name /6/tags /7/number /8", pointers(second));
  CHECK(second.body.find("line 4: \\\"x\\\" is no number") != std::string::npos);
  expect("/1 /1", pointers(import("name,phone\nAna,12345\n")));
  expect("", pointers(import("name,number\n")));
  LONGS_EQUAL(0, desk.face.contact_rows.size());
  LONGS_EQUAL(400, import("").status);
  LONGS_EQUAL(415, desk.ask("POST", "/v1/contacts/import", "name,number\n").status);
  LONGS_EQUAL(413, import(std::string(2 * 1024 * 1024 + 1, 'x')).status);
  expect("/dry_run", pointers(import("name,number\nA,12345\n", "contacts", "?dry_run=yes")));
}

TEST(Contacts, OfASpreadsheetTheLinesAreBounded) {
  std::string sheet = "name,number\n";
  for (int i = 0; i < 10'000; ++i) sheet += "P" + std::to_string(i) + ",12345\n";
  LONGS_EQUAL(200, import(sheet, "contacts", "?dry_run=true").status);
  expect("/10002", pointers(import(sheet + "One,12345\n")));
}

TEST(Contacts, GroupsComeFromASpreadsheetToo) {
  put("Ruiz,%20Ana", R"({"number":"07700900123"})");
  expect(R"({"dry_run":false,"added":2,"changed":0,"unchanged":0})",
         import("group\tmember\nstaff\tRuiz, Ana\nstaff\t12345\nstaff\t12345\nempty\t\n", "groups").body);
  expect(R"(["Ruiz, Ana","12345"])", at_path(desk.ask("GET", "/v1/groups/staff"), "/members"));
  const std::string out = desk.ask("GET", "/v1/groups?format=csv").body;
  CHECK(out.find("staff,\"Ruiz, Ana\"\r\nstaff,12345\r\n") != std::string::npos);
  expect(R"({"dry_run":false,"added":0,"changed":0,"unchanged":2})", import(out, "groups").body);
  expect("/2 /3", pointers(import("group,member\nstaff,Nobody\na b,12345\n", "groups")));
}

TEST(Contacts, CsvIsReadAsItIsWritten) {
  const std::vector<std::string> cells{"plain", "a \"b\"", "two\r\nlines", "", "a,b;c\td", "é"};
  const doors::Csv read = doors::read_csv(doors::csv_line(cells) + "x\ry\n");
  LONGS_EQUAL(0, read.faults.size());
  LONGS_EQUAL(3, read.rows.size());
  CHECK(read.rows[0].cells == cells);
  LONGS_EQUAL(3, read.rows[1].line);
  LONGS_EQUAL(4, read.rows[2].line);
  const doors::Csv open = doors::read_csv("a,b\n\"never\n\n");
  LONGS_EQUAL(2, open.faults.at(0).line);
}

TEST(Contacts, CsvThatIsWrongEverywhereIsNotReadToItsEnd) {
  std::string wrong;
  for (std::size_t line = 0; line < 3 * doors::kMostCsvRows; ++line) wrong += "a\"b\n";
  const doors::Csv read = doors::read_csv(wrong);
  LONGS_EQUAL(doors::kMostCsvRows + 2, read.faults.size());
  STRCMP_CONTAINS("more than 10000 lines", read.faults.back().what.c_str());
  const doors::Csv wide = doors::read_csv(std::string(100'000, ',') + "\nx\n");
  LONGS_EQUAL(1, wide.faults.size());
  LONGS_EQUAL(1, wide.rows.size());
  LONGS_EQUAL(2, wide.rows.front().line);
}
