"""A daemon, and a bank where the work needs one, for as long as something is measured; and what the machine gave it.

Every load goes through `appliance`, which keeps the largest write-ahead log and the largest memory that any of them saw.
"""

import contextlib
import json
import os
import sqlite3
import statistics
import sys
import tempfile
import threading
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [os.path.join(HERE, "..", room) for room in ("support", "scenarios", "crash")]
from klaxon_rig import Bank, Daemon, wait_until  # noqa: E402,F401

COMMAND = 0.010   # seconds of a command, as in all rows that name none
PEAKS = {"wal": 0.0, "resident": 0.0}
GROUND = {"micros": 0, "environment": None}   # an fsync that takes longer below every daemon, or none
_peaks_lock = threading.Lock()


def stand_on(disk, micros):
    """From now on each daemon starts on that disk, unless it is told another."""
    GROUND.update(micros=micros, environment=disk.environment)


def usual_fsync():
    return GROUND["micros"]


def _keep_peak(name, value):
    with _peaks_lock:
        PEAKS[name] = max(PEAKS[name], value)


def processor(pid):
    """Processor seconds of a process so far, to the nanosecond: clock_getcpuclockid(3)."""
    return time.clock_gettime((~pid << 3) | 2)


def largest_memory(pid):
    """The most that was ever resident, MiB."""
    with open(f"/proc/{pid}/status", encoding="ascii") as lines:
        return next(int(line.split()[1]) / 1024 for line in lines if line.startswith("VmHWM:"))


def _watch_log(path, ended):
    while not ended.wait(0.05):
        with contextlib.suppress(OSError):
            _keep_peak("wal", os.stat(path).st_size / 2**20)


class LeanBank(Bank):
    """For modems that take no time: it logs the air alone, so that what is measured is not its own writing."""

    def __init__(self, *arguments, **options):
        super().__init__(*arguments, **options)
        at = self.command.index("--trace")
        del self.command[at:at + 2]

    def sent(self):
        return int(self.control("air").split('"submits":')[1].split(",")[0])


def fetch(daemon, path):
    """What a GET shows, not held against the description: that of a big bank would take longer than the bank."""
    with contextlib.closing(daemon.connection(30)) as connection:
        connection.request("GET", path, headers={"Authorization": f"Bearer {daemon.token}"})
        answer = connection.getresponse()
        read = answer.read()
    expect(answer.status == 200, f"GET {path}: {answer.status} {read[:200]}")
    return json.loads(read)


def _all_ready(daemon, modems):
    return sum(m["state"] == "ready" for m in fetch(daemon, "/v1/modems?limit=1000")["items"]) == modems


@contextlib.contextmanager
def appliance(work, modems=0, bank_kind=Bank, extra=None, data_dir=None, environment=None, ready=True, **bank_options):
    """Gives (bank or None, daemon); both are ended with the block."""
    folder = tempfile.mkdtemp(prefix="rig-", dir=work)
    bank = bank_kind(folder, modems, **bank_options) if modems else None
    daemon = Daemon(folder, bank, extra, data_dir)
    if data_dir:  # a token is written once, by the first daemon that uses it
        daemon.token_file = daemon.settings["http"]["bootstrap_token_file"] = data_dir + ".token"
    environment = environment or GROUND["environment"]
    daemon.environment = dict(os.environ, **environment) if environment else None
    ended = threading.Event()
    watch = threading.Thread(target=_watch_log, args=(os.path.join(daemon.data_dir, "klaxon.db-wal"), ended))
    watch.start()
    try:
        if bank:
            bank.start()
        daemon.start()
        if bank and ready:
            wait_until(lambda: _all_ready(daemon, modems), 60, f"{modems} modems ready", log=daemon.log_path, pause=0.05)
        yield bank, daemon
        _keep_peak("resident", largest_memory(daemon.process.pid))
    finally:
        ended.set()
        watch.join()
        daemon.stop()
        if bank:
            bank.stop()


def post_lists(daemon, numbers, **fields):
    """One text for each number, in lists of up to 10 000; the rig would read every item of the answers."""
    with contextlib.closing(daemon.connection(120)) as connection:
        for start in range(0, len(numbers), 10000):
            connection.request("POST", "/v1/messages", json.dumps({"to": numbers[start:start + 10000], **fields}),
                               {"Authorization": f"Bearer {daemon.token}", "Content-Type": "application/json"})
            answer = connection.getresponse()
            read = answer.read()
            expect(answer.status == 202, f"POST /v1/messages: {answer.status} {read[:200]}")


def rows_of(data_dir):
    """How many messages the database of a daemon that has ended holds."""
    db = sqlite3.connect(os.path.join(data_dir, "klaxon.db"))
    with contextlib.closing(db):
        return db.execute("SELECT count(*) FROM messages").fetchone()[0]


def percentile(values, share):
    """The smallest value that so many of all do not pass: 0.99 of 200 leaves two above it."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, max(0, round(share * len(ordered) + 0.4999) - 1))]


def median(values):
    return statistics.median(values)


def expect(good, text):
    """What was lost or doubled spoils a figure: it is an error, not a number."""
    if not good:
        raise AssertionError(text)
