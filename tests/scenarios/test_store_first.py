"""SIMs that store first: what their slots say after a kill, over real ports."""

import collections
import os

from klaxon_rig import RigCase, wait_until

STORE_FIRST = {"sim_defaults": {"submit": "store-first"}}
KILLS = ("cmgw", "store", "cmss", "submit", "delete")  # the daemon dies when the bank sees this


class StoreFirst(RigCase):
    def slots_used(self, bank):
        return sum(modem["sm_used"] for modem in bank.status())

    def test_kills_at_every_step_lose_and_double_nothing_and_leave_no_doubt(self):
        bank, daemon = self.rig(modems=2, extra=STORE_FIRST, submit_latency="150ms", command_latency="5ms")
        sent = {}
        for n, step in enumerate(KILLS):
            seen = len(bank.events(step))
            made = daemon.post("/v1/messages", {
                "to": [f"+4477009{n:02d}{k:02d}" for k in range(10)], "text": f"round {n}", "report": False})
            sent.update({m["id"]: m["to"] for m in made["items"]})
            wait_until(lambda: len(bank.events(step)) > seen, 15, step, pause=0.001)
            daemon.kill9()
            daemon.start()
        daemon.ready(2)

        def all_gone():
            listed = daemon.listed("/v1/messages")
            return len(listed) == len(sent) and all(m["state"] == "submitted" for m in listed)
        wait_until(all_gone, 60, "every message to be submitted")
        wait_until(lambda: self.slots_used(bank) == 0, 20, "the slots to be emptied")
        on_air = collections.Counter(s["da"] for s in bank.submits())
        self.assertEqual({to: 1 for to in sent.values()}, dict(on_air))
        self.assertEqual([], bank.events("cmgs"))
        self.assertEqual([], daemon.listed("/v1/inbox"))
        doubts = sum(m["in_doubt_at"] is not None for m in daemon.listed("/v1/messages"))
        self.assertGreater(doubts, 0, "no kill met a submit")
        print(f"{len(sent)} messages, {doubts} doubts, all settled by their slots, ESC or late answers")

    def test_an_unplugged_modem_tells_by_its_sim_what_it_sent(self):
        bank, daemon = self.rig(modems=1, extra=STORE_FIRST, submit_latency="2s")
        for step, words in (("cmss", "not marked as sent"), ("submit", "is marked as sent")):
            seen = len(bank.events(step))
            message = daemon.send("+447700900777", f"cut off after {step}", report=False)
            wait_until(lambda: len(bank.events(step)) > seen, 15, step)
            bank.unplug(0)
            daemon.reaches(message["id"], "unknown")
            bank.plug(0)
            daemon.reaches(message["id"], "submitted", 30)
            self.assertIn(words, daemon.log())
        self.assertEqual(2, len(bank.submits()))
        wait_until(lambda: self.slots_used(bank) == 0, 20, "the slots to be emptied")

    def test_a_modem_that_cannot_sends_directly(self):
        extra = {**STORE_FIRST, "modem": [{"port": os.path.join(self.work, "bank", "modem0"), "driver": "zte_mf"}]}
        bank, daemon = self.rig(modems=1, extra=extra)
        message = daemon.send("+447700900778", "direct", report=False)
        daemon.reaches(message["id"], "submitted")
        self.assertEqual([], bank.events("cmgw"))
        self.assertIn("can't be stored first here: zte_mf", daemon.log())
