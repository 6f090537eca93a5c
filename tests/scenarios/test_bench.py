"""Every program behind `script/bench` still runs, and loses nothing; no figure is judged here."""

import json
import os
import subprocess
import sys

from klaxon_rig import ROOT, RigCase

BENCH = os.path.join(ROOT, "tests", "bench")
sys.path.insert(0, BENCH)
import marks  # noqa: E402

NOT_QUICK = "kills"  # crash.py has a test of its own


class Bench(RigCase):
    def run_all(self, *arguments):
        # Its logs lie in a folder of its own, which a failure names: the banks' sockets can't have longer paths.
        return subprocess.run([sys.executable, os.path.join(BENCH, "all.py"), *arguments], capture_output=True, text=True,
                              timeout=300, stdin=subprocess.DEVNULL)

    def test_every_row_can_be_measured(self):
        path = os.path.join(self.work, "figures.json")
        done = self.run_all("--quick", "--json", path)
        self.assertEqual(0, done.returncode, done.stderr)
        with open(path) as file:
            figures = json.load(file)
        wanted = {mark.key for mark in marks.MARKS if mark.group != NOT_QUICK}
        self.assertEqual(set(), wanted - set(figures))
        for mark in marks.MARKS:
            if mark.key in figures:
                self.assertIn(mark.what.strip(), done.stdout)
            if mark.key in figures and mark.key.startswith(("share_", "window_", "small_sim")) and not mark.unit:
                self.assertTrue(0 < figures[mark.key] <= 1.01, f"{mark.key}: more than there is: {figures[mark.key]}")
        self.assertEqual(0, figures["lost_answer_again"])

    def test_a_row_that_does_not_exist_is_named(self):
        done = self.run_all("--quick", "shares")
        self.assertEqual(2, done.returncode)
        self.assertIn("shares", done.stderr)
