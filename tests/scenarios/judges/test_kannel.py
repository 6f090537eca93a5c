"""Debian's Kannel (`smsc = at`), with its own AT driver and PDU codec, sends from its HTTP interface and receives into a service
through a PTY of the bank. Everything of it listens on loopback and belongs to the test."""

import http.server
import os
import subprocess
import threading
import urllib.error
import urllib.parse
import urllib.request

import judge
from judge import GSM_TEXT, UCS2_TEXT
from klaxon_wait import free_port, stop, tail_of, wait_until

BOXES = "/usr/sbin"


class Service(http.server.ThreadingHTTPServer):
    """What Kannel hands texts and delivery reports to."""

    daemon_threads = True

    def __init__(self):
        self.asked = []
        super().__init__(("127.0.0.1", 0), ServiceCall)
        threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()

    def end(self):
        self.shutdown()
        self.server_close()


class ServiceCall(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        path, _, query = self.path.partition("?")
        fields = dict(urllib.parse.parse_qsl(query, keep_blank_values=True, encoding="latin-1"))
        if "text" in fields:  # UCS-2 comes as it is
            fields["text"] = fields["text"].encode("latin-1").decode("utf-16-be" if fields["coding"] == "2" else "utf-8")
        self.server.asked.append((path, fields))
        self.send_response(200)
        self.send_header("Content-Type", "text/plain")
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *words):
        pass


class KannelJudged(judge.Judged):
    def setUp(self):
        super().setUp()
        self.service = Service()
        self.addCleanup(self.service.end)
        self.send_port = free_port()
        with open(self.path("kannel.conf"), "w", encoding="utf-8") as file:
            file.write(self.configuration())
        self.bearerbox = self.box("bearerbox")
        self.until(lambda: "AT2[modem]: AT SMSC successfully opened." in self.log("bearerbox"), "Kannel has the modem")
        self.smsbox = self.box("smsbox")
        self.until(self.takes_texts, "Kannel's HTTP interface")

    def configuration(self):
        here = "127.0.0.1"
        box, admin = free_port(), free_port()
        service = f"http://{here}:{self.service.server_address[1]}"
        groups = [
            {"group": "core", "admin-port": admin, "admin-interface": here, "admin-password": "judge",
             "smsbox-port": box, "smsbox-interface": here, "box-allow-ip": here, "box-deny-ip": "*.*.*.*",
             "store-type": "file", "store-location": self.path("kannel.store")},
            {"group": "smsc", "smsc": "at", "smsc-id": "modem", "modemtype": "judged", "device": self.bank.port(0),
             "speed": 115200, "my-number": "+447700900001", "connect-allow-ip": here, "sim-buffering": "true",
             "keepalive": 5},
            {"group": "modems", "id": "judged", "name": "judged", "detect-string": "klaxon", "init-string": "AT+CNMI=2,1,0,1,0",
             "message-storage": "SM"},
            {"group": "smsbox", "bearerbox-host": here, "sendsms-port": self.send_port, "sendsms-interface": here,
             "log-level": 0},
            {"group": "sendsms-user", "username": "judge", "password": "judge", "max-messages": 10, "concatenation": "true",
             "default-sender": "+447700900001"},
            {"group": "sms-service", "keyword": "default", "catch-all": "true", "max-messages": 0,
             "get-url": service + "/text?from=%p&coding=%c&text=%a"},
        ]
        return "\n".join("".join(f'{key} = "{value}"\n' if key != "group" else f"group = {value}\n"
                                 for key, value in group.items()) for group in groups)

    def box(self, name):
        with open(self.path(name + ".log"), "wb") as log:
            box = subprocess.Popen([os.path.join(BOXES, name), "-v", "0", self.path("kannel.conf")], cwd=self.room, stdout=log,
                                   stderr=log, stdin=subprocess.DEVNULL, start_new_session=True)
        self.addCleanup(stop, box)
        return box

    def log(self, name):
        return tail_of(self.path(name + ".log"), 10_000)

    def until(self, condition, what):
        return wait_until(condition, 30, what, alive=self.bearerbox, log=self.path("bearerbox.log"))

    def ask(self, **fields):
        query = urllib.parse.urlencode({"username": "judge", "password": "judge", **fields})
        with urllib.request.urlopen(f"http://127.0.0.1:{self.send_port}/cgi-bin/sendsms?{query}", timeout=10) as answer:
            return answer.read().decode()

    def takes_texts(self):
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.send_port}/", timeout=1) as answer:
                return answer.status > 0
        except urllib.error.HTTPError:
            return True
        except OSError:
            return False

    def send(self, text, **fields):
        said = self.ask(to="+447700900123", text=text, charset="UTF-8", **fields)
        self.assertIn("Accepted", said)

    def handed(self, path):
        return [fields for asked, fields in self.service.asked if asked == path]


class Kannel(KannelJudged):
    """Kannel waits two seconds before each further part, so this has as few as will do."""

    TWO_PARTS = UCS2_TEXT * 6

    def test_ucs2_in_parts_both_ways_and_a_report(self):
        self.bank.inject(0, "+447700900321", self.TWO_PARTS)
        report = f"http://127.0.0.1:{self.service.server_address[1]}/report?type=%d"
        self.send(self.TWO_PARTS, coding=2, **{"dlr-mask": 3, "dlr-url": report})
        self.wait("submits", 2)
        sent = self.bank.submits()
        self.assertEqual([s["segment"]["seq"] for s in sent], [1, 2])
        self.assertEqual(len({s["segment"]["ref"] for s in sent}), 1)
        self.assertEqual({s["alphabet"] for s in sent}, {"ucs2"})
        self.assertEqual("".join(s["text"] for s in sent), self.TWO_PARTS)
        self.until(lambda: self.handed("/report"), "a delivery report at the service")
        self.assertEqual(self.handed("/report")[0]["type"], "1")
        self.until(lambda: self.handed("/text"), "a text at the service")
        got, = self.handed("/text")
        self.assertEqual((got["from"], got["text"]), ("+447700900321", self.TWO_PARTS))
        self.wait("deleted", 2)
        self.checked("2 parts in UCS-2 each way, joined here and there, a report, nothing left on the SIM")


class KannelEc2x(KannelJudged):
    family = "ec2x"

    def test_sends_and_receives(self):
        self.bank.inject(0, "+447700900321", GSM_TEXT)
        self.send(GSM_TEXT, coding=0)
        self.wait("submits", 1)
        sent, = self.bank.submits()
        self.assertEqual((sent["da"], sent["text"], sent["alphabet"]), ("+447700900123", GSM_TEXT, "gsm7"))
        self.until(lambda: self.handed("/text"), "a text at the service")
        got, = self.handed("/text")
        self.assertEqual((got["from"], got["text"]), ("+447700900321", GSM_TEXT))
        self.wait("deleted", 1)
        self.checked("one SUBMIT on the air, its text whole; a text at the service and deleted from the SIM")


if __name__ == "__main__":
    judge.main()
