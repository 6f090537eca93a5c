"""The flight recorder: a failure in the bank arrives as a recording, in a file and by the API, and that recording, played in
the bank's place, makes the same failure again."""

import glob
import os
import re
import stat

from klaxon_bank import Bank
from klaxon_rig import Daemon, RigCase, wait_until

TO = "+447700900123"
TEXT = "the secret is 7391"


class Recordings(RigCase):
    # So that the failure is there soon; the ladder's first rung is at once.
    POLICY = {"submit_overdue": "1s", "submit_timeout": "3s"}

    def failing(self, *fault):
        """A daemon at one modem, which goes wrong in the submit of TEXT."""
        bank, daemon = self.rig(modems=1, extra={"policy": self.POLICY}, submit_latency="400ms", options=("--family", "generic"))
        daemon.reaches(daemon.send(TO, "all is well", report=False)["id"], "submitted")
        if fault:
            bank.fault(0, *fault)
        return bank, daemon, daemon.send(TO, TEXT, report=False)["id"]

    def gets_to(self, daemon, state, seconds=20):
        wait_until(lambda: daemon.get("/v1/modems/modem0")["state"] == state, seconds, f"modem0 {state}", log=daemon.log_path)

    def kept(self, daemon):
        return sorted(glob.glob(os.path.join(daemon.data_dir, "recordings", "*.chat")))

    def play(self, recording):
        """Another daemon, which has nothing but the recording for a modem."""
        work = os.path.join(self.work, "again")
        os.makedirs(work)
        bank = self.ends(Bank(work, 1, options=("--play", f"0:{recording}"))).start()
        return self.ends(Daemon(work, bank, {"policy": self.POLICY})).start().ready(1)

    def file_with(self, daemon, wanted):
        """The recording in which that stands after the failure."""
        def there():
            for path in self.kept(daemon):
                with open(path) as file:
                    if wanted in file.read().partition("# went wrong: ")[2]:
                        return path
            return None
        return wait_until(there, 10, f"a recording with {wanted!r}", log=daemon.log_path)

    def test_a_modem_that_falls_silent_in_a_submit_does_so_again(self):
        bank, daemon, identity = self.failing()
        wait_until(lambda: bank.status()[0]["state"] == "submitting", 10, "the second submit", pause=0.01)
        bank.fault(0, "silence", 60)
        first = daemon.reaches(identity, "unknown")
        self.gets_to(daemon, "recovering")
        path = self.file_with(daemon, "-> recovering")
        daemon.stop()
        again = self.play(path)
        again.reaches(again.send(TO, "all is well again", report=False)["id"], "submitted")
        second = again.reaches(again.send(TO, "and now", report=False)["id"], "unknown")
        self.gets_to(again, "recovering")
        self.assertEqual(first["why"], second["why"])
        changes = [re.findall(r"modem0: (ready -> recovering: .*)", d.log())[:1] for d in (daemon, again)]
        self.assertTrue(changes[0])
        self.assertEqual(changes[0], changes[1])

    def test_a_recording_shows_nothing_private(self):
        bank, daemon, identity = self.failing("lost-answer", 1)
        daemon.reaches(identity, "unknown")
        path = self.file_with(daemon, "-> ready: registered")
        self.gets_to(daemon, "ready")
        self.assertEqual(0o640, stat.S_IMODE(os.stat(path).st_mode))
        modem, sim = daemon.get("/v1/modems/modem0"), daemon.get("/v1/sims")["items"][0]
        now = daemon.klaxon("modems", "recording", "modem0").stdout
        failure = daemon.call("GET", "/v1/modems/modem0/recording?last=failure")
        self.assertEqual("text/plain; charset=utf-8", failure.headers["Content-Type"])
        self.assertEqual(failure.body, daemon.klaxon("modems", "recording", "modem0", "--last-failure").stdout)
        with open(path) as file:
            for chat in (now, failure.body, file.read()):
                self.assertIn("> AT+CMGS=", chat)
                for secret in (modem["imei"], sim["imsi"], bank.number(0)[1:], TO[1:], "7391",
                               bank.submits()[1]["pdu"][-20:]):
                    self.assertNotIn(secret, chat)
        self.assertEqual(404, daemon.call("GET", "/v1/modems/modem9/recording").status)

    def test_a_full_disk_costs_the_file_alone(self):
        bank, daemon = self.rig(modems=1, extra={"policy": self.POLICY}, options=("--family", "generic"))
        folder = os.path.join(daemon.data_dir, "recordings")
        with open(folder, "w") as file:
            file.write("in the way")
        bank.fault(0, "lost-answer", 1)
        daemon.reaches(daemon.send(TO, TEXT, report=False)["id"], "unknown")
        wait_until(lambda: "recordings can't be kept in" in daemon.log(), 10, "a line in the log")
        self.assertIn("a submit is", daemon.call("GET", "/v1/modems/modem0/recording?last=failure").body)
        self.gets_to(daemon, "ready")
        daemon.reaches(daemon.send(TO, "on it goes", report=False)["id"], "submitted")
