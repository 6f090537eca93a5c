"""Texts that come in: each exactly once, whole, whatever the modem's storage and the order of the parts."""

from klaxon_rig import RigCase, SharedRigCase, wait_until


class Inbound(SharedRigCase):
    modems = 2
    bank_options = {"submit_latency": "30ms", "command_latency": "1ms"}

    def arrived(self, sender, count=1):
        def there():
            items = self.daemon.listed("/v1/inbox", **{"from": sender})
            return items if len(items) >= count else None
        return wait_until(there, 20, f"{count} texts from {sender}", log=self.daemon.log_path)

    def test_a_text_comes_in_and_leaves_the_sim(self):
        self.bank.inject(0, "+447700905001", "are you there?")
        text, = self.arrived("+447700905001")
        self.assertEqual("are you there?", text["text"])
        self.assertTrue(text["complete"])
        self.assertEqual(1, text["segments"])
        self.assertEqual(self.daemon.get("/v1/modems/modem0")["iccid"], text["to_sim"])
        wait_until(lambda: self.bank.events("delete", modem="modem0"), 10, "the SIM's copy to be deleted")

    def test_no_answer_to_what_matches_no_keyword(self):
        self.bank.inject(1, "+447700905002", "hello robot")
        self.arrived("+447700905002")
        self.assertEqual([], self.bank.submits(da="+447700905002"))

    def test_a_long_text_is_joined(self):
        long = " ".join(f"part{n:03d}" for n in range(70))
        self.bank.inject(0, "+447700905003", long)
        text, = self.arrived("+447700905003")
        self.assertEqual(long, text["text"])
        self.assertEqual(4, text["segments"])

    def test_emoji_and_other_scripts(self):
        said = "Привет 👩‍🚒 " * 12
        self.bank.inject(1, "+447700905004", said.strip())
        text, = self.arrived("+447700905004")
        self.assertEqual(said.strip(), text["text"])

    def test_parts_out_of_order(self):
        """Three parts with reference 0x2a from +447700905005, injected as 3, 1, 2."""
        pdus = [deliver_part("+447700905005", 0x2A, 3, seq, f"<{seq}>") for seq in (1, 2, 3)]
        for seq in (3, 1, 2):
            self.bank.inject_pdu(0, pdus[seq - 1])
        text, = self.arrived("+447700905005")
        self.assertEqual("<1><2><3>", text["text"])

    def test_the_same_pdu_again_is_the_same_text(self):
        pdu = deliver_part("+447700905006", None, 1, 1, "once only")
        self.bank.inject_pdu(1, pdu)
        self.arrived("+447700905006")
        self.bank.inject_pdu(1, pdu)
        self.bank.inject(1, "+447700905007", "behind it")
        self.arrived("+447700905007")
        self.assertEqual(1, len(self.arrived("+447700905006")))

    def test_the_same_words_twice_are_two_texts(self):
        pdus = [deliver_part("+447700905008", None, 1, 1, "again", second=s) for s in (10, 11)]
        for pdu in pdus:
            self.bank.inject_pdu(1, pdu)
        self.assertEqual(2, len(self.arrived("+447700905008", 2)))

    def test_an_odd_pdu_is_kept_raw_and_wedges_nothing(self):
        self.bank.inject_pdu(0, "07914477009099990400")
        self.bank.inject(0, "+447700905009", "after the odd one")
        self.arrived("+447700905009")
        wait_until(lambda: self.daemon.get("/v1/modems/modem0")["state"] == "ready", 10, "modem0 ready")


class Burst(RigCase):
    def test_forty_texts_for_ten_slots_while_all_send(self):
        bank, daemon = self.rig(modems=4, submit_latency="500ms", command_latency="10ms",
                                options=["--slots", "10"])
        daemon.post("/v1/messages", {"to": [f"+4477009060{n:02d}" for n in range(100)], "text": "outbound",
                                     "report": False, "lane": "bulk"})
        wait_until(lambda: len(bank.submits()) >= 4, 15, "the sending to begin")
        for n in range(40):
            bank.inject(0, f"+4477009061{n:02d}", f"burst {n}")
        items = daemon.inbox(40, 60)
        self.assertEqual(sorted(f"burst {n}" for n in range(40)), sorted(i["text"] for i in items))
        daemon.drained(60)
        self.assertEqual(40, len(daemon.listed("/v1/inbox")))
        sent = bank.submits(text="outbound")
        self.assertEqual(100, len({s["da"] for s in sent}))
        self.assertEqual(100, len(sent))
        span = (sent[-1]["at_mono_ms"] - sent[0]["at_mono_ms"]) / 1000
        radio = 100 * 0.51 / 4 / span
        print(f"sending kept {radio:.2f} of the radio beside 40 inbound texts")
        self.assertGreater(radio, 0.7)


def semi_octets(digits):
    digits += "F" if len(digits) % 2 else ""
    return "".join(digits[n + 1] + digits[n] for n in range(0, len(digits), 2))


def deliver_part(sender, reference, total, sequence, text, second=30):
    """An SMS-DELIVER in UCS-2 with the service centre's address, made here and not by the code under test."""
    digits = sender.lstrip("+")
    user_data = text.encode("utf-16-be")
    if reference is not None:
        user_data = bytes([5, 0, 3, reference, total, sequence]) + user_data
    first = "44" if reference is not None else "04"
    stamp = semi_octets(f"2609140930{second:02d}") + "00"
    return ("0791447700909999" + first + f"{len(digits):02X}91" + semi_octets(digits) + "0008" + stamp
            + f"{len(user_data):02X}" + user_data.hex().upper())

