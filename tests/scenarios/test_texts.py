"""What a text takes: previews, national tables by country and by message, look-alikes, texts that replace others."""

import json

from klaxon_rig import SharedRigCase, wait_until

LOCKING_TURKISH = "03250101"  # the whole header: UDHL, IEI 25, its length, language 1
TURKISH = "Bugün şantiyede iş güvenliği eğitimi var; katılım zorunludur. Ayrıntılar girişte."
TURKEY, BRITAIN = "+9053212345", "+4477009060"


class Texts(SharedRigCase):
    modems = 2
    bank_options = {"submit_latency": "40ms", "command_latency": "1ms"}
    extra = {"policy": {"national_tables": {"TR": ["turkish"], "default": []}}}

    def on_air(self, da, count=1):
        return wait_until(lambda: (s := self.bank.submits(da=da)) and len(s) >= count and s, 20,
                          f"{count} submits to {da}")

    def test_a_turkish_text_goes_out_with_a_locking_shift(self):
        done = self.daemon.send(f"{TURKEY}01", TURKISH)
        self.assertEqual((1, {"locking": "turkish", "single": None}), (done["segments"], done["national"]))
        self.daemon.reaches(done["id"], "delivered")
        air = self.on_air(f"{TURKEY}01")
        self.assertEqual(1, len(air))
        self.assertEqual("gsm7", air[0]["alphabet"])
        self.assertIn(LOCKING_TURKISH, air[0]["pdu"])
        elsewhere = self.daemon.send(f"{BRITAIN}01", TURKISH)
        self.assertEqual((2, None), (elsewhere["segments"], elsewhere["national"]))
        air = self.on_air(f"{BRITAIN}01", 2)
        self.assertEqual(TURKISH, "".join(s["text"] for s in air))
        self.assertEqual({"ucs2"}, {s["alphabet"] for s in air})

    def test_a_list_is_cut_for_each_country(self):
        made = self.daemon.post("/v1/messages", {"to": [f"{TURKEY}02", f"{BRITAIN}02"], "text": TURKISH})["items"]
        self.assertEqual([1, 2], [m["segments"] for m in made])
        for message in made:
            self.daemon.reaches(message["id"], "delivered")
        self.assertIn(LOCKING_TURKISH, self.on_air(f"{TURKEY}02")[0]["pdu"])

    def test_a_message_has_its_own_mind(self):
        off = self.daemon.send(f"{TURKEY}03", TURKISH, national_tables=[])
        self.assertEqual((2, []), (off["segments"], off["national_tables"]))
        made = json.loads(self.daemon.klaxon("--json", "send", f"{BRITAIN}03", TURKISH, "--national-tables", "turkish").stdout)
        self.assertEqual((1, ["turkish"]), (made["segments"], made["national_tables"]))
        self.assertIn(LOCKING_TURKISH, self.on_air(f"{BRITAIN}03")[0]["pdu"])

    def test_a_preview_tells_what_sending_does(self):
        for to, segments in ((f"{TURKEY}04", 1), (f"{BRITAIN}04", 2)):
            told = self.daemon.post("/v1/messages/preview", {"to": to, "text": TURKISH})
            self.assertEqual(segments, told["segments"])
            said = self.daemon.klaxon("preview", "--to", to, TURKISH).stdout
            self.assertIn(f"segments     {segments}", said)
            self.assertEqual(segments == 2, "national_tables turkish: 1 segment" in said, said)
        self.assertEqual([], self.daemon.listed("/v1/messages", to=f"{TURKEY}04"))
        long = self.daemon.call("POST", "/v1/messages/preview", {"text": "a" * 1531})
        self.assertEqual(422, long.status)
        self.assertEqual(11, long.json["preview"]["segments"])
        refused = self.daemon.klaxon("preview", "a" * 1531, check=False)
        self.assertEqual(1, refused.returncode)
        self.assertIn("needs 11 segments", refused.stderr)

    def test_look_alikes_only_where_asked(self):
        text = "“It’s” – off…"
        plain = self.daemon.send(f"{BRITAIN}05", text, simplify=True)
        self.daemon.reaches(plain["id"], "delivered")
        self.assertEqual('"It\'s" - off...', self.on_air(f"{BRITAIN}05")[0]["text"])
        self.assertEqual(self.daemon.message(plain["id"])["text"], self.on_air(f"{BRITAIN}05")[0]["text"])
        self.daemon.send(f"{BRITAIN}06", text)
        self.assertEqual(text, self.on_air(f"{BRITAIN}06")[0]["text"])

    def test_a_text_that_replaces_another(self):
        sim = self.daemon.get("/v1/sims")["items"][0]["iccid"]
        for news in ("down", "up again"):
            message = self.daemon.send(f"{BRITAIN}07", news, replace_type=2, sim=sim)
            self.daemon.reaches(message["id"], "delivered")
        air = self.on_air(f"{BRITAIN}07", 2)
        self.assertEqual(1, len({s["iccid"] for s in air}))
        for submit in air:  # the last digits of TP-DA, TP-PID 42, TP-DCS 00
            self.assertIn("0906704200", submit["pdu"])
        refused = self.daemon.call("POST", "/v1/messages", {"to": f"{BRITAIN}07", "text": "a" * 161, "replace_type": 2})
        self.assertEqual(422, refused.status)
        self.assertIn("/replace_type", refused.body)
