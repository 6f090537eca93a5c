"""What whoever runs the box looks at: health, readiness, metrics, the log, and that nobody crowds the others out."""

import re

from klaxon_rig import SharedRigCase, wait_until


class Operations(SharedRigCase):
    modems = 2
    bank_options = {"submit_latency": "50ms", "command_latency": "1ms"}

    def test_ready_while_a_sim_can_send(self):
        self.assertEqual(200, self.daemon.call("GET", "/readyz", token=False).status)
        for modem in range(self.modems):
            self.bank.unplug(modem)
        answer = wait_until(lambda: (a := self.daemon.call("GET", "/readyz", token=False)).status == 503 and a, 10,
                            "/readyz to say no")
        self.assertTrue(answer.json["reasons"])
        self.assertIn("Retry-After", answer.headers)
        self.assertEqual(200, self.daemon.call("GET", "/healthz", token=False).status)
        for modem in range(self.modems):
            self.bank.plug(modem)
        wait_until(lambda: self.daemon.call("GET", "/readyz", token=False).status == 200, 10, "/readyz to say yes")
        self.daemon.ready(self.modems)

    def metric(self, name):
        lines = self.daemon.call("GET", "/metrics").body.splitlines()
        return sum(float(line.rsplit(" ", 1)[1]) for line in lines if re.match(name + r"[ {]", line))

    def test_metrics_are_well_formed_and_count(self):
        sample = re.compile(r'[a-z_]+(\{[a-z_]+="[^"]*"(,[a-z_]+="[^"]*")*\})? -?[0-9.]+')
        for line in self.daemon.call("GET", "/metrics").body.splitlines():
            if not line.startswith("#"):
                self.assertRegex(line, sample)
        before = self.metric("klaxon_messages_submitted_total")
        message = self.daemon.send("+447700909801", "counted")
        self.daemon.reaches(message["id"], "delivered")
        self.assertEqual(before + 1, self.metric("klaxon_messages_submitted_total"))
        self.assertEqual(401, self.daemon.call("GET", "/metrics", token=False).status)

    def test_the_log_holds_neither_texts_nor_whole_numbers(self):
        message = self.daemon.send("+447700909802", "a private matter out")
        self.bank.inject(0, "+447700909803", "a private matter in")
        self.daemon.reaches(message["id"], "delivered")
        wait_until(lambda: self.daemon.listed("/v1/inbox", **{"from": "+447700909803"}), 10, "the text")
        for word in ("private matter", "447700909802", "447700909803"):
            self.assertNotIn(word, self.daemon.log())


class Fairness(SharedRigCase):
    modems = 1
    bank_options = {"submit_latency": "30ms", "command_latency": "1ms"}

    def test_a_long_list_does_not_hold_up_another_sender(self):
        other = self.daemon.post("/v1/tokens", {"name": "other", "scopes": ["send"]})["token"]
        self.daemon.post("/v1/messages", {"to": [f"+4477001{n:05d}" for n in range(300)], "text": "many",
                                          "lane": "bulk", "report": False})
        wait_until(lambda: len(self.bank.submits()) > 5, 10, "the many to flow")
        self.daemon.post("/v1/messages", {"to": [f"+4477002{n:05d}" for n in range(10)], "text": "few",
                                          "lane": "bulk", "report": False}, token=other)
        wait_until(lambda: len(self.bank.submits(text="few")) == 10, 30, "the few", log=self.daemon.log_path)
        texts = [s["text"] for s in self.bank.submits()]
        first, last = texts.index("few"), len(texts) - 1 - texts[::-1].index("few")
        self.assertLessEqual(texts[first:last].count("many"), 15, "they take turns")
