"""A modem behind a terminal server: found, used, lost and found again as one whose port is unplugged."""

from klaxon_bank import Bank
from klaxon_bridge import TerminalServer
from klaxon_rig import Daemon, RigCase, wait_until
from klaxon_wait import loopback_name


class OverTcp(RigCase):
    def behind_a_server(self, host="127.0.0.1", **bank_options):
        self.bank = self.ends(Bank(self.work, 2, **bank_options)).start()
        self.server = self.ends(TerminalServer(self.bank.port(0)))
        self.place = f"{host}:{self.server.port}"
        self.daemon = self.ends(Daemon(self.work, None, {"modem": [
            {"port": f"tcp://{self.place}"}, {"port": self.bank.port(1)}]}))
        return self.daemon

    def is_now(self, state, seconds=15):
        wait_until(lambda: self.daemon.get(f"/v1/modems/{self.place}")["state"] == state, seconds, f"{self.place} {state}",
                   alive=self.daemon.process, log=self.daemon.log_path)

    def test_sends_and_receives_over_tcp(self):
        daemon = self.behind_a_server(host=loopback_name()).start().ready(2)
        sim = daemon.get(f"/v1/modems/{self.place}")["iccid"]
        message = daemon.send("+447700900555", "over a terminal server", sim=sim)
        self.assertEqual(self.place, daemon.reaches(message["id"], "delivered")["modem"])
        self.bank.inject(0, "+447700900556", "and back")
        self.assertEqual("and back", daemon.inbox(1)[0]["text"])

    def test_a_connection_that_ends(self):
        daemon = self.behind_a_server(submit_latency="1s").start().ready(2)
        sim = daemon.get(f"/v1/modems/{self.place}")["iccid"]
        messages = [daemon.send(f"+44770090056{n}", "cut", sim=sim) for n in range(3)]
        wait_until(lambda: self.bank.events("cmgs"), 10, "a submit to begin")
        self.server.cut()
        wait_until(lambda: self.server.clients >= 2, 10, "the second connection")
        self.is_now("ready")
        for message in messages[1:]:
            daemon.reaches(message["id"], "delivered", 30)
        sent = [s["da"] for s in self.bank.submits()]
        self.assertEqual(sorted(set(sent)), sorted(sent))

    def test_a_server_that_is_away(self):
        daemon = self.behind_a_server()
        self.server.close()
        daemon.start().ready(1)
        other = daemon.send("+447700900570", "the other modem works")
        daemon.reaches(other["id"], "delivered")
        why = daemon.get(f"/v1/modems/{self.place}")["why"]
        self.assertIn("Connection refused", why)
        self.server.open()
        self.is_now("ready")


if __name__ == "__main__":
    import unittest
    unittest.main()
