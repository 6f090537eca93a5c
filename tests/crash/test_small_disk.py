"""A data_dir on a small ext4 of its own that is really filled, really goes read-only, really hangs; and kill -9 meanwhile.

Everything is mounted in a mount namespace of this process: whatever becomes of the test, nothing stays mounted.
"""

import ctypes
import os
import subprocess
import time

from klaxon_rig import RigCase, wait_until

LONG = True
CLONE_NEWNS = 0x00020000
OPERATOR = "+447700900299"


def own_mounts():
    """Gives why it can't be, or nothing."""
    if os.geteuid() != 0:
        return "mounting needs root"
    if ctypes.CDLL(None, use_errno=True).unshare(CLONE_NEWNS) != 0:
        return "a mount namespace of its own is not permitted here: " + os.strerror(ctypes.get_errno())
    return said("mount", "--make-rprivate", "/")


def said(*command):
    """What a program complained of, if it failed."""
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    except OSError as error:
        return str(error)
    return "" if done.returncode == 0 else f"{command[0]}: {done.stderr.strip()}"


class SmallDisk(RigCase):
    @classmethod
    def setUpClass(cls):
        cls.refusal = own_mounts()

    def setUp(self):
        super().setUp()
        self.disk = os.path.join(self.work, "disk")
        self.image = os.path.join(self.work, "image")
        self.filler = os.path.join(self.disk, "filler")
        os.makedirs(self.disk)
        with open(self.image, "wb") as file:
            file.truncate(24 << 20)
        # Small blocks and a small journal: what is free is free for the daemon.
        why = self.refusal or said("mkfs.ext4", "-q", "-F", "-b", "1024", "-m", "0", "-J", "size=1", self.image) or self.mount()
        if why:
            self.skipTest(why)
        self.guard = None
        self.promised = []  # what was accepted with a 202 that is durable

    def mount(self):
        return said("mount", "-o", "loop,errors=remount-ro", self.image, self.disk)

    def freeze(self):
        """Writes hang until thaw(), or until this process is no more, whatever became of it."""
        self.guard = subprocess.Popen(["sh", "-c", 'read -r _; fsfreeze -u "$0"', self.disk], stdin=subprocess.PIPE)
        self.assertEqual("", said("fsfreeze", "-f", self.disk))

    def thaw(self):
        if self.guard:
            self.guard.communicate()
            self.guard = None

    def _end(self):
        self.thaw()
        for thing in reversed(self._started):
            thing.stop()
        self._started.clear()
        if os.path.ismount(self.disk):
            said("umount", "-l", self.disk)
        super()._end()

    def appliance(self):
        return self.rig(modems=2, submit_latency="100ms", data_dir=os.path.join(self.disk, "data"),
                        extra={"operator": [OPERATOR], "policy": {"disk_deadline": "1s"}})

    def fill(self):
        """Takes every block, again and again: what is deleted gives some back."""
        with open(self.filler, "ab", buffering=0) as file:
            for size in (1 << 20, 4096, 256, 1):
                try:
                    while True:
                        file.write(b"\0" * size)
                except OSError:
                    continue

    def post(self, daemon, lane="normal"):
        number = f"+4477009{len(self.promised) + 10000:05d}"
        answer = daemon.call("POST", "/v1/messages", {"to": number, "text": "while there is room", "lane": lane})
        if answer.status == 202:
            self.assertNotIn("durable", answer.json)
            self.promised.append((answer.json["id"], number))
        return answer

    def refused(self, daemon, before=lambda: None):
        """An ordinary message until one is not taken any more."""
        def turned_away():
            before()
            answer = self.post(daemon)
            return answer if answer.status == 503 else None
        answer = wait_until(turned_away, 60, "a 503", log=daemon.log_path)
        self.assertGreater(int(answer.headers["Retry-After"]), 0)
        return answer

    def check_that_only_alerts_go_out(self, bank, daemon, number):
        self.assertIn("disk", daemon.call("GET", "/readyz", token=False).body)
        self.assertEqual(503, daemon.call("GET", "/readyz", token=False).status)
        self.assertEqual(200, daemon.call("GET", "/healthz", token=False).status)
        alert = daemon.send(number, "the disk is away and this goes out", lane="alert")
        self.assertIs(False, alert["durable"])
        wait_until(lambda: bank.submits(da=number), 15, "the alert on the air", log=daemon.log_path)
        wait_until(lambda: bank.submits(da=OPERATOR), 15, "the operator's text", log=daemon.log_path)
        shown = daemon.message(alert["id"])
        self.assertEqual((False, True), (shown["durable"], shown["durable_late"]))
        self.assertEqual(503, self.post(daemon).status)
        return alert["id"]

    def text_in(self, bank, text):
        """It is read, and stays where it is."""
        deleted, read = len(bank.events("delete")), len(bank.events("cmgr") + bank.events("cmgl"))
        bank.inject(0, "+447700900203", text)
        wait_until(lambda: len(bank.events("cmgr") + bank.events("cmgl")) > read, 15, "the inbound text to be read")
        began = time.monotonic()
        wait_until(lambda: time.monotonic() - began > 1.5, 5, "a while")
        self.assertEqual(deleted, len(bank.events("delete")), "the SIM's copy stays")

    def check_that_all_came_once(self, bank, daemon, texts, killed=False):
        """What a kill met at a modem may be in doubt: its answer was heard, and there was nowhere to write it."""
        wait_until(lambda: daemon.call("GET", "/readyz", token=False).status == 200, 30, "/readyz", log=daemon.log_path)
        daemon.reaches(daemon.send("+447700900204", "after")["id"], "delivered")
        for identity, number in self.promised:
            ends = ("submitted", "delivered", "unknown") if killed else ("submitted", "delivered")
            unknown = daemon.reaches(identity, ends, 30)["state"] == "unknown"
            self.assertIn(len(bank.submits(da=number)), (0, 1) if unknown else (1,), number)
        self.assertEqual(texts, [text["text"] for text in daemon.inbox(len(texts))])
        wait_until(lambda: all(modem["sm_used"] == 0 for modem in bank.status()), 15, "the SIMs to be emptied")

    def test_it_is_full_and_has_room_again(self):
        bank, daemon = self.appliance()
        ballast = os.path.join(daemon.data_dir, "klaxon.ballast")
        self.assertGreater(os.path.getsize(ballast), 1 << 20)
        self.assertEqual(202, self.post(daemon).status)
        self.refused(daemon, self.fill)
        self.assertFalse(os.path.exists(ballast), "the ballast was not given up")
        self.assertEqual(200, daemon.call("GET", "/v1/messages?limit=5").status)
        alert = self.check_that_only_alerts_go_out(bank, daemon, "+447700900202")
        self.text_in(bank, "read me when there is room")

        os.unlink(self.filler)
        self.check_that_all_came_once(bank, daemon, ["read me when there is room"])
        written = daemon.reaches(alert, ("submitted", "delivered"))
        self.assertTrue(written["durable_late"])
        self.assertNotIn("durable", written)
        self.assertTrue(daemon.inbox(1)[0]["durable_late"])
        self.assertEqual(1, len(bank.submits(da="+447700900202")))
        daemon.kill9()
        daemon.start().ready(2)
        self.assertTrue(daemon.message(alert)["durable_late"])

    def test_it_is_full_and_the_daemon_is_killed(self):
        bank, daemon = self.appliance()
        self.refused(daemon, self.fill)
        self.check_that_only_alerts_go_out(bank, daemon, "+447700900202")
        self.text_in(bank, "read me when there is room")
        daemon.kill9()
        self.fill()
        daemon.start()
        wait_until(lambda: daemon.call("GET", "/healthz", token=False).status == 200, 15, "/healthz", log=daemon.log_path)
        daemon.ready(2)
        self.refused(daemon, self.fill)
        self.check_that_only_alerts_go_out(bank, daemon, "+447700900205")
        os.unlink(self.filler)
        self.check_that_all_came_once(bank, daemon, ["read me when there is room"], killed=True)
        self.assertEqual(1, len(bank.submits(da="+447700900205")))

    def test_it_goes_read_only_as_after_an_error_of_the_disk(self):
        bank, daemon = self.appliance()
        for _ in range(3):
            self.assertEqual(202, self.post(daemon).status)
        self.assertEqual("", said("mount", "-o", "remount,abort", self.disk))
        self.refused(daemon)
        self.check_that_only_alerts_go_out(bank, daemon, "+447700900202")
        self.text_in(bank, "read me when it can be written")
        daemon.kill9()
        self.assertEqual("", said("umount", self.disk))
        said("e2fsck", "-p", self.image)  # it says by its status that it has mended something
        self.assertEqual("", self.mount())
        daemon.start().ready(2)
        self.check_that_all_came_once(bank, daemon, ["read me when it can be written"], killed=True)

    def test_a_write_hangs_and_goes_on(self):
        bank, daemon = self.appliance()
        daemon.reaches(self.post(daemon).json["id"], "delivered")
        self.freeze()
        alert = daemon.send("+447700900202", "its own commit begins to hang", lane="alert")
        self.assertIs(False, alert["durable"])
        wait_until(lambda: bank.submits(da="+447700900202"), 15, "the alert on the air", log=daemon.log_path)
        shown = daemon.message(alert["id"])
        self.assertEqual((False, True), (shown["durable"], shown["durable_late"]))
        self.refused(daemon)
        self.assertEqual("delivered", daemon.message(self.promised[0][0])["state"])
        self.assertEqual(503, daemon.call("GET", "/readyz", token=False).status)
        self.text_in(bank, "read me when it goes on")
        self.thaw()
        self.check_that_all_came_once(bank, daemon, ["read me when it goes on"])
        self.assertTrue(daemon.reaches(alert["id"], ("submitted", "delivered"))["durable_late"])
        self.assertEqual(1, len(bank.submits(da="+447700900202")))
