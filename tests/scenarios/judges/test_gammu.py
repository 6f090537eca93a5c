"""Debian's gammu, with its own AT driver and PDU codec, sends and reads through a PTY of the bank."""

import os
import re
import subprocess

import judge
from judge import GSM_TEXT, LONG_TEXT, UCS2_TEXT


class GammuJudged(judge.Judged):
    def gammu(self, *arguments):
        config = self.path("gammurc")
        with open(config, "w", encoding="utf-8") as file:
            file.write(f"[gammu]\nport = {self.bank.port(0)}\nconnection = at115200\n")
        done = subprocess.run(["gammu", "-c", config, *arguments], stdin=subprocess.DEVNULL, capture_output=True,
                              text=True, timeout=60, env={**os.environ, "LC_ALL": "C.UTF-8"})
        self.assertEqual(done.returncode, 0, f"gammu {arguments}: {done.stdout}\n{done.stderr}")
        return done.stdout


class EveryFamily:
    def test_sends(self):
        said = self.gammu("sendsms", "TEXT", "+447700900123", "-text", GSM_TEXT)
        sent, = self.bank.submits()
        self.assertEqual((sent["da"], sent["text"], sent["alphabet"]), ("+447700900123", GSM_TEXT, "gsm7"))
        self.assertIn(f"OK, message reference={sent['tp_mr']}", said)
        self.checked(f"one SUBMIT on the air, its text whole, TP-MR {sent['tp_mr']} as gammu was told")

    def test_receives(self):
        self.bank.inject(0, "+447700900321", GSM_TEXT)
        self.bank.inject(0, "KLAXON", UCS2_TEXT)
        self.wait("delivered", 2)
        said = self.gammu("getallsms")
        for wanted in (GSM_TEXT, UCS2_TEXT, "+447700900321", "KLAXON"):
            self.assertIn(wanted, said)
        self.checked("getallsms shows both texts, the number and the alphanumeric sender")


class Gammu(EveryFamily, GammuJudged):
    def test_identifies(self):
        said = self.gammu("identify")
        self.assertIsNotNone(re.search(r"IMEI\s*:\s*358000001000015", said), said)
        self.assertIn("001010000900001", said)
        self.checked("gammu identify gives the IMEI and the IMSI")

    def test_sends_unicode(self):
        self.gammu("sendsms", "TEXT", "+447700900123", "-unicode", "-text", UCS2_TEXT)
        sent, = self.bank.submits()
        self.assertEqual((sent["text"], sent["alphabet"]), (UCS2_TEXT, "ucs2"))
        self.checked("a UCS-2 text arrives as it was given")

    def test_sends_in_parts(self):
        self.gammu("sendsms", "TEXT", "+447700900123", "-autolen", str(len(LONG_TEXT)), "-text", LONG_TEXT)
        sent = self.bank.submits()
        self.assertEqual([s["segment"]["seq"] for s in sent], [1, 2, 3])
        self.assertEqual(len({s["segment"]["ref"] for s in sent}), 1)
        self.assertEqual("".join(s["text"] for s in sent), LONG_TEXT)
        self.assertEqual([s["tp_mr"] for s in sent], [0, 1, 2])
        self.checked("3 parts in order with one reference, TP-MR counting")

    def test_joins_parts_and_deletes(self):
        self.bank.inject(0, "+447700900321", LONG_TEXT)
        self.wait("delivered", 3)
        said = self.gammu("geteachsms")
        self.assertIn(LONG_TEXT, said.replace("\n", ""))
        self.gammu("deleteallsms", "1")
        self.wait("deleted", 3)
        self.assertEqual(self.bank.status()[0]["sm_used"], 0)
        self.checked("gammu joined 3 parts and deleted them")


class GammuEc2x(EveryFamily, GammuJudged):
    family = "ec2x"


if __name__ == "__main__":
    judge.main()
