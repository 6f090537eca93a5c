"""What a stop, a kill and a start leave behind."""

import os
import signal
import subprocess
import time

from klaxon_rig import Daemon, RigCase, program, wait_until


class Restart(RigCase):
    def test_kill_keeps_the_queue_and_the_keys(self):
        bank, daemon = self.rig(modems=2, submit_latency="200ms")
        keyed = {"to": "+447700907000", "text": "with a key", "lane": "bulk"}
        first = daemon.post("/v1/messages", keyed, headers={"Idempotency-Key": "k1"})
        made = daemon.post("/v1/messages", {"to": [f"+4477009071{n:02d}" for n in range(40)], "text": "kept"})
        wait_until(lambda: len(bank.submits()) >= 3, 15, "some sending")
        daemon.kill9()
        daemon.start()
        again = daemon.post("/v1/messages", keyed, headers={"Idempotency-Key": "k1"})
        self.assertEqual(first["id"], again["id"])
        daemon.drained(60)
        states = {m["id"]: m for m in daemon.listed("/v1/messages")}
        self.assertEqual({first["id"], *(m["id"] for m in made["items"])}, set(states))
        air = [s["da"] for s in bank.submits()]
        for message in states.values():
            count = air.count(message["to"])
            doubt = message.get("in_doubt_at")
            self.assertTrue(count == 1 or doubt, (count, message))

    def test_a_report_after_a_restart_still_matches(self):
        bank, daemon = self.rig(modems=1, options=["--report-delay", "3s"])
        message = daemon.send("+447700907201", "report comes late")
        daemon.reaches(message["id"], "submitted")
        daemon.kill9()
        daemon.start()
        daemon.reaches(message["id"], "delivered", 30)

    def test_sigterm_lets_the_submits_in_flight_end(self):
        bank, daemon = self.rig(modems=2, submit_latency="1500ms")
        daemon.post("/v1/messages", {"to": [f"+4477009073{n:02d}" for n in range(10)], "text": "in flight"})
        wait_until(lambda: len(bank.events("cmgs")) >= 2, 15, "two submits in flight")
        began = time.monotonic()
        self.assertEqual(0, daemon.stop())
        self.assertLess(time.monotonic() - began, 10)
        daemon.start()
        daemon.ready(2)
        states = [m for m in daemon.listed("/v1/messages")]
        self.assertEqual([], [m for m in states if m.get("in_doubt_at")])
        daemon.drained(30)
        air = [s["da"] for s in bank.submits()]
        self.assertEqual(10, len(air))
        self.assertEqual(10, len(set(air)))

    def test_a_clean_stop_is_quick_and_starts_again(self):
        _, daemon = self.rig(modems=1)
        for _ in range(2):
            self.assertEqual(0, daemon.stop())
            daemon.start().ready(1)

    def test_a_second_daemon_on_the_same_data_is_refused(self):
        _, daemon = self.rig(modems=1)
        work = os.path.join(self.work, "second")
        os.makedirs(work)
        second = self.ends(Daemon(work, None, {"policy": {"secrets_dir": work}}, daemon.data_dir))
        second.start(wait=False)
        self.assertNotEqual(0, second.process.wait(15))
        self.assertEqual(200, daemon.call("GET", "/healthz", token=False).status)

    def test_sighup_reloads_each_time_and_says_what_it_cannot(self):
        _, daemon = self.rig(modems=1)
        for times in (1, 2, 3):
            daemon.process.send_signal(signal.SIGHUP)
            wait_until(lambda: daemon.log().count("need a restart") == times, 10, f"log line {times} about the reload")
        self.assertEqual(200, daemon.call("GET", "/healthz", token=False).status)

    def test_a_new_token_for_whoever_lost_the_last(self):
        _, daemon = self.rig(modems=1)
        order = [program("klaxond"), "--config", daemon.config_path, "--new-token"]
        self.assertNotEqual(0, subprocess.run(order, capture_output=True, timeout=20).returncode)
        self.assertEqual(0, daemon.stop())
        done = subprocess.run(order, capture_output=True, text=True, timeout=20)
        self.assertEqual(0, done.returncode, done.stderr)
        daemon.start()
        self.assertEqual(200, daemon.call("GET", "/v1/tokens", token=done.stdout.strip()).status)
