"""One broken modem: it leaves the rotation, its work moves, no other waits, it comes back by itself, and the daemon is idle
meanwhile."""

import time

from klaxon_rig import RigCase, wait_until

LONG = True


class Faults(RigCase):
    latency = 0.4
    command = 0.005

    def faulty(self, *fault, modems=4):
        """A bank that sends a backlog, and one modem that goes wrong in the middle of it."""
        bank, daemon = self.rig(modems=modems, submit_latency="400ms", command_latency="5ms")
        daemon.post("/v1/messages", {"to": [f"+44770091{n:04d}" for n in range(600)], "text": "backlog",
                                     "lane": "bulk", "report": False})
        wait_until(lambda: len(bank.submits()) >= 3 * modems, 20, "the backlog to flow")
        if fault:
            bank.fault(0, *fault)
        return bank, daemon, time.monotonic()

    def gaps(self, bank, modem, since):
        at = [s["at_mono_ms"] / 1000 for s in bank.submits(modem=f"modem{modem}")]
        at = [moment for moment in at if moment > since]
        return [b - a for a, b in zip(at, at[1:])]

    def others_go_on(self, bank, since):
        for modem in range(1, bank.modems):
            gaps = wait_until(lambda: len(g := self.gaps(bank, modem, since)) > 3 and g, 10, f"modem{modem} to go on")
            self.assertLess(max(gaps), 3 * (self.latency + self.command) + 0.5, f"modem{modem} waited")

    def on_air_now(self, bank):
        return bank.submits()[-1]["at_mono_ms"] / 1000

    def back(self, bank, daemon, seconds):
        """The faulty modem sends again within that time."""
        seen = len(bank.submits(modem="modem0"))
        began = time.monotonic()
        wait_until(lambda: len(bank.submits(modem="modem0")) > seen, seconds, "modem0 to send again",
                   log=daemon.log_path)
        return time.monotonic() - began

    def out_of_rotation(self, daemon):
        modem = daemon.get("/v1/modems/modem0")
        return modem["overdue"] or modem["state"] != "ready"

    def ends_well(self, bank, daemon):
        daemon.call("POST", "/v1/messages", {"to": "+447700919999", "text": "after it all", "lane": "alert"})
        wait_until(lambda: bank.submits(da="+447700919999"), 10, "an alert after it all")
        wait_until(lambda: daemon.get("/v1/modems/modem0")["state"] == "ready", 10, "modem0 ready")
        numbers = [s["da"] for s in bank.submits(text="backlog")]
        doubtful = {m["to"] for m in daemon.listed("/v1/messages") if m.get("in_doubt_at")}
        twice = {n for n in numbers if numbers.count(n) > 1}
        self.assertEqual(set(), twice - doubtful)
        self.assertLessEqual(len(doubtful), 2)

    def test_silent_for_twenty_seconds(self):
        bank, daemon, _ = self.faulty("silence", 20)
        since = self.on_air_now(bank)
        wait_until(lambda: self.out_of_rotation(daemon), 10, "modem0 out of the rotation")
        wait_until(lambda: bank.status()[0]["state"] != "silent", 25, "the end of the silence")
        took = self.back(bank, daemon, 8)
        print(f"back {took:.1f} s after a silence of 20 s")
        self.others_go_on(bank, since)
        self.ends_well(bank, daemon)

    def test_garbage(self):
        bank, daemon, _ = self.faulty("garbage", 8)
        since = self.on_air_now(bank)
        wait_until(lambda: bank.status()[0]["state"] != "garbage", 15, "the end of the garbage")
        took = self.back(bank, daemon, 8)
        print(f"back {took:.1f} s after 8 s of garbage")
        self.others_go_on(bank, since)
        self.ends_well(bank, daemon)

    def test_reboot(self):
        bank, daemon, _ = self.faulty("reboot", 3)
        since = self.on_air_now(bank)
        wait_until(lambda: bank.status()[0]["registered"], 10, "the modem to register again")
        took = self.back(bank, daemon, 8)
        print(f"back {took:.1f} s after it registered")
        self.others_go_on(bank, since)
        self.ends_well(bank, daemon)

    def test_a_lost_answer(self):
        bank, daemon, _ = self.faulty("lost-answer", 1)
        since = self.on_air_now(bank)
        doubt = wait_until(lambda: [m for m in daemon.listed("/v1/messages") if m["in_doubt_at"]], 15, "a doubt",
                           log=daemon.log_path)
        took = self.back(bank, daemon, 8)
        print(f"back {took:.1f} s after the doubt was declared")
        self.assertEqual(1, len(doubt))
        self.others_go_on(bank, since)
        self.ends_well(bank, daemon)

    def test_an_open_prompt(self):
        bank, daemon = self.rig(modems=2, ready=0, submit_latency="100ms")
        daemon.ready(2)
        daemon.kill9()
        bank.fault(0, "prompt")
        daemon.start().ready(2, 10)
        message = daemon.send("+447700919001", "after the prompt", sim=daemon.get("/v1/modems/modem0")["iccid"])
        daemon.reaches(message["id"], "delivered")
        self.assertEqual(["after the prompt"], [s["text"] for s in bank.submits()])

    def test_an_alert_in_doubt_is_repeated_on_another_sim(self):
        bank, daemon = self.rig(modems=2, submit_latency="100ms")
        for modem in range(2):
            bank.fault(modem, "drop-submit", 1)
        alert = daemon.send("+447700919002", "get up", lane="alert")
        normal = daemon.send("+447700919003", "not that urgent")
        done = daemon.reaches(alert["id"], "delivered", 60)
        self.assertGreaterEqual(done["attempts"], 2)
        self.assertTrue(done["in_doubt_at"])
        self.assertEqual(1, len(bank.submits(da="+447700919002")))
        held = daemon.reaches(normal["id"], ("unknown", "delivered"), 60)
        if held["state"] == "unknown":
            answer = daemon.call("POST", f"/v1/messages/{normal['id']}/settle", {"as": "resend"})
            self.assertEqual(200, answer.status, answer)
            daemon.reaches(normal["id"], "delivered", 30)
        self.assertEqual(1, len(bank.submits(da="+447700919003")))


class Unplug(RigCase):
    def test_unplugged_in_a_broadcast_and_plugged_in_again(self):
        bank, daemon = self.rig(modems=4, submit_latency="400ms", command_latency="5ms")
        numbers = [f"+4477009181{n:02d}" for n in range(60)]
        made = daemon.post("/v1/broadcasts", {"to": numbers, "text": "leave the building", "lane": "alert"})
        wait_until(lambda: len(bank.submits()) >= 8, 20, "the broadcast to flow")
        bank.unplug(1)
        unplugged = bank.submits()[-1]["at_mono_ms"]
        wait_until(lambda: daemon.get("/v1/modems/modem1")["state"] == "absent", 5, "modem1 absent")
        wait_until(lambda: len(bank.submits()) >= 24, 20, "the others to go on")
        bank.plug(1)
        # Time for the modem's own start: it is not the daemon's.
        wait_until(lambda: bank.status()[1]["registered"], 10, "modem1 to be registered")
        began = time.monotonic()
        wait_until(lambda: daemon.get("/v1/modems/modem1")["state"] == "ready", 10, "modem1 ready")
        print(f"back {time.monotonic() - began:.1f} s after it was registered")
        wait_until(lambda: set(numbers) <= {s["da"] for s in bank.submits()}, 60, "all 60 to be on the air",
                   log=daemon.log_path)
        after = [s for s in bank.submits(modem="modem1") if s["at_mono_ms"] > unplugged]
        self.assertTrue(after, "the SIM took work again")
        air = [s["da"] for s in bank.submits()]
        doubtful = {m["to"] for m in daemon.listed("/v1/messages") if m.get("in_doubt_at")}
        self.assertEqual(set(), {n for n in air if air.count(n) > 1} - doubtful)
        self.assertLessEqual(len(doubtful), 1)
        # A report that the network gives while the modem still starts is lost: `submitted` is the end then.
        def ended():
            counts = daemon.get(f"/v1/broadcasts/{made['id']}")["counts"]
            return counts["delivered"] + counts["submitted"] == 60 and counts["delivered"] >= 50
        wait_until(ended, 30, "60 submitted, nearly all of them delivered", log=daemon.log_path)

    def test_idle_while_a_modem_is_gone(self):
        bank, daemon = self.rig(modems=2)
        bank.unplug(1)
        wait_until(lambda: daemon.get("/v1/modems/modem1")["state"] == "absent", 10, "modem1 absent")
        lines, cpu, began = len(daemon.log().splitlines()), daemon.cpu(), time.monotonic()
        wait_until(lambda: time.monotonic() - began > 6, 8, "six idle seconds")
        self.assertLess(daemon.cpu() - cpu, 0.3)
        self.assertLess(len(daemon.log().splitlines()) - lines, 10)
        began = time.monotonic()
        bank.plug(1)
        wait_until(lambda: daemon.get("/v1/modems/modem1")["state"] == "ready", 6, "modem1 ready", log=daemon.log_path)
        print(f"ready {time.monotonic() - began:.1f} s after it was plugged in (its own start takes 0.9 s)")

    def test_a_port_that_is_not_there_yet(self):
        bank, daemon = self.rig(modems=1)
        daemon.stop()
        daemon.settings["modem"].append({"port": f"{self.work}/bank/later"})
        daemon.start().ready(1)
        states = {m["id"]: m["state"] for m in daemon.get("/v1/modems")["items"]}
        self.assertEqual({"modem0": "ready", "later": "absent"}, states)
        done = daemon.send("+447700919100", "the other one works")
        daemon.reaches(done["id"], "delivered")
