"""What is kept for so long and no longer, and who is forgotten on request: gone from rows and logs, not only from the answers."""

import contextlib
import os
import sqlite3

from klaxon_rig import RigCase, wait_until

DAY_MS = 86_400_000
LATER = "2027-11-22T12:00:00Z"


def swapped(digits):
    """A number as a PDU writes it (23.040 9.1.2.3)."""
    digits += "F" * (len(digits) % 2)
    return "".join(digits[i + 1] + digits[i] for i in range(0, len(digits), 2))


class Forgetting(RigCase):
    def found_in_files(self, *words):
        """Which of them stand in a row, or anywhere in the other files of data_dir, the WAL among them. Where SQLite has merged
        two pages, a piece of a row that moved may outlive it until the page is written again: those are not looked at."""
        found = set()
        for folder, _, names in os.walk(self.daemon.data_dir):
            for name in names:
                path = os.path.join(folder, name)
                if name == "klaxon.db":
                    content = self.rows(path)
                    found |= {(word, name) for word in words if word in content or word.encode().hex().upper() in content}
                    continue
                with open(path, "rb") as file:
                    content = file.read()
                found |= {(word, name) for word in words if word.encode() in content}
        return found

    @staticmethod
    def rows(path):
        with contextlib.closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as db:
            return "\n".join(db.iterdump())

    def gone_from_files(self, *words):
        wait_until(lambda: not self.found_in_files(*words), 20, f"{words} to be gone from the files",
                   log=self.daemon.log_path)

    def messages(self, state):
        lines = self.daemon.call("GET", "/metrics").body.splitlines()
        return sum(int(line.rsplit(" ", 1)[1]) for line in lines
                   if line.startswith("klaxon_messages{") and f'state="{state}"' in line)

    def test_a_number_is_forgotten_on_request(self):
        self.bank, self.daemon = self.rig(modems=2, submit_latency="5ms", command_latency="1ms")
        daemon, number, other = self.daemon, "+447700903141", "+447700905926"
        sent = []
        for n in range(60):
            for to in (number, other):
                words = f"Dear {'Perdita' if to == number else 'Hector'} no {n} " + "of the pumps " * (n % 12)
                sent.append(daemon.send(to, words, ref=f"{'perdita' if to == number else 'hector'}-{n}"))
        self.bank.inject(0, number, "Perdita writes back")
        self.bank.inject(1, other, "Hector writes back")
        daemon.post("/v1/broadcasts", {"to": [number, other], "text": "to both of you"})
        daemon.inbox(2)
        daemon.drained()
        for message in sent:
            daemon.reaches(message["id"], ("submitted", "delivered"))
        owed = daemon.send(number, "Perdita later", send_at=LATER)
        refused = daemon.call("DELETE", f"/v1/numbers/{number}")
        self.assertEqual(409, refused.status)
        self.assertIn(owed["id"], refused.body)
        daemon.call("DELETE", f"/v1/messages/{owed['id']}")

        self.assertEqual(3, len({word for word, _ in self.found_in_files("Perdita", "perdita-", number)}))
        before = self.messages("delivered") + self.messages("submitted") + self.messages("cancelled")
        self.assertIn("is being erased", daemon.klaxon("erase", number).stdout)
        self.gone_from_files("Perdita", "perdita-", number, number[1:], swapped(number[1:]))
        self.assertEqual([], daemon.listed("/v1/messages", to=number))
        self.assertEqual(["Hector writes back"], [item["text"] for item in daemon.listed("/v1/inbox")])
        self.assertEqual(61, len(daemon.listed("/v1/messages", to=other)))
        everything = daemon.listed("/v1/messages")
        self.assertEqual(sorted(everything, key=lambda m: int(m["id"][1:])), everything)
        self.assertFalse([m for m in everything if "Perdita" in m["text"] or m["to"] == number])
        # Counts are told with the next commit.
        daemon.send(other, "go on")
        daemon.drained()
        wait_until(lambda: self.messages("delivered") + self.messages("submitted") + self.messages("cancelled")
                   == len(everything) + 1, 10, "counts that fit")
        self.assertLess(len(everything), before)
        audit = [row for row in daemon.listed("/v1/audit") if row["action"] == "number.erased"]
        self.assertEqual(1, len(audit))
        self.assertNotIn(number[1:], audit[0]["detail"])
        daemon.stop()
        self.assertEqual(set(), self.found_in_files("Perdita", "perdita-", number))
        daemon.start()
        self.assertEqual([], daemon.listed("/v1/messages", to=number))

    def test_what_is_no_number_is_refused(self):
        _, self.daemon = self.rig(modems=1, ready=0)
        self.assertEqual(422, self.daemon.call("DELETE", "/v1/numbers/someone").status)
        reader = self.daemon.post("/v1/tokens", {"name": "reader", "scopes": ["read", "send"]})["token"]
        self.assertEqual(403, self.daemon.call("DELETE", "/v1/numbers/+447700903141", token=reader).status)

    def test_what_is_older_than_keep_goes_and_nothing_else(self):
        self.bank, self.daemon = self.rig(modems=2, submit_latency="5ms", command_latency="1ms",
                                          extra={"policy": {"keep": "30d"}})
        daemon = self.daemon
        old = [daemon.send("+447700955001", f"ancient {n} " + "history " * (n % 20)) for n in range(300)]
        self.bank.inject(0, "+447700955002", "ancient question")
        daemon.post("/v1/broadcasts", {"to": ["+447700955001"], "text": "ancient news"})
        daemon.inbox(1)
        daemon.drained()
        for message in old:
            daemon.reaches(message["id"], ("submitted", "delivered"))
        waiting = daemon.send("+447700955003", "ancient but owed", send_at=LATER)
        self.assertEqual(0, daemon.stop())
        self.make_older(31)
        daemon.start().ready(2)
        fresh = daemon.send("+447700955004", "of today")
        daemon.reaches(fresh["id"], ("submitted", "delivered"))

        wait_until(lambda: len(daemon.listed("/v1/messages")) == 2, 30, "the old ones to go", log=daemon.log_path)
        wait_until(lambda: daemon.listed("/v1/inbox") == [] and daemon.listed("/v1/broadcasts") == [], 10,
                   "inbox and broadcasts")
        self.assertEqual([waiting["id"], fresh["id"]], [m["id"] for m in daemon.listed("/v1/messages")])
        page = daemon.get("/v1/messages", after=old[100]["id"])
        self.assertEqual([waiting["id"], fresh["id"]], [m["id"] for m in page["items"]], "`after` goes on")
        self.assertEqual(404, daemon.call("GET", f"/v1/messages/{old[0]['id']}").status)
        self.assertTrue(all(row["at"] > "2026" for row in daemon.listed("/v1/audit")))
        self.assertEqual([], daemon.listed("/v1/messages", to="+447700955001"))
        self.gone_from_files("ancient question", "ancient news", "ancient 1", "history history")
        again = daemon.send("+447700955004", "and on")
        daemon.reaches(again["id"], ("submitted", "delivered"))
        self.assertGreater(int(again["id"][1:]), int(fresh["id"][1:]))
        wait_until(lambda: self.messages("delivered") + self.messages("submitted") == 2, 10, "counts that fit")
        self.assertEqual(1, self.messages("queued"))

    def make_older(self, days):
        by = days * DAY_MS
        with sqlite3.connect(os.path.join(self.daemon.data_dir, "klaxon.db")) as db:
            db.execute(f"UPDATE messages SET created_ms=created_ms-{by}, submitted_ms=max(0,submitted_ms-{by}),"
                       f" delivered_ms=max(0,delivered_ms-{by})")
            db.execute(f"UPDATE inbox SET received_ms=received_ms-{by}")
            db.execute(f"UPDATE broadcasts SET created_ms=created_ms-{by}")
            db.execute(f"UPDATE audit SET at_ms=at_ms-{by}")
            db.execute(f"UPDATE inbound_parts SET received_ms=received_ms-{by}")
