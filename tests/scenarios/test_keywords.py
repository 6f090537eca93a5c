"""The outage keyword: who may, the PIN, the lock, the cooldown, the counts, and that no PIN is left anywhere."""

import glob
import os
import time

from klaxon_rig import RigCase, wait_until

STAFF = [f"+4477009081{n:02d}" for n in range(25)]
ONCALL = "+447700908001"
STRANGER = "+447700908002"
PIN = "73915"
WRONG = "64208"

DIRECTORY = """
[[group]]
name = "it-oncall"
members = ["{oncall}", "+447700908003", "+447700908004"]
[[group]]
name = "all-staff"
members = [{staff}]
[[keyword]]
word = "OUTAGE"
from = ["group:it-oncall"]
secret = "pin:file:outage.pin"
action = "broadcast"
group = "all-staff"
text = "IT outage: {{{{args}}}}"
lane = "alert"
report = true
cooldown = "3s"
[[keyword]]
word = "HELP"
action = "reply"
text = "Text OUTAGE, your PIN and the news."
""".format(oncall=ONCALL, staff=", ".join(f'"{n}"' for n in STAFF))


def apply(daemon, work, text=DIRECTORY):
    path = os.path.join(work, "directory.toml")
    with open(path, "w") as file:
        file.write(text)
    return daemon.klaxon("apply", path)


class Keywords(RigCase):
    def setUp(self):
        super().setUp()
        self.work_secrets = os.path.join(self.work, "secrets")

    def keyword_rig(self, modems=4, **bank_options):
        os.makedirs(self.work_secrets, exist_ok=True)
        with open(os.path.join(self.work_secrets, "outage.pin"), "w") as file:
            file.write(PIN + "\n")
        bank, daemon = self.rig(modems=modems, **bank_options)
        apply(daemon, self.work)
        return bank, daemon

    def text_in(self, bank, sender, text, modem=0):
        self.texts = getattr(self, "texts", 0) + 1
        bank.inject(modem, sender, text)

    def test_the_broadcast_goes_out_ahead_of_a_backlog_and_the_counts_come_back(self):
        bank, daemon = self.keyword_rig(modems=8, submit_latency="300ms", command_latency="5ms")
        daemon.post("/v1/messages", {"to": [f"+4477008{n:05d}" for n in range(400)], "text": "bulk",
                                     "lane": "bulk", "report": False})
        wait_until(lambda: len(bank.submits(text="bulk")) >= 8, 20, "the backlog to flow")
        self.text_in(bank, ONCALL, f"OUTAGE {PIN} mail is down until 09:30")
        expected = "IT outage: mail is down until 09:30"
        wait_until(lambda: len(bank.submits(text=expected)) >= 25, 30, "25 texts of the broadcast", log=daemon.log_path)
        counts = wait_until(lambda: bank.submits(da=ONCALL), 15, "the counts for the sender")[0]["text"]
        self.assertIn("25", counts)
        sent = bank.submits(text=expected)
        self.assertEqual(sorted(STAFF), sorted(s["da"] for s in sent))
        per_sim = {}
        for submit in sent:
            per_sim[submit["iccid"]] = per_sim.get(submit["iccid"], 0) + 1
        self.assertEqual(8, len(per_sim), per_sim)
        # Each modem may end the submit that was already on its wire, and not begin another bulk one in between.
        first, last = sent[0]["at_mono_ms"], sent[-1]["at_mono_ms"]
        between = [s for s in bank.submits(text="bulk") if first < s["at_mono_ms"] < last]
        self.assertLessEqual(len(between), 8)
        broadcast, = daemon.get("/v1/broadcasts")["items"]
        self.assertEqual("all-staff", broadcast["group"])
        wait_until(lambda: daemon.get(f"/v1/broadcasts/{broadcast['id']}")["counts"].get("delivered") == 25, 20,
                   "25 delivered")
        inbound, = daemon.listed("/v1/inbox")
        self.assertEqual("OUTAGE", inbound["keyword"])
        self.assertEqual("OUTAGE •••• mail is down until 09:30", inbound["text"])

    def test_strangers_and_wrong_pins_do_nothing(self):
        bank, daemon = self.keyword_rig(modems=2)
        self.text_in(bank, STRANGER, f"OUTAGE {PIN} mail is down")
        self.text_in(bank, ONCALL, f"OUTAGE {WRONG} mail is down")
        self.text_in(bank, ONCALL, "OUTAGE mail is down", modem=1)
        items = daemon.inbox(3)
        self.assertEqual([], daemon.get("/v1/broadcasts")["items"])
        self.assertEqual([], daemon.listed("/v1/messages"))
        for item in items:
            self.assertIn("••••", item["text"])
        audited = str(daemon.listed("/v1/audit"))
        self.assertGreaterEqual(audited.count("keyword"), 3, audited)
        daemon.send("+447700908099", "a marker behind them")
        wait_until(lambda: bank.submits(da="+447700908099"), 10, "the marker")
        self.assertEqual(1, len(bank.submits()))
        self.assertRegex(daemon.log().lower(), "keyword|outage")

    def test_no_pin_is_left_anywhere(self):
        bank, daemon = self.keyword_rig(modems=2)
        self.text_in(bank, ONCALL, f"OUTAGE {PIN} first words")
        self.text_in(bank, ONCALL, f"outage! {WRONG} second words", modem=1)
        self.text_in(bank, STRANGER, f"“Outage” {PIN} third words")
        daemon.inbox(3)
        wait_until(lambda: bank.submits(da=ONCALL), 20, "the counts")
        everything = "".join(daemon.call("GET", path).body for path in (
            "/v1/inbox", "/v1/messages?limit=1000", "/v1/broadcasts", "/v1/audit", "/v1/keywords", "/v1/modems",
            "/metrics")) + daemon.klaxon("export").stdout + daemon.log()
        daemon.stop()
        raw = b"".join(open(f, "rb").read() for f in glob.glob(os.path.join(daemon.data_dir, "klaxon.db*")))
        for pin in (PIN, WRONG):
            self.assertNotIn(pin, everything)
            self.assertNotIn(pin.encode(), raw)
            self.assertNotIn(pin.encode("utf-16-be"), raw)
            self.assertNotIn(pin.encode("utf-16-le"), raw)
        # Nor packed into a stored PDU: every reading of the seven-bit text around it.
        packed = packed_septets(f"E {PIN} ")
        self.assertFalse([p for p in packed if p in raw.upper() or bytes.fromhex(p.decode()) in raw])

    def test_five_wrong_pins_lock_the_number_and_no_other(self):
        bank, daemon = self.keyword_rig(modems=2)
        for n in range(5):
            self.text_in(bank, ONCALL, f"OUTAGE {WRONG} try {n}")
            daemon.inbox(n + 1)
        self.text_in(bank, ONCALL, f"OUTAGE {PIN} too late")
        daemon.inbox(6)
        self.assertEqual([], daemon.get("/v1/broadcasts")["items"])
        self.text_in(bank, "+447700908003", f"OUTAGE {PIN} from a colleague", modem=1)
        wait_until(lambda: len(daemon.get("/v1/broadcasts")["items"]) == 1, 20, "the colleague's broadcast")
        daemon.klaxon("keyword", "unlock", ONCALL)
        self.assertEqual(404, daemon.call("POST", "/v1/keywords/unlock", {"number": ONCALL}).status)
        self.text_in(bank, ONCALL, f"OUTAGE! {PIN} at last")
        wait_until(lambda: len(daemon.get("/v1/broadcasts")["items"]) == 2, 20, "the broadcast after the unlock")

    def test_the_lock_outlives_a_kill(self):
        bank, daemon = self.keyword_rig(modems=1)
        for n in range(5):
            self.text_in(bank, ONCALL, f"OUTAGE {WRONG} try {n}")
        daemon.inbox(5)
        daemon.kill9()
        daemon.start().ready(1)
        self.text_in(bank, ONCALL, f"OUTAGE {PIN} still locked")
        daemon.inbox(6)
        self.assertEqual([], daemon.get("/v1/broadcasts")["items"])

    def test_cooldown_and_the_exclamation_mark(self):
        bank, daemon = self.keyword_rig(modems=2)
        self.text_in(bank, ONCALL, f"OUTAGE {PIN} one")
        wait_until(lambda: len(daemon.get("/v1/broadcasts")["items"]) == 1, 20, "the first broadcast")
        began = time.monotonic()
        self.text_in(bank, "+447700908004", f"Outage, {PIN} two", modem=1)
        answer = wait_until(lambda: bank.submits(da="+447700908004"), 10, "the answer within the cooldown")[0]["text"]
        self.assertIn("already sent", answer)
        self.assertIn("OUTAGE! sends anyway", answer)
        self.assertEqual(1, len(daemon.get("/v1/broadcasts")["items"]))
        self.text_in(bank, "+447700908004", f"outage! {PIN} three", modem=1)
        wait_until(lambda: len(daemon.get("/v1/broadcasts")["items"]) == 2, 20, "the insisted broadcast")
        wait_until(lambda: time.monotonic() - began > 6.2, 8, "the cooldown to pass")
        self.text_in(bank, ONCALL, f"OUTAGE {PIN} four")
        wait_until(lambda: len(daemon.get("/v1/broadcasts")["items"]) == 3, 20, "the broadcast after the cooldown")

    def test_a_reply_keyword_is_for_everybody(self):
        bank, daemon = self.keyword_rig(modems=2)
        self.text_in(bank, STRANGER, " help? ")
        wait_until(lambda: bank.submits(da=STRANGER, text="Text OUTAGE, your PIN and the news."), 15, "the reply")

    def test_a_broadcast_started_over_the_api(self):
        bank, daemon = self.keyword_rig(modems=4)
        made = daemon.post("/v1/broadcasts", {"group": "it-oncall", "text": "drill", "lane": "urgent"})
        wait_until(lambda: daemon.get(f"/v1/broadcasts/{made['id']}")["counts"].get("delivered") == 3, 20, "3 delivered")
        self.assertEqual(404, daemon.call("GET", "/v1/broadcasts/nothing").status)
        answer = daemon.call("POST", "/v1/broadcasts", {"group": "no-such-group", "text": "x"})
        self.assertEqual(422, answer.status, answer)
        self.assertIn("/group", answer.body)


def packed_septets(text):
    """The inner octets of `text` packed from each of the eight bit offsets, as upper-case hex."""
    bits = "".join(format(ord(c), "07b")[::-1] for c in text)
    found = []
    for offset in range(8):
        whole = bits[offset:]
        octets = [int(whole[n:n + 8][::-1], 2) for n in range(0, len(whole) - 7, 8)]
        found.append(bytes(octets).hex().upper().encode())
    return found
