"""The disk is full: alerts go out from memory and say so, everything else waits or is told to, nothing is lost."""

import os
import subprocess
import time

from klaxon_rig import RigCase, wait_until


def may_mount(path):
    done = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=64m,mode=0755", "tmpfs", path], capture_output=True)
    return done.returncode == 0


class FullDisk(RigCase):
    def setUp(self):
        super().setUp()
        self.disk = os.path.join(self.work, "disk")
        os.makedirs(self.disk)
        if os.geteuid() != 0 or not may_mount(self.disk):
            self.skipTest("mounting a tmpfs needs root and is not permitted here")

    def _end(self):
        for thing in reversed(self._started):
            thing.stop()
        self._started.clear()
        if os.path.ismount(self.disk):
            subprocess.run(["umount", "-l", self.disk], check=False)
        super()._end()

    def fill(self):
        """Takes every block, again and again: the ballast gives some back."""
        with open(os.path.join(self.disk, "filler"), "ab") as file:
            for size in (1 << 20, 4096, 1):
                try:
                    while True:
                        os.write(file.fileno(), b"\0" * size)
                except OSError:
                    continue

    def refused(self, daemon):
        self.fill()
        answer = daemon.call("POST", "/v1/messages", {"to": "+447700900201", "text": "while full"})
        return answer if answer.status == 503 else None

    def test_a_full_disk(self):
        bank, daemon = self.rig(modems=2, submit_latency="100ms", data_dir=os.path.join(self.disk, "data"),
                                extra={"operator": ["+447700900299"], "policy": {"disk_deadline": "1s"}})
        before = daemon.send("+447700900200", "before")
        daemon.reaches(before["id"], "delivered")
        answer = wait_until(lambda: self.refused(daemon), 60, "a 503 on the full disk", log=daemon.log_path)
        self.assertIn("Retry-After", answer.headers)
        self.assertEqual(503, daemon.call("GET", "/readyz", token=False).status)
        self.assertEqual(200, daemon.call("GET", "/healthz", token=False).status)

        alert = daemon.send("+447700900202", "the disk is full and this goes out", lane="alert")
        self.assertIs(False, alert["durable"])
        wait_until(lambda: bank.submits(da="+447700900202"), 15, "the alert on the air", log=daemon.log_path)
        wait_until(lambda: bank.submits(da="+447700900299"), 15, "the operator's text", log=daemon.log_path)
        deleted = len(bank.events("delete"))
        bank.inject(0, "+447700900203", "read me when there is room")
        wait_until(lambda: bank.events("cmgr") or bank.events("cmgl"), 15, "the inbound text to be read")
        began = time.monotonic()
        wait_until(lambda: time.monotonic() - began > 3, 5, "three seconds")
        self.assertEqual(deleted, len(bank.events("delete")), "the SIM's copy stays")
        self.assertGreaterEqual(daemon.log().lower().count("disk"), 1)
        self.assertLess(len(daemon.log().splitlines()), 500)

        os.unlink(os.path.join(self.disk, "filler"))
        wait_until(lambda: daemon.call("GET", "/readyz", token=False).status == 200, 30, "/readyz", log=daemon.log_path)
        after = daemon.send("+447700900204", "after")
        self.assertNotIn("durable", {k: v for k, v in after.items() if v is True})
        daemon.reaches(after["id"], "delivered")
        text, = daemon.inbox(1)
        self.assertEqual("read me when there is room", text["text"])
        wait_until(lambda: len(bank.events("delete")) > deleted, 15, "the SIM's copy to be deleted")
        written = daemon.reaches(alert["id"], ("submitted", "delivered"))
        self.assertTrue(written["durable_late"])
        self.assertEqual(1, len(bank.submits(da="+447700900202")))

        daemon.kill9()
        daemon.start().ready(2)
        self.assertEqual(alert["id"], daemon.message(alert["id"])["id"])
        self.assertEqual(1, len(daemon.listed("/v1/inbox")))
