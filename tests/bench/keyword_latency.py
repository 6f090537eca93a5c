#!/usr/bin/env python3
"""From the +CMGR answer that holds a keyword to AT+CMGS of the first segment of its broadcast, beside a bulk backlog.

keyword_latency.py [--tries 100] [--backlog 10000]
Both moments come from the simulated bank's own clock. Prints median and 99th percentile. A try counts as `free` when
the text was read by a modem that had no submit on the wire, which is what a modem does between two submits: it reads,
and then takes the alert instead of the next bulk message.
"""

import argparse
import os
import shutil
import statistics
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
from klaxon_rig import Bank, Daemon, wait_until  # noqa: E402

ONCALL, MODEMS = "+447700908001", 8


def prepare(daemon, work):
    path = os.path.join(work, "directory.toml")
    staff = ", ".join(f'"+4477009082{n:02d}"' for n in range(MODEMS))
    with open(path, "w") as file:
        file.write(f'[[group]]\nname = "all-staff"\nmembers = [{staff}]\n[[keyword]]\nword = "OUTAGE"\n'
                   f'from = ["{ONCALL}"]\nsecret = "pin:file:outage.pin"\naction = "broadcast"\ngroup = "all-staff"\n'
                   'text = "{{args}}"\nlane = "alert"\nreport = false\ncooldown = "0s"\n')
    daemon.secret("outage.pin", "7391")
    daemon.klaxon("apply", path)


def one_try(bank, daemon, n):
    """Gives milliseconds from the reading of the text to the first AT+CMGS of its broadcast."""
    read, words = len(bank.events("cmgr")), f"try {n} mail is down"
    bank.inject(n % MODEMS, ONCALL, f"OUTAGE! 7391 {words}")
    sent = wait_until(lambda: bank.submits(text=words), 30, f"the broadcast of try {n}", log=daemon.log_path)
    wait_until(lambda: len(bank.submits(text=words)) >= MODEMS, 30, f"all of try {n}", log=daemon.log_path)
    keyword = [e for e in bank.events("cmgr")[read:] if e["modem"] == f"modem{n % MODEMS}"][0]["at_mono_ms"]
    starts = []
    for submit in sent[:1] + bank.submits(text=words):
        before = [e["at_mono_ms"] for e in bank.events("cmgs", modem=submit["modem"])
                  if e["at_mono_ms"] <= submit["at_mono_ms"]]
        starts.append(before[-1])
    return min(starts) - keyword


def measure(work, tries, backlog, submit="300ms", command="10ms"):
    """Gives the milliseconds of every try."""
    bank = Bank(work, MODEMS, submit_latency=submit, command_latency=command)
    daemon = Daemon(work, bank)
    try:
        bank.start()
        daemon.start().ready(MODEMS)
        prepare(daemon, work)
        for start in range(0, backlog, 10000):
            count = min(10000, backlog - start)
            daemon.post("/v1/messages", {"to": [f"+4478{start + n:08d}" for n in range(count)], "text": "bulk",
                                         "lane": "bulk", "report": False}, expect=(202,))
        wait_until(lambda: len(bank.submits(text="bulk")) >= 2 * MODEMS, 30, "the backlog to flow")
        found = [one_try(bank, daemon, n) for n in range(tries)]
        for n in range(tries):
            sent = bank.submits(text=f"try {n} mail is down")
            if len(sent) != MODEMS or len({s["da"] for s in sent}) != MODEMS:
                raise AssertionError(f"try {n}: {len(sent)} texts on the air for {MODEMS} people")
        return found
    finally:
        daemon.stop()
        bank.stop()


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--tries", type=int, default=100)
    parser.add_argument("--backlog", type=int, default=10000)
    options = parser.parse_args()
    work = tempfile.mkdtemp(prefix="klaxon-keyword-")
    found = sorted(measure(work, options.tries, options.backlog))
    median, last = statistics.median(found), found[min(len(found) - 1, int(len(found) * 0.99))]
    print(f"{len(found)} tries beside {options.backlog} bulk messages: median {median:.1f} ms, "
          f"99th percentile {last:.1f} ms, longest {found[-1]:.1f} ms")
    shutil.rmtree(work, ignore_errors=True)
    return 0 if median < 20 and last < 60 else 1


if __name__ == "__main__":
    sys.exit(main())
