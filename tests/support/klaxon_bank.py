"""The simulated modem bank as a test sees it: the program, its control socket and its log of the air."""

import json
import os
import signal
import socket
import subprocess
import threading

from klaxon_wait import ROOT, Tail, program, stop, wait_until


class Bank:
    """klaxon-modembank with `modems` modems; its PTYs are dir/modem0, dir/modem1, …"""

    def __init__(self, work, modems=4, submit_latency="50ms", command_latency="1ms", options=()):
        self.dir = os.path.join(work, "bank")
        self.air_path = os.path.join(work, "air.jsonl")
        self.trace_path = os.path.join(work, "trace.jsonl")
        self.control_path = os.path.join(self.dir, "control")
        self.log_path = os.path.join(work, "modembank.log")
        self.modems = modems
        self.command = [
            program("klaxon-modembank"), "--modems", str(modems), "--dir", self.dir,
            "--submit-latency", submit_latency, "--command-latency", command_latency,
            "--air", self.air_path, "--trace", self.trace_path, "--control", self.control_path, *options]
        self._tail = Tail(self.trace_path)
        self._events = []
        self._named = {}
        self._lock = threading.Lock()
        self._socket = None
        self._file = None
        self.process = None

    def start(self):
        os.makedirs(self.dir, exist_ok=True)
        log = open(self.log_path, "ab")
        self.process = subprocess.Popen(self.command, stdout=log, stderr=log, stdin=subprocess.DEVNULL,
                                        start_new_session=True, cwd=ROOT)
        log.close()
        wait_until(self._serves, 15, "the bank's control socket and ports",
                   alive=self.process, log=self.log_path)
        return self

    def _serves(self):
        return os.path.exists(self.control_path) and os.path.exists(self.port(self.modems - 1))

    def port(self, modem):
        return os.path.join(self.dir, f"modem{modem}")

    def number(self, modem):
        """The number of the SIM that modem K starts with."""
        return f"+447700{900001 + modem:06d}"

    def control(self, line):
        """Sends one control line and gives the answer; an answer that is an error raises."""
        with self._lock:
            if self._socket is None:
                self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
                self._socket.settimeout(15)
                self._socket.connect(self.control_path)
                self._file = self._socket.makefile("rb")
            self._socket.sendall(line.encode() + b"\n")
            answer = self._file.readline().decode().rstrip("\n")
        if not answer.startswith("ok"):
            raise AssertionError(f"the bank refused {line!r}: {answer!r}")
        return answer[2:].strip()

    def inject(self, modem, sender, text):
        """A text for the SIM in modem K, segmented as a phone would."""
        text = text.replace("\\", "\\\\").replace("\n", "\\n")
        self.control(f"inject modem{modem} {sender} {text}")

    def inject_pdu(self, modem, pdu):
        self.control(f"inject-pdu modem{modem} {pdu}")

    def unplug(self, modem):
        self.control(f"unplug modem{modem}")

    def plug(self, modem):
        self.control(f"plug modem{modem}")

    def fault(self, modem, kind, *arguments):
        """silence S | garbage S | lost-answer [N] | drop-submit [N] | cms CODE [N] | reboot [S] | prompt | slow F | clear"""
        self.control(" ".join(["fault", f"modem{modem}", kind, *map(str, arguments)]))

    def report(self, number, rule):
        """What status reports for a number say from now on: st=HEX, silent or default."""
        self.control(f"report {number} {rule}")

    def status(self):
        return json.loads(self.control("status"))["modems"]

    def air(self):
        """Every event so far."""
        with self._lock:
            for line in self._tail.lines():
                event = json.loads(line)
                self._events.append(event)
                self._named.setdefault(event["event"], []).append(event)
            return list(self._events)

    def events(self, name, **fields):
        """The events of one kind so far: submit, cmgs, deliver, report, cmgr, delete, hold, prompt, pin."""
        self.air()
        return [e for e in list(self._named.get(name, ())) if all(e.get(k) == v for k, v in fields.items())]

    def submits(self, **fields):
        return self.events("submit", **fields)

    def stop(self):
        if self._socket:
            self._file.close()
            self._socket.close()
            self._socket = None
        stop(self.process, signal.SIGTERM)
