"""What stands beside every figure: the machine, what an fsync costs on it, and what its host kept for others."""

import os
import platform
import resource
import sqlite3
import subprocess
import sys


def stolen():
    """Seconds that the host gave to others while this machine had work, since it started."""
    with open("/proc/stat", encoding="ascii") as lines:
        return int(lines.readline().split()[8]) / os.sysconf("SC_CLK_TCK")


def busy():
    """Processor seconds that anything at all used on this machine, since it started."""
    with open("/proc/stat", encoding="ascii") as lines:
        fields = [int(n) for n in lines.readline().split()[1:9]]
    return (sum(fields) - fields[3] - fields[4]) / os.sysconf("SC_CLK_TCK")


FSYNCS = """
import os, sys, tempfile, time
took = []
with tempfile.NamedTemporaryFile(dir=sys.argv[1]) as file:
    for _ in range(200):
        os.write(file.fileno(), b"x" * 4096)
        began = time.monotonic()
        os.fdatasync(file.fileno())
        took.append(1000 * (time.monotonic() - began))
took.sort()
print(took[100], took[198])
"""


def fsync_cost(folder, environment):
    """Milliseconds of an fdatasync after 4 KiB appended, for a program that is started so: (median, 99th percentile)."""
    done = subprocess.run([sys.executable, "-c", FSYNCS, folder], env=dict(os.environ, **(environment or {})),
                          capture_output=True, text=True, check=True)
    return [float(word) for word in done.stdout.split()]


def bare_commits(folder, count):
    """Processor seconds for so many commits of one row: WAL, synchronous=FULL, one index, nothing else."""
    db = sqlite3.connect(os.path.join(folder, "bare.db"), isolation_level=None)
    db.executescript("PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; CREATE TABLE t(a TEXT PRIMARY KEY, b TEXT);")
    before = resource.getrusage(resource.RUSAGE_SELF)
    for n in range(count):
        db.execute("INSERT INTO t VALUES(?,?)", (f"{n * 7919 % count:08d}", "x" * 200))
    after = resource.getrusage(resource.RUSAGE_SELF)
    db.close()
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def _first(path, key, fallback):
    try:
        with open(path, encoding="utf-8") as lines:
            for line in lines:
                if line.startswith(key):
                    return line[len(key):].strip(" \t:=\"\n")
    except OSError:
        pass
    return fallback


def described(folder, environment=None, commits=1000):
    """Lines of text: what this machine is, and what it costs here to be sure of the disk."""
    memory = int(_first("/proc/meminfo", "MemTotal:", "0 kB").split()[0]) / 2**20
    usual, slow = fsync_cost(folder, environment)
    return [f"machine: {os.cpu_count()} x {_first('/proc/cpuinfo', 'model name', platform.machine())}, {memory:.0f} GiB, "
            f"{_first('/etc/os-release', 'PRETTY_NAME', 'unknown system')}",
            f"kernel: {platform.release()}",
            f"an fsync here: median {usual:.2f} ms, 99th percentile {slow:.2f} ms (the marks are for 0.3 ms or less)",
            f"{commits} bare commits of SQLite: {bare_commits(folder, commits):.3f} s of processor time"]
