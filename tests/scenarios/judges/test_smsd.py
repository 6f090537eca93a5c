"""smstools' smsd, with a configuration of its own, sends from outgoing/ and receives into incoming/ through a PTY of the bank."""

import os
import subprocess

import judge
from judge import GSM_TEXT, LONG_TEXT, UCS2_TEXT
from klaxon_wait import stop, tail_of, wait_until

SPOOL = ("outgoing", "checked", "sent", "failed", "incoming", "report")


class SmsdJudged(judge.Judged):
    def setUp(self):
        super().setUp()
        for name in SPOOL:
            os.mkdir(self.path(name))
        with open(self.path("smsd.conf"), "w", encoding="utf-8") as file:
            file.write("devices = GSM1\nloglevel = 7\ndelaytime = 1\ndelaytime_mainprocess = 1\nblocktime = 5\n"
                       "errorsleeptime = 1\nautosplit = 3\nincoming_utf8 = yes\nreceive_before_send = no\n"
                       f"logfile = {self.path('smsd.log')}\ninfofile = {self.path('smsd.working')}\n"
                       f"pidfile = {self.path('smsd.pid')}\n")
            file.writelines(f"{name} = {self.path(name)}\n" for name in SPOOL)
            file.write(f"\n[GSM1]\ndevice = {self.bank.port(0)}\nbaudrate = 115200\nrtscts = no\nincoming = yes\n"
                       "report = yes\ninit = AT+CNMI=2,1,0,2,0\n"
                       f"memory_start = {0 if self.family == 'ec2x' else 1}\n")
        self.smsd = subprocess.Popen(["smsd", "-t", "-c", self.path("smsd.conf")], stdin=subprocess.DEVNULL,
                                     stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd=self.room,
                                     start_new_session=True)
        self.addCleanup(stop, self.smsd)

    def until(self, condition, what):
        return wait_until(condition, 60, what, alive=self.smsd, log=self.path("smsd.log"))

    def send(self, name, text, alphabet=None, report=False):
        head = "To: 447700900123\n"
        if alphabet:
            head += f"Alphabet: {alphabet}\n"
        if report:
            head += "Report: yes\n"
        body = text.encode("utf-16-be") if alphabet == "UCS2" else text.encode("utf-8")
        with open(self.path(name), "wb") as file:
            file.write(head.encode() + b"\n" + body)
        os.rename(self.path(name), self.path("outgoing", name))  # whole when smsd sees it

    def received(self):
        """The files of incoming/ as (headers, body)."""
        found = []
        for name in sorted(os.listdir(self.path("incoming"))):
            try:
                with open(self.path("incoming", name), "rb") as file:
                    head, _, body = file.read().partition(b"\n\n")
            except FileNotFoundError:  # smsd's draft: it is renamed when it is whole
                continue
            headers = dict(line.split(": ", 1) for line in head.decode("utf-8", "replace").splitlines() if ": " in line)
            if "From" in headers:  # not smsd's own notes on parts that it waits for
                found.append((headers, body))
        return found


class EveryFamily:
    def test_sends(self):
        self.send("one", GSM_TEXT, alphabet="UTF-8")
        self.until(lambda: os.path.exists(self.path("sent", "one")), "smsd says it was sent")
        sent, = self.bank.submits()
        self.assertEqual((sent["da"], sent["text"], sent["alphabet"]), ("+447700900123", GSM_TEXT, "gsm7"))
        with open(self.path("sent", "one"), encoding="utf-8", errors="replace") as file:
            self.assertIn(f"Message_id: {sent['tp_mr']}", file.read())
        self.checked(f"one SUBMIT on the air, its text whole, TP-MR {sent['tp_mr']} as smsd notes it")

    def test_receives(self):
        self.bank.inject(0, "+447700900321", GSM_TEXT)
        self.until(lambda: len(self.received()) == 1, "a file in incoming/")
        (headers, body), = self.received()
        self.assertEqual((headers["From"], body.decode()), ("447700900321", GSM_TEXT))
        self.wait("deleted", 1)
        self.checked("the text is in incoming/ and deleted from the SIM")


class Smsd(EveryFamily, SmsdJudged):
    def test_sends_in_parts(self):
        self.send("long", LONG_TEXT, alphabet="UTF-8")
        self.until(lambda: os.path.exists(self.path("sent", "long")), "smsd says it was sent")
        sent = self.bank.submits()
        self.assertEqual([s["segment"]["seq"] for s in sent], [1, 2, 3])
        self.assertEqual("".join(s["text"] for s in sent), LONG_TEXT)
        self.checked("3 parts in order")

    def test_sends_ucs2_and_gets_a_report(self):
        self.send("ucs2", UCS2_TEXT, alphabet="UCS2", report=True)
        self.until(lambda: os.path.exists(self.path("sent", "ucs2")), "smsd says it was sent")
        sent, = self.bank.submits()
        self.assertEqual((sent["text"], sent["alphabet"], sent["srr"]), (UCS2_TEXT, "ucs2", True))
        self.until(lambda: os.listdir(self.path("report")), "a file in report/")
        name, = os.listdir(self.path("report"))
        with open(self.path("report", name), encoding="utf-8", errors="replace") as file:
            report = file.read()
        self.assertIn(f"Message_id: {sent['tp_mr']}", report)
        self.assertIn("Status: 0", report)
        self.checked(f"UCS-2 as given; the stored status report for TP-MR {sent['tp_mr']} says delivered")

    def test_receives_ucs2_and_parts(self):
        self.bank.inject(0, "+447700900321", UCS2_TEXT)
        self.bank.inject(0, "+447700900322", LONG_TEXT)
        self.until(lambda: len(self.received()) >= 2, "two files in incoming/")
        bodies = {headers["From"]: body for headers, body in self.received()}
        self.assertIn(UCS2_TEXT, (bodies["447700900321"].decode("utf-8", "replace"),
                                  bodies["447700900321"].decode("utf-16-be", "replace")))
        self.assertEqual(bodies["447700900322"].decode(), LONG_TEXT)
        self.wait("deleted", 4)
        self.checked("a UCS-2 text and 3 parts that smsd joined")


class SmsdEc2x(EveryFamily, SmsdJudged):
    family = "ec2x"


if __name__ == "__main__":
    judge.main()
