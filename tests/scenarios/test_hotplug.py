"""Modems that are plugged in, under the real klaxond: the right port is used, the others get no byte, an unplug in the middle
of a send loses and doubles nothing, and a SIM keeps what it had wherever it comes back."""

import fcntl
import os
import re
import unittest

from klaxon_bank import Bank
from klaxon_bridge import Wire
from klaxon_plugs import FTDI, QUECTEL, SIERRA, UNKNOWN, Plugs, Trap, available
from klaxon_rig import Daemon, RigCase, wait_until


@unittest.skipUnless(available(), "umockdev is not installed")
class Hotplug(RigCase):
    def machine(self, modems=2, extra=None, start=True, **bank_options):
        """A bank whose PTYs are not in the configuration, and a machine to plug them into."""
        self.plugs = self.ends(Plugs())
        self.bank = self.ends(Bank(self.work, modems, **bank_options)).start()
        settings = {"discovery": {"enabled": True}, **(extra or {})}
        self.daemon = self.ends(Daemon(self.work, None, settings))
        self.daemon.environment = self.plugs.environment()
        if start:
            self.daemon.start()

    def trap(self):
        made = Trap()
        self.addCleanup(made.close)
        return made

    def modem_at(self, place):
        return next((m for m in self.daemon.get("/v1/modems")["items"] if m["id"] == place), None)

    def is_in(self, place, state, seconds=15):
        def there():
            modem = self.modem_at(place)
            return modem if modem and modem["state"] == state else None
        return wait_until(there, seconds, f"{place} {state}", alive=self.daemon.process, log=self.daemon.log_path)

    def four_ports(self, modem):
        """A Quectel's ports: diagnosis, positions, AT, AT. The modem is at the third."""
        traps = [self.trap() for _ in range(3)]
        return traps, {0: traps[0].path, 1: traps[1].path, 2: self.bank.port(modem), 3: traps[2].path}

    def test_the_right_one_of_four_ports(self):
        self.machine()
        traps, ports = self.four_ports(0)
        place = self.plugs.plug("1.2", QUECTEL, ports, first=4)
        modem = self.is_in(place, "ready")
        self.assertEqual("/dev/ttyUSB6", modem["port"])
        message = self.daemon.send("+447700900777", "over a plugged modem")
        self.assertEqual(place, self.daemon.reaches(message["id"], "delivered")["modem"])
        self.assertEqual([b""] * 3, [t.bytes() for t in traps])

    def test_plugged_in_before_the_start(self):
        self.machine(start=False)
        traps, ports = self.four_ports(0)
        place = self.plugs.plug("1.2", QUECTEL, ports, tell=False)
        self.daemon.start()
        self.is_in(place, "ready")
        self.assertEqual([b""] * 3, [t.bytes() for t in traps])

    def test_an_unknown_modem_is_asked(self):
        self.machine()
        silent, behind = self.trap(), self.trap()
        place = self.plugs.plug("1.2", UNKNOWN, {0: silent.path, 1: self.bank.port(0), 2: behind.path})
        self.assertEqual("/dev/ttyUSB1", self.is_in(place, "ready")["port"])
        self.assertEqual(b"\x1bAT\rAT\rAT\r", silent.bytes())
        self.assertEqual(b"", behind.bytes())

    def test_unplugged_in_the_middle_of_a_send(self):
        self.machine(submit_latency="1s")
        _, ports = self.four_ports(0)
        place = self.plugs.plug("1.2", QUECTEL, ports)
        self.is_in(place, "ready")
        message = self.daemon.send("+447700900778", "cut short")
        wait_until(lambda: self.bank.events("cmgs"), 10, "the submit to begin")
        waiting = [self.daemon.send(f"+44770090080{n}", "waits") for n in range(2)]
        self.bank.unplug(0)
        self.plugs.unplug("1.2")
        wait_until(lambda: self.modem_at(place)["why"] == "unplugged", 3, "the unplug to be told", log=self.daemon.log_path)
        gone = self.modem_at(place)
        self.assertEqual(("absent", ""), (gone["state"], gone["port"]))
        self.daemon.reaches(message["id"], ("unknown", "queued"), 5)
        for each in waiting:
            self.daemon.reaches(each["id"], "queued", 5)

        self.bank.plug(0)
        wait_until(lambda: os.path.exists(self.bank.port(0)), 5, "the bank's new port")
        _, ports = self.four_ports(0)
        self.assertEqual(place, self.plugs.plug("1.2", QUECTEL, ports, first=9))
        self.assertEqual("/dev/ttyUSB11", self.is_in(place, "ready")["port"])
        for each in waiting:
            self.daemon.reaches(each["id"], "delivered", 30)
        sent = [s["da"] for s in self.bank.submits()]
        self.assertEqual(sorted(set(sent)), sorted(sent))

    def test_a_SIM_moves_to_another_place(self):
        self.machine(extra={"sim_defaults": {"daily_limit": 3}})
        first = self.plugs.plug("1.2", QUECTEL, self.four_ports(0)[1])
        seen = self.is_in(first, "ready")["iccid"]
        for n in range(2):
            self.daemon.reaches(self.daemon.send(f"+44770090081{n}", "before")["id"], "delivered")
        self.plugs.unplug("1.2")
        self.bank.unplug(0)
        self.is_in(first, "absent", 3)
        bound = self.daemon.send("+447700900820", "for this SIM alone", sim=seen)
        self.assertEqual("queued", self.daemon.message(bound["id"])["state"])
        self.bank.plug(0)
        wait_until(lambda: os.path.exists(self.bank.port(0)), 5, "the bank's new port")
        second = self.plugs.plug("1.4.3", QUECTEL, self.four_ports(0)[1], first=20)
        self.assertEqual(seen, self.is_in(second, "ready")["iccid"])
        self.assertEqual(second, self.daemon.reaches(bound["id"], "delivered")["modem"])
        sim = next(s for s in self.daemon.get("/v1/sims")["items"] if s["iccid"] == seen)
        self.assertEqual((3, second), (sim["sent_today"], sim["modem"]))
        over = self.daemon.send("+447700900821", "one too many")
        wait_until(lambda: self.daemon.get(f"/v1/sims/{seen}")["state"] == "limit", 5, "the limit")
        self.assertEqual("queued", self.daemon.message(over["id"])["state"])

    def test_a_port_of_the_configuration(self):
        self.machine(start=False)
        traps, ports = self.four_ports(0)
        self.plugs.plug("1.2", QUECTEL, ports, tell=False)
        by_path = f"/dev/serial/by-path/{self.plugs.place('1.2')}:1.2-port0"
        self.daemon.settings["modem"] = [{"port": by_path}]
        other = self.plugs.plug("1.3", SIERRA, {0: self.trap().path, 2: self.trap().path, 3: self.bank.port(1)},
                                first=8, tell=False)
        self.daemon.start()
        self.is_in(other, "ready")
        self.is_in(os.path.basename(by_path), "ready")
        self.assertEqual({other, os.path.basename(by_path)}, {m["id"] for m in self.daemon.get("/v1/modems")["items"]})
        self.assertEqual([b""] * 3, [t.bytes() for t in traps])

    def test_a_busy_port(self):
        self.machine()
        holder = os.open(os.path.realpath(self.bank.port(0)), os.O_RDWR | os.O_NOCTTY)
        fcntl.flock(holder, fcntl.LOCK_EX)
        known = self.plugs.plug("1.2", QUECTEL, self.four_ports(0)[1])
        asked = os.open(os.path.realpath(self.bank.port(1)), os.O_RDWR | os.O_NOCTTY)
        fcntl.flock(asked, fcntl.LOCK_EX)
        unknown = self.plugs.plug("1.3", FTDI, {0: self.bank.port(1)}, first=8, driver="ftdi_sio")
        for place in (known, unknown):
            wait_until(lambda: "busy" in ((self.modem_at(place) or {}).get("why") or ""), 10, f"{place} to be busy",
                       log=self.daemon.log_path)
        os.close(holder)
        os.close(asked)
        self.is_in(known, "ready")
        self.is_in(unknown, "ready")

    def test_IMEIs_of_zeros(self):
        self.machine()
        places = []
        for modem in range(2):
            def zeros(data):
                return re.sub(rb"358000001\d{6}", b"0" * 15, data)
            wire = self.ends(Wire(self.bank.port(modem), zeros))
            places.append(self.plugs.plug(f"1.{modem + 1}", QUECTEL, {2: wire.path}, first=modem))
        modems = [self.is_in(place, "ready") for place in places]
        self.assertEqual(["0" * 15] * 2, [m["imei"] for m in modems])
        for modem in modems:
            message = self.daemon.send("+447700900830", f"by {modem['iccid']}", sim=modem["iccid"])
            self.assertEqual(modem["id"], self.daemon.reaches(message["id"], "delivered")["modem"])

    def test_what_is_ignored(self):
        self.machine(extra={"discovery": {"enabled": True, "ignore": ["1234:5678"]}})
        trap = self.trap()
        self.plugs.plug("1.2", UNKNOWN, {0: trap.path})
        other = self.plugs.plug("1.3", QUECTEL, self.four_ports(0)[1], first=4)
        self.is_in(other, "ready")
        self.assertEqual((b"", None), (trap.bytes(), self.modem_at(self.plugs.place("1.2"))))


if __name__ == "__main__":
    unittest.main()
