"""What klaxond tells a service manager, heard on a socket of our own."""

import os
import signal
import socket
from unittest import mock

from klaxon_rig import RigCase, wait_until


class Service(RigCase):
    def setUp(self):
        super().setUp()
        self.manager = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_NONBLOCK)
        self.addCleanup(self.manager.close)
        address = os.path.join(self.work, "notify")
        self.manager.bind(address)
        patch = mock.patch.dict(os.environ, NOTIFY_SOCKET=address, WATCHDOG_USEC="400000")
        patch.start()
        self.addCleanup(patch.stop)
        self.heard = []

    def hears(self, line, seconds=10):
        """Waits for a datagram with that line; gives the lines of it."""
        def there():
            try:
                self.heard.append(self.manager.recv(4096).decode().splitlines())
            except BlockingIOError:
                return None
            return self.heard[-1] if any(said.startswith(line) for said in self.heard[-1]) else None
        return wait_until(there, seconds, f"{line!r}, but {self.heard}", log=self.daemon.log_path)

    def test_from_ready_to_stopping(self):
        bank, self.daemon = self.rig(modems=2, submit_latency="10ms", command_latency="1ms")
        self.assertIn("WATCHDOG=1", self.hears("READY=1"))
        self.hears("STATUS=2 of 2 modems ready, 0 messages wait")
        for _ in range(3):
            self.hears("WATCHDOG=1")
        self.daemon.process.send_signal(signal.SIGHUP)
        self.assertRegex(self.hears("RELOADING=1")[1], r"^MONOTONIC_USEC=\d+$")
        self.hears("READY=1")
        for modem in range(2):
            bank.unplug(modem)
        self.assertIn("no SIM can send", "".join(self.hears("STATUS=0 of 2 modems ready")))
        self.daemon.process.send_signal(signal.SIGTERM)
        self.hears("STOPPING=1")
        self.assertEqual(0, self.daemon.process.wait(25))
