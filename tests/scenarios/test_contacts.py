"""Contacts: people by name in groups, from a spreadsheet and back, and still there after a crash."""

import csv
import io
import os
import subprocess

from klaxon_rig import RigCase, wait_until

SHEET = (
    "\ufeffName;Number;Number 2;Tags\r\n"
    "\"Ruiz; Ana\";+447700908701;+447700908791;\"madrid, it\"\r\n"
    "Zoë Müller;+447700908702;;it\r\n"
    "王小明;+447700908703;;\r\n"
)
DIRECTORY = """
[[contact]]
name = "Bo Berg"
number = "+447700908704"
tags = ["night"]
[[group]]
name = "crew"
members = ["Bo Berg", "Ruiz; Ana", "+447700908705"]
[[keyword]]
word = "PUMPS"
from = ["group:crew"]
action = "broadcast"
group = "crew"
text = "Pumps: {{args}}"
cooldown = "0s"
"""


class Contacts(RigCase):
    def curl(self, daemon, path, *more):
        """Status and body, by the program that people use for this."""
        done = subprocess.run(
            ["curl", "-sS", "-w", "\n%{http_code}", daemon.url + path, "-H", f"Authorization: Bearer {daemon.token}", *more],
            capture_output=True, timeout=30, check=True)
        body, _, status = done.stdout.decode().rpartition("\n")
        return int(status), body

    def import_sheet(self, daemon, sheet, query=""):
        path = os.path.join(self.work, "people.csv")
        with open(path, "w", encoding="utf-8", newline="") as file:
            file.write(sheet)
        return self.curl(daemon, "/v1/contacts/import" + query, "-H", "Content-Type: text/csv", "--data-binary", "@" + path)

    def test_a_spreadsheet_becomes_a_group_that_is_reached_and_outlives_a_crash(self):
        bank, daemon = self.rig(modems=2)
        self.assertEqual((200, '{"dry_run":true,"added":3,"changed":0,"unchanged":0}'),
                         self.import_sheet(daemon, SHEET, "?dry_run=true"))
        self.assertEqual([], daemon.get("/v1/contacts")["items"])
        status, wrong = self.import_sheet(daemon, SHEET + "Eve;nonsense;;\r\n;+447700908709;;\r\n")
        self.assertEqual(422, status)
        self.assertIn("line 5: ", wrong)
        self.assertIn("line 6: ", wrong)
        self.assertEqual([], daemon.get("/v1/contacts")["items"])
        self.assertEqual((200, '{"dry_run":false,"added":3,"changed":0,"unchanged":0}'), self.import_sheet(daemon, SHEET))

        path = os.path.join(self.work, "directory.toml")
        with open(path, "w", encoding="utf-8") as file:
            file.write(DIRECTORY)
        said = daemon.klaxon("apply", path).stdout.splitlines()
        self.assertEqual(["add contact Bo Berg", "add group crew", "add keyword PUMPS"], said)
        daemon.kill9()
        daemon.start()
        daemon.ready(2)

        bank.inject(0, "+447700908704", "PUMPS start two")
        reached = {"+447700908704", "+447700908701", "+447700908705"}
        wait_until(lambda: {s["da"] for s in bank.submits(text="Pumps: start two")} == reached, 20,
                   "each member's first number", log=daemon.log_path)
        bank.inject(1, "+447700908791", "PUMPS from the second number")
        wait_until(lambda: "not on its list" in daemon.log(), 15, "the second number to be refused")

        status, sheet = self.curl(daemon, "/v1/contacts?format=csv")
        rows = list(csv.reader(io.StringIO(sheet, newline="")))
        self.assertEqual(200, status)
        self.assertIn(["Ruiz; Ana", "+447700908701|+447700908791", "madrid|it"], rows)
        self.assertEqual(5, len(rows))
        self.assertEqual((200, '{"dry_run":false,"added":0,"changed":0,"unchanged":4}'), self.import_sheet(daemon, sheet))

    def test_the_next_number_is_tried_and_a_kill_in_between_changes_nothing(self):
        bank, daemon = self.rig(modems=2, options=("--report-delay", "1500ms"))
        dead, next_one, alive = "+447700908711", "+447700908712", "+447700908713"
        bank.report(dead, "st=41")
        daemon.klaxon("contacts", "add", "Ana Ruiz", dead, next_one)
        daemon.klaxon("group", "set", "crew", "Ana Ruiz", alive)
        made = daemon.post("/v1/broadcasts", {"group": "crew", "text": "pump 3 is dry"})
        wait_until(lambda: {s["da"] for s in bank.submits()} == {dead, alive}, 20, "the first numbers", log=daemon.log_path)
        daemon.kill9()  # what its report says comes to the next life
        daemon.start()
        daemon.ready(2)
        follower = wait_until(lambda: daemon.get("/v1/messages", to=next_one)["items"], 20, "the next number",
                              log=daemon.log_path)[0]
        first = daemon.get("/v1/messages", to=dead)["items"]
        self.assertEqual([(first[0]["id"], made["id"])], [(follower["instead_of"], follower["broadcast"])])
        self.assertEqual(("st_41", 1), (first[0]["error"]["code"], len(first)))
        daemon.reaches(follower["id"], "delivered")
        daemon.kill9()
        daemon.start()
        daemon.ready(2)
        stands = daemon.get(f"/v1/broadcasts/{made['id']}")
        self.assertEqual((2, 2, 0), (stands["total"], stands["counts"]["delivered"], stands["counts"]["failed"]))
        self.assertEqual(sorted([dead, next_one, alive]), sorted(s["da"] for s in bank.submits()))

    def test_the_command_and_what_a_group_holds_on_to(self):
        _, daemon = self.rig(modems=1)
        daemon.klaxon("contacts", "add", "Ana Ruiz", "+447700908701", "+447700908791", "--tag", "madrid")
        daemon.klaxon("group", "set", "crew", "Ana Ruiz", "+447700908705")
        self.assertIn("crew", daemon.klaxon("contacts", "remove", "Ana Ruiz", check=False).stderr)
        self.assertEqual(409, daemon.call("DELETE", "/v1/contacts/Ana%20Ruiz").status)
        refused = daemon.call("PUT", "/v1/groups/crew", {"members": ["Ana Ruiz", "Nobody"]})
        self.assertEqual("/members/1", refused.json["errors"][0]["pointer"])
        renamed = daemon.call("PUT", "/v1/contacts/Ana%20Ruiz", {"name": "Ana R.", "number": "+447700908701"})
        self.assertEqual(200, renamed.status)
        self.assertEqual(["Ana R.", "+447700908705"], daemon.get("/v1/groups/crew")["members"])
        exported = daemon.klaxon("contacts", "export").stdout
        self.assertIn("Ana R.,+447700908701,", exported)
        self.assertIn("0 added, 0 changed, 1 unchanged", daemon.klaxon("contacts", "import", "-", stdin=exported).stdout)
        self.assertIn("contact.renamed", daemon.klaxon("audit").stdout)
        daemon.klaxon("group", "delete", "crew")
        daemon.klaxon("contacts", "remove", "Ana R.")
        self.assertIn("none", daemon.klaxon("contacts", "list").stdout)
