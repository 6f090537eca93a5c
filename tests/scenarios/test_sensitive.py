"""A one-time code: it goes out, and is then in no answer and in no octet of any file, whichever way it may have been written."""

import contextlib
import json
import os
import sqlite3
import subprocess

from klaxon_rig import RigCase, program, wait_until

LATER = "2027-11-22T12:00:00Z"
MARK = "QZ417993XJ"
CODE = f"Your code is {MARK}. Tell it to nobody."
TO, OTHER = "+447700903141", "+447700905926"


def packed(text, offset):
    """The whole octets of seven-bit characters that begin so many bits into an octet (23.038 6.1.2.1)."""
    value = sum(ord(c) << (offset + 7 * n) for n, c in enumerate(text))
    octets = value.to_bytes((offset + 7 * len(text) + 7) // 8, "little")
    return octets[1 if offset else 0:(offset + 7 * len(text)) // 8]


def spellings(text):
    plain = [text.encode(), text.encode("utf-16-be"), text.encode("utf-16-le")]
    plain += [packed(text, offset) for offset in range(8)]
    return plain + [octets.hex().encode() for octets in plain] + [octets.hex().upper().encode() for octets in plain]


MARKS = spellings(MARK)


def holds(content):
    return any(mark in content for mark in MARKS)


class Sensitive(RigCase):
    def files(self):
        """Those that hold it: all of data_dir, unused pieces of pages as well, and the log."""
        paths = [os.path.join(folder, name) for folder, _, names in os.walk(self.daemon.data_dir) for name in names]
        found = []
        for path in paths + [self.daemon.log_path]:
            with open(path, "rb") as file:
                if holds(file.read()):
                    found.append(os.path.basename(path))
        return found

    def shown(self):
        """Everything that the API tells an admin."""
        daemon = self.daemon
        got = [daemon.call("GET", path).body for path in (
            "/v1/messages?limit=1000", f"/v1/conversations/{TO}", "/v1/conversations", "/v1/broadcasts", "/v1/queue", "/v1/audit",
            "/v1/modems", "/v1/modems/modem0/recording", "/v1/modems/modem1/recording", "/metrics")]
        events = subprocess.run(["curl", "-sN", "-m", "1", daemon.url + "/v1/events", "-H", "Last-Event-ID: e0",
                                 "-H", f"Authorization: Bearer {daemon.token}"], capture_output=True, timeout=30)
        self.assertIn(b'"sensitive":true', events.stdout)
        return "\n".join(got).encode() + events.stdout

    def test_a_code_leaves_nothing_behind(self):
        self.bank, self.daemon = self.rig(modems=2, submit_latency="5ms", extra={"policy": {"submit_overdue": "1s", "submit_timeout": "2s"}},
                                          options=("--family", "generic"))
        daemon = self.daemon
        long_code = CODE + " It opens the door of hall 3 for an hour." * 8
        key = {"Idempotency-Key": "a code, once"}
        body = {"to": TO, "text": CODE, "sensitive": True, "lane": "urgent"}
        first = daemon.post("/v1/messages", body, headers=key)
        self.assertEqual((None, True), (first["text"], first["sensitive"]))
        self.assertEqual(first, daemon.post("/v1/messages", body, headers=key))
        self.assertEqual(409, daemon.call("POST", "/v1/messages", dict(body, text="another"), headers=key).status)
        sent = [first, daemon.send(TO, CODE + " ☂", sensitive=True), daemon.send(TO, long_code, sensitive=True),
                daemon.post("/v1/messages", {"to": TO, "data": MARK.encode().hex(), "sensitive": True})]
        sent += daemon.post("/v1/messages", {"to": [TO, OTHER], "text": CODE, "sensitive": True})["items"]
        broadcast = daemon.post("/v1/broadcasts", {"to": [TO, OTHER], "text": CODE, "sensitive": True})
        sent.append(json.loads(daemon.klaxon("--json", "send", "--sensitive", TO, "-", stdin=CODE).stdout))
        preview = daemon.post("/v1/messages/preview", {"text": long_code, "sensitive": True})
        self.assertEqual((None, 3), (preview["text"], preview["segments"]))
        for message in sent:
            daemon.reaches(message["id"], "delivered")
        wait_until(lambda: daemon.get(f"/v1/broadcasts/{broadcast['id']}")["counts"]["delivered"] == 2, 20, "the broadcast")
        self.assertEqual(6, len(self.bank.submits(text=CODE)))
        self.assertFalse(holds(self.shown()))
        # While the daemon works on: its log of what was written is cut off in the first pause.
        wait_until(lambda: self.files() == [], 10, "it to be gone from the files", log=daemon.log_path)

        # Kept while it may have to be sent; in no copy even so.
        later = daemon.send(TO, CODE, sensitive=True, send_at=LATER)
        spare = daemon.send(TO, CODE, sensitive=True, send_at=LATER)
        for modem in range(2):
            self.bank.fault(modem, "lost-answer", 1)
        doubts = [daemon.send(OTHER, CODE, sensitive=True, report=False)["id"] for _ in range(2)]
        for doubt in doubts:
            daemon.reaches(doubt, "unknown")
        self.assertNotEqual([], self.files())
        self.assertFalse(holds(self.shown()))
        copy = os.path.join(self.work, "copy.db")
        daemon.klaxon("backup", copy)
        with open(copy, "rb") as file:
            self.assertFalse(holds(file.read()))

        daemon.klaxon("settle", doubts[0], "--as", "sent")
        daemon.klaxon("settle", doubts[1], "--as", "resend")
        for doubt in doubts:
            daemon.reaches(doubt, "submitted")
        for message in (later, spare):
            self.assertEqual("cancelled", daemon.call("DELETE", f"/v1/messages/{message['id']}").json["state"])
        self.assertEqual(6 + 3, len(self.bank.submits(text=CODE)))
        daemon.stop()
        self.assertEqual([], self.files())
        self.goes_back(copy, later["id"], doubts[0])

    def test_a_kill_leaves_nothing_behind_either(self):
        self.bank, self.daemon = self.rig(modems=1, submit_latency="5ms")
        daemon = self.daemon
        daemon.reaches(daemon.send(TO, CODE, sensitive=True)["id"], ("submitted", "delivered"))
        daemon.kill9()
        daemon.start().ready(1)
        wait_until(lambda: self.files() == [], 10, "it to be gone from the files", log=daemon.log_path)
        self.assertEqual(1, len(self.bank.submits(text=CODE)))

    def goes_back(self, copy, later, doubt):
        """What a copy owed of these can't be sent any more, and says so."""
        daemon, before = self.daemon, len(self.bank.submits())
        done = subprocess.run([program("klaxond"), "--config", daemon.config_path, "--restore", copy], capture_output=True,
                              text=True, timeout=60)
        self.assertIn("2 messages with a sensitive text were queued", done.stdout)
        daemon.start().ready(2)
        failed = daemon.message(later)
        self.assertEqual(("failed", "text_gone", None), (failed["state"], failed["error"]["code"], failed["text"]))
        self.assertEqual("unknown", daemon.message(doubt)["state"])
        daemon.klaxon("settle", doubt, "--as", "resend")
        self.assertEqual("text_gone", daemon.reaches(doubt, "failed")["error"]["code"])
        self.assertEqual(before, len(self.bank.submits()))
        with contextlib.closing(sqlite3.connect(os.path.join(daemon.data_dir, "klaxon.db"))) as db:
            self.assertEqual([("ok",)], db.execute("PRAGMA integrity_check").fetchall())
