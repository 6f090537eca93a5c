#!/usr/bin/env python3
"""How much of what the radio allows a bank of simulated modems gets from klaxond.

bank_use.py [--modems 8] [--messages 200] [--submit-latency 2s] [--command-latency 10ms]
Prints for each modem its share and the ratio of the shortest possible time to the time it took, and the processor
time and memory of the daemon; beside them what 1000 commits of one row cost a bare program of SQLite, and how long the
host of a virtual machine kept its processors for others: such time counts as ours. Nothing else should run meanwhile.
"""

import argparse
import collections
import http.client
import json
import os
import resource
import shutil
import sqlite3
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
from klaxon_rig import Bank, Daemon, wait_until  # noqa: E402


def seconds(text):
    return float(text[:-2]) / 1000 if text.endswith("ms") else float(text.rstrip("s"))


def post_all(daemon, messages):
    """One POST for each message, over one connection, as a program would."""
    connection = http.client.HTTPConnection("127.0.0.1", daemon.port, timeout=30)
    headers = {"Authorization": f"Bearer {daemon.token}", "Content-Type": "application/json"}
    for n in range(messages):
        body = json.dumps({"to": f"+44770080{n:04d}", "text": f"message {n}", "report": False})
        connection.request("POST", "/v1/messages", body, headers)
        answer = connection.getresponse()
        answer.read()
        if answer.status != 202:
            raise AssertionError(f"POST /v1/messages: {answer.status}")
    connection.close()


def stolen():
    """Seconds that the host gave to others while this machine had work, since it started."""
    with open("/proc/stat", encoding="ascii") as lines:
        return int(lines.readline().split()[8]) / os.sysconf("SC_CLK_TCK")


def bare_commits(work, count=1000):
    """Processor seconds for as many commits of one row: WAL, synchronous=FULL, one index."""
    db = sqlite3.connect(os.path.join(work, "bare.db"), isolation_level=None)
    db.executescript("PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; CREATE TABLE t(a TEXT PRIMARY KEY, b TEXT);")
    before = resource.getrusage(resource.RUSAGE_SELF)
    for n in range(count):
        db.execute("INSERT INTO t VALUES(?,?)", (f"{n * 7919 % count:08d}", "x" * 200))
    after = resource.getrusage(resource.RUSAGE_SELF)
    db.close()
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def measure(work, modems=8, messages=200, submit="2s", command="10ms"):
    """Gives a dict: ratios and shares by modem, doubles, processor seconds, resident MiB."""
    step = seconds(submit) + seconds(command)  # a prompt takes a command's time, then the submit
    bank = Bank(work, modems, submit_latency=submit, command_latency=command)
    daemon = Daemon(work, bank)
    try:
        bank.start()
        daemon.start().ready(modems)
        cpu = daemon.cpu()
        post_all(daemon, messages)
        posted = daemon.cpu()
        wait_until(lambda: len(bank.submits()) >= messages, 60 + 2 * step * messages / modems, "all on the air",
                   alive=daemon.process, log=daemon.log_path, pause=0.2)
        daemon.drained(20)
        used, resident = daemon.cpu() - cpu, daemon.resident()
    finally:
        daemon.stop()
        bank.stop()
    at, numbers = collections.defaultdict(list), collections.Counter()
    for submit_event in bank.submits():
        at[submit_event["modem"]].append(submit_event["at_mono_ms"] / 1000)
        numbers[submit_event["da"]] += 1
    ratios = {m: step * (len(t) - 1) / (t[-1] - t[0]) for m, t in at.items() if len(t) > 1}
    return {"step": step, "ratios": ratios, "shares": {m: len(t) for m, t in at.items()},
            "distinct": len(numbers), "submits": sum(numbers.values()), "cpu": used, "cpu_accepting": posted - cpu,
            "resident": resident}


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--modems", type=int, default=8)
    parser.add_argument("--messages", type=int, default=200)
    parser.add_argument("--submit-latency", default="2s")
    parser.add_argument("--command-latency", default="10ms")
    options = parser.parse_args()
    work = tempfile.mkdtemp(prefix="klaxon-bank-use-")
    bare, stolen_before = bare_commits(work), stolen()
    result = measure(work, options.modems, options.messages, options.submit_latency, options.command_latency)
    for modem in sorted(result["ratios"]):
        print(f"{modem}: {result['shares'][modem]} messages, {result['ratios'][modem]:.4f} of the radio")
    print(f"slowest {min(result['ratios'].values()):.4f}, shares from {min(result['shares'].values())} to "
          f"{max(result['shares'].values())}, {result['distinct']} numbers, {result['submits']} submits")
    print(f"processor {1000 * result['cpu'] / options.messages:.3f} s for 1000 messages "
          f"(of this {1000 * result['cpu_accepting'] / options.messages:.3f} s for accepting them one by one), "
          f"memory {result['resident']:.1f} MiB")
    print(f"meanwhile: 1000 bare commits {bare:.3f} s of processor time, {stolen() - stolen_before:.2f} s kept by the host")
    shutil.rmtree(work, ignore_errors=True)
    good = min(result["ratios"].values()) >= 0.99 and result["submits"] == options.messages == result["distinct"]
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
