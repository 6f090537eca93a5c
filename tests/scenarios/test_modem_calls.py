"""What a person may have done with a modem: started anew, with no text lost or doubled."""

from klaxon_rig import RigCase, wait_until


class ModemCalls(RigCase):
    def test_a_reset_between_two_texts(self):
        bank, daemon = self.rig(modems=1, submit_latency="1s", options=("--family", "generic"))
        first = daemon.send("+447700900123", "in flight", report=False)["id"]
        wait_until(lambda: bank.status()[0]["state"] == "submitting", 10, "a submit in flight", pause=0.01)
        self.assertEqual("modem0 is being reset\n", daemon.klaxon("modems", "reset", "modem0").stdout)
        self.assertEqual(409, daemon.call("POST", "/v1/modems/modem0/reset").status)
        second = daemon.send("+447700900124", "after it", report=False)["id"]
        daemon.reaches(first, "submitted")
        self.assertIn("a reset was asked for", daemon.log())
        daemon.reaches(second, "submitted", 60)
        self.assertEqual(["in flight", "after it"], [s["text"] for s in bank.submits()])
        self.assertIsNone(daemon.message(first).get("in_doubt_at"))
        self.assertEqual(404, daemon.call("POST", "/v1/modems/modem9/reset").status)
        self.assertEqual(404, daemon.call("GET", "/v1/modems/modem0/recording?last=failure").status)
        rows = [row for row in daemon.listed("/v1/audit") if row["action"] == "modem.reset"]
        self.assertEqual([("token:bootstrap", "modem0")], [(row["actor"], row["detail"]) for row in rows])
