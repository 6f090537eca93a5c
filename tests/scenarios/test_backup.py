"""A copy made while the daemon works, and the way back from it: everything is there, and nothing goes out twice."""

import os
import shutil
import socket
import sqlite3
import subprocess
import threading

from klaxon_rig import RigCase, program, wait_until

LATER = "2027-11-22T12:00:00Z"


class Backup(RigCase):
    def copy(self, name="copy.db"):
        path = os.path.join(self.work, name)
        self.daemon.klaxon("backup", path)
        return path

    def restore(self, path, *more):
        return subprocess.run([program("klaxond"), "--config", self.daemon.config_path, "--restore", path, *more],
                              capture_output=True, text=True, timeout=60)

    def restored(self, path, *more):
        done = self.restore(path, *more)
        self.assertEqual(0, done.returncode, done.stderr)
        return done.stdout

    def on_air(self, text):
        return len(self.bank.submits(text=text))

    def settled(self, message):
        return self.daemon.reaches(message["id"], ("submitted", "delivered"))

    def test_backup_under_load_wipe_restore_and_nothing_goes_twice(self):
        self.bank, daemon = self.rig(modems=2, submit_latency="20ms", command_latency="1ms")
        self.daemon = daemon
        before = daemon.reaches(daemon.send("+447700955001", "sent before")["id"], "delivered")
        self.bank.inject(0, "+447700955002", "received before")
        daemon.inbox(1)
        daemon.call("PUT", "/v1/groups/crew", {"members": ["+447700955003"]})
        token = daemon.post("/v1/tokens", {"name": "desk", "scopes": ["read"]})["token"]
        for modem in range(2):
            self.bank.unplug(modem)
        wait_until(lambda: daemon.call("GET", "/readyz", token=False).status == 503, 20, "no modem")
        queued = daemon.send("+447700955004", "queued at the copy")
        alert = daemon.send("+447700955005", "alert at the copy", lane="alert")
        later = daemon.send("+447700955006", "for later", send_at=LATER)

        ended, loaded = threading.Event(), []

        def load():
            while not ended.is_set():
                loaded.append(daemon.send("+447700955007", "load", send_at=LATER)["id"])
        thread = threading.Thread(target=load)
        thread.start()
        try:
            wait_until(lambda: len(loaded) > 20, 20, "some load")
            copies = [self.copy(f"copy{n}.db") for n in range(3)]
        finally:
            ended.set()
            thread.join()
        for path in copies:
            with sqlite3.connect(path) as db:
                self.assertEqual([("ok",)], db.execute("PRAGMA integrity_check").fetchall())
            self.assertEqual(0o600, os.stat(path).st_mode & 0o777)
        self.assertNotIn("klaxon.backup", os.listdir(daemon.data_dir))

        for modem in range(2):
            self.bank.plug(modem)
        daemon.ready(2)
        self.settled(queued)
        self.settled(alert)
        after = self.settled(daemon.send("+447700955008", "sent after"))
        daemon.kill9()
        shutil.rmtree(daemon.data_dir)
        said = self.restored(copies[-1])
        self.assertIn("2 messages that were queued may have been sent since", said)
        daemon.start().ready(2)

        self.assertEqual("delivered", daemon.message(before["id"])["state"])
        self.assertEqual(["received before"], [item["text"] for item in daemon.listed("/v1/inbox")])
        self.assertEqual(["+447700955003"], daemon.get("/v1/groups/crew")["members"])
        self.assertEqual(200, daemon.call("GET", "/v1/queue", token=token).status)
        self.assertEqual("queued", daemon.message(later["id"])["state"])
        for message in (queued, alert):
            held = daemon.message(message["id"])
            self.assertEqual(("unknown", "hold"), (held["state"], held["in_doubt"]))
            self.assertIn("restored from a copy", held["why"])
        new = self.settled(daemon.send("+447700955009", "sent anew"))
        self.assertGreater(int(new["id"][1:]), int(after["id"][1:]), "an id is given once")
        self.assertEqual([1, 1, 1, 1], [self.on_air(text) for text in (
            "sent before", "queued at the copy", "alert at the copy", "sent anew")])
        actions = [row["action"] for row in daemon.listed("/v1/audit")]
        self.assertIn("backup.asked", actions)
        self.assertIn("backup.restored", actions)

        daemon.post(f"/v1/messages/{queued['id']}/settle", {"as": "sent"})
        daemon.post(f"/v1/messages/{alert['id']}/settle", {"as": "resend"})
        self.settled(alert)
        self.assertEqual([1, 2], [self.on_air(text) for text in ("queued at the copy", "alert at the copy")])
        metrics = daemon.call("GET", "/metrics").body
        self.assertIn(f'klaxon_messages{{lane="normal",state="queued"}} {1 + self.load_in(copies[-1])}', metrics)

    @staticmethod
    def load_in(path):
        with sqlite3.connect(path) as db:
            return db.execute("SELECT count(*) FROM messages WHERE text='load' AND state=0").fetchone()[0]

    def test_what_was_queued_is_sent_where_it_is_said_so(self):
        self.bank, self.daemon = self.rig(modems=1, ready=0, submit_latency="20ms", command_latency="1ms")
        self.daemon.ready(1)
        self.bank.unplug(0)
        wait_until(lambda: self.daemon.call("GET", "/readyz", token=False).status == 503, 20, "no modem")
        queued = self.daemon.send("+447700955004", "moved to a new box")
        path = self.copy()
        self.daemon.stop()
        self.restored(path, "--send-queued")
        self.bank.plug(0)
        self.daemon.start().ready(1)
        self.settled(queued)
        kept = [name for name in os.listdir(self.daemon.data_dir) if name.startswith("before-restore-")]
        self.assertEqual(1, len(kept))
        self.assertIn("klaxon.db", os.listdir(os.path.join(self.daemon.data_dir, kept[0])))

    def test_what_is_no_good_copy_is_refused_and_nothing_is_touched(self):
        self.bank, self.daemon = self.rig(modems=1, ready=0)
        kept = self.daemon.send("+447700955001", "kept " * 50, send_at=LATER)
        path = self.copy()
        running = self.restore(path)
        self.assertEqual(1, running.returncode)
        self.assertIn("another klaxon daemon", running.stderr)
        self.daemon.stop()
        with open(path, "rb") as file:
            octets = file.read()

        def variant(name, content):
            with open(os.path.join(self.work, name), "wb") as file:
                file.write(content)
            return file.name
        newer, foreign = variant("newer.db", octets), os.path.join(self.work, "foreign.db")
        with sqlite3.connect(newer) as db:
            db.execute("PRAGMA user_version=999")
        with sqlite3.connect(foreign) as db:
            db.execute("CREATE TABLE notes(text)")
        holes = bytearray(octets)
        for page in range(4, len(octets) // 4096):
            holes[page * 4096:page * 4096 + 64] = b"\xff" * 64
        for wrong, why in ((variant("text.db", b"no database at all"), "is no copy of klaxon.db"),
                           (variant("short.db", octets[:len(octets) // 2]), "is damaged"),
                           (variant("holes.db", bytes(holes)), "is damaged"), (newer, "newer klaxon"),
                           (foreign, "is no copy of klaxon.db"), ("/nowhere/copy.db", "No such file")):
            with self.subTest(wrong=wrong):
                done = self.restore(wrong)
                self.assertEqual(1, done.returncode, done.stdout)
                self.assertIn(why, done.stderr)
                self.assertIn("nothing was restored", done.stderr)
        self.assertEqual([], [name for name in os.listdir(self.daemon.data_dir) if "restor" in name])
        self.daemon.start()
        self.assertEqual("queued", self.daemon.message(kept["id"])["state"])

    def test_one_at_a_time_and_for_admins(self):
        self.bank, self.daemon = self.rig(modems=1, ready=0)
        reader = self.daemon.post("/v1/tokens", {"name": "reader", "scopes": ["read", "send", "inbox", "alert"]})["token"]
        self.assertEqual(403, self.daemon.call("POST", "/v1/backup", token=reader).status)
        for n in range(4):
            self.daemon.post("/v1/messages", {"to": [f"+44770{n}{m:06d}" for m in range(3000)], "text": "much " * 300,
                                              "send_at": LATER})
        with socket.socket() as slow:
            slow.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            slow.connect(("127.0.0.1", self.daemon.port))
            slow.sendall(f"POST /v1/backup HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {self.daemon.token}\r\n"
                         "Content-Length: 0\r\n\r\n".encode())
            self.assertIn(b"200 OK", slow.recv(200))
            second = self.daemon.call("POST", "/v1/backup")
            self.assertEqual(409, second.status, second)
            self.assertTrue(self.daemon.healthy())
        path = os.path.join(self.work, "again.db")
        wait_until(lambda: self.daemon.klaxon("backup", path, check=False).returncode == 0, 30, "room for another")
        with sqlite3.connect(path) as db:
            self.assertEqual((12000,), db.execute("SELECT count(*) FROM messages").fetchone())
        done = self.daemon.klaxon("backup", "/nowhere/copy.db", check=False)
        self.assertEqual(1, done.returncode)
        self.assertIn("No such file", done.stderr)
