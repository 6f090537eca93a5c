"""What a person may have said to a modem: a command, a code; and what becomes of the texts meanwhile."""

from concurrent.futures import ThreadPoolExecutor

from klaxon_rig import RigCase, wait_until


class Errands(RigCase):
    def asks(self, daemon, kind, modem="modem0", **body):
        return daemon.call("POST", f"/v1/modems/{modem}/{kind}", body)

    def is_ready(self, daemon, modem):
        wait_until(lambda: daemon.get(f"/v1/modems/{modem}")["state"] == "ready", 30, f"{modem} is ready")

    def test_commands_and_codes(self):
        bank, daemon = self.rig(modems=2, submit_latency="1s", options=("--family", "generic"))
        with self.subTest("a command between two texts"):
            sim = daemon.get("/v1/modems/modem0")["iccid"]
            first = daemon.send("+447700900123", "in flight", sim=sim, report=False)["id"]
            wait_until(lambda: bank.status()[0]["state"] == "submitting", 10, "a submit in flight", pause=0.01)
            answer = self.asks(daemon, "at", command="AT+CSQ")
            self.assertEqual((200, "OK", 1), (answer.status, answer.json["final"], len(answer.json["lines"])))
            self.assertRegex(answer.json["lines"][0], r"^\+CSQ: \d+,99$")
            daemon.reaches(first, "submitted")
            self.assertIn("a command was given", daemon.log())
            self.is_ready(daemon, "modem0")
        with self.subTest("by the command line"):
            done = daemon.klaxon("modems", "at", "modem0", "AT+CREG?;+CGMI")
            self.assertEqual("+CREG: 1,1\nKlaxon\nOK\n", done.stdout)
            failed = daemon.klaxon("modems", "at", "modem0", "AT+NONSENSE", check=False)
            self.assertEqual((1, "ERROR\n"), (failed.returncode, failed.stdout))
            self.assertEqual("Balance: 3.00\n", daemon.klaxon("modems", "ussd", "modem1", "*100#").stdout)
        with self.subTest("what is refused"):
            refused = self.asks(daemon, "at", command="AT+CPIN=\"1234\"")
            self.assertEqual((422, "/command"), (refused.status, refused.json["errors"][0]["pointer"]))
            self.assertEqual(404, self.asks(daemon, "at", modem="modem9", command="AT").status)
            bank.control("unplug modem0")
            wait_until(lambda: self.asks(daemon, "at", command="AT").status == 409, 10, "no port, no command")
            bank.control("plug modem0")
        with self.subTest("a menu is closed, and the network's refusals are told"):
            bank.control(r'ussd modem1 1,"1 Balance\n2 Bonus",15')
            menu = self.asks(daemon, "ussd", modem="modem1", code="*100#").json
            self.assertEqual(("further_action", "1 Balance\n2 Bonus", 15), (menu["status"], menu["text"], menu["dcs"]))
            bank.control("ussd modem1 4")
            self.assertEqual(502, self.asks(daemon, "ussd", modem="modem1", code="*100#").status)
            bank.control("ussd modem1 silent")
            late = self.asks(daemon, "ussd", modem="modem1", code="*100#", timeout="1s")
            self.assertEqual((504, "the network did not answer within 1 s"), (late.status, late.json["detail"]))
        self.is_ready(daemon, "modem0")
        with self.subTest("all of it is in the audit"):
            rows = [(row["actor"], row["action"], row["detail"]) for row in daemon.listed("/v1/audit")]
            self.assertIn(("token:bootstrap", "modem.at", "modem0 AT+CSQ"), rows)
            self.assertIn(("token:bootstrap", "modem.ussd", "modem1 *100#"), rows)
            self.assertFalse([row for row in rows if "1234" in row[2]])
        second = daemon.send("+447700900124", "after it", report=False)["id"]
        daemon.reaches(second, "submitted")

    def test_an_alert_does_not_wait_for_a_balance(self):
        bank, daemon = self.rig(modems=1, submit_latency="100ms", options=("--family", "generic"))
        bank.control("ussd modem0 silent")
        pool = ThreadPoolExecutor(1)
        self.addCleanup(pool.shutdown)
        balance = pool.submit(self.asks, daemon, "ussd", code="*100#", timeout="25s")
        said = lambda: daemon.call("GET", "/v1/modems/modem0/recording").body
        wait_until(lambda: "AT+CUSD=1" in said(), 10, "the code is dialled")
        self.assertEqual(409, self.asks(daemon, "at", command="AT").status)
        alert = daemon.send("+447700900123", "now", lane="alert", report=False)["id"]
        daemon.reaches(alert, "submitted", 10)
        answer = balance.result(10)
        self.assertEqual((502, "an alert needed the modem"), (answer.status, answer.json["detail"]))
