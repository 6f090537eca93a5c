"""STOP and START: one confirmation each way, nobody who opted out is written to but by an alert, and it outlives kill -9."""

import time
import urllib.parse

from klaxon_rig import RigCase, wait_until

ANA = "+34600111222"
BEN = "+447700907001"
STOPPED = "You are off the list."
STARTED = "Welcome back."


def at(number):
    return "/v1/opt-outs/" + urllib.parse.quote(number, safe="")


class Consent(RigCase):
    def consent_rig(self, **policy):
        return self.rig(modems=2, extra={"policy": {"stop_reply": STOPPED, "start_reply": STARTED, **policy}})

    def opt_out(self, bank, daemon, number=ANA, word="stop."):
        bank.inject(0, number, word)
        wait_until(lambda: daemon.call("GET", at(number)).status == 200, 15, "the opt-out", log=daemon.log_path)
        wait_until(lambda: bank.submits(da=number, text=STOPPED), 15, "the confirmation")

    def test_stop_and_start_are_confirmed_once_and_outlive_a_kill(self):
        bank, daemon = self.consent_rig()
        self.opt_out(bank, daemon)
        daemon.kill9()
        daemon.start().ready(2)
        row, = daemon.get("/v1/opt-outs")["items"]
        self.assertEqual((ANA, "text"), (row["number"], row["by"]))
        bank.inject(1, ANA, "STOP")
        bank.inject(1, ANA, "STOP 12345")
        daemon.inbox(3)
        answer = daemon.call("POST", "/v1/messages", {"to": ANA, "text": "news"})
        self.assertEqual(422, answer.status, answer)
        self.assertIn('"/to"', answer.body)
        self.assertIn("opted out", answer.body)
        daemon.send(ANA, "the roof burns", lane="alert")
        wait_until(lambda: bank.submits(da=ANA, text="the roof burns"), 15, "the alert")
        self.assertIn("opt_out.overridden", str(daemon.listed("/v1/audit")))
        bank.inject(1, ANA, "Start")
        wait_until(lambda: bank.submits(da=ANA, text=STARTED), 15, "the second confirmation")
        daemon.send(ANA, "news")
        wait_until(lambda: bank.submits(da=ANA, text="news"), 15, "the news")
        self.assertEqual(1, len(bank.submits(da=ANA, text=STOPPED)))
        self.assertEqual([], daemon.get("/v1/opt-outs")["items"])

    def test_lists_broadcasts_and_what_was_queued_leave_them_out(self):
        bank, daemon = self.consent_rig()
        later = daemon.send(ANA, "tomorrow", send_at=time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() + 86400)))
        self.opt_out(bank, daemon)
        dropped = wait_until(lambda: (m := daemon.get(f"/v1/messages/{later['id']}"))["state"] == "cancelled" and m, 15,
                             "the message of tomorrow to be cancelled")
        self.assertEqual("opted_out", dropped["error"]["code"])
        items = daemon.post("/v1/messages", {"to": [BEN, ANA], "text": "to both"})["items"]
        wait_until(lambda: bank.submits(da=BEN, text="to both"), 15, "the other's text")
        both = [daemon.get(f"/v1/messages/{item['id']}") for item in items]
        self.assertEqual("opted_out", both[1]["error"]["code"])
        made = daemon.post("/v1/broadcasts", {"to": [ANA, BEN], "text": "to all"})
        counts = wait_until(lambda: (c := daemon.get(f"/v1/broadcasts/{made['id']}")["counts"]).get("delivered") == 1 and c,
                            20, "the broadcast")
        self.assertEqual(1, counts["cancelled"])
        self.assertEqual([STOPPED], [s["text"] for s in bank.submits(da=ANA)])

    def test_people_with_a_token_and_the_command(self):
        bank, daemon = self.consent_rig()
        sender = daemon.post("/v1/tokens", {"name": "crm", "scopes": ["send"]})["token"]
        self.assertEqual(201, daemon.call("PUT", at(BEN), token=sender).status)
        self.assertEqual(200, daemon.call("PUT", at(BEN), {}).status)
        self.assertEqual(403, daemon.call("DELETE", at(BEN), token=sender).status)
        self.assertEqual(422, daemon.call("PUT", at("nobody")).status)
        self.assertEqual(422, daemon.call("PUT", at(BEN), {"colour": "red"}).status)
        daemon.klaxon("opt-outs", "add", ANA)
        listed = daemon.klaxon("opt-outs", "list").stdout
        self.assertIn(ANA, listed)
        self.assertIn("token:crm", listed)
        page = daemon.get("/v1/opt-outs?limit=1")
        self.assertEqual([ANA], [r["number"] for r in daemon.get("/v1/opt-outs?after=" + page["next"])["items"]])
        daemon.klaxon("erase", ANA)
        self.assertEqual(200, daemon.call("GET", at(ANA)).status)
        daemon.klaxon("opt-outs", "remove", ANA)
        self.assertEqual(404, daemon.call("DELETE", at(ANA)).status)
        self.assertEqual([], bank.submits())

    def test_bulk_waits_while_it_is_quiet(self):
        now = time.localtime()
        hours = f"{now.tm_hour:02d}:00-{(now.tm_hour + 3) % 24:02d}:00"
        bank, daemon = self.consent_rig(quiet_hours={"ES": hours})
        waiting = daemon.send(ANA, "an offer", lane="bulk")
        daemon.send(BEN, "an offer", lane="bulk")
        daemon.send(ANA, "your parcel", lane="normal")
        wait_until(lambda: bank.submits(da=BEN) and bank.submits(da=ANA, text="your parcel"), 20, "the others")
        message = daemon.get(f"/v1/messages/{waiting['id']}")
        self.assertEqual("queued", message["state"])
        self.assertIn("quiet hours", message["why"])
        self.assertEqual([], bank.submits(text="an offer", da=ANA))
