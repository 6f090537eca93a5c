"""The program klaxon-modembank as its ports and its control socket show it: what outlives an owner, what an unplug is."""

import array
import fcntl
import json
import os
import select
import socket
import subprocess
import tempfile
import termios
import time

import judge
from klaxon_wait import program, wait_until


class Owner:
    """A stranger who opens a port and speaks to it."""

    def __init__(self, path):
        self.fd = os.open(path, os.O_RDWR | os.O_NOCTTY | os.O_NONBLOCK)

    def write(self, text):
        os.write(self.fd, text.encode("latin-1"))

    def read_until(self, *ends, seconds=5):
        said, end = "", time.monotonic() + seconds
        while not said.endswith(ends):
            left = end - time.monotonic()
            if left <= 0 or not select.select([self.fd], [], [], left)[0]:
                raise AssertionError(f"{said!r} is not the end {ends!r}")
            said += os.read(self.fd, 4096).decode("latin-1")
        return said

    def ask(self, text):
        self.write(text)
        return self.read_until("OK\r\n", "ERROR\r\n", "> ")

    def close(self):
        os.close(self.fd)


class Modembank(judge.Judged):
    PDU = "0001000C91447700091032000006C8329BFD0E01"  # to +447700900123, "Hello "

    def owner(self):
        owner = Owner(self.bank.port(0))
        self.addCleanup(lambda: owner.close() if owner.fd >= 0 else None)
        return owner

    def leave(self, owner):
        owner.close()
        owner.fd = -1

    def test_a_prompt_outlives_its_owner(self):
        first = self.owner()
        first.ask("ATE0\r")
        first.ask("AT+CMGS=19\r")
        first.write(self.PDU[:10])
        self.leave(first)
        second = self.owner()
        self.assertEqual(second.ask("\x1b"), "\r\nOK\r\n")
        self.assertEqual(self.bank.submits(), [])
        self.checked("ESC of the next owner ends the open prompt with OK, nothing was sent")

    def test_an_answer_waits_for_the_next_owner(self):
        first = self.owner()
        first.ask("ATE0\r")
        first.ask("AT+CMGS=19\r")
        first.write(self.PDU + "\x1a")
        self.leave(first)
        self.wait("submits", 1)
        second = self.owner()
        self.assertEqual(second.read_until("OK\r\n"), "\r\n+CMGS: 0\r\n\r\nOK\r\n")
        self.checked("the submit of an owner who went away goes out; its +CMGS waits in the port")

    def test_an_unplug_is_the_end_of_the_port_and_a_plug_a_new_one(self):
        owner = self.owner()
        owner.ask("ATE0\r")
        self.bank.unplug(0)
        self.assertFalse(os.path.lexists(self.bank.port(0)))
        wait_until(lambda: self.gone(owner), 5, "end of file at the port")
        with self.assertRaises(OSError):
            owner.write("AT\r")
        self.bank.inject(0, "+447700900321", "while away")
        self.leave(owner)
        self.bank.plug(0)
        back = self.owner()
        self.assertIn("RDY", back.read_until("SMS Ready\r\n"))
        self.wait("delivered", 1)
        self.assertIn("+CMGL: 1,0", back.ask("AT+CMGL=4\r"))
        self.checked("end of file, EIO, no symlink; then a port that boots and brings the text of meanwhile")

    @staticmethod
    def gone(owner):
        try:
            return os.read(owner.fd, 100) == b""
        except BlockingIOError:
            return False
        except OSError:
            return True

    def test_a_dead_owner_leaves_the_port_open_to_others(self):
        owner = self.owner()
        fcntl.ioctl(owner.fd, termios.TIOCEXCL)
        self.leave(owner)
        self.ask_for_exclusive_until_gone()
        self.checked("TIOCEXCL goes with the owner who set it")

    def ask_for_exclusive_until_gone(self):
        tiocgexcl, flag = 0x80045440, array.array("i", [1])
        fd = os.open(self.bank.port(0), os.O_RDWR | os.O_NOCTTY)
        self.addCleanup(os.close, fd)

        def free():
            fcntl.ioctl(fd, tiocgexcl, flag)
            return flag[0] == 0
        wait_until(free, 5, "TIOCEXCL gone")

    def test_lines_in_pieces_waits_and_refusals(self):
        with socket.socket(socket.AF_UNIX) as s:
            s.settimeout(10)
            s.connect(self.bank.control_path)
            s.sendall(b"wait submits 1 0.1\nbog")
            s.sendall(b"us\nwait nothing 1 1\nair\n")
            lines = s.makefile().readline
            self.assertEqual(lines(), "error only 0\n")
            self.assertTrue(lines().startswith("error "))
            self.assertEqual(lines(), "error no such count: nothing\n")
            self.assertEqual(json.loads(lines()[3:])["submits"], 0)
            s.sendall(b"x" * 200_000)
            self.assertEqual(lines(), "error the line is too long\n")
        self.checked("control lines in pieces, a wait that times out, refusals, a bound")

    def test_an_idle_bank_sleeps(self):
        owner = self.owner()
        owner.ask("AT\r")
        before = self.wakes()
        with self.assertRaises(AssertionError):
            self.bank.control("wait submits 1 1")
        wakes = self.wakes() - before
        self.assertLess(wakes, 20)
        self.checked(f"{wakes} wake-ups in an idle second")

    def wakes(self):
        with open(f"/proc/{self.bank.process.pid}/status", encoding="ascii") as file:
            return next(int(line.split()[1]) for line in file if line.startswith("voluntary_ctxt_switches"))


class ModembankOptions(judge.unittest.TestCase):
    def run_with(self, *options):
        return subprocess.run([program("klaxon-modembank"), *options], capture_output=True, text=True, timeout=20)

    def test_help_names_every_option_and_command(self):
        said = self.run_with("--help").stdout
        for word in ("--submit-latency", "--command-latency", "--air", "--control", "--slots", "--pin", "lost-answer",
                     "inject-pdu", "unplug", "wait COUNT"):
            self.assertIn(word, said)

    def test_wrong_options_are_refused_with_2(self):
        with tempfile.TemporaryDirectory() as room:
            good = ["--modems", "1", "--dir", room]
            for wrong in (["--submit-latency", "soon"], ["--slots", "0"], ["--slots", "1,2,3"], ["--pin", "1234"],
                          ["--family", "nokia"], ["--bogus"], ["--modems", "0"]):
                done = self.run_with(*good, *wrong)
                self.assertEqual(done.returncode, 2, f"{wrong}: {done.stdout}{done.stderr}")
                self.assertNotEqual(done.stderr, "")
            self.assertEqual(self.run_with("--modems", "1", "--dir", "/proc/no/such/room").returncode, 2)

    def test_what_cannot_be_made_ends_with_1(self):
        with tempfile.TemporaryDirectory() as room:
            done = self.run_with("--modems", "1", "--dir", room, "--air", "/no/such/room/air")
            self.assertEqual(done.returncode, 1)
            self.assertIn("/no/such/room/air", done.stderr)


if __name__ == "__main__":
    judge.main()
