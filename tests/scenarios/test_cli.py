"""The `klaxon` command: every subcommand at least once against a live daemon, and what it says when it may not."""

import json
import os
import subprocess

from klaxon_rig import SharedRigCase, program, wait_until

DIRECTORY = """[[group]]
name = "crew"
members = ["+447700908501", "+447700908502"]

[[keyword]]
word = "INFO"
action = "reply"
text = "Say \\"HELP\\" to {{args}}"
lane = "normal"
report = false
cooldown = "0s"

[[keyword]]
word = "PUMPS"
from = ["group:crew", "+447700908503"]
secret = "pin:file:pumps.pin"
action = "broadcast"
group = "crew"
text = "Pumps: {{args}}"
lane = "urgent"
report = true
cooldown = "2m"
"""


class CommandLine(SharedRigCase):
    bank_options = {"submit_latency": "40ms", "command_latency": "1ms", "options": ("--report-delay", "200ms")}

    @classmethod
    def prepare(cls):
        cls.daemon.secret("pumps.pin", "2468")

    def say(self, *arguments, **more):
        return self.daemon.klaxon(*arguments, **more).stdout

    def json(self, *arguments, **more):
        return json.loads(self.say("--json", *arguments, **more))

    def refused(self, code, *arguments):
        done = self.daemon.klaxon(*arguments, check=False)
        self.assertEqual(code, done.returncode, (arguments, done.stdout, done.stderr))
        self.assertTrue(done.stderr.strip())
        return done.stderr

    def directory(self, text, name="directory.toml"):
        path = os.path.join(self.work, name)
        with open(path, "w") as file:
            file.write(text)
        return path

    def test_send_wait_message(self):
        made = self.json("send", "+447700908601", "by hand", "--ref", "desk", "--lane", "urgent", "--wait", "20s")
        message = made["items"][0] if "items" in made else made
        self.assertEqual("delivered", message["state"])
        self.assertIn(message["id"], self.say("message", message["id"]))
        self.assertEqual("desk", self.json("message", message["id"])["ref"])
        many = self.json("send", "+447700908602", "+447700908603", "to two")
        self.assertEqual(2, len(many["items"]))
        piped = self.json("send", "+447700908604", "--text", "-", stdin="from a pipe\n")
        self.daemon.reaches(piped["id"], "delivered")

    def test_cancel_and_settle(self):
        later = self.json("send", "+447700908605", "later", "--send-at", "2026-12-31T23:00:00Z")
        if later["state"] == "queued":
            self.assertIn("cancelled", self.say("cancel", later["id"]))
        self.assertIn("409", self.refused(1, "settle", later["id"], "--as", "sent"))

    def test_inbox_queue_modems_sims(self):
        self.bank.inject(0, "+447700908606", "from outside")
        wait_until(lambda: "from outside" in self.say("inbox"), 15, "the text in `klaxon inbox`")
        self.assertEqual(1, len(self.json("inbox", "--from", "+447700908606")["items"]))
        for lane in ("alert", "urgent", "normal", "bulk"):
            self.assertIn(lane, self.say("queue"))
        self.say("queue", "--in-doubt")
        self.assertIn("modem1", self.say("modems"))
        for item in self.json("sims")["items"]:
            self.assertIn(item["iccid"], self.say("sims"))

    def test_apply_and_export_are_equal(self):
        path = self.directory(DIRECTORY)
        planned = self.say("apply", "--dry-run", path)
        self.assertIn("crew", planned)
        self.assertEqual("", self.say("export").strip())
        self.say("apply", path)
        self.assertIn("nothing to change", self.say("apply", path))
        exported = self.say("export")
        again = self.directory(exported, "exported.toml")
        self.assertIn("nothing to change", self.say("apply", "--prune", again))
        self.assertEqual(DIRECTORY.split(), exported.split())
        made = self.json("broadcast", "crew", "drill", "--lane", "urgent")
        self.assertEqual(2, made["total"])
        wait_until(lambda: self.json("broadcast", "show", made["id"])["counts"]["delivered"] == 2, 15, "2 delivered")
        self.assertIn(made["id"], self.say("broadcast", "list"))
        self.assertIn("PUMPS", self.say("keyword", "list"))
        self.assertNotIn("2468", self.say("--json", "keyword", "list"))
        self.say("keyword", "set", "SPARE", "--action", "reply", "--text", "spare")
        self.say("keyword", "delete", "SPARE")
        self.assertIn("404", self.refused(1, "keyword", "unlock", "+447700908777"))
        self.say("group", "set", "night", "+447700908501")
        self.assertIn("+447700908501", self.say("group", "show", "night"))
        self.assertIn("night", self.say("group", "list"))
        self.say("group", "delete", "night")
        self.say("apply", "--prune", self.directory("", "empty.toml"))
        self.assertEqual("", self.say("export").strip())

    def test_a_wrong_directory_is_refused_with_its_lines(self):
        path = self.directory('[[keyword]]\nword = "X"\naction = "explode"\ncooldwon = "5s"\n', "wrong.toml")
        said = self.refused(1, "apply", path)
        self.assertIn(f"{path}:3", said)
        self.assertIn(f"{path}:4", said)
        self.refused(1, "apply", self.directory(
            '[[keyword]]\nword = "Y"\nfrom = ["+447700908501"]\naction = "broadcast"\ngroup = "crew2"\ntext = "t"\n',
            "nogroup.toml"))

    def test_tokens_and_audit(self):
        token = self.say("token", "create", "--name", "reader", "--scope", "read").strip()
        self.assertIn("reader", self.say("token", "list"))
        done = self.daemon.klaxon("--token", token, "queue")
        self.assertEqual(0, done.returncode)
        self.assertIn("403", self.refused(1, "--token", token, "send", "+447700908607", "no"))
        identity = next(t["id"] for t in self.json("token", "list")["items"] if t["name"] == "reader")
        self.say("token", "revoke", identity)
        self.assertIn("401", self.refused(1, "--token", token, "queue"))
        self.assertIn("token", self.say("audit"))

    def test_pdu_needs_no_daemon(self):
        pdu = "07911326040000F0040B911346610089F60000208062917314080CC8F71D14969741F977FD07"
        for arguments in (["pdu", "decode", pdu], ["--json", "pdu", "decode", pdu]):
            done = subprocess.run([program("klaxon"), *arguments], capture_output=True, text=True, timeout=20,
                                  env={"PATH": os.environ["PATH"]})
            self.assertEqual(0, done.returncode, done.stderr)
            self.assertIn("How are you?", done.stdout)
        self.assertIn("octet", self.refused(1, "pdu", "decode", "0791"))

    def test_wrong_use_and_nobody_there(self):
        self.refused(2, "send")
        self.refused(2, "no-such-command")
        self.refused(2, "--url", "nonsense", "queue")
        self.refused(3, "--url", "http://127.0.0.1:1", "queue")
        self.assertIn("klaxon", self.say("--help"))
