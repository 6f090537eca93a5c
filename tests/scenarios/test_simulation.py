"""Fifty random lives of the whole appliance in virtual time; ten thousand with script/simulate."""

import os
import re
import subprocess
import unittest

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
SIMULATION = os.path.join(ROOT, "build", "release", "simulation")
LONG = True


class Simulation(unittest.TestCase):
    def live(self, *options):
        done = subprocess.run([SIMULATION, *options], capture_output=True, text=True, timeout=600, check=False)
        print(done.stdout.splitlines()[-1] if done.stdout else "", flush=True)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        return done.stdout

    def test_fifty_lives_keep_every_promise(self):
        first = os.environ.get("KLAXON_SEED", "1")
        text = self.live("--seed", first, "--seeds", "50", "--hours", "1", "--jobs", "2")
        self.assertIn("50 lives of 1 h kept every promise", text)
        sent, kills = map(int, re.search(r"at least \d+ messages, (\d+) sent, (\d+) kills", text).groups())
        self.assertGreaterEqual(sent, 200)
        self.assertGreaterEqual(kills, 1)

    def test_a_life_is_the_same_when_it_is_lived_again(self):
        one, again = (self.live("--seed", "7", "--notes").splitlines() for _ in range(2))
        self.assertGreater(len(one), 100)
        self.assertEqual(one[:-1], again[:-1])  # the last line holds the time that it took

    def test_an_action_that_is_left_out_changes_no_other(self):
        """What is said of each action that stays is what the whole life said of it, up to the ids of messages; and the time,
        where the machine was down at its hour."""
        whole, part = (self.live("--seed", "7", "--notes", *only) for only in ((), ("--only", "5,7")))
        told = lambda text: re.findall(r"^== (#\d+) \S+ (sends .*)$", text, re.M)
        self.assertTrue(told(part))
        self.assertLess(set(told(part)), set(told(whole)))

    def test_a_wrong_use_is_refused(self):
        for options in (["--hours", "0"], ["--seed"], ["--only", "1,x"], ["--only", ""], ["--jobs", "0"], ["--mix", "some"], ["--what", "1"]):
            done = subprocess.run([SIMULATION, *options], capture_output=True, text=True, timeout=60, check=False)
            self.assertEqual(done.returncode, 2, options)
            self.assertIn("usage: simulation", done.stderr)
