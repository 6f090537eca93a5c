"""What the judges share: strangers' programs that send and receive through a modem of klaxon-modembank."""

import argparse
import os
import sys
import tempfile
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "support"))

import klaxon_wait  # noqa: E402
from klaxon_bank import Bank  # noqa: E402

GSM_TEXT = "Judged by a stranger: [brackets] {braces}, 5 \N{EURO SIGN} and a tilde ~"
UCS2_TEXT = "\u041f\u0440\u043e\u0432\u0435\u0440\u043a\u0430 \u0441\u0432\u044f\u0437\u0438"
LONG_TEXT = " ".join(f"word{k:03d}" for k in range(40))


class Judged(unittest.TestCase):
    """Each test has a bank of one modem and a directory of its own."""

    family = "generic"

    def setUp(self):
        room = tempfile.TemporaryDirectory(prefix="klaxon-judge-")
        self.addCleanup(room.cleanup)
        self.room = room.name
        self.bank = Bank(self.room, modems=1, submit_latency="200ms", command_latency="10ms",
                         options=("--family", self.family))
        self.addCleanup(self.end_bank)
        self.bank.start()

    def end_bank(self):
        self.bank.stop()
        self.assertEqual(self.bank.process.returncode, 0)

    def path(self, *names):
        return os.path.join(self.room, *names)

    def wait(self, count, n, seconds=10):
        """Until so many were submitted, delivered, deleted, …"""
        self.bank.control(f"wait {count} {n} {seconds}")

    def checked(self, text):
        print(f"  {type(self).__name__}: {text}", flush=True)


def main():
    parser = argparse.ArgumentParser(description="A stranger's program judges klaxon-modembank.")
    parser.add_argument("--build", default=klaxon_wait.BUILD, help="directory that holds klaxon-modembank")
    arguments, rest = parser.parse_known_args()
    klaxon_wait.BUILD = os.path.abspath(arguments.build)
    unittest.main(module="__main__", argv=[sys.argv[0], "-v", *rest])
