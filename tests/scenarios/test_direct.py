"""SIMs that receive directly: over real ports, the network keeps a text until it is on disk."""

import collections

from klaxon_rig import RigCase, wait_until

DIRECT = {"sim_defaults": {"receive": "direct"}}
IMPATIENT = ["--ack-wait", "2s", "--redelivery", "500ms", "--delivery-latency", "5ms"]


class Direct(RigCase):
    def inbox(self, daemon):
        return collections.Counter(item["text"] for item in daemon.listed("/v1/inbox"))

    def test_kills_lose_and_double_nothing(self):
        bank, daemon = self.rig(modems=4, extra=DIRECT, submit_latency="100ms", command_latency="5ms", options=IMPATIENT)
        texts = {}
        for life in range(5):
            daemon.ready(4)  # before that, texts are stored
            seen = len(bank.events("route"))
            daemon.post("/v1/messages", {"to": [f"+4477008{life:02d}{k:03d}" for k in range(20)], "text": "out"})
            for k in range(16):
                text = f"life {life} text {k}"
                texts[text] = 1
                bank.inject(k % 4, f"+44770070{k:04d}", text)
            # Some are acknowledged, some on their way to the disk, some in the port, some in the network.
            wait_until(lambda: len(bank.events("route")) > seen + 2 * life, 15, "texts to be handed over", pause=0.001)
            daemon.kill9()
            daemon.start()
        daemon.ready(4)
        wait_until(lambda: set(texts) <= set(self.inbox(daemon)), 60, "every text", log=daemon.log_path)
        self.assertEqual(texts, dict(self.inbox(daemon)))
        handed_over = collections.Counter(e["inbound"] for e in bank.events("route"))
        again = sum(1 for times in handed_over.values() if times > 1)
        self.assertGreater(again + len(bank.events("rp_error")), 0, "no kill met a text on its way")
        print(f"{len(texts)} texts, {again} handed over more than once, {len(bank.events('rp_error'))} RP-ERRORs")

    def test_nothing_lies_on_the_sim(self):
        bank, daemon = self.rig(modems=1, extra=DIRECT)
        bank.inject(0, "+447700900321", "at once")
        wait_until(lambda: self.inbox(daemon) == {"at once": 1}, 15, "the text in the inbox")
        wait_until(lambda: bank.events("acknowledge"), 15, "its acknowledgement")
        self.assertEqual([], bank.events("deliver"))
        self.assertEqual([], bank.events("cmgr"))

    def test_a_family_that_takes_no_acknowledgement_stores_and_says_so(self):
        extra = {**DIRECT, "modem": [{"port": f"{self.work}/bank/modem0", "driver": "simcom_sim800"}]}
        bank, daemon = self.rig(modems=1, extra=extra)
        bank.inject(0, "+447700900321", "by the SIM")
        wait_until(lambda: self.inbox(daemon) == {"by the SIM": 1}, 15, "the text in the inbox")
        self.assertEqual([], bank.events("route"))
        self.assertIn("can't be received directly here, so they are stored: simcom_sim800", daemon.log())
