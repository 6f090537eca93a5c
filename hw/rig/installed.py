"""The installed service as the runner sees it: modems that hang on the guest's USB, and the API behind the guest agent."""

import http.client
import io
import json
import os
import socket
import threading

from klaxon_bridge import Pump, open_port
from klaxon_rig import Answer, Daemon
from klaxon_wait import wait_until

TOKEN = "/var/lib/klaxon/admin.token"
PORT = 8025
CONTROLLER = "usb-0"


class Modems:
    """The bank's modems, each with its wire to a socket that QEMU makes a USB serial adapter of."""

    def __init__(self, bank, folder):
        self._bank = bank
        self.sockets = [os.path.join(folder, f"line{modem}") for modem in range(bank.modems)]
        self._wires = {}

    def plug(self, machine, modem, port):
        """Powers it, and plugs it in at a USB port; gives its place as klaxond calls it, without the controller's."""
        if modem in self._wires:  # a second wire to it would take half of its words
            raise AssertionError(f"modem{modem} is plugged in already")
        if not self._bank.status()[modem]["plugged"]:
            self._bank.plug(modem)
        wait_until(lambda: os.path.exists(self._bank.port(modem)), 10, f"the port of modem{modem}", pause=0.05)
        line = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        line.connect(self.sockets[modem])
        self._wires[modem] = Pump(line, open_port(self._bank.port(modem)))
        machine.plug(modem, port)
        return f"{CONTROLLER}:{port}"

    def unplug(self, machine, modem):
        """Off the bus, and off its power, which came from there."""
        machine.unplug(modem)
        self.lose_power(modem)

    def lose_power(self, *modems):
        for modem in modems:
            self._bank.unplug(modem)
            wire = self._wires.pop(modem, None)
            if wire:
                wire.stop()

    def plugged(self):
        return sorted(self._wires)

    def stop(self):
        for wire in self._wires.values():
            threading.Thread(target=wire.stop, daemon=True).start()
        self._wires.clear()


class _Received:
    def __init__(self, data):
        self._data = data

    def makefile(self, *_):
        return io.BytesIO(self._data)


class Service(Daemon):
    """klaxond in the guest, with the settings of the package. Every request is made inside, so that it needs no network."""

    def __init__(self, machine):
        self.machine = machine
        self.process, self.log_path = machine.process, machine.console
        self._token = None

    @property
    def token(self):
        if self._token is None:
            self._token = self.machine.out(f"cat {TOKEN}")
        return self._token

    def call(self, method, path, body=None, token=None, headers=None, timeout=30):
        """As Daemon's, over a connection that a shell in the guest makes."""
        said = {"Host": "localhost", "Connection": "close"}
        if token is not False:
            said["Authorization"] = f"Bearer {token or self.token}"
        content = b""
        if body is not None:
            content = (body if isinstance(body, str) else json.dumps(body)).encode()
            said.update({"Content-Type": "application/json", "Content-Length": len(content)})
        said.update(headers or {})
        request = f"{method} {path} HTTP/1.1\r\n" + "".join(f"{k}: {v}\r\n" for k, v in said.items()) + "\r\n"
        done = self.machine.run(f"exec 3<>/dev/tcp/127.0.0.1/{PORT} && cat >&3 && cat <&3", check=False, seconds=timeout,
                                stdin=request.encode() + content)
        if done.returncode != 0 or not done.stdout:
            raise ConnectionError(f"{method} {path}: {done.stderr}")
        answer = http.client.HTTPResponse(_Received(done.stdout.encode()), method=method)
        answer.begin()
        return Answer(answer.status, dict(answer.getheaders()), answer.read().decode(errors="replace"))

    def klaxon(self, command, stdin=""):
        """The installed command, as a person would type it on the box."""
        return self.machine.out(f"KLAXON_TOKEN=$(cat {TOKEN}) klaxon {command}", stdin=stdin.encode())

    def log(self):
        return self.machine.out("journalctl -q --no-pager -u klaxond -o short-monotonic")

    def modem_at(self, place):
        return next((m for m in self.get("/v1/modems")["items"] if m["id"].endswith(place)), None)

    def is_in(self, place, state, seconds=30):
        """Waits until the modem of a place is in a state; gives it as the API shows it."""
        def there():
            modem = self.modem_at(place)
            return modem if modem and modem["state"] == state else None
        return wait_until(there, seconds, f"{place} {state}", alive=self.process, log=self.log_path, pause=0.3)
