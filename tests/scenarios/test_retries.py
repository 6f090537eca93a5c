"""What does not go well the first time: refusals, reports that say no, limits, and texts that grow too old."""

import os

from klaxon_rig import RigCase, SharedRigCase, wait_until


class Retries(SharedRigCase):
    modems = 3
    bank_options = {"submit_latency": "40ms", "command_latency": "1ms", "options": ("--report-delay", "200ms")}

    def tearDown(self):
        for modem in range(self.modems):
            self.bank.fault(modem, "clear")
        super().tearDown()

    def test_a_congested_network_is_tried_again_on_another_sim(self):
        for modem in range(self.modems):
            self.bank.fault(modem, "cms", 42, 1)  # 24.008: congestion
        message = self.daemon.send("+447700909001", "second try")
        refused = wait_until(lambda: (m := self.daemon.message(message["id"]))["state"] == "queued" and m["attempts"] and m,
                             15, "the first refusal", log=self.daemon.log_path)
        for modem in range(self.modems):
            self.bank.fault(modem, "clear")
        done = self.daemon.reaches(message["id"], "delivered", 30)
        self.assertEqual(2, done["attempts"])
        self.assertNotEqual(refused["sim"], done["sim"])
        self.assertEqual(1, len(self.bank.submits(da="+447700909001")))

    def test_a_wrong_number_is_final_and_delays_no_other(self):
        for modem in range(self.modems):
            self.bank.fault(modem, "cms", 1, 1)  # 24.008: unassigned number
        made = [self.daemon.send(f"+44770090910{n}", "bad number") for n in range(3)]
        for message in made:
            failed = self.daemon.reaches(message["id"], "failed")
            self.assertEqual("cms_1", failed["error"]["code"])
            self.assertTrue(failed["error"]["text"])
        good = self.daemon.send("+447700909110", "good number")
        self.daemon.reaches(good["id"], "delivered")

    def test_what_reports_say(self):
        for number, rule, state in (("+447700909201", "st=01", "delivered"), ("+447700909202", "st=41", "failed"),
                                    ("+447700909203", "st=46", "expired")):
            with self.subTest(rule=rule):
                self.bank.report(number, rule)
                message = self.daemon.send(number, "ask for a report")
                done = self.daemon.reaches(message["id"], state)
                if rule == "st=01":
                    self.assertTrue(done["unconfirmed"])
                if rule == "st=41":
                    self.assertEqual("st_41", done["error"]["code"])

    def test_a_temporary_report_changes_nothing(self):
        self.bank.report("+447700909204", "st=30")
        self.bank.report("+447700909205", "silent")
        waiting = [self.daemon.send(n, "no verdict yet") for n in ("+447700909204", "+447700909205")]
        for message in waiting:
            self.daemon.reaches(message["id"], "submitted")
        wait_until(lambda: self.bank.events("report"), 10, "a report to be given")
        after = self.daemon.send("+447700909206", "behind them")
        self.daemon.reaches(after["id"], "delivered")
        for message in waiting:
            self.assertEqual("submitted", self.daemon.message(message["id"])["state"])

    def test_the_worst_part_counts(self):
        self.bank.report("+447700909207", "st=41")
        message = self.daemon.send("+447700909207", "x" * 200)
        self.assertEqual(2, message["segments"])
        done = self.daemon.reaches(message["id"], "failed")
        self.assertIn("failed", [p["state"] for p in done["parts"]])


class Expiry(RigCase):
    def test_what_is_too_old_is_never_sent(self):
        bank, daemon = self.rig(modems=1)
        bank.unplug(0)
        wait_until(lambda: daemon.get("/v1/modems/modem0")["state"] != "ready", 15, "the modem to be gone")
        old = daemon.send("+447700909301", "gone by then", valid_for="2s")
        fresh = daemon.send("+447700909302", "still wanted", valid_for="1h")
        self.assertEqual("queued", old["state"])
        daemon.reaches(old["id"], "expired", 15)
        bank.plug(0)
        daemon.reaches(fresh["id"], "delivered", 30)
        self.assertEqual([], bank.submits(da="+447700909301"))
        self.assertIsNotNone(bank.submits(da="+447700909302")[0]["vp"])

    def test_attempts_have_an_end(self):
        bank, daemon = self.rig(modems=2, extra={"policy": {"max_attempts": 2}})
        for modem in range(2):
            bank.fault(modem, "cms", 42, 50)
        message = daemon.send("+447700909303", "no luck")
        done = daemon.reaches(message["id"], "failed", 90)
        self.assertEqual(2, done["attempts"])
        self.assertEqual("cms_42", done["error"]["code"])


class Limits(RigCase):
    def test_the_daily_limit_of_a_sim(self):
        bank, daemon = self.rig(modems=2, extra={"sim_defaults": {"daily_limit": 3}}, submit_latency="20ms")
        made = daemon.post("/v1/messages", {"to": [f"+4477009094{n:02d}" for n in range(10)], "text": "limited",
                                            "report": False})["items"]
        wait_until(lambda: len(bank.submits()) >= 6, 20, "six texts on the air")
        wait_until(lambda: all(s["state"] == "limit" for s in daemon.get("/v1/sims")["items"]), 10,
                   "both SIMs at their limit")
        daemon.kill9()
        daemon.start().ready(2)
        states = [daemon.message(m["id"])["state"] for m in made]
        self.assertEqual(4, states.count("queued"), states)
        self.assertEqual(6, len(bank.submits()))
        self.assertEqual([3, 3], [s["sent_today"] for s in daemon.get("/v1/sims")["items"]])
        # A person's word goes before the file's, also over a restart, until it is taken back.
        first, second = [s["iccid"] for s in daemon.get("/v1/sims")["items"]]
        changed = daemon.call("PATCH", f"/v1/sims/{first}", {"daily_limit": 5, "weight": 2}).json
        self.assertEqual({"value": 5, "source": "override"}, changed["daily_limit"])
        wait_until(lambda: len(bank.submits()) >= 8, 20, "two more by the first SIM")
        daemon.kill9()
        daemon.start().ready(2)
        shown = daemon.get(f"/v1/sims/{first}")
        self.assertEqual([5, 5, "override", "file"], [shown["sent_today"], shown["sent_this_month"],
                                                      shown["weight"]["source"], daemon.get(f"/v1/sims/{second}")[
                                                          "daily_limit"]["source"]])
        self.assertEqual(8, len(bank.submits()))
        self.assertIn("MONTHLY", daemon.klaxon("sims", "set", second, "--daily-limit", "0").stdout)
        daemon.drained(20)
        self.assertEqual(10, len(bank.submits()))
        daemon.klaxon("sims", "set", first, "--daily-limit", "configured", "--weight", "configured")
        self.assertEqual({"value": 3, "source": "file"}, daemon.get(f"/v1/sims/{first}")["daily_limit"])
        self.assertEqual("limit", daemon.get(f"/v1/sims/{first}")["state"])
        self.assertEqual(3, sum(line["action"] == "sim.changed" for line in daemon.get("/v1/audit")["items"]))

    def pin_file(self, pin):
        path = os.path.join(self.work, "sim.pin")
        with open(path, "w") as file:
            file.write(pin + "\n")
        os.chmod(path, 0o600)
        return path

    def test_a_sim_behind_a_pin(self):
        secret = self.pin_file("4711")
        bank, daemon = self.rig(modems=1, ready=1, options=["--pin", "0:4711"], extra={
            "sim": [{"modem": "modem0", "label": "locked", "pin_file": secret}]})
        message = daemon.send("+447700909501", "behind a PIN", sim="locked")
        daemon.reaches(message["id"], "delivered")
        self.assertEqual(1, len(bank.events("pin")))
        self.assertNotIn("4711", daemon.log())

    def test_a_wrong_sim_pin_is_entered_once(self):
        secret = self.pin_file("0000")
        bank, daemon = self.rig(modems=1, ready=0, options=["--pin", "0:4711"], extra={
            "sim": [{"modem": "modem0", "label": "locked", "pin_file": secret}]})
        wait_until(lambda: bank.events("pin"), 20, "the PIN to be tried")
        for _ in range(2):
            wait_until(lambda: daemon.get("/v1/modems/modem0")["state"] == "awaiting_pin", 20, "awaiting_pin")
            daemon.kill9()
            daemon.start()
        wait_until(lambda: daemon.get("/v1/modems/modem0")["state"] == "awaiting_pin", 20, "awaiting_pin")
        self.assertEqual(1, len(bank.events("pin")))
