"""What every test here waits and looks with: conditions with a deadline, files that grow, programs, processes."""

import os
import shutil
import signal
import socket
import subprocess
import time
import random

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
BUILD = os.environ.get("KLAXON_BUILD", os.path.join(ROOT, "build", "release"))


def program(name):
    """Path of one of the programs that script/build made."""
    path = os.path.join(BUILD, name)
    return path if os.path.exists(path) else shutil.which(name) or path


def tail_of(path, lines=40):
    try:
        with open(path, errors="replace") as file:
            return "".join(file.readlines()[-lines:])
    except OSError as error:
        return str(error)


def wait_until(condition, seconds, what, alive=None, log=None, pause=0.02):
    """Gives what `condition` gives as soon as it is true. `alive`: a process that must not end meanwhile."""
    end = time.monotonic() + seconds
    while True:
        last = condition()
        if last:
            return last
        if alive is not None and alive.poll() is not None:
            raise AssertionError(f"ended with {alive.returncode} while waiting for {what}\n"
                                 + (tail_of(log) if log else ""))
        if time.monotonic() > end:
            raise AssertionError(f"not within {seconds:g} s: {what}" + (f"\n{tail_of(log)}" if log else ""))
        time.sleep(pause)


class Tail:
    """The whole lines of a file that grows, each given once."""

    def __init__(self, path):
        self.path = path
        self._offset = 0

    def lines(self):
        if not os.path.exists(self.path):
            return []
        with open(self.path, "rb") as file:
            file.seek(self._offset)
            data = file.read()
        whole = data.rfind(b"\n") + 1
        self._offset += whole
        return data[:whole].decode(errors="replace").splitlines()


def stop(process, first=signal.SIGTERM, seconds=20):
    """Ends one child that we started; gives its exit status."""
    if process is None:
        return None
    if process.poll() is None:
        process.send_signal(first)
        try:
            process.wait(seconds)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait(10)
    return process.returncode


def loopback_name():
    """localhost, or the address where nothing knows that name, as in a root without /etc/hosts."""
    try:
        socket.getaddrinfo("localhost", None)
        return "localhost"
    except OSError:
        return "127.0.0.1"


def free_port():
    """A port below the range that outgoing connections take, free a moment ago."""
    source = random.SystemRandom()
    for _ in range(200):
        port = source.randrange(18000, 30000)
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port
    raise AssertionError("no free port on 127.0.0.1")


def cpu_seconds(pid):
    """User and system time of a process, as /proc counts it."""
    with open(f"/proc/{pid}/stat") as file:
        fields = file.read().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def resident_mib(pid):
    with open(f"/proc/{pid}/status") as file:
        for line in file:
            if line.startswith("VmRSS:"):
                return int(line.split()[1]) / 1024
    return 0.0
