"""Twenty rounds of kill -9 under load; `script/crash` is the long form."""

import os
import subprocess
import sys

import crash
from klaxon_rig import RigCase

LONG = True
LOG = """
2026-11-22T20:00:00.000 warning message m1 part 1: in doubt, begun on modem0 by the life before
2026-11-22T20:00:01.000 info message m1: doubt settled, sent: its +CMGS came late
2026-11-22T20:00:02.000 info message m2 part 2/3: doubt settled, not sent: the modem was still in data entry
2026-11-22T20:00:03.000 warning message m3: no evidence in time, sent again
2026-11-22T20:00:04.000 info message m3: doubt settled, sent: a status report of it came
2026-11-22T20:00:05.000 info message m6: doubt settled, sent: its slot on the SIM is marked as sent
"""


class Crash(RigCase):
    def test_kills_lose_and_double_nothing(self):
        print(f"seed {self.seed}")
        found, figures = crash.run(self.work, 20, self.seed, lambda line: print(line, flush=True), crash.SHORT)
        print(figures)
        self.assertEqual({}, {kind: lines for kind, lines in found.items() if lines})

    def test_what_became_of_the_doubts_is_counted(self):
        def message(identity, state, doubt="2026-11-22T20:00:00.000Z"):
            return {"id": identity, "state": state, "in_doubt_at": doubt}
        figures = crash.doubts_of([message("m1", "delivered"), message("m2", "submitted"), message("m3", "submitted"),
                                   message("m4", "unknown"), message("m5", "submitted", None), message("m6", "submitted"),
                                   message("m7", "submitted")], LOG)
        self.assertEqual({"in doubt once": 6, "settled by evidence": 4, "- by late +CMGS": 1, "- by ESC answered by OK": 1,
                          "- by slot": 1, "- by evidence that the log lacks": 1, "repeated by the lane's rule": 1,
                          "still unknown": 1}, figures)

    def test_a_wrong_use_is_refused(self):
        for options in (["--rounds", "0"], ["--seed"], ["--round"]):
            done = subprocess.run([sys.executable, os.path.abspath(crash.__file__), *options], capture_output=True, text=True,
                                  timeout=60, check=False)
            self.assertEqual(2, done.returncode, options)
            self.assertIn("usage: crash.py", done.stderr)
