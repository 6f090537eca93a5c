"""Sending as an API user sees it: one, many, long, foreign, scheduled, cancelled, repeated by key."""

from datetime import datetime, timedelta, timezone

from klaxon_rig import SharedRigCase, wait_until


def rfc3339(moment):
    return moment.astimezone(timezone.utc).strftime("%Y-%m-%dT%H:%M:%S.") + f"{moment.microsecond // 1000:03d}Z"


class Sending(SharedRigCase):
    modems = 4
    bank_options = {"submit_latency": "40ms", "command_latency": "1ms"}

    def on_air(self, da, count=1):
        """The submits to one number, as soon as there are that many."""
        return wait_until(lambda: (s := self.bank.submits(da=da)) and len(s) >= count and s, 20,
                          f"{count} submits to {da}")

    def test_one_message_and_its_report(self):
        message = self.daemon.send("+447700901001", "Hello out there", ref="first")
        self.assertIn(message["state"], ("queued", "submitting"))
        self.assertEqual(1, message["segments"])
        done = self.daemon.reaches(message["id"], "delivered")
        self.assertEqual("first", done["ref"])
        self.assertEqual("normal", done["lane"])
        self.assertEqual(1, done["attempts"])
        self.assertEqual("delivered", done["parts"][0]["state"])
        self.assertLessEqual(done["created_at"], done["submitted_at"])
        self.assertLessEqual(done["submitted_at"], done["delivered_at"])
        air = self.on_air("+447700901001")
        self.assertEqual(["Hello out there"], [s["text"] for s in air])
        self.assertEqual(air[0]["tp_mr"], done["parts"][0]["tp_mr"])
        self.assertEqual(air[0]["iccid"], done["sim"])
        self.assertEqual(air[0]["modem"], done["modem"])

    def test_numbers_are_normalised_to_e164(self):
        message = self.daemon.send("07700 901002", "national digits")
        self.assertEqual("+447700901002", message["to"])
        self.on_air("+447700901002")
        short = self.daemon.send("85999", "a short code")
        self.assertEqual("85999", short["to"])
        self.on_air("85999")

    def test_a_list_is_one_message_for_each_number(self):
        made = self.daemon.post("/v1/messages", {
            "to": ["+447700901011", "+447700901012", "+447700901011"], "text": "to several"})["items"]
        self.assertEqual(["+447700901011", "+447700901012"], [m["to"] for m in made])
        for message in made:
            self.daemon.reaches(message["id"], "delivered")
        self.assertEqual(1, len(self.bank.submits(da="+447700901011")))

    def test_a_list_is_refused_whole(self):
        numbers = [f"+4477009020{n:02d}" for n in range(30)]
        numbers[17] = "+44 what"
        answer = self.daemon.call("POST", "/v1/messages", {"to": numbers, "text": "none of them"})
        self.assertEqual(422, answer.status, answer)
        self.assertIn("/to/17", answer.body)
        self.assertEqual([], self.daemon.listed("/v1/messages", to=numbers[0]))

    def test_ten_thousand_at_once(self):
        later = rfc3339(datetime.now(timezone.utc) + timedelta(days=2))
        numbers = [f"+4477{n:08d}" for n in range(10000)]
        answer = self.daemon.call("POST", "/v1/messages",
                                  {"to": numbers, "text": "a long list", "send_at": later, "ref": "list"})
        self.assertEqual(202, answer.status, answer)
        made = answer.json["items"]
        self.assertEqual(10000, len(made))
        listed = self.daemon.listed("/v1/messages", ref="list")
        self.assertEqual([m["id"] for m in made], [m["id"] for m in listed])
        self.assertEqual(numbers, [m["to"] for m in listed])
        too_many = self.daemon.call("POST", "/v1/messages", {"to": numbers + ["+441110001"], "text": "x"})
        self.assertIn(too_many.status, (413, 422), too_many)

    def test_a_long_text_goes_out_in_order_on_one_sim(self):
        text = " ".join(f"word{n:03d}" for n in range(60))  # 479 septets: 4 parts
        message = self.daemon.send("+447700901021", text)
        self.assertEqual(4, message["segments"])
        done = self.daemon.reaches(message["id"], "delivered")
        self.assertEqual(["delivered"] * 4, [p["state"] for p in done["parts"]])
        air = self.on_air("+447700901021", 4)
        self.assertEqual([1, 2, 3, 4], [s["segment"]["seq"] for s in air])
        self.assertEqual(1, len({(s["iccid"], s["segment"]["ref"], s["segment"]["total"]) for s in air}))
        self.assertEqual(text, "".join(s["text"] for s in air))

    def test_emoji_stay_whole_across_parts(self):
        text = "🚨" * 100  # 200 UTF-16 units, no border may cut a pair
        done = self.daemon.send("+447700901022", text)
        self.assertGreater(done["segments"], 1)
        air = self.on_air("+447700901022", done["segments"])
        self.assertEqual(text, "".join(s["text"] for s in air))
        for part in air:
            self.assertEqual({"🚨"}, set(part["text"]))

    def test_gsm7_refuses_what_the_alphabet_lacks(self):
        answer = self.daemon.call("POST", "/v1/messages",
                                  {"to": "+447700901023", "text": "Ω fits, ш does not", "encoding": "gsm7"})
        self.assertEqual(422, answer.status, answer)
        self.assertIn("/encoding", answer.body)
        fits = self.daemon.send("+447700901023", "€ [brackets] {braces} Ωé", encoding="gsm7")
        self.daemon.reaches(fits["id"], "delivered")
        self.assertEqual("€ [brackets] {braces} Ωé", self.on_air("+447700901023")[0]["text"])

    def test_octets(self):
        message = self.daemon.post("/v1/messages", {"to": "+447700901024", "data": "00ff10aa"})
        self.assertEqual("00ff10aa", message["data"].lower())
        self.daemon.reaches(message["id"], "delivered")

    def test_without_a_report_submitted_is_the_end(self):
        message = self.daemon.send("+447700901025", "no report", report=False)
        self.daemon.reaches(message["id"], "submitted")
        self.assertEqual([False], [s["srr"] for s in self.on_air("+447700901025")])

    def test_send_at_waits(self):
        due = datetime.now(timezone.utc) + timedelta(seconds=2)
        message = self.daemon.send("+447700901026", "later", send_at=rfc3339(due))
        self.assertEqual("queued", message["state"])
        done = self.daemon.reaches(message["id"], ("submitted", "delivered"))
        self.assertGreaterEqual(done["submitted_at"], rfc3339(due))

    def test_cancel(self):
        due = rfc3339(datetime.now(timezone.utc) + timedelta(hours=1))
        message = self.daemon.send("+447700901027", "never", send_at=due)
        answer = self.daemon.call("DELETE", f"/v1/messages/{message['id']}")
        self.assertIn(answer.status, (200, 204), answer)
        self.assertEqual("cancelled", self.daemon.message(message["id"])["state"])
        gone = self.daemon.send("+447700901028", "too late to cancel")
        self.daemon.reaches(gone["id"], "delivered")
        self.assertEqual(409, self.daemon.call("DELETE", f"/v1/messages/{gone['id']}").status)
        self.assertEqual(409, self.daemon.call("POST", f"/v1/messages/{gone['id']}/settle", {"as": "sent"}).status)

    def test_idempotency_key(self):
        body = {"to": "+447700901029", "text": "once"}
        key = {"Idempotency-Key": "order 4711 / first"}
        first = self.daemon.post("/v1/messages", body, headers=key)
        again = self.daemon.post("/v1/messages", body, headers=key)
        self.assertEqual(first["id"], again["id"])
        other = self.daemon.call("POST", "/v1/messages", {**body, "text": "twice"}, headers=key)
        self.assertEqual(409, other.status, other)
        self.daemon.reaches(first["id"], "delivered")
        self.assertEqual(1, len(self.bank.submits(da="+447700901029")))
        self.assertIn(self.daemon.call("POST", "/v1/messages", body, headers={"Idempotency-Key": "x" * 256}).status,
                      (400, 422))

    def test_a_message_can_be_bound_to_a_sim(self):
        sims = self.daemon.get("/v1/sims")["items"]
        wanted = sims[2]["iccid"]
        made = [self.daemon.send(f"+44770090103{n}", "by that SIM", sim=wanted) for n in range(5)]
        for message in made:
            self.assertEqual(wanted, self.daemon.reaches(message["id"], "delivered")["sim"])

    def test_lists_page_and_filter(self):
        made = [self.daemon.send("+447700901040", f"page {n}", ref="pages") for n in range(5)]
        first = self.daemon.get("/v1/messages", ref="pages", limit=2)
        self.assertEqual([made[0]["id"], made[1]["id"]], [m["id"] for m in first["items"]])
        rest = self.daemon.get("/v1/messages", ref="pages", after=first["next"])
        self.assertEqual([m["id"] for m in made[2:]], [m["id"] for m in rest["items"]])
        self.assertIsNone(rest["next"])
        self.assertEqual(422, self.daemon.call("GET", "/v1/messages?limit=1001").status)
        self.assertEqual(422, self.daemon.call("GET", "/v1/messages?state=lost").status)
        since = self.daemon.get("/v1/messages", since=rfc3339(datetime.now(timezone.utc) + timedelta(days=1)))
        self.assertEqual([], since["items"])


class Lanes(SharedRigCase):
    modems = 1
    bank_options = {"submit_latency": "3s", "command_latency": "1ms"}

    def test_the_higher_lane_goes_first(self):
        self.daemon.post("/v1/messages", {"to": [f"+4477009040{n:02d}" for n in range(6)], "text": "bulk",
                                          "lane": "bulk", "report": False})
        wait_until(lambda: len(self.bank.events("cmgs")) == 2, 10, "the second submit to begin", pause=0.005)
        for lane in ("normal", "urgent", "alert"):  # while it is on the wire
            self.daemon.send("+447700904100", lane, lane=lane, report=False)
        self.assertEqual(2, len(self.bank.events("cmgs")), "the machine was too slow for this test")
        self.daemon.drained(60)
        self.assertEqual(["bulk", "bulk", "alert", "urgent", "normal", "bulk", "bulk", "bulk", "bulk"],
                         [s["text"] for s in self.bank.submits()])

    def test_the_queue_is_shown_by_lane_and_state(self):
        queue = self.daemon.get("/v1/queue")
        for lane in ("alert", "urgent", "normal", "bulk"):
            self.assertIn(lane, str(queue))
